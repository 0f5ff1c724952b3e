// Package service holds the use cases of Dues: each loads, decides with the pure rules of package billing, and commits.
//
// Sync is the one way by which the provider's state reaches our store; requests, return pages and webhooks all go through it.
// Effects (mails, calls to the provider) are rows in the outbox, written in the transaction that saw their cause.
package service

import (
	"cmp"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// Config is what a Service is made of. All but APIVersion, Feed, Directory, ProviderAccounts, ReturnHosts, AccountURL, Licenses, Endpoints,
// Transport, Log, Meter, Tracer, Pace and CacheBytes are required.
type Config struct {
	Store    *sqlstore.Store
	Provider Provider
	Prices   PriceMaker
	Verifier WebhookVerifier
	// APIVersion is the provider's that Provider asks for; events in another are flagged. "" flags none.
	APIVersion string
	// Feed finds events whose webhook never came; nil looks for none.
	Feed EventFeed
	// Directory lists the provider\'s customers, for Reconcile; nil refuses it.
	Directory Directory
	// Stock reads what the provider has to sell, for CatalogDifferences; nil refuses it.
	Stock Stocker
	// ProviderAccounts are more accounts at the provider, beside the default one that the fields above are.
	ProviderAccounts []ProviderAccount
	Sender           Sender
	Render           MailRenderer
	Catalog          billing.Catalog
	Clock            Clock
	// PublicURL is where customers' browsers reach this service, such as https://billing.example.com.
	PublicURL string
	// ReturnHosts are the hosts (with port, if any; * is any port) that customers may be sent back to; the one of PublicURL is always allowed.
	ReturnHosts []string
	// AccountURL is the app's page where a customer manages plan and card; mails link to it. "" means PublicURL.
	AccountURL string
	// Licenses is how license files are signed; without a key none are.
	Licenses LicenseSigning
	// Endpoints are where the application takes notices; none means that it is told nothing.
	Endpoints []Endpoint
	// Transport carries the notices; nil is one of net/http.
	Transport http.RoundTripper
	Log       *slog.Logger
	// Meter is told what happens; nil tells nobody.
	Meter Meter
	// Tracer shows work as spans; nil shows none, and costs nothing.
	Tracer Tracer
	// Retention is how long an event, and what an effect was made of, are kept after they were worked off; at least RetentionMin, and 0
	// is RetentionDefault.
	Retention time.Duration
	// AuditRetention is how long a line of the audit log is kept; 0 is AuditDefault.
	AuditRetention time.Duration
	// Pace is how often is looked for work that nothing announced; its zero fields take the defaults.
	Pace Pace
	// CacheBytes is how much memory status checks may use to answer without the database; 0 means 256 MiB, below 0 none.
	CacheBytes int64
}

// Pace is how often a process looks for what nothing announced to it.
type Pace struct {
	Poll time.Duration // into inbox and outbox, for the work of another process or of a crashed one; default 2 s
	Feed time.Duration // into the provider's list of events, for lost webhooks; default 1 min
	Tidy time.Duration // for events that are too old to be kept; default 1 h
	Look time.Duration // for what the passing of time has changed: access, to tell the application, and reminders; default 1 min
	Beat time.Duration // for the proof that changes of other processes are heard; default 500 ms; below 0 they are not listened for
}

// Service runs the use cases. It is safe for concurrent use, and several may share one database.
type Service struct {
	*Desk
	cfg     Config
	hosts   hosts
	numbers counted
	log     *slog.Logger
	// providers are the provider accounts, the default one first. Each has its own worker for its events.
	providers []*providerAccount
	facts     *facts
	locks     lockTable
	outbox    chan struct{} // wakes the worker of mails and calls
	// endpoints have a worker each.
	endpoints []*endpoint
	poster    *http.Client
	origins   origins
	planned   atomic.Bool // the reminders of all accounts are planned by this catalogue
	// working counts the rounds that run in this process.
	working atomic.Int64
}

// New checks the config and returns the Service. It does no I/O; the provider's prices are looked up at first need.
func New(cfg Config) (*Service, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	base, err := url.Parse(cfg.PublicURL)
	if err != nil || base.Host == "" || (base.Scheme != "http" && base.Scheme != "https") {
		return nil, billing.Errorf(billing.Invalid, "PublicURL must look like https://billing.example.com, got %q", cfg.PublicURL)
	}
	endpoints, err := checkEndpoints(cfg.Endpoints)
	if err != nil {
		return nil, err
	}
	providers, err := providerAccounts(cfg)
	if err != nil {
		return nil, err
	}
	if err := CheckRetention(cfg.Retention); err != nil {
		return nil, err
	}
	if cfg.AuditRetention < 0 {
		return nil, billing.Errorf(billing.Invalid, "the audit log must be kept for a day or more").In("audit_retention")
	}
	cfg.Retention, cfg.AuditRetention = cmp.Or(cfg.Retention, RetentionDefault), cmp.Or(cfg.AuditRetention, AuditDefault)
	cfg.Catalog = cfg.Catalog.Indexed()
	cfg.PublicURL = strings.TrimRight(cfg.PublicURL, "/")
	if cfg.AccountURL == "" {
		cfg.AccountURL = cfg.PublicURL
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	cfg.Log = Logger(cfg.Log, cfg.Tracer, nil)
	if cfg.Meter == nil {
		cfg.Meter = noMeter{}
	}
	cfg.Pace = Pace{
		cmp.Or(cfg.Pace.Poll, pollMax), cmp.Or(cfg.Pace.Feed, feedPause), cmp.Or(cfg.Pace.Tidy, tidyPause), cmp.Or(cfg.Pace.Look, lookPause),
		cmp.Or(cfg.Pace.Beat, beatPause),
	}
	cfg.CacheBytes = max(0, cmp.Or(cfg.CacheBytes, factsBytes))
	cfg.Licenses.For, cfg.Licenses.TokenFor = cmp.Or(cfg.Licenses.For, licenseFor), cmp.Or(cfg.Licenses.TokenFor, tokenFor)
	s := &Service{
		cfg: cfg, log: cfg.Log, providers: providers, facts: newFacts(cfg), hosts: hosts{},
		outbox:    make(chan struct{}, 1),
		endpoints: endpoints, poster: newPoster(cfg.Transport),
	}
	s.Desk = NewDesk(cfg.Store, cfg.Clock.Wall, cfg.APIVersion)
	s.Desk.inbox = s.wakeInbox
	s.Desk.outbox = func() {
		wake(s.outbox)
		s.wakeEndpoints()
	}
	for _, host := range append([]string{base.Host}, cfg.ReturnHosts...) {
		s.hosts.add(host)
	}
	return s, nil
}

func (c Config) check() error {
	var missing []string
	for name, absent := range map[string]bool{
		"Store": c.Store == nil, "Provider": c.Provider == nil, "Prices": c.Prices == nil, "Verifier": c.Verifier == nil,
		"Sender": c.Sender == nil, "Render": c.Render == nil, "Clock.Business": c.Clock.Business == nil, "Clock.Wall": c.Clock.Wall == nil,
	} {
		if absent {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return errors.New("service: not configured: " + strings.Join(missing, ", "))
	}
	return nil
}

// Catalog returns what is sold.
func (s *Service) Catalog() billing.Catalog { return s.cfg.Catalog }
