package demo

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/mail"
	"strings"
	"time"
)

const (
	sessionCookie = "fieldnotes"
	sessionLife   = 365 * 24 * time.Hour
	emailBytesMax = 254 // RFC 5321, section 4.5.3.1
)

// visitor is who is signed in.
type visitor struct {
	ID string
	user
}

// visitor returns who is signed in. A user that a reset has removed is nobody.
func (a *app) visitor(r *http.Request) (visitor, bool) {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return visitor{}, false
	}
	id, mac, _ := strings.Cut(cookie.Value, ".")
	if !hmac.Equal([]byte(mac), []byte(a.sessionMAC(id))) {
		return visitor{}, false
	}
	u, ok := a.users.find(id)
	return visitor{ID: id, user: u}, ok
}

// sessionMAC signs with a key of its own purpose, so that a session is never a token and a token never a session.
func (a *app) sessionMAC(id string) string {
	mac := hmac.New(sha256.New, a.cfg.JWT.Secret)
	mac.Write([]byte("fieldnotes session\n" + id))
	return hex.EncodeToString(mac.Sum(nil))
}

func (a *app) setSession(w http.ResponseWriter, value string, life time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: sessionCookie, Value: value, Path: a.cfg.BasePath + "/", MaxAge: int(life.Seconds()),
		HttpOnly: true, Secure: strings.HasPrefix(a.cfg.PublicURL, "https:"),
		// Lax, not Strict: the way back from the hosted payment page is a navigation from another site.
		SameSite: http.SameSiteLaxMode,
	})
}

// signedIn sends everybody else to the front page.
func (a *app) signedIn(h func(http.ResponseWriter, *http.Request, visitor) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		v, ok := a.visitor(r)
		if !ok {
			a.redirect(w, r, "/")
			return nil
		}
		return h(w, r, v)
	}
}

// signUp makes the account at Dues first: signing up again continues where a crash has left off.
func (a *app) signUp(w http.ResponseWriter, r *http.Request) error {
	email := strings.TrimSpace(r.FormValue("email"))
	if fault := emailFault(email); fault != "" {
		a.serve(w, r, http.StatusUnprocessableEntity, frontPage(a.frame(r, "Fieldnotes"), email, fault))
		return nil
	}
	id := userID(email)
	err := a.api.createAccount(r.Context(), id, email)
	if refused, is := refusedFor(err, "email"); is {
		a.serve(w, r, http.StatusUnprocessableEntity, frontPage(a.frame(r, "Fieldnotes"), email, refused.Detail))
		return nil
	}
	if err != nil {
		return err
	}
	now := a.now(r)
	err = a.users.change(id, func(u user) user {
		if u.Email == "" {
			u.Email = email
			u = u.with("Spring bird count", now)
		}
		return u
	})
	if err != nil {
		return err
	}
	a.setSession(w, id+"."+a.sessionMAC(id), sessionLife)
	a.redirect(w, r, "/")
	return nil
}

func emailFault(email string) string {
	if email == "" {
		return "Enter your e-mail address."
	}
	parsed, err := mail.ParseAddress(email)
	if err != nil || parsed.Address != email || len(email) > emailBytesMax {
		return "This does not look like an e-mail address."
	}
	return ""
}

func (a *app) signOut(w http.ResponseWriter, r *http.Request) error {
	a.setSession(w, "", -time.Second)
	a.redirect(w, r, "/")
	return nil
}
