package demo

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/dues-billing/dues/internal/design"
)

// Config is what the demonstration needs.
type Config struct {
	BasePath  string // where it is mounted, such as /demo
	PublicURL string // the same for browsers from outside, such as http://127.0.0.1:8080/demo
	Dir       string // where it keeps its users and their projects

	APIURL    string // of Dues
	ServerKey string
	JWT       JWT

	Clock        Clock // nil: the bar at the bottom shows no time
	InboxURL     string
	DashboardURL string // of the emulator
	AdminURL     string // "" leaves the link out

	Wall   func() time.Time // dates the tokens
	Client *http.Client     // nil: one with a time limit
	Log    *slog.Logger
}

// JWT is how the tokens of the users are signed: HS256, with what Dues was told to expect.
type JWT struct {
	Secret           []byte
	Issuer, Audience string
}

// Clock is the emulator's time.
type Clock interface {
	// Now is the time there.
	Now(ctx context.Context) (time.Time, error)
	// Next is when something happens there by itself, such as a renewal; false when nothing is planned.
	Next(ctx context.Context) (time.Time, bool, error)
	// Move brings the time forward and returns once Dues has taken in all that has happened on the way.
	Move(ctx context.Context, to time.Time) error
}

type app struct {
	cfg   Config
	api   client
	users *users
}

// callTimeout is long enough for an upgrade, which asks Stripe several times.
const callTimeout = 30 * time.Second

// New returns the application. It answers below BasePath, which stays part of the path.
func New(cfg Config) (http.Handler, error) {
	if cfg.APIURL == "" || cfg.ServerKey == "" || len(cfg.JWT.Secret) == 0 || cfg.PublicURL == "" || cfg.Wall == nil || cfg.Log == nil {
		return nil, errors.New("demo: APIURL, ServerKey, JWT, PublicURL, Wall and Log are required")
	}
	if cfg.Client == nil {
		cfg.Client = &http.Client{Timeout: callTimeout}
	}
	cfg.BasePath = strings.TrimRight(cfg.BasePath, "/")
	cfg.PublicURL = strings.TrimRight(cfg.PublicURL, "/")
	users, err := openUsers(cfg.Dir)
	if err != nil {
		return nil, err
	}
	a := &app{cfg: cfg, users: users, api: client{
		base: strings.TrimRight(cfg.APIURL, "/"), serverKey: cfg.ServerKey, jwt: cfg.JWT, wall: cfg.Wall, http: cfg.Client,
	}}
	return http.NewCrossOriginProtection().Handler(a.routes()), nil
}

// routes is the whole map.
func (a *app) routes() *http.ServeMux {
	mux := http.NewServeMux()
	base := a.cfg.BasePath
	page := func(pattern string, handle func(http.ResponseWriter, *http.Request) error) {
		method, path, _ := strings.Cut(pattern, " ")
		mux.Handle(method+" "+base+path, a.handle(handle))
	}
	page("GET /{$}", a.home)
	page("POST /sign-up", a.signUp)
	page("POST /sign-out", a.signOut)
	page("POST /projects", a.signedIn(a.addProject))
	page("POST /projects/remove", a.signedIn(a.removeProject))
	page("GET /export", a.signedIn(a.export))
	page("GET /handbook", a.signedIn(a.handbook))
	page("GET /pricing", a.signedIn(a.pricing))
	page("POST /upgrade", a.signedIn(a.upgrade))
	page("GET /refused", a.signedIn(a.refused))
	page("GET /billing", a.signedIn(a.billing))
	page("POST /portal", a.signedIn(a.portal))
	page("POST /clock", a.moveClock)
	page("GET /", a.lost)
	if base != "" {
		mux.Handle("GET "+base, http.RedirectHandler(base+"/", http.StatusSeeOther))
	}
	mux.Handle("GET "+base+design.Prefix, http.StripPrefix(base, design.Assets()))
	return mux
}

// handle gives a handler its way to fail: with a page that says what happened.
func (a *app) handle(h func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		const formBytesMax = 1 << 16 // the longest form here is a name
		r.Body = http.MaxBytesReader(w, r.Body, formBytesMax)
		err := h(w, r)
		if err == nil {
			return
		}
		var refused *refusal
		if errors.As(err, &refused) && refused.Status < http.StatusInternalServerError {
			a.serve(w, r, refused.Status, sorryPage(a.frame(r, "Not possible"), "That did not work", refused.Detail))
			return
		}
		a.cfg.Log.ErrorContext(r.Context(), "demo: page failed", "path", r.URL.Path, "error", err)
		a.serve(w, r, http.StatusBadGateway, sorryPage(a.frame(r, "Not reachable"), "Billing did not answer",
			"Fieldnotes asked Dues and got no useful answer. Try again in a moment; the log of the server says more."))
	})
}

func (a *app) serve(w http.ResponseWriter, r *http.Request, status int, page templ.Component) {
	r = r.WithContext(design.WithRoot(r.Context(), a.cfg.BasePath))
	design.Serve(w, r, status, page)
}

func (a *app) redirect(w http.ResponseWriter, r *http.Request, path string) {
	http.Redirect(w, r, a.cfg.BasePath+path, http.StatusSeeOther)
}

func (a *app) lost(w http.ResponseWriter, r *http.Request) error {
	a.serve(w, r, http.StatusNotFound, sorryPage(a.frame(r, "Not found"), "There is no such page", "The link may be old, or mistyped."))
	return nil
}
