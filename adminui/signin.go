package adminui

import (
	"net/http"
	"net/url"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/internal/operator"
	"github.com/dues-billing/dues/service"
)

// The fields of the forms with which somebody signs in.
const (
	emailField    = "email"
	passwordField = "password"
	codeField     = "code"
)

// signInBytesMax bounds a form of somebody who is not known yet.
const signInBytesMax = 1 << 13

type signInView struct {
	Brand, Next  string
	Email, Fault string
	CodeFault    string
	Ways         service.Ways
	OIDC         bool
}

// ownStyle is that of the button below a password of one's own: one way is the first.
func (v signInView) ownStyle() design.ButtonStyle {
	if v.OIDC {
		return ""
	}
	return design.Primary
}

func (a *admin) signInForm(w http.ResponseWriter, r *http.Request) {
	a.showSignIn(w, r, http.StatusOK, signInView{Next: r.URL.Query().Get(nextField)})
}

// showSignIn shows the ways in that there are, or that there is none.
func (a *admin) showSignIn(w http.ResponseWriter, r *http.Request, status int, v signInView) {
	ways, open, err := a.gate.ways(r.Context())
	switch {
	case err != nil:
		a.failOutside(w, r, err)
	case !open:
		switchedOff(w)
	default:
		v.Brand, v.Ways, v.OIDC, v.Next = a.brand, ways, a.gate.door != nil, pathInside(v.Next)
		a.serve(w, r, status, signInPage(v))
	}
}

func (a *admin) signIn(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, signInBytesMax)
	v := signInView{Next: r.PostFormValue(nextField), Email: r.PostFormValue(emailField)}
	if !a.gate.mayTry() {
		v.Fault = "Too many tries. Wait a few seconds."
		a.showSignIn(w, r, http.StatusTooManyRequests, v)
		return
	}
	var who operator.Operator
	var token string
	var err error
	if r.PostForm.Has(emailField) {
		token, who, err = a.gate.operators.SignIn(r.Context(), v.Email, r.PostFormValue(passwordField), r.PostFormValue(codeField), r.UserAgent())
	} else {
		token, err = a.gate.enter(r.Context(), r.PostFormValue(passwordField), r.UserAgent())
	}
	switch known, refused := refusal(err); {
	case refused && known.Field == codeField:
		a.log.WarnContext(r.Context(), "admin: wrong code", "operator", who.ID)
		v.CodeFault = sentence(known.Message)
		a.showSignIn(w, r, http.StatusUnauthorized, v)
	case refused:
		a.log.WarnContext(r.Context(), "admin: wrong password", "operator", who.ID)
		v.Fault = sentence(known.Message)
		a.showSignIn(w, r, http.StatusUnauthorized, v)
	case err != nil:
		a.failOutside(w, r, err)
	default:
		a.letIn(w, r, who, token, func() { http.Redirect(w, r, pathInside(v.Next), http.StatusSeeOther) })
	}
}

// letIn gives the browser its session, with a line in the audit log.
func (a *admin) letIn(w http.ResponseWriter, r *http.Request, who operator.Operator, token string, answer func()) {
	act := service.Act{Actor: service.Actor{Kind: service.AdminActor, Name: string(who.ID)}, Action: r.Pattern}
	if err := a.service.Audited(r.Context(), act, func(*service.Act) error { return nil }); err != nil {
		a.failOutside(w, r, err)
		return
	}
	setSession(w, r, token, operator.SessionLife)
	answer()
}

func (a *admin) signOut(w http.ResponseWriter, r *http.Request, f frame) error {
	if err := a.gate.operators.EndSession(r.Context(), f.In.Session.ID); err != nil {
		return err
	}
	setSession(w, r, "", -time.Second)
	http.Redirect(w, r, base+"/sign-in", http.StatusSeeOther)
	return nil
}

// askToSignIn leads to the form, and from there back to where somebody was going.
func (a *admin) askToSignIn(w http.ResponseWriter, r *http.Request) {
	_, open, err := a.gate.ways(r.Context())
	switch {
	case err != nil:
		a.failOutside(w, r, err)
		return
	case !open:
		switchedOff(w)
		return
	}
	to := base + "/sign-in"
	if r.Method == http.MethodGet && r.URL.Path != base+"/" {
		to += "?" + url.Values{nextField: {r.URL.RequestURI()}}.Encode()
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// failOutside is fail for who is not signed in, who learns no more than that he may try again.
func (a *admin) failOutside(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusInternalServerError
	if billing.CodeOf(err) == billing.Unavailable {
		status = http.StatusServiceUnavailable
	}
	a.log.ErrorContext(r.Context(), "admin: sign-in failed", "error", err)
	a.outside(w, r, status, "That failed on our side", "Try again in a moment. The log says why.")
}

// refusal returns what is wrong with who wants to come in, and reports false for errors of another kind.
func refusal(err error) (*billing.Error, bool) {
	if code := billing.CodeOf(err); code != billing.Unauthorized && code != billing.Invalid {
		return nil, false
	}
	known, _ := asError(err)
	return known, true
}
