package adminui

import (
	"context"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/operator"
	"github.com/dues-billing/dues/service"
)

const (
	sessionCookie = "dues_admin"
	csrfField     = "csrf"
	nextField     = "next" // where somebody was going when he was asked to sign in

	// keyRounds make it slow to guess the password of the settings from what a session keeps of it.
	keyRounds = 600_000
	// A person mistypes a few times in a row; a program is held to one try each two seconds, whoever it is.
	triesAtOnce  = 5
	triesRefresh = 2 * time.Second
)

// gate knows who is an operator: by name, or by the password of the settings for as long as no owner has a name (docs/adr/0017).
type gate struct {
	operators service.Operators
	shared    bool // the settings have a password
	password  [sha256.Size]byte
	proof     func() string
	door      *door // of the OpenID provider, nil for none
	tries     *rate.Limiter
	wall      func() time.Time
}

func newGate(c Config) *gate {
	g := &gate{
		operators: c.Service.Operators(), shared: c.Password != "", password: sha256.Sum256([]byte(c.Password)),
		tries: rate.NewLimiter(rate.Every(triesRefresh), triesAtOnce), wall: c.Clock.Wall,
	}
	g.proof = sync.OnceValue(func() string { return proofOf(c.Password) }) // it takes a moment, which a start need not wait for
	if c.OIDC.Issuer != "" {
		g.door = &door{config: c.OIDC, wall: c.Clock.Wall, publicURL: c.PublicURL}
	}
	return g
}

func proofOf(password string) string {
	if password == "" {
		return ""
	}
	key, err := pbkdf2.Key(sha256.New, password, []byte("dues admin session"), keyRounds, sha256.Size)
	if err != nil {
		panic("adminui: " + err.Error()) // only for lengths that a bug could ask for
	}
	return hex.EncodeToString(key)
}

// mayTry reports whether one more password may be tried now.
func (g *gate) mayTry() bool { return g.tries.AllowN(g.wall(), 1) }

// ways returns how one gets in, and whether one does at all.
func (g *gate) ways(ctx context.Context) (ways service.Ways, open bool, err error) {
	ways, err = g.operators.Ways(ctx)
	ways.Shared = ways.Shared && g.shared
	return ways, ways.Shared || ways.Named || g.door != nil, err
}

// enter lets in who has the password of the settings.
func (g *gate) enter(ctx context.Context, password, agent string) (token string, err error) {
	given := sha256.Sum256([]byte(password))
	if subtle.ConstantTimeCompare(given[:], g.password[:]) != 1 || !g.shared {
		return "", billing.Errorf(billing.Unauthorized, "This is not the password.")
	}
	return g.operators.Enter(ctx, g.proof(), agent)
}

// signed returns who asks, with what his browser holds, or an error of code unauthorized.
func (g *gate) signed(r *http.Request) (in operator.Signed, token string, err error) {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil || cookie.Value == "" {
		return in, "", billing.Errorf(billing.Unauthorized, "nobody is signed in")
	}
	in, err = g.operators.Signed(r.Context(), cookie.Value, g.proof())
	return in, cookie.Value, err
}

// csrfOf is what the forms of a session carry. The cookie that it is made of is read by no script.
func csrfOf(token string) string {
	hash := sha256.Sum256([]byte("csrf " + token))
	return hex.EncodeToString(hash[:])
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func setSession(w http.ResponseWriter, r *http.Request, value string, life time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: sessionCookie, Value: value, Path: base, MaxAge: int(life.Seconds()), HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: secure(r),
	})
}

// secure reports whether the browser came by HTTPS.
func secure(r *http.Request) bool {
	return r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"
}

// pathInside returns a page of ours that somebody was going to; anything else is the first page: nobody is led elsewhere.
func pathInside(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || strings.Contains(next, `\`) {
		return base + "/"
	}
	if path.Clean(u.Path) != u.Path || !strings.HasPrefix(u.Path, base+"/") || strings.HasPrefix(u.Path, base+"/sign-") {
		return base + "/"
	}
	return (&url.URL{Path: u.Path, RawPath: u.RawPath, RawQuery: u.RawQuery}).String()
}
