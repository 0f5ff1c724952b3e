package accountui

import (
	_ "embed"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// Where the pages are mounted.
const (
	accountBase = "/account/"
	pricingPath = "/pricing"
	scriptPath  = "/components.js"
)

// Config is what the pages need. Service, Clock and Log are required.
type Config struct {
	Service *service.Service
	Brand   string // whose accounts these are, "" for Dues
	Log     *slog.Logger
	Clock   service.Clock
}

type pages struct {
	service *service.Service
	brand   string
	log     *slog.Logger
	clock   service.Clock
	brakes  brakes
}

//go:embed components.js
var script []byte

// New returns the pages, to be mounted at /account/, /pricing and /components.js.
func New(c Config) http.Handler {
	if c.Brand == "" {
		c.Brand = "Dues"
	}
	p := &pages{service: c.Service, brand: c.Brand, log: c.Log, clock: c.Clock, brakes: newBrakes()}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+pricingPath, p.pricing)
	mux.HandleFunc("GET "+scriptPath, serveScript)
	for pattern, h := range map[string]handler{
		"GET /account/{token}":         p.home,
		"GET /account/{token}/plans":   p.plans,
		"GET /account/{token}/change":  p.askChange,
		"POST /account/{token}/change": p.change,
		"GET /account/{token}/cancel":  p.askCancel,
		"POST /account/{token}/cancel": p.cancel,
		"POST /account/{token}/resume": p.resume,
		"POST /account/{token}/keep":   p.keep,
		"POST /account/{token}/card":   p.card,
	} {
		mux.Handle(pattern, p.visited(h))
	}
	mux.HandleFunc("OPTIONS /", p.preflight)
	mux.HandleFunc("/", p.lost)
	return mux
}

// handler answers a visit of an account's page.
type handler func(w http.ResponseWriter, r *http.Request, f frame) error

// visited lets in who has the address of a page. There is no cookie, so a form of another site can do nothing that its maker could not do without it.
func (p *pages) visited(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.allow(w, r)
		const formBytesMax = 1 << 14 // a reason and a comment
		r.Body = http.MaxBytesReader(w, r.Body, formBytesMax)
		visit, err := p.service.AccountVisit(r.Context(), r.PathValue("token"))
		f := p.frame(r, visit.Language)
		path := accountBase + url.PathEscape(r.PathValue("token"))
		f.ReturnURL, f.base, f.public = visit.ReturnURL, f.root+path, p.service.PublicURL()+path
		if err == nil {
			f.account, err = p.service.Account(r.Context(), visit.Account)
			f.speak(r, visit.Language, f.account.Locale)
		}
		if err == nil {
			err = p.admitted(w, r, f, h)
		}
		if err != nil {
			p.fail(w, r, f, err)
		}
	})
}

// admitted answers somebody who was let in, with a line in the audit log for what changes something.
func (p *pages) admitted(w http.ResponseWriter, r *http.Request, f frame, h handler) error {
	changes := r.Method == http.MethodPost
	if asks := changes || strings.HasSuffix(r.URL.Path, "/change"); asks && !p.brakes.pass(f.account.ID, p.clock.Wall()) {
		p.serve(w, r, f, http.StatusTooManyRequests, "sorry.too_many", sorry(f, "too_many"))
		return nil
	}
	if !changes {
		return h(w, r, f)
	}
	act := service.Act{Actor: service.Actor{Kind: service.UserActor, Name: "account page"}, Action: r.Pattern, Account: f.account.ID}
	return p.service.Audited(r.Context(), act, func(*service.Act) error { return h(w, r, f) })
}

// lost answers where there is no page.
func (p *pages) lost(w http.ResponseWriter, r *http.Request) {
	p.fail(w, r, p.frame(r), billing.Errorf(billing.NotFound, "there is no such page"))
}

// fail answers for what cannot be done.
func (p *pages) fail(w http.ResponseWriter, r *http.Request, f frame, err error) {
	status, name := http.StatusInternalServerError, "failed"
	switch billing.CodeOf(err) {
	case billing.NotFound:
		status, name = http.StatusNotFound, "lost"
	case billing.Unauthorized:
		status, name = http.StatusUnauthorized, "over"
	case billing.Invalid:
		status, name = http.StatusBadRequest, "refused"
	case billing.Conflict, billing.Forbidden:
		status, name = http.StatusConflict, "refused"
	case billing.Unavailable:
		status, name = http.StatusServiceUnavailable, "away"
	}
	level := slog.LevelInfo
	if status >= http.StatusInternalServerError {
		level = slog.LevelWarn
	}
	p.log.Log(r.Context(), level, "a page for customers was not given", "account", f.account.ID, "status", status, "error", err)
	p.serve(w, r, f, status, "sorry."+name, sorry(f, name))
}

func serveScript(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("Cache-Control", "public, max-age=300")
	h.Set("Access-Control-Allow-Origin", "*") // a module is fetched with CORS
	h.Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(script) // the reader went away: nobody is left to tell
}
