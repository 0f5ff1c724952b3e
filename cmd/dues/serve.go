package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/dues-billing/dues"
	"github.com/dues-billing/dues/adminui"
	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/catalog"
	"github.com/dues-billing/dues/httpapi"
	"github.com/dues-billing/dues/metrics"
)

type serve struct {
	logging
	database
	Addr        string `help:"Where to listen." env:"DUES_ADDR" default:"127.0.0.1:8080"`
	MetricsAddr string `help:"Where Prometheus finds /metrics, away from the public. Default: nowhere." env:"DUES_METRICS_ADDR" placeholder:"ADDR"`
	PublicURL   string `help:"How browsers and Stripe reach it. Default: http:// and --addr." env:"DUES_PUBLIC_URL" placeholder:"URL"`
	Catalog     string `help:"What is sold. Default: catalog.yaml." env:"DUES_CATALOG" default:"catalog.yaml" placeholder:"FILE"`

	CacheMiB int `name:"cache-mib" help:"Memory in MiB for answering status checks without the database: about 600 accounts each. Default: 256; 0: none." env:"DUES_CACHE_MIB" default:"256" placeholder:"N"`

	stripeFlags
	WebhookSecret []string `help:"Signing secret of the endpoint; several while one is rotated. Needed." env:"DUES_WEBHOOK_SECRET" placeholder:"whsec_…" group:"stripe"`

	ProviderAccounts providerAccounts `help:"More Stripe accounts beside that of --stripe-key: a list of name, stripe_key and webhook_secret, in the config file. See docs/operations.md." env:"DUES_PROVIDER_ACCOUNTS" placeholder:"YAML" group:"stripe"`

	ServerKey     []string   `help:"Key of one of the app's servers, 16 characters or more; repeatable." env:"DUES_SERVER_KEY" placeholder:"KEY" group:"who may ask"`
	OperatorKey   []string   `help:"Key that sees and retries what is queued, at /v1/events and /v1/effects, 16 characters or more; repeatable." env:"DUES_OPERATOR_KEY" placeholder:"KEY" group:"who may ask"`
	JWT           jwtFlags   `embed:"" prefix:"jwt-" group:"who may ask"`
	ReturnHost    []string   `help:"Host that customers may be sent back to, such as app.example.com, or localhost:* with any port; repeatable." env:"DUES_RETURN_HOST" placeholder:"HOST" group:"who may ask"`
	Limit         limitFlags `embed:"" prefix:"limit-" group:"who may ask"`
	AdminPassword string     `help:"Opens the operator's pages at /admin until the first owner has signed in there by name. See docs/admin.md." env:"DUES_ADMIN_PASSWORD" group:"who may ask"`
	AdminOIDC     oidcFlags  `embed:"" prefix:"admin-oidc-" group:"who may ask"`

	RetentionDays int `help:"How long webhooks, and what mails and notices were made of, are kept after they were worked off; 31 or more." env:"DUES_RETENTION_DAYS" default:"90" placeholder:"DAYS"`

	AuditDays int `help:"How long it is kept who changed what." env:"DUES_AUDIT_DAYS" default:"365" placeholder:"DAYS"`

	Endpoints endpoints `help:"Where the application takes notices: a list of name, url, secret and types, in the config file. See docs/webhooks.md." env:"DUES_ENDPOINTS" placeholder:"YAML" group:"notices"`

	License licenseFlags `embed:"" prefix:"license-" group:"license files"`

	Mail       mailFlags `embed:"" group:"mail"`
	Language   string    `name:"mail-language" help:"The language of mails to accounts that have no locale: ${enum}." env:"DUES_MAIL_LANGUAGE" default:"en" enum:"en,de,fr,es" group:"mail"`
	Brand      string    `help:"The name that mails and pages carry." env:"DUES_BRAND" default:"Dues" group:"mail"`
	AccountURL string    `help:"The app's page where customers manage plan and card; mails link to it." env:"DUES_ACCOUNT_URL" placeholder:"URL" group:"mail"`
}

type limitFlags struct {
	Key     int `help:"Requests a second with one key; ten seconds' worth may come at once, in each process. -1: no limit." env:"DUES_LIMIT_KEY" default:"20000" placeholder:"N"`
	Account int `help:"Requests a second about one account. -1: no limit." env:"DUES_LIMIT_ACCOUNT" default:"1000" placeholder:"N"`
	Changes int `help:"Changes a second by the people of one account, each of which asks Stripe. -1: no limit." env:"DUES_LIMIT_CHANGES" default:"5" placeholder:"N"`
}

type oidcFlags struct {
	Issuer       string `help:"OpenID provider at which operators sign in, such as https://accounts.google.com." env:"DUES_ADMIN_OIDC_ISSUER" placeholder:"URL"`
	ClientID     string `help:"What the provider calls us; register PUBLIC-URL/admin/oidc/callback there." env:"DUES_ADMIN_OIDC_CLIENT_ID" placeholder:"ID"`
	ClientSecret string `help:"Our secret at the provider." env:"DUES_ADMIN_OIDC_CLIENT_SECRET" placeholder:"SECRET"`
}

type jwtFlags struct {
	Algorithm string `help:"HS256, RS256 or ES256." env:"DUES_JWT_ALGORITHM" placeholder:"ALG"`
	Key       string `help:"The secret of HS256, or the public key of the others in PEM." env:"DUES_JWT_KEY" placeholder:"KEY"`
	JWKSURL   string `help:"Where the app publishes its public keys." name:"jwks-url" env:"DUES_JWT_JWKS_URL" placeholder:"URL"`
	Issuer    string `help:"Who makes the tokens." env:"DUES_JWT_ISSUER" placeholder:"NAME"`
	Audience  string `help:"Whom the tokens are made for." env:"DUES_JWT_AUDIENCE" placeholder:"NAME"`
	Claim     string `help:"The claim with the account's id." env:"DUES_JWT_CLAIM" default:"sub"`
	RoleClaim string `help:"The claim with the role: an owner may do everything, others may look. Without it everybody is an owner." env:"DUES_JWT_ROLE_CLAIM" placeholder:"NAME"`
}

// Help teaches by examples.
func (serve) Help() string {
	return `Against Stripe in test mode, on SQLite:

  export DUES_STRIPE_KEY=sk_test_… DUES_WEBHOOK_SECRET=whsec_… DUES_SERVER_KEY=$(openssl rand -hex 24)
  dues serve --catalog catalog.yaml --public-url https://billing.example.com

Against an emulator, with any key:

  dues serve --stripe-base http://127.0.0.1:12111 --stripe-key sk_test_mine --webhook-secret whsec_…

Secrets in files, as containers get them: DUES_STRIPE_KEY_FILE=/run/secrets/stripe.
Health: /healthz, /readyz. The API is described at /openapi.json.`
}

// Run serves until Ctrl-C.
func (s serve) Run(ctx context.Context, c console) error {
	if err := s.missing(); err != nil {
		return err
	}
	plans, err := readCatalog(s.Catalog)
	if err != nil {
		return err
	}
	endpoints, err := s.Endpoints.read()
	if err != nil {
		return err
	}
	accounts, err := s.ProviderAccounts.read(s.StripeBase)
	if err != nil {
		return err
	}
	signing, err := s.License.read()
	if err != nil {
		return err
	}
	log := s.logger(c.err)
	l, err := listen(s.Addr, "dues serve --addr")
	if err != nil {
		return err
	}
	url := s.PublicURL
	if url == "" {
		url = "http://" + l.Addr().String()
	}
	sender, err := s.Mail.sender(log)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	config := dues.Config{
		Stripe:           dues.Stripe{Key: s.StripeKey, BaseURL: s.StripeBase, WebhookSecrets: s.WebhookSecret},
		ProviderAccounts: accounts,
		Database:         s.Database, KeepSchema: s.KeepSchema, Catalog: plans, PublicURL: url, ReturnHosts: s.ReturnHost, AccountURL: s.AccountURL,
		ServerKeys: s.ServerKey, OperatorKeys: s.OperatorKey, JWT: s.JWT.config(), Limits: httpapi.Limits(s.Limit), AdminPassword: s.AdminPassword, AdminOIDC: adminui.OIDC(s.AdminOIDC), Sender: sender, Brand: s.Brand, MailLanguage: s.Language,
		Endpoints: endpoints, Licenses: signing, Retention: time.Duration(s.RetentionDays) * 24 * time.Hour, AuditRetention: time.Duration(s.AuditDays) * 24 * time.Hour, Log: log, Version: programVersion(), CacheBytes: s.cacheBytes(),
	}
	if s.MetricsAddr != "" {
		config.Metrics = metrics.New()
	}
	tracer, endTraces, err := openTraces(ctx, log)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	config.Tracer = tracer
	svc, err := dues.Open(ctx, config)
	if err != nil {
		return errors.Join(err, l.Close(), endTraces())
	}
	watch, err := s.watch(config.Metrics, svc, log)
	if err != nil {
		return errors.Join(err, l.Close(), svc.Close(), endTraces())
	}
	c.printf("Dues   %s\n", url)
	c.printf("ready\n")
	web := open(l, svc.Handler(), log)
	failed, stop := work(svc.Run)
	return errors.Join(wait(ctx, web.failed, failed), web.close(), stop(), watch(), svc.Close(), endTraces())
}

// cacheBytes is the flag as the service takes it, where 0 is the default.
func (s serve) cacheBytes() int64 {
	if s.CacheMiB <= 0 {
		return -1
	}
	return int64(s.CacheMiB) << 20
}

// watch serves the metrics on their own address, when one is given, and returns what ends that.
func (s serve) watch(m *metrics.Registry, svc *dues.Service, log *slog.Logger) (end func() error, err error) {
	if m == nil {
		return func() error { return nil }, nil
	}
	l, err := listen(s.MetricsAddr, "dues serve --metrics-addr")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.Handler(svc.Health, time.Now))
	return open(l, mux, log).close, nil
}

// missing names everything without which the service cannot do its work, by flag and variable.
func (s serve) missing() error {
	var missing []string
	if s.StripeKey == "" {
		missing = append(missing, keyNeeded)
	}
	if len(s.WebhookSecret) == 0 {
		missing = append(missing, "--webhook-secret (DUES_WEBHOOK_SECRET), from the endpoint PUBLIC-URL/webhooks/stripe in the Dashboard")
	}
	if len(missing) == 0 {
		return nil
	}
	return hint(fmt.Errorf("serve needs\n  %s", strings.Join(missing, "\n  ")), "without an account at hand try: dues dev")
}

func (j jwtFlags) config() httpapi.JWT {
	return httpapi.JWT{Algorithm: j.Algorithm, Key: []byte(j.Key), JWKSURL: j.JWKSURL, Issuer: j.Issuer, Audience: j.Audience, Claim: j.Claim, RoleClaim: j.RoleClaim}
}

func readCatalog(name string) (billing.Catalog, error) {
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return billing.Catalog{}, hint(fmt.Errorf("there is no catalogue %s", name),
			"--catalog takes the file that says what is sold; catalog/catalog.yaml in the repository is one to start from")
	}
	if err != nil {
		return billing.Catalog{}, fmt.Errorf("catalogue: %w", err)
	}
	return catalog.Parse(text)
}
