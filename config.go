package dues

import (
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/dues-billing/dues/adminui"
	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/httpapi"
	"github.com/dues-billing/dues/mailer"
	"github.com/dues-billing/dues/metrics"
	"github.com/dues-billing/dues/service"
)

// Config is what a Service is made of. Stripe.Key, Database, Catalog and PublicURL are required.
type Config struct {
	// Stripe is the account that the money runs through.
	Stripe Stripe
	// ProviderAccounts are more Stripe accounts beside it: of another company, or test mode beside live mode. The catalogue is the same in
	// all of them. Webhooks of one come in at /webhooks/stripe/NAME.
	ProviderAccounts []ProviderAccount
	// Database is sqlite:PATH for one process or postgres://… for any number of them. Its schema is brought up to date by
	// Open, unless KeepSchema is set: then Open fails on an old schema, and `dues migrate` mends it.
	Database   string
	KeepSchema bool
	// SoleProcess says that no other process uses the database: what one that crashed was working on is taken up again at
	// once, not when its lease ends.
	SoleProcess bool
	// Catalog is what is sold; package catalog reads it from a file.
	Catalog billing.Catalog
	// PublicURL is where customers' browsers and Stripe reach the Handler, such as https://billing.example.com.
	PublicURL string
	// ReturnHosts are the hosts that customers may be sent back to besides PublicURL's own, such as app.example.com, or localhost:* with
	// any port.
	ReturnHosts []string
	// AccountURL is the app's page where a customer manages plan and card; mails link to it. "" means PublicURL.
	AccountURL string
	// ServerKeys let the app's own servers in, JWT lets its end users in; without them nobody gets in.
	ServerKeys []string
	JWT        httpapi.JWT
	// OperatorKeys let who runs Dues see and retry what is queued, at /v1/events and /v1/effects; without them nobody gets in there.
	OperatorKeys []string
	// Limits bound how much one key, one account and one account's people may ask of each process; the zero value is the defaults.
	Limits httpapi.Limits
	// AdminPassword opens the operator's pages at /admin until the first owner has signed in there by name; "" opens nothing.
	AdminPassword string
	// AdminOIDC lets operators sign in at your OpenID provider. Without it, without a password and without operators the pages are shut.
	AdminOIDC adminui.OIDC
	// Licenses is how license files are signed, which prove to an application without a network what an account holds; without a key none are.
	Licenses service.LicenseSigning
	// Endpoints are where the application takes notices of what happens to its accounts, as signed webhooks; package webhook checks
	// them there. None means that it is told nothing.
	Endpoints []service.Endpoint
	// Retention is how long webhooks, and what mails, calls and notices were made of, are kept after they were worked off: at least 31
	// days, for so long Stripe may bring an event again; 0 is 90 days. Keys of effects are kept for ever: nothing happens twice.
	Retention time.Duration
	// AuditRetention is how long it is kept who changed what; 0 is a year.
	AuditRetention time.Duration
	// Sender sends the mails; nil writes them to the log.
	Sender service.Sender
	// Brand is the name that mails and pages carry; "" means Dues.
	Brand string
	// MailLanguage is the language of mails to accounts that have no locale, or one in which no mails are written: one of mailer.Languages; "" means English.
	MailLanguage string
	// Clock is time.Now twice when unset. In development its business time follows the emulator's.
	Clock service.Clock
	// Log receives what operators should see; nil discards it.
	Log *slog.Logger
	// CacheBytes is how much memory status checks may use to answer without the database, at 1.7 KB an account; 0 means 256 MiB, below
	// 0 none.
	CacheBytes int64
	// Metrics counts what happens, for its Handler to be scraped; nil counts nothing.
	Metrics *metrics.Registry
	// Tracer shows requests, turns, commits and effects as spans; package tracing makes one of an OpenTelemetry TracerProvider. nil shows
	// none, and costs nothing.
	Tracer service.Tracer
	// Version is named in the OpenAPI document.
	Version string
}

// Stripe is how to reach the account.
type Stripe struct {
	Key            string   // sk_test_… or sk_live_…, or a restricted key
	BaseURL        string   // "" means Stripe itself; the emulator's URL in development and tests
	WebhookSecrets []string // whsec_…, several while one is being rotated; without any, no webhook is taken in
	HTTPClient     *http.Client
	// AccountKey is the metadata of customers that holds the app's own id, for customers that were made before Dues.
	AccountKey string
}

// ProviderAccount is one more Stripe account, with a name of a-z, 0-9 and -, 40 characters at most. The account of Config.Stripe is "default".
type ProviderAccount struct {
	Name string
	Stripe
}

// fill puts the defaults in place of what is unset.
func (c *Config) fill() {
	if c.Clock.Business == nil {
		c.Clock.Business = time.Now //tidy:allow clock the one default of production
	}
	if c.Clock.Wall == nil {
		c.Clock.Wall = time.Now //tidy:allow clock the one default of production
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Brand == "" {
		c.Brand = "Dues"
	}
}

// check lists everything that is missing at once, so that nobody has to start five times to learn five names.
func (c Config) check() error {
	if c.MailLanguage != "" && !slices.Contains(mailer.Languages, c.MailLanguage) {
		return fmt.Errorf("dues: MailLanguage is %q; mails are written in %s", c.MailLanguage, strings.Join(mailer.Languages, ", "))
	}
	var missing []string
	if c.Stripe.Key == "" {
		missing = append(missing, "Stripe.Key (sk_test_…; the emulator takes any)")
	}
	for _, p := range c.ProviderAccounts {
		if p.Key == "" {
			missing = append(missing, fmt.Sprintf("ProviderAccounts %q: Stripe.Key", p.Name))
		}
	}
	if c.Database == "" {
		missing = append(missing, "Database (sqlite:PATH or postgres://…)")
	}
	if len(c.Catalog.Plans) == 0 {
		missing = append(missing, "Catalog (package catalog reads catalog.yaml)")
	}
	if c.PublicURL == "" {
		missing = append(missing, "PublicURL (where browsers reach this service)")
	}
	if len(missing) > 0 {
		return &MissingError{Missing: missing}
	}
	return nil
}
