package adminui

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

const (
	sessionCookie = "dues_admin"
	sessionLife   = 12 * time.Hour
	csrfField     = "csrf"

	// keyRounds make it slow to guess the password from a stolen cookie.
	keyRounds = 100_000
	// A person mistypes a few times in a row; a program is held to one try each two seconds, whoever it is.
	triesAtOnce  = 5
	triesRefresh = 2 * time.Second
)

// gate knows who is an operator. It keeps no state: the cookie is signed with a key made from the password, so a restart
// keeps sessions, replicas share them, and a new password ends them all.
type gate struct {
	password [sha256.Size]byte
	key      []byte
	tries    *rate.Limiter
	wall     func() time.Time
}

func newGate(password string, wall func() time.Time) *gate {
	key, err := pbkdf2.Key(sha256.New, password, []byte("dues admin session"), keyRounds, sha256.Size)
	if err != nil {
		panic("adminui: " + err.Error()) // only for lengths that a bug could ask for
	}
	return &gate{password: sha256.Sum256([]byte(password)), key: key, tries: rate.NewLimiter(rate.Every(triesRefresh), triesAtOnce), wall: wall}
}

// open reports whether the password is right; mayTry is false when too many were tried, and then says nothing about it.
func (g *gate) open(password string) (right, mayTry bool) {
	if !g.tries.AllowN(g.wall(), 1) {
		return false, false
	}
	given := sha256.Sum256([]byte(password))
	return subtle.ConstantTimeCompare(given[:], g.password[:]) == 1, true
}

// newSession is one of its own, also for who signs in twice in one second: its token of forms is no other's.
func (g *gate) newSession() string {
	said := strconv.FormatInt(g.wall().Add(sessionLife).Unix(), 10) + "-" + rand.Text() //tidy:allow rand no caller knows when somebody signs in
	return said + "." + g.mac("session", said)
}

// session returns the signed, unexpired session of the request.
func (g *gate) session(r *http.Request) (string, bool) {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return "", false
	}
	said, mac, _ := strings.Cut(cookie.Value, ".")
	if !equal(mac, g.mac("session", said)) {
		return "", false
	}
	until, _, _ := strings.Cut(said, "-")
	seconds, err := strconv.ParseInt(until, 10, 64)
	return cookie.Value, err == nil && g.wall().Before(time.Unix(seconds, 0))
}

func (g *gate) csrf(session string) string { return g.mac("csrf", session) }

func (g *gate) mac(purpose, of string) string {
	mac := hmac.New(sha256.New, g.key)
	mac.Write([]byte(purpose + "\n" + of))
	return hex.EncodeToString(mac.Sum(nil))
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func setSession(w http.ResponseWriter, r *http.Request, value string, life time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: sessionCookie, Value: value, Path: base, MaxAge: int(life.Seconds()), HttpOnly: true, SameSite: http.SameSiteStrictMode,
		Secure: r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https",
	})
}

func (a *admin) signInForm(w http.ResponseWriter, r *http.Request) {
	a.serve(w, r, http.StatusOK, signInPage(a.brand, ""))
}

func (a *admin) signIn(w http.ResponseWriter, r *http.Request) {
	const formBytesMax = 1 << 12 // a password
	r.Body = http.MaxBytesReader(w, r.Body, formBytesMax)
	right, mayTry := a.gate.open(r.PostFormValue("password"))
	switch {
	case !mayTry:
		a.serve(w, r, http.StatusTooManyRequests, signInPage(a.brand, "Too many tries. Wait a few seconds."))
	case !right:
		a.log.WarnContext(r.Context(), "admin: wrong password")
		a.serve(w, r, http.StatusUnauthorized, signInPage(a.brand, "This is not the password."))
	default:
		setSession(w, r, a.gate.newSession(), sessionLife)
		http.Redirect(w, r, base+"/", http.StatusSeeOther)
	}
}

func (a *admin) signOut(w http.ResponseWriter, r *http.Request, _ frame) error {
	setSession(w, r, "", -time.Second)
	http.Redirect(w, r, base+"/sign-in", http.StatusSeeOther)
	return nil
}
