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
	"github.com/dues-billing/dues/internal/operator"
	"github.com/dues-billing/dues/service"
)

// base is where the pages are mounted; it stays part of the path.
const base = "/admin"

// Config is what the pages need. Service, Clock and Log are required.
type Config struct {
	Service *service.Service
	Clock   service.Clock
	// Password opens everything until the first owner has signed in by name; "" opens nothing. Without it, without operators and without OIDC the
	// pages are switched off.
	Password  string
	OIDC      OIDC
	PublicURL string // how browsers reach the service, for the way back from the OpenID provider
	Brand     string // whose accounts these are, "" for Dues
	Log       *slog.Logger
}

type admin struct {
	service *service.Service
	clock   service.Clock
	brand   string
	log     *slog.Logger
	gate    *gate

	publicURL string
}

// New returns the pages, to be mounted at /admin/.
func New(c Config) http.Handler {
	if c.Brand == "" {
		c.Brand = "Dues"
	}
	a := &admin{service: c.Service, clock: c.Clock, brand: c.Brand, log: c.Log, gate: newGate(c), publicURL: c.PublicURL}
	mux := http.NewServeMux()
	mux.Handle("GET "+base+design.Prefix, http.StripPrefix(base, design.Assets()))
	mux.HandleFunc("GET "+base+"/sign-in", a.signInForm)
	mux.HandleFunc("POST "+base+"/sign-in", a.signIn)
	mux.HandleFunc("GET "+base+"/welcome/{link}", a.welcome)
	mux.HandleFunc("POST "+base+"/welcome/{link}", a.settle)
	mux.HandleFunc("GET "+oidcPath, a.toProvider)
	mux.HandleFunc("GET "+oidcPath+"/callback", a.fromProvider)
	for _, role := range []struct {
		needs operator.Role
		pages map[string]page
	}{{operator.Read, a.reading()}, {operator.Operate, a.operating()}, {operator.Own, a.owning()}} {
		for pattern, h := range role.pages {
			method, path, _ := strings.Cut(pattern, " ")
			mux.Handle(method+" "+base+path, a.inside(role.needs, h))
		}
	}
	return http.NewCrossOriginProtection().Handler(mux)
}

// page is one for who is signed in.
type page func(http.ResponseWriter, *http.Request, frame) error

// reading are the pages for every operator.
func (a *admin) reading() map[string]page {
	return map[string]page{
		"GET /{$}":                   a.home,
		"GET /queues":                a.queues,
		"GET /dunning":               a.dunning,
		"GET /audit":                 a.audit,
		"GET /drift":                 a.drift,
		"GET /catalog":               a.catalog,
		"GET /numbers":               a.numbers,
		"POST /numbers":              a.countNow,
		"GET /numbers/{file}":        a.numbersFile,
		"GET /accounts/{id}":         a.account,
		"GET /accounts/{id}/refund":  a.quote,
		"GET /you":                   a.you,
		"POST /you/password":         a.changePassword,
		"POST /you/sessions/end":     a.endMySession,
		"POST /you/sessions/end-all": a.endMySessions,
		"POST /sign-out":             a.signOut,
		"GET /":                      a.lost,
	}
}

// operating are the forms that help customers.
func (a *admin) operating() map[string]page {
	return map[string]page{
		"POST /queues/retry":                    a.retry,
		"POST /drift":                           a.compare,
		"POST /accounts/{id}/sync":              a.sync,
		"POST /accounts/{id}/refund":            a.refund,
		"POST /accounts/{id}/grants":            a.grant,
		"POST /accounts/{id}/grants/end":        a.endGrant,
		"POST /accounts/{id}/purchases/capture": a.capture,
		"POST /accounts/{id}/purchases/release": a.release,
	}
}

// owning are the pages about who may do what.
func (a *admin) owning() map[string]page {
	return map[string]page{
		"GET /keys":                         a.keys,
		"POST /keys":                        a.createKey,
		"GET /keys/{key}":                   a.key,
		"POST /keys/{key}/rotate":           a.rotateKey,
		"POST /keys/{key}/revoke":           a.revokeKey,
		"GET /operators":                    a.operators,
		"POST /operators":                   a.addOperator,
		"GET /operators/{operator}":         a.operator,
		"POST /operators/{operator}/role":   a.setRole,
		"POST /operators/{operator}/link":   a.newLink,
		"POST /operators/{operator}/remove": a.removeOperator,
		"POST /operators/{operator}/end":    a.endSessionsOf,
	}
}

func switchedOff(w http.ResponseWriter) {
	http.Error(w, "The operator's pages are switched off. Set an admin password to use them, or: dues operators add", http.StatusNotFound)
}

func asError(err error) (*billing.Error, bool) {
	var known *billing.Error
	return known, errors.As(err, &known)
}

// invalid returns what is wrong with what was entered, and reports false for errors of another kind.
func invalid(err error) (*billing.Error, bool) {
	known, ok := asError(err)
	return known, ok && known.Code == billing.Invalid
}

// frame is what all pages inside share.
type frame struct {
	Title, Brand, Current string
	CSRF                  string
	In                    operator.Signed
	Act                   *service.Act // of a form: its line in the audit log
}

// who names who is signed in.
func (f frame) who() string { return cmp.Or(f.In.Operator.Email, "You") }

// doing is the token of forms that change something for a customer, "" for who may only look: he is shown no such form.
func (f frame) doing() string {
	if !f.In.Role().May(operator.Operate) {
		return ""
	}
	return f.CSRF
}

func (f frame) page(width design.Width) design.Page {
	p := design.Page{Title: f.Title + " · " + f.Brand + " admin", Brand: f.Brand, Home: base + "/", Chip: "Admin", Width: width, End: signedIn(f)}
	links := []design.Link{
		{Text: "Accounts", Href: base + "/"}, {Text: "Numbers", Href: base + "/numbers"}, {Text: "Dunning", Href: base + "/dunning"}, {Text: "Queues", Href: base + "/queues"},
		{Text: "Drift", Href: base + "/drift"}, {Text: "Catalogue", Href: base + "/catalog"}, {Text: "Audit", Href: base + "/audit"},
	}
	if f.In.Role().May(operator.Own) {
		links = append(links, design.Link{Text: "API keys", Href: base + "/keys"}, design.Link{Text: "Operators", Href: base + "/operators"})
	}
	for _, link := range links {
		link.Current = link.Href == f.Current
		p.Nav = append(p.Nav, link)
	}
	return p
}

// inside lets only operators in whose role is enough, and checks the token of every form.
func (a *admin) inside(needs operator.Role, h page) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		in, token, err := a.gate.signed(r)
		if billing.CodeOf(err) == billing.Unauthorized {
			a.askToSignIn(w, r)
			return
		}
		f := frame{Brand: a.brand, Current: r.URL.Path, CSRF: csrfOf(token), In: in}
		if err != nil {
			a.fail(w, r, f, err)
			return
		}
		const formBytesMax = 1 << 16 // the forms here hold a token
		r.Body = http.MaxBytesReader(w, r.Body, formBytesMax)
		switch {
		case r.Method == http.MethodPost && !equal(r.PostFormValue(csrfField), f.CSRF):
			a.serve(w, r, http.StatusForbidden, sorryPage(f, "This form is no longer valid", "Go back, reload the page and try again."))
		case !in.Role().May(needs):
			f.Title = "Not allowed"
			a.serve(w, r, http.StatusForbidden, sorryPage(f, "Your role does not allow this", "It needs the role "+string(needs)+", and yours is "+string(in.Role())+". An owner can give it to you."))
		default:
			if err := a.audited(r, &f, func() error { return h(w, r, f) }); err != nil {
				a.fail(w, r, f, err)
			}
		}
	})
}

// audited has a line in the audit log for what a form changes.
func (a *admin) audited(r *http.Request, f *frame, do func() error) error {
	if r.Method != http.MethodPost || r.URL.Path == base+"/sign-out" || r.URL.Path == base+"/numbers" || r.URL.Path == base+"/drift" { // which change nothing
		return do()
	}
	act := service.Act{
		Actor: service.Actor{Kind: service.AdminActor, Name: string(f.In.Operator.ID)}, Action: r.Pattern, Account: billing.AccountID(r.PathValue("id")),
	}
	act.Object = cmp.Or(r.PathValue("key"), r.PathValue("operator"))
	for _, field := range []string{idField, keyField, nameField, invoiceField, purchaseField, grantField, featureField} {
		act.Object = cmp.Or(act.Object, r.PostFormValue(field))
	}
	return a.service.Audited(r.Context(), act, func(act *service.Act) error {
		f.Act = act
		return do()
	})
}

func (a *admin) fail(w http.ResponseWriter, r *http.Request, f frame, err error) {
	switch billing.CodeOf(err) {
	case billing.NotFound:
		f.Title = "Not found"
		title, text := "There is no such account", "Search for its id, e-mail address or name."
		if !strings.HasPrefix(r.URL.Path, base+"/accounts/") {
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

// outside answers who is not signed in.
func (a *admin) outside(w http.ResponseWriter, r *http.Request, status int, title, text string) {
	a.serve(w, r, status, outsidePage(a.brand, title, text))
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
