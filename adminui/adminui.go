package adminui

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/service"
)

// base is where the pages are mounted; it stays part of the path.
const base = "/admin"

// Config is what the pages need. Service, Clock and Log are required.
type Config struct {
	Service  *service.Service
	Clock    service.Clock
	Password string // of the operator; "" switches the pages off
	Brand    string // whose accounts these are, "" for Dues
	Log      *slog.Logger
}

type admin struct {
	service *service.Service
	clock   service.Clock
	brand   string
	log     *slog.Logger
	gate    *gate
}

// New returns the pages, to be mounted at /admin/.
func New(c Config) http.Handler {
	if c.Password == "" {
		return http.HandlerFunc(switchedOff)
	}
	if c.Brand == "" {
		c.Brand = "Dues"
	}
	a := &admin{service: c.Service, clock: c.Clock, brand: c.Brand, log: c.Log, gate: newGate(c.Password, c.Clock.Wall)}
	mux := http.NewServeMux()
	mux.Handle("GET "+base+design.Prefix, http.StripPrefix(base, design.Assets()))
	mux.HandleFunc("GET "+base+"/sign-in", a.signInForm)
	mux.HandleFunc("POST "+base+"/sign-in", a.signIn)
	mux.Handle("POST "+base+"/sign-out", a.inside(a.signOut))
	mux.Handle("GET "+base+"/{$}", a.inside(a.home))
	mux.Handle("GET "+base+"/queues", a.inside(a.queues))
	mux.Handle("POST "+base+"/queues/retry", a.inside(a.retry))
	mux.Handle("GET "+base+"/dunning", a.inside(a.dunning))
	mux.Handle("GET "+base+"/audit", a.inside(a.audit))
	mux.Handle("GET "+base+"/numbers", a.inside(a.numbers))
	mux.Handle("POST "+base+"/numbers", a.inside(a.countNow))
	mux.Handle("GET "+base+"/numbers/{file}", a.inside(a.numbersFile))
	mux.Handle("GET "+base+"/keys", a.inside(a.keys))
	mux.Handle("POST "+base+"/keys", a.inside(a.createKey))
	mux.Handle("GET "+base+"/keys/{key}", a.inside(a.key))
	mux.Handle("POST "+base+"/keys/{key}/rotate", a.inside(a.rotateKey))
	mux.Handle("POST "+base+"/keys/{key}/revoke", a.inside(a.revokeKey))
	mux.Handle("GET "+base+"/accounts/{id}", a.inside(a.account))
	mux.Handle("POST "+base+"/accounts/{id}/sync", a.inside(a.sync))
	mux.Handle("GET "+base+"/accounts/{id}/refund", a.inside(a.quote))
	mux.Handle("POST "+base+"/accounts/{id}/refund", a.inside(a.refund))
	mux.Handle("POST "+base+"/accounts/{id}/grants", a.inside(a.grant))
	mux.Handle("POST "+base+"/accounts/{id}/grants/end", a.inside(a.endGrant))
	mux.Handle("POST "+base+"/accounts/{id}/purchases/capture", a.inside(a.capture))
	mux.Handle("POST "+base+"/accounts/{id}/purchases/release", a.inside(a.release))
	mux.Handle("GET "+base+"/", a.inside(a.lost))
	return http.NewCrossOriginProtection().Handler(mux)
}

func switchedOff(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "The operator's pages are switched off. Set an admin password to use them.", http.StatusNotFound)
}

// invalid returns what is wrong with what was entered, and reports false for errors of another kind.
func invalid(err error) (*billing.Error, bool) {
	var known *billing.Error
	return known, errors.As(err, &known) && known.Code == billing.Invalid
}

// frame is what all pages inside share.
type frame struct {
	Title, Brand, Current string
	CSRF                  string
}

func (f frame) page(width design.Width) design.Page {
	p := design.Page{Title: f.Title + " · " + f.Brand + " admin", Brand: f.Brand, Home: base + "/", Chip: "Admin", Width: width, End: signOutButton(f)}
	for _, link := range []design.Link{
		{Text: "Accounts", Href: base + "/"}, {Text: "Numbers", Href: base + "/numbers"}, {Text: "Payments owed", Href: base + "/dunning"}, {Text: "Inbox and outbox", Href: base + "/queues"}, {Text: "API keys", Href: base + "/keys"},
		{Text: "Audit log", Href: base + "/audit"},
	} {
		link.Current = link.Href == f.Current
		p.Nav = append(p.Nav, link)
	}
	return p
}

// inside lets only operators in, and checks the token of every form.
func (a *admin) inside(h func(http.ResponseWriter, *http.Request, frame) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		session, ok := a.gate.session(r)
		if !ok {
			http.Redirect(w, r, base+"/sign-in", http.StatusSeeOther)
			return
		}
		const formBytesMax = 1 << 16 // the forms here hold a token
		r.Body = http.MaxBytesReader(w, r.Body, formBytesMax)
		f := frame{Brand: a.brand, Current: r.URL.Path, CSRF: a.gate.csrf(session)}
		if r.Method == http.MethodPost && !equal(r.PostFormValue(csrfField), f.CSRF) {
			a.serve(w, r, http.StatusForbidden, sorryPage(f, "This form is no longer valid", "Go back, reload the page and try again."))
			return
		}
		if err := a.audited(r, func() error { return h(w, r, f) }); err != nil {
			a.fail(w, r, f, err)
		}
	})
}

// audited has a line in the audit log for what a form changes.
func (a *admin) audited(r *http.Request, do func() error) error {
	if r.Method != http.MethodPost || r.URL.Path == base+"/sign-out" || r.URL.Path == base+"/numbers" { // which change nothing
		return do()
	}
	act := service.Act{
		Actor: service.Actor{Kind: service.AdminActor}, Action: r.Pattern, Account: billing.AccountID(r.PathValue("id")),
	}
	act.Object = r.PathValue("key")
	for _, field := range []string{idField, keyField, nameField, invoiceField, purchaseField, grantField, featureField} {
		act.Object = cmp.Or(act.Object, r.PostFormValue(field))
	}
	return a.service.Audited(r.Context(), act, func(*service.Act) error { return do() })
}

func (a *admin) fail(w http.ResponseWriter, r *http.Request, f frame, err error) {
	switch billing.CodeOf(err) {
	case billing.NotFound:
		f.Title = "Not found"
		title, text := "There is no such account", "Search for its id, e-mail address or name."
		if strings.HasPrefix(r.URL.Path, base+"/queues") || strings.HasPrefix(r.URL.Path, base+"/keys") {
			title, text = "It is not there any more", err.Error()
		}
		a.serve(w, r, http.StatusNotFound, sorryPage(f, title, text))
	case billing.Invalid:
		f.Title = "Not possible"
		a.serve(w, r, http.StatusBadRequest, sorryPage(f, "That is not possible", err.Error()))
	case billing.Conflict:
		f.Title = "Not possible"
		a.serve(w, r, http.StatusConflict, sorryPage(f, "That is not possible", err.Error()))
	case billing.Unavailable:
		a.log.WarnContext(r.Context(), "admin: page failed", "error", err)
		f.Title = "Not reachable"
		a.serve(w, r, http.StatusServiceUnavailable, sorryPage(f, "Not reachable just now", err.Error()))
	default:
		a.log.ErrorContext(r.Context(), "admin: page failed", "error", err)
		a.serve(w, r, http.StatusInternalServerError, sorryPage(f, "Something failed", err.Error()))
	}
}

func (a *admin) serve(w http.ResponseWriter, r *http.Request, status int, page templ.Component) {
	design.Serve(w, r.WithContext(design.WithRoot(r.Context(), base)), status, page)
}

func (a *admin) lost(w http.ResponseWriter, r *http.Request, f frame) error {
	f.Title = "Not found"
	a.serve(w, r, http.StatusNotFound, sorryPage(f, "There is no such page", "The link may be old, or mistyped."))
	return nil
}

const accountsShown = 50 // more are found by a narrower search

func (a *admin) home(w http.ResponseWriter, r *http.Request, f frame) error {
	f.Title = "Accounts"
	query := strings.TrimSpace(r.URL.Query().Get("q"))
	found, err := a.service.Search(r.Context(), query, accountsShown)
	if err != nil {
		return err
	}
	if len(found) == 1 && query != "" {
		http.Redirect(w, r, accountPath(found[0].ID), http.StatusSeeOther)
		return nil
	}
	queues, err := a.service.Queues(r.Context())
	if err != nil {
		return err
	}
	v := homeView{frame: f, Query: query, Queues: queues}
	for _, account := range found {
		row, err := a.row(r.Context(), account)
		if err != nil {
			return err
		}
		v.Accounts = append(v.Accounts, row)
	}
	a.serve(w, r, http.StatusOK, homePage(v))
	return nil
}

func (a *admin) row(ctx context.Context, account billing.Account) (accountRow, error) {
	status, err := a.service.Status(ctx, account.ID)
	return accountRow{Account: account, Status: status}, err
}
