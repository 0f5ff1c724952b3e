// Package stripeprovider speaks to Stripe for package service, over the official SDK.
//
// Stripe's words stop here: what leaves this package are billing types, and errors with a billing.Code. The API version is
// pinned (APIVersion), so shapes change only when the SDK is upgraded on purpose.
package stripeprovider

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/service"
)

// APIVersion is the version of Stripe's API that this package reads and writes. Webhook endpoints should be made with the
// same one; an event of another version is taken in, because it is only a hint to fetch, and reported in the log.
const APIVersion = stripe.APIVersion

// The keys of the metadata by which our things are known at Stripe.
const (
	accountKey  = "dues_account"  // on customers, subscriptions and checkouts
	purchaseKey = "dues_purchase" // on checkouts and their subscriptions
	requestKey  = "dues_request"  // on subscriptions: the idempotency key that made them, for Stripe forgets keys after a day
	priceKey    = "dues_price"    // on prices: the catalogue's key, which outlives a transferred lookup_key
	planKey     = "dues_plan"     // on products: the plan or add-on
	couponKey   = "dues_coupon"   // on coupons
	portalKey   = "dues_portal"   // on the portal's configuration
)

// Limits of one call and of lists.
const (
	callTimeout  = 30 * time.Second
	connsPerHost = 32  // Fetch reads seven lists at once, for several customers
	pageRows     = 100 // Stripe's largest page
	keysPerPage  = 10  // Stripe's limit of lookup_keys
	pricesKnown  = 10_000
)

// Config says how to reach Stripe.
type Config struct {
	Key        string       // secret or restricted key
	BaseURL    string       // "" is Stripe's own; an emulator's otherwise
	HTTPClient *http.Client // nil takes one with a timeout
	Secrets    []string     // of the webhook endpoint; several while one is being rolled
	AccountKey string       // metadata of customers from before Dues that holds the app's own id; "" knows none
	Log        *slog.Logger
	// Asked is told of each request: its method and path with {id} for ids, the status of the answer or 0 without one. nil tells nobody.
	Asked func(route string, status int, took time.Duration)
	// Wall is the clock that tells how long requests took; needed with Asked.
	Wall func() time.Time
	// Tracer shows requests as spans; nil shows none.
	Tracer service.Tracer
}

// Client is a Stripe account. It implements service.Provider, service.PriceMaker, service.EventFeed, service.Directory and service.WebhookVerifier and is safe for
// concurrent use.
type Client struct {
	sc       *stripe.Client
	backends *stripe.Backends
	raw      stripe.RawRequestBackend // for answers that are kept as text
	key      string
	mode     mode
	secrets  [][]byte
	foreign  string // Config.AccountKey
	log      *slog.Logger

	mu       sync.Mutex
	session  *stripe.Client    // whose key is the token of a session for meter events, nil without one
	keys     map[string]string // catalogue key by price id
	portal   *string           // configuration for portal sessions, nil until looked up
	versions map[string]bool   // foreign API versions that were reported
}

var (
	_ service.Provider        = (*Client)(nil)
	_ service.PriceMaker      = (*Client)(nil)
	_ service.EventFeed       = (*Client)(nil)
	_ service.Directory       = (*Client)(nil)
	_ service.WebhookVerifier = (*Client)(nil)
)

// New returns a Client. It makes no call: a wrong key shows at the first use.
func New(cfg Config) *Client {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	cfg.Log = service.Logger(cfg.Log, cfg.Tracer, nil)
	if cfg.HTTPClient == nil {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.MaxIdleConnsPerHost = connsPerHost
		cfg.HTTPClient = &http.Client{Timeout: callTimeout, Transport: transport}
	}
	backend := &stripe.BackendConfig{
		HTTPClient:      cfg.watch(),
		EnableTelemetry: stripe.Bool(false),
		LeveledLogger:   sdkLog{cfg.Log},
	}
	if cfg.BaseURL != "" {
		backend.URL = stripe.String(cfg.BaseURL)
	}
	backends := stripe.NewBackendsWithConfig(backend)
	c := &Client{
		sc:       stripe.NewClient(cfg.Key, stripe.WithBackends(backends)),
		backends: backends,
		raw:      backends.API.(stripe.RawRequestBackend), // the SDK's own backend is one
		key:      cfg.Key,
		mode:     modeOfKey(cfg.Key),
		foreign:  cfg.AccountKey,
		log:      cfg.Log,
		keys:     map[string]string{},
		versions: map[string]bool{},
	}
	for _, secret := range cfg.Secrets {
		if secret != "" { // an empty key would let anybody sign
			c.secrets = append(c.secrets, []byte(secret))
		}
	}
	return c
}

// watch returns the client that tells of its requests, if somebody wants to know.
func (c Config) watch() *http.Client {
	if c.Asked == nil && c.Tracer == nil {
		return c.HTTPClient
	}
	own := *c.HTTPClient
	if own.Transport == nil {
		own.Transport = http.DefaultTransport
	}
	own.Transport = watched{next: own.Transport, tracer: c.Tracer, asked: c.Asked, wall: c.Wall}
	return &own
}

// sdkLog keeps the SDK's talk at debug level: each failure it reports is returned to the caller, who decides. What it would only say
// at its own debug level is left out: the bodies of answers, which hold customers' names and addresses.
type sdkLog struct{ log *slog.Logger }

func (l sdkLog) Debugf(context.Context, string, ...any)                 {}
func (l sdkLog) Infof(ctx context.Context, format string, args ...any)  { l.debug(ctx, format, args) }
func (l sdkLog) Warnf(ctx context.Context, format string, args ...any)  { l.debug(ctx, format, args) }
func (l sdkLog) Errorf(ctx context.Context, format string, args ...any) { l.debug(ctx, format, args) }

func (l sdkLog) debug(ctx context.Context, format string, args []any) {
	if l.log.Enabled(ctx, slog.LevelDebug) {
		l.log.DebugContext(ctx, "stripe: "+fmt.Sprintf(format, args...))
	}
}
