package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/dues-billing/dues"
	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
	"github.com/dues-billing/dues/stripeprovider"
)

const (
	skewMost = 60 * time.Second // a fifth of what a signature may be old
	waitMost = 5 * time.Minute  // for an event, and for an effect
	feedMost = 10 * time.Minute // since the list of events was read
)

type doctor struct {
	serve
	JSON bool `name:"json" help:"A line of JSON for each check."`
}

// Help teaches by examples.
func (doctor) Help() string {
	return `Takes the flags and variables of dues serve and checks what they name: key, webhook endpoint and secret, clock, database and schema, inbox,
outbox, the list of events, the catalogue. Each complaint says how to mend it. It changes nothing, but for a few bytes that it writes and takes away again. The exit code is 1 when something is wrong.

  dues doctor
  dues doctor --json | jq 'select(.ok == false)'`
}

// finding is the outcome of one check.
type finding struct {
	Check string `json:"check"`
	OK    bool   `json:"ok"`
	Says  string `json:"says"`
	Mend  string `json:"mend,omitempty"`
}

// Run checks everything that can be checked, and stops at nothing.
func (d doctor) Run(ctx context.Context, c console) error {
	v := &visit{doctor: d, ctx: ctx, stripe: stripeprovider.New(stripeprovider.Config{Key: d.StripeKey, BaseURL: d.StripeBase, Log: slog.New(slog.DiscardHandler)})}
	v.key()
	v.endpoint()
	v.others()
	v.surroundings()
	v.store()
	sick := false
	for _, f := range v.findings {
		sick = sick || !f.OK
		d.print(c, f)
	}
	if sick {
		return exit{1}
	}
	return nil
}

func (d doctor) print(c console, f finding) {
	if d.JSON {
		_ = json.NewEncoder(c.out).Encode(f) // like every print
		return
	}
	mark := "ok   "
	if !f.OK {
		mark = "WRONG"
	}
	c.printf("%s  %-10s %s\n", mark, f.Check, f.Says)
	if f.Mend != "" {
		c.printf("       %-10s → %s\n", "", f.Mend)
	}
}

// visit is one run of the doctor.
type visit struct {
	doctor
	ctx      context.Context
	stripe   *stripeprovider.Client
	below    string // what comes after the path of webhooks: / and the name of a provider account, "" for the default one
	findings []finding
}

func (v *visit) good(check, format string, args ...any) {
	v.findings = append(v.findings, finding{Check: check, OK: true, Says: fmt.Sprintf(format, args...)})
}

func (v *visit) bad(check, mend, format string, args ...any) {
	v.findings = append(v.findings, finding{Check: check, Says: fmt.Sprintf(format, args...), Mend: mend})
}

// key checks the key and the clock.
func (v *visit) key() {
	if v.StripeKey == "" {
		v.bad("key", keyNeeded, "no key is set")
		return
	}
	found, err := v.stripe.Checkup(v.ctx, time.Now)
	if err != nil {
		v.bad("key", "look at the key under Developers, API keys, and at the network between here and Stripe", "%v", err)
		return
	}
	mode := "test"
	if found.Livemode {
		mode = "live"
	}
	v.good("key", "Stripe takes it, in %s mode", mode)
	if found.Ahead.Abs() > skewMost {
		v.bad("clock", "let this machine follow a time server (chrony, systemd-timesyncd): signatures older than five minutes are refused", "it is %s off", found.Ahead.Abs())
		return
	}
	v.good("clock", "within %s of Stripe's", skewMost)
}

// endpoint checks the webhook endpoint at Stripe, and that a secret is set.
func (v *visit) endpoint() {
	switch {
	case len(v.WebhookSecret) == 0:
		v.bad("secret", "dues webhooks setup prints it once, for --webhook-secret (DUES_WEBHOOK_SECRET)", "no webhook secret is set: every delivery is refused")
	default:
		v.good("secret", "%d set", len(v.WebhookSecret))
	}
	if v.PublicURL == "" || v.StripeKey == "" {
		v.bad("endpoint", "set --public-url (DUES_PUBLIC_URL)", "without a public URL nobody knows where webhooks go")
		return
	}
	target := strings.TrimRight(v.PublicURL, "/") + webhookPath + v.below
	found, err := v.stripe.Endpoints(v.ctx, target)
	if err != nil {
		v.bad("endpoint", "a restricted key needs to read webhook endpoints", "%v", err)
		return
	}
	if len(found) == 0 {
		v.bad("endpoint", "dues webhooks setup", "Stripe has none for %s", target)
	}
	for _, e := range found {
		switch {
		case !e.Enabled:
			v.bad("endpoint", "dues webhooks setup enables it; then dues reconcile brings what was missed", "Stripe has disabled %s: it was not answered for days", e.ID)
		case e.APIVersion != stripeprovider.APIVersion:
			v.bad("endpoint", "dues webhooks setup makes one with ours; then delete this one", "%s has API version %q, ours is %s", e.ID, e.APIVersion, stripeprovider.APIVersion)
		case len(e.Missing) > 0:
			v.bad("endpoint", "dues webhooks setup", "%s lacks %d events: %s", e.ID, len(e.Missing), strings.Join(e.Missing, ", "))
		default:
			v.good("endpoint", "%s, our version, all our events", e.ID)
		}
	}
	if u, err := url.Parse(v.PublicURL); err == nil && u.Scheme == "http" && strings.HasPrefix(v.StripeKey, "sk_live_") {
		v.bad("endpoint", "put a proxy with TLS before the service", "Stripe delivers to https:// only in live mode")
	}
}

// others checks the keys, secrets and endpoints of the other provider accounts.
func (v *visit) others() {
	accounts, err := v.ProviderAccounts.read(v.StripeBase)
	if err != nil {
		v.bad("accounts", "docs/operations.md shows a list of provider accounts that works", "%v", err)
		return
	}
	for _, p := range accounts {
		other := *v
		other.findings, other.below = nil, "/"+p.Name
		other.StripeKey, other.WebhookSecret = p.Key, p.WebhookSecrets
		other.stripe = stripeprovider.New(stripeprovider.Config{Key: p.Key, BaseURL: p.BaseURL, Log: slog.New(slog.DiscardHandler)})
		other.key()
		other.endpoint()
		for _, f := range other.findings {
			f.Check += other.below
			v.findings = append(v.findings, f)
		}
	}
}

// surroundings checks the catalogue, who may ask, and mail.
func (v *visit) surroundings() {
	if plans, err := readCatalog(v.Catalog); err != nil {
		v.bad("catalogue", "--catalog takes the file that says what is sold", "%v", err)
	} else {
		v.good("catalogue", "%s sells %d plans", v.Catalog, len(plans.Plans))
		v.twice(plans)
	}
	if len(v.ServerKey) == 0 && v.JWT.Key == "" && v.JWT.JWKSURL == "" {
		v.bad("access", "--server-key for the app's servers, --jwt-… for its users", "nobody may ask anything")
	} else {
		v.good("access", "%d server keys; tokens of users: %v", len(v.ServerKey), v.JWT.Key != "" || v.JWT.JWKSURL != "")
	}
	if endpoints, err := v.Endpoints.read(); err != nil {
		v.bad("notices", "docs/webhooks.md shows a list of endpoints that works", "%v", err)
	} else {
		v.good("notices", "%d endpoints", len(endpoints))
	}
	if _, err := v.Mail.sender(slog.New(slog.DiscardHandler)); err != nil {
		v.bad("mail", "dues serve --help lists the flags of mail", "%v", err)
	} else {
		v.good("mail", "configured")
	}
}

// store checks database, schema, queues and the list of events.
func (v *visit) store() {
	plans, err := readCatalog(v.Catalog)
	if err != nil {
		return // said already
	}
	if path, ok := strings.CutPrefix(v.Database, "sqlite:"); ok {
		if _, err := os.Stat(path); err != nil { // opening it would make it
			v.bad("database", "dues serve makes it when it starts, or dues migrate", "%v", err)
			return
		}
	}
	endpoints, err := v.Endpoints.read()
	if err != nil {
		endpoints = nil // said already
	}
	svc, err := dues.Open(v.ctx, dues.Config{
		Stripe: dues.Stripe{Key: "sk_test_unused"}, Database: v.Database, KeepSchema: true, Catalog: plans, PublicURL: "http://127.0.0.1", Endpoints: endpoints,
	})
	if err != nil {
		mend := "start the database, and look at --database (DUES_DATABASE)"
		if billing.CodeOf(err) == billing.Conflict {
			mend = "dues migrate"
		}
		v.bad("database", mend, "%v", err)
		return
	}
	if err := svc.TryWrite(v.ctx); err != nil {
		v.bad("database", "webhooks are answered 503 until then, and Stripe sends them again for three days; nothing is lost", "%v", err)
	} else {
		v.good("database", "it answers and takes writes, with the schema of this program")
	}
	h, err := svc.Health(v.ctx)
	if err = errors.Join(err, svc.Close()); err != nil {
		v.bad("database", "look at its log", "%v", err)
		return
	}
	v.queues(h)
	v.feed(h.Feed)
}

func (v *visit) queues(h service.Health) {
	v.queue("inbox", "event", h.OldestEvent, h.EventsPending, h.EventsDead)
	v.queue("outbox", "effect", h.OldestEffect, h.EffectsPending, h.EffectsDead)
	for _, e := range h.Endpoints {
		if waits := time.Since(e.Oldest).Round(time.Second); !e.Oldest.IsZero() && waits > waitMost {
			v.bad("notices", "dues effects list says what the endpoint answers", "a notice to %s has waited for %s", e.Name, waits)
		}
	}
}

func (v *visit) queue(name, thing string, oldest time.Time, pending, dead int) {
	waits := time.Duration(0)
	if !oldest.IsZero() {
		waits = time.Since(oldest).Round(time.Second)
	}
	switch {
	case dead > 0:
		v.bad(name, fmt.Sprintf("dues %ss list says why; mend the cause, then dues %ss retry, or the button on the page /admin/queues", thing, thing), "%d %ss were given up", dead, thing)
	case waits > waitMost:
		v.bad(name, "is dues serve running, and does Stripe answer it? Its log says why it waits", "an %s has waited for %s", thing, waits)
	default:
		v.good(name, "%d waiting, none given up", pending)
	}
}

func (v *visit) feed(f service.Feed) {
	now := time.Now()
	age := now.Sub(f.ReadAt).Round(time.Second)
	ends, soon := service.FeedEnds(f, now)
	switch {
	case f.ReadAt.IsZero():
		v.good("events", "not read yet; dues serve does it every minute")
	case !f.GapAt.IsZero():
		v.bad("events", "dues reconcile compares everything and closes the gap", "Stripe has forgotten events that nobody had read")
	case soon && now.After(ends):
		v.bad("events", "start dues serve now, then dues reconcile: it compares everything", "not read for %s, and Stripe keeps them for %s", days(age), days(service.FeedKept))
	case soon:
		v.bad("events", "start dues serve before that; afterwards dues reconcile has to compare everything",
			"not read for %s, and Stripe keeps them for %s: it forgets the first on %s", days(age), days(service.FeedKept), ends.UTC().Format(time.RFC3339))
	case age > feedMost:
		v.bad("events", "is dues serve running?", "the list was last read %s ago", age)
	default:
		v.good("events", "the list was read %s ago", age)
	}
}

// days tells a long time in whole days.
func days(d time.Duration) string { return fmt.Sprintf("%d days", d/(24*time.Hour)) }
