package dues

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/dues-billing/dues/accountui"
	"github.com/dues-billing/dues/adminui"
	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/httpapi"
	"github.com/dues-billing/dues/mailer"
	"github.com/dues-billing/dues/service"
	"github.com/dues-billing/dues/sqlstore"
	"github.com/dues-billing/dues/stripeprovider"
	"github.com/dues-billing/dues/webhook"
)

// MissingError names everything that a Config lacks.
type MissingError struct{ Missing []string }

func (e *MissingError) Error() string {
	return "dues: not configured: " + strings.Join(e.Missing, ", ")
}

// Service is a running Dues: the use cases of package service, with their HTTP faces. It is safe for concurrent use.
type Service struct {
	*service.Service
	store   *sqlstore.Store
	handler http.Handler
	stop    context.CancelFunc // ends what runs in the background of the handler
}

// OnEvent returns an endpoint for Config.Endpoints that hands notices to a function of this program, without HTTP: see service.OnEvent.
func OnEvent(name string, do func(context.Context, webhook.Notice) error, types ...string) service.Endpoint {
	return service.OnEvent(name, do, types...)
}

// Open connects to the database and returns the Service. It talks to Stripe only when something is asked of it. Close
// releases what Open took.
func Open(ctx context.Context, cfg Config) (*Service, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	cfg.fill()
	store, err := openStore(ctx, cfg)
	if err != nil {
		return nil, err
	}
	svc, err := assemble(ctx, cfg, store)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return svc, nil
}

func openStore(ctx context.Context, cfg Config) (*sqlstore.Store, error) {
	store, err := sqlstore.Open(ctx, cfg.Database)
	if err != nil {
		return nil, err
	}
	if cfg.KeepSchema {
		err = store.Check(ctx)
	} else {
		err = store.Migrate(ctx)
	}
	if err == nil && cfg.SoleProcess {
		err = store.ReleaseAll(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return store, nil
}

// client reaches the Stripe account as the service does.
func (s Stripe) client(cfg Config, log *slog.Logger) *stripeprovider.Client {
	reach := stripeprovider.Config{
		Key: s.Key, BaseURL: s.BaseURL, HTTPClient: s.HTTPClient,
		Secrets: s.WebhookSecrets, AccountKey: s.AccountKey, Log: log, Tracer: cfg.Tracer, Wall: cfg.Clock.Wall,
	}
	if cfg.Metrics != nil {
		reach.Asked = cfg.Metrics.Asked
	}
	return stripeprovider.New(reach)
}

func assemble(ctx context.Context, cfg Config, store *sqlstore.Store) (*Service, error) {
	cfg.Log = service.Logger(cfg.Log, cfg.Tracer, httpapi.RequestID)
	stripe := cfg.Stripe.client(cfg, cfg.Log)
	sender := cfg.Sender
	if sender == nil {
		sender = mailer.NewLog(cfg.Log)
	}
	use := service.Config{
		Store: store, Provider: stripe, Prices: stripe, Feed: stripe, Directory: stripe, Stock: stripe, Verifier: stripe, APIVersion: stripeprovider.APIVersion, Sender: sender, Render: mailer.NewRenderer(cfg.Brand).In(cfg.MailLanguage),
		Catalog: cfg.Catalog, Clock: cfg.Clock, PublicURL: cfg.PublicURL, ReturnHosts: cfg.ReturnHosts, AccountURL: cfg.AccountURL, Log: cfg.Log,
		Endpoints: cfg.Endpoints, Licenses: cfg.Licenses, Retention: cfg.Retention, AuditRetention: cfg.AuditRetention, CacheBytes: cfg.CacheBytes, Tracer: cfg.Tracer,
	}
	for _, p := range cfg.ProviderAccounts {
		client := p.client(cfg, cfg.Log.With("provider_account", p.Name))
		use.ProviderAccounts = append(use.ProviderAccounts, service.ProviderAccount{
			Name: billing.ProviderAccount(p.Name), Provider: client, Prices: client, Verifier: client, Feed: client, Directory: client, Stock: client,
		})
	}
	web := httpapi.Config{Clock: cfg.Clock, Log: cfg.Log, ServerKeys: cfg.ServerKeys, OperatorKeys: cfg.OperatorKeys, JWT: cfg.JWT, Limits: cfg.Limits, Version: cfg.Version, Tracer: cfg.Tracer}
	if cfg.Metrics != nil {
		use.Meter, web.Answered = cfg.Metrics, cfg.Metrics.Answered
	}
	uses, err := service.New(use)
	if err != nil {
		return nil, err
	}
	// The refresh of signing keys outlives Open's context and ends with Close.
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	web.Service = uses
	api, err := httpapi.New(background, web)
	if err != nil {
		stop()
		return nil, err
	}
	customers := accountui.New(accountui.Config{Service: uses, Clock: cfg.Clock, Brand: cfg.Brand, Log: cfg.Log})
	admin := http.NewServeMux()
	admin.Handle("/admin/", adminui.New(adminui.Config{Service: uses, Clock: cfg.Clock, Password: cfg.AdminPassword, OIDC: cfg.AdminOIDC, PublicURL: cfg.PublicURL, Brand: cfg.Brand, Log: cfg.Log}))
	return &Service{Service: uses, store: store, handler: beside(api, map[string]http.Handler{
		"admin": admin, "account": customers, "pricing": customers, "components.js": customers,
	}), stop: stop}, nil
}

// beside sends what is under one of the names to the pages there, and all else to the API. A mux with all of them would look through its patterns
// for every request, and then the API's would do so again.
func beside(api http.Handler, pages map[string]http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if name, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/"); name != "v1" {
			if h, ok := pages[name]; ok {
				h.ServeHTTP(w, r)
				return
			}
		}
		api.ServeHTTP(w, r)
	})
}

// Handler serves the JSON API, the webhook endpoint, the operator's pages and those of customers. Mount it at the root of PublicURL.
func (s *Service) Handler() http.Handler { return s.handler }

// Close releases the database. Stop Run first, by ending its context.
func (s *Service) Close() error {
	s.stop()
	return s.store.Close()
}

// Require returns middleware that lets a request through when the account behind it is entitled to feature. accountOf says
// who asks; "" is answered 401, an account without the feature 403. When the database does not answer, nobody gets in: 503.
func (s *Service) Require(feature billing.FeatureID, accountOf func(*http.Request) billing.AccountID) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			id := accountOf(r)
			if id == "" {
				http.Error(w, "sign in first", http.StatusUnauthorized)
				return
			}
			entitled, err := s.Entitled(r.Context(), id, feature)
			switch {
			case billing.CodeOf(err) == billing.NotFound || (err == nil && !entitled):
				http.Error(w, fmt.Sprintf("your plan does not include %s", feature), http.StatusForbidden)
			case err != nil:
				http.Error(w, "the entitlement could not be checked; try again", http.StatusServiceUnavailable)
			default:
				next.ServeHTTP(w, r)
			}
		})
	}
}
