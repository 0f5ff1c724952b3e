// Package dashboard is what a developer sees of the emulator at /_emulator: the
// accounts, their time with what it will bring, every object with its links and
// its raw JSON, the time line of a customer, events with their deliveries and
// attempts, requests with curl to copy, chaos, snapshots and forks.
//
// It reads the wire's own state and changes it only through [wire.World], as
// the control API does. Every page works without JavaScript; one script lets
// the clock be dragged.
package dashboard

import (
	"errors"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/emulator/wire"
	"github.com/dues-billing/dues/internal/design"
)

// Home is where the dashboard begins.
const Home = "/_emulator"

// Path is where the dashboard of an account is.
func Path(account string) string { return Home + "/accounts/" + account }

// formBytesMax bounds a posted form; the longest, a rule of chaos, is below 1 KB.
const formBytesMax = 16 << 10

// Host is what the dashboard shows: a *wire.Server.
type Host interface {
	// Worlds are the accounts that are open, in the order they were opened.
	Worlds() []wire.World
}

// site is the dashboard of a host.
type site struct{ host Host }

// Register adds the pages of the dashboard to a mux: / and everything below [Home] but the control API.
func Register(mux *http.ServeMux, host Host) {
	s := &site{host}
	// A page of another site must not press our buttons: browsers say where a
	// form comes from, and programs need no such guard.
	guard := http.NewCrossOriginProtection()
	add := func(pattern string, f func(w http.ResponseWriter, r *http.Request) error) {
		mux.Handle(pattern, guard.Handler(handlerFunc(f)))
	}
	add("GET /{$}", toHome)
	add("GET "+Home+"/{$}", toHome)
	add("GET "+Home, s.accounts)
	add(Home+"/", func(w http.ResponseWriter, r *http.Request) error { return missing(w, r, "page") })
	mux.HandleFunc("GET "+scriptPath(), serveScript)
	for path, page := range map[string]func(*visit) (templ.Component, error){
		"":                    (*visit).overview,
		"/objects":            (*visit).objects,
		"/objects/{id}":       (*visit).object,
		"/events":             (*visit).events,
		"/events/{id}":        (*visit).event,
		"/webhooks":           (*visit).webhooks,
		"/requests":           (*visit).requests,
		"/requests/{request}": (*visit).request,
		"/snapshots":          (*visit).snapshots,
	} {
		add("GET "+Path("{account}")+path, s.shown(page))
	}
	for path, change := range map[string]func(*visit) (string, error){
		"/time":                   (*visit).moveTime,
		"/find":                   (*visit).find,
		"/events/{id}/resend":     (*visit).resend,
		"/events/{id}/rewind":     (*visit).rewind,
		"/chaos":                  (*visit).addChaos,
		"/chaos/end":              (*visit).endChaos,
		"/snapshots":              (*visit).keepSnapshot,
		"/snapshots/{name}/back":  (*visit).restoreSnapshot,
		"/snapshots/{name}/erase": (*visit).eraseSnapshot,
		"/fork":                   (*visit).fork,
		"/empty":                  (*visit).empty,
	} {
		add("POST "+Path("{account}")+path, s.changed(change))
	}
}

// handlerFunc answers a request, or fails for a reason that is the emulator's.
type handlerFunc func(w http.ResponseWriter, r *http.Request) error

// ServeHTTP implements http.Handler.
func (h handlerFunc) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, formBytesMax)
	if r.Method == http.MethodPost {
		if err := r.ParseForm(); err != nil {
			http.Error(w, "The form could not be read.", http.StatusBadRequest)
			return
		}
	}
	if err := h(w, r); err != nil {
		design.Serve(w, r, http.StatusInternalServerError, endPage("The emulator failed", err.Error()))
	}
}

// visit is one request to the dashboard of one account.
type visit struct {
	*http.Request
	world   wire.World
	account string
}

// path is an address below the account's.
func (v *visit) path(rest string) string { return Path(v.account) + rest }

// errMissing says that what a page is about is not there.
var errMissing = errors.New("missing")

// shown serves a page of the account that the address names.
func (s *site) shown(page func(*visit) (templ.Component, error)) func(w http.ResponseWriter, r *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		v, ok := s.visit(r)
		if !ok {
			return missing(w, r, "account")
		}
		component, err := page(v)
		if errors.Is(err, errMissing) {
			return missing(w, r, "object")
		}
		if err != nil {
			return err
		}
		design.ServeScripted(w, r, http.StatusOK, component)
		return nil
	}
}

// changed makes a change and goes on where it says. A refusal is shown where the button was.
func (s *site) changed(change func(*visit) (string, error)) func(w http.ResponseWriter, r *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		v, ok := s.visit(r)
		if !ok {
			return missing(w, r, "account")
		}
		to, err := change(v)
		var refused *engine.Error
		switch {
		case errors.As(err, &refused):
			design.Serve(w, r, refused.Status, refusedPage(v.chrome(""), refused.Message))
			return nil
		case err != nil:
			return err
		}
		http.Redirect(w, r, to, http.StatusSeeOther)
		return nil
	}
}

func (s *site) visit(r *http.Request) (*visit, bool) {
	account := r.PathValue("account")
	for _, world := range s.host.Worlds() {
		found := false
		world.Read(func(w *engine.World, _ int64) { found = w.AccountID() == account })
		if found {
			return &visit{Request: r, world: world, account: account}, true
		}
	}
	return nil, false
}

// toHome sends whoever opens the emulator's bare address in a browser to what can be seen there.
func toHome(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, Home, http.StatusSeeOther)
	return nil
}

// missing answers for what is not there.
func missing(w http.ResponseWriter, r *http.Request, what string) error {
	design.Serve(w, r, http.StatusNotFound, endPage("There is no such "+what, "It may have been in an account that was emptied or rewound since."))
	return nil
}

// chrome is the frame of every page of an account.
type chrome struct {
	Account, Name, Key string
	Current            string // of the parts, by its path
}

// parts are the pages that the bar at the top leads to.
var parts = []struct{ path, text string }{
	{"", "Overview"}, {"/objects", "Objects"}, {"/events", "Events"}, {"/webhooks", "Webhooks"}, {"/requests", "Requests"}, {"/snapshots", "Snapshots"},
}

func (v *visit) chrome(current string) chrome {
	return chrome{Account: v.account, Name: v.world.Settings().AccountName, Key: v.world.Key(), Current: current}
}

// page is the frame as the design knows it.
func (c chrome) page(title string) design.Page {
	p := design.Page{Title: title + " · Emulator", Brand: "Dues emulator", Home: Home, End: accountEnd(c), Script: scriptPath()}
	for _, part := range parts {
		p.Nav = append(p.Nav, design.Link{Text: part.text, Href: Path(c.Account) + part.path, Current: part.path == c.Current && title != ""})
	}
	return p
}

func moment(unix int64) time.Time { return time.Unix(unix, 0).UTC() }
