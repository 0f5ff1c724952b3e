package adminui

import (
	"net/http"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/operator"
)

const beforeField = "before" // the password of now

// youView is what an operator sees of himself.
type youView struct {
	frame
	Sessions      []operator.Session
	Done          string
	Before, Fault string // what is wrong with the password of now, and with the new one
}

func (a *admin) you(w http.ResponseWriter, r *http.Request, f frame) error {
	v := youView{}
	for name, done := range map[string]string{"password": "Your password is changed, and your other sessions are ended", "ended": "The session is ended", "all": "Your other sessions are ended"} {
		if r.URL.Query().Has(name) {
			v.Done = done
		}
	}
	return a.showYou(w, r, f, http.StatusOK, v)
}

func (a *admin) showYou(w http.ResponseWriter, r *http.Request, f frame, status int, v youView) error {
	f.Title, f.Current = f.who(), base+"/you"
	all, err := a.gate.operators.Sessions(r.Context())
	if err != nil {
		return err
	}
	v.frame, v.Sessions = f, sessionsOf(all, f.In.Session.Operator)
	a.serve(w, r, status, youPage(v))
	return nil
}

func (a *admin) changePassword(w http.ResponseWriter, r *http.Request, f frame) error {
	if f.In.Operator.Password == "" {
		return billing.Errorf(billing.Conflict, "You came without a password of your own.")
	}
	v := youView{Before: "Too many tries. Wait a few seconds."}
	if !a.gate.mayTry() {
		return a.showYou(w, r, f, http.StatusTooManyRequests, v)
	}
	err := a.gate.operators.ChangePassword(r.Context(), f.In, r.PostFormValue(beforeField), r.PostFormValue(passwordField))
	if known, refused := refusal(err); refused {
		v = youView{Fault: sentence(known.Message)}
		if known.Field == beforeField {
			v = youView{Before: v.Fault}
		}
		return a.showYou(w, r, f, http.StatusBadRequest, v)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, base+"/you?password", http.StatusSeeOther)
	return nil
}

// endMySession ends one of one's own; an owner any.
func (a *admin) endMySession(w http.ResponseWriter, r *http.Request, f frame) error {
	id, back := operator.SessionID(r.PostFormValue(idField)), base+"/you?ended"
	all, err := a.gate.operators.Sessions(r.Context())
	if err != nil {
		return err
	}
	for _, s := range all {
		switch {
		case s.ID != id:
			continue
		case s.Operator == f.In.Session.Operator:
		case !f.In.Role().May(operator.Own):
			return billing.Errorf(billing.NotFound, "There is no such session of yours.")
		case s.Operator != "":
			back = operatorPath(s.Operator) + "?ended"
		default:
			back = base + "/operators"
		}
		if err := a.gate.operators.EndSession(r.Context(), id); err != nil {
			return err
		}
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
	return nil
}

func (a *admin) endMySessions(w http.ResponseWriter, r *http.Request, f frame) error {
	if err := a.gate.operators.EndSessionsOf(r.Context(), f.In.Session.Operator, f.In.Session.ID); err != nil {
		return err
	}
	http.Redirect(w, r, base+"/you?all", http.StatusSeeOther)
	return nil
}
