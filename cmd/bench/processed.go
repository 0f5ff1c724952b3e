package main

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues"
	"github.com/dues-billing/dues/catalog"
	"github.com/dues-billing/dues/httpapi"
	"github.com/dues-billing/dues/service"
	"github.com/dues-billing/dues/stripeprovider"
)

// A month of renewals, worked off: every webhook that our endpoint would get is taken in, what it names is fetched from the emulator, decided,
// committed, and the effects leave. The emulator is a process of its own on the same machine, and is part of what is measured.

const (
	processedGoal   = 2500             // webhooks a second on SQLite
	engineGoal      = 400              // percent of the sync engine, on PostgreSQL
	flatGoal        = 90               // percent of the same without a crowd
	renewalMonth    = 32 * 24 * 3600   // seconds, from one period into the next
	nextMonth       = 31 * 24 * 3600   // seconds, from there into the one after
	renewalHours    = 2 * 3600         // seconds, for drafts to be finalized and paid
	processedMax    = 30 * time.Minute // that everything may take
	processedRounds = 3                // in which the same is measured
	customersDone   = 16               // customers that are made at once
)

// processing is what is worked off, and beside whom.
type processing struct {
	customers int    // who renew
	crowd     int    // others in the database, in a second run on each; 0: none
	postgres  string // URL of a server, "" for SQLite alone
	profiles  string // directory that gets a CPU profile of each run, "" for none
}

// processedTable prints how fast the webhooks of a month of renewals are worked off, on SQLite and, with its URL, on PostgreSQL in turn with the
// sync engine. Of some rounds it prints the median one.
func processedTable(ctx context.Context, path string, p processing) error {
	ctx, cancel := context.WithTimeout(ctx, processedMax)
	defer cancel()
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\nwebhooks fully processed\twebhooks\tper second\tof its peer\tgoal\tCPU\temulator CPU\tserver CPU\trequests to Stripe\tmemory\tp50 at half the rate\tp99\t")
	for _, kind := range []string{onSQLite, onPostgres} {
		if kind == onPostgres && p.postgres == "" {
			continue
		}
		alone, of, err := p.rounds(ctx, w, path, kind)
		if err != nil {
			return err
		}
		goal := fmt.Sprintf("%d/s", processedGoal)
		if kind == onPostgres {
			goal = fmt.Sprintf("%d %%", engineGoal)
		}
		alone.print(w, fmt.Sprintf("%s, %d customers", kind, p.customers), of, goal)
		if p.crowd == 0 {
			continue
		}
		crowded, err := p.measure(ctx, path, kind, p.crowd)
		if err != nil {
			return err
		}
		crowded.print(w, fmt.Sprintf("%s, %d customers among %d", kind, p.customers, p.customers+p.crowd),
			fmt.Sprintf("%d %%", crowded.perSecond()*100/alone.perSecond()), fmt.Sprintf("%d %%", flatGoal))
	}
	return w.Flush()
}

// measure lives through the months on a new database.
func (p processing) measure(ctx context.Context, path, kind string, crowd int) (done worked, err error) {
	made, err := newSQLite()
	if kind == onPostgres {
		made, err = newPostgres(ctx, p.postgres)
	}
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, made.drop()) }()
	profile := ""
	if p.profiles != "" {
		profile = filepath.Join(p.profiles, fmt.Sprintf("worked-%s-%d.prof", kind, crowd))
	}
	return processed(ctx, path, made.url, profile, p.customers, crowd)
}

// worked is what a month of renewals took.
type worked struct {
	bodies            [][]byte
	requests          int64
	took              time.Duration
	stripeCPU, ownCPU time.Duration
	serverCPU         time.Duration // PostgreSQL's; 0 when it is not here
	peak              int64         // bytes, of the process with the webhooks that wait in it
	p50, p99          time.Duration
}

func (d worked) perSecond() int64 { return int64(len(d.bodies)) * int64(time.Second) / int64(d.took) }

func (d worked) print(w io.Writer, name, of, goal string) {
	fmt.Fprintf(w, "%s\t%d\t%d\t%s\t%s\t%s\t%s\t%s\t%d\t%d MiB\t%s\t%s\t\n", name, len(d.bodies), d.perSecond(), of, goal, d.ownCPU.Round(time.Millisecond),
		d.stripeCPU.Round(time.Millisecond), d.serverCPU.Round(time.Millisecond), d.requests, d.peak>>20, d.p50.Round(100*time.Microsecond), d.p99.Round(100*time.Microsecond))
}

// month is one run: an emulator with customers, and the service on a database.
type month struct {
	stripe *process
	server family // of PostgreSQL
	client *stripe.Client
	svc    *dues.Service
	moved  atomic.Int64 // seconds that the emulator is ahead
	asked  counting
}

// ahead is the emulator's time.
func (m *month) ahead() time.Time {
	return time.Now().Add(time.Duration(m.moved.Load()) * time.Second)
}

// counting counts the requests that go through it.
type counting struct {
	http.RoundTripper
	n atomic.Int64
}

// RoundTrip implements http.RoundTripper.
func (c *counting) RoundTrip(r *http.Request) (*http.Response, error) {
	c.n.Add(1)
	return c.RoundTripper.RoundTrip(r)
}

func processed(ctx context.Context, path, database, profile string, customers, crowd int) (done worked, err error) {
	m, err := newMonth(ctx, path)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, m.stripe.stop()) }()
	if err := m.open(ctx, database); err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, m.svc.Close()) }()
	if m.server, err = serverOf(ctx, database); err != nil {
		return done, err
	}
	if err := m.populate(ctx, customers); err != nil {
		return done, err
	}
	if crowd > 0 {
		if err := addCrowd(ctx, database, "user-0", crowd); err != nil {
			return done, err
		}
	}
	bodies, err := m.renew(ctx, renewalMonth)
	if err != nil {
		return done, err
	}
	if err := profiled(profile, func() error {
		done, err = m.workOff(ctx, bodies)
		return err
	}); err != nil {
		return done, err
	}
	done.p50, done.p99, err = m.keepUp(ctx, database, done.perSecond()/2)
	return done, err
}

// newMonth starts an emulator.
func newMonth(ctx context.Context, path string) (m *month, err error) {
	m = &month{}
	if m.stripe, err = launchEmulator(ctx, path); err != nil {
		return nil, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = connections
	m.asked.RoundTripper = transport
	m.client = stripe.NewClient(stripeKey, stripe.WithBackends(stripe.NewBackendsWithConfig(&stripe.BackendConfig{
		URL: stripe.String(m.stripe.url), HTTPClient: &http.Client{Transport: transport}, EnableTelemetry: stripe.Bool(false), LeveledLogger: &stripe.LeveledLogger{},
	})))
	return m, nil
}

// open opens the service on a database.
func (m *month) open(ctx context.Context, database string) (err error) {
	m.svc, err = dues.Open(ctx, dues.Config{
		Stripe: dues.Stripe{
			Key: stripeKey, BaseURL: m.stripe.url, WebhookSecrets: []string{webhookSecret}, HTTPClient: &http.Client{Transport: &m.asked},
		},
		Database: database, Catalog: catalog.Default(), PublicURL: "http://127.0.0.1",
		Clock: service.Clock{Business: m.ahead, Wall: m.ahead},
		JWT:   httpapi.JWT{Algorithm: "HS256", Key: tokenSecret, Issuer: issuer, Audience: audience},
	})
	return err
}

// profiled does fn and writes what the processor did meanwhile into a file, unless that is "".
func profiled(file string, fn func() error) (err error) {
	if file == "" {
		return fn()
	}
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if err := pprof.StartCPUProfile(out); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	return fn()
}

// renew lets everybody's subscription renew, and answers the webhooks of it.
func (m *month) renew(ctx context.Context, seconds int64) (bodies [][]byte, err error) {
	seen, err := m.newest(ctx)
	if err != nil {
		return nil, err
	}
	if err := m.move(ctx, seconds); err != nil {
		return nil, err
	}
	if err := m.move(ctx, renewalHours); err != nil {
		return nil, err
	}
	return m.since(ctx, seen)
}

// workOff sends the webhooks as fast as they are taken in, while the service works on them, and waits until nothing is left to do. They are
// signed before the clock runs, as those of the sync engine are.
func (m *month) workOff(ctx context.Context, bodies [][]byte) (done worked, err error) {
	headers := m.signed(bodies)
	m.asked.n.Store(0)
	forgetPeak()
	stripeCPU, serverCPU, ownCPU := stopwatch(m.stripe), m.server.stopwatch(), ownTime()
	start := time.Now()
	stop := m.run(ctx)
	defer stop()
	if err := each(len(bodies), connections, func(i int) error {
		return m.svc.Receive(ctx, "", headers[i], bodies[i])
	}); err != nil {
		return done, err
	}
	if err := m.finish(ctx); err != nil {
		return done, err
	}
	done = worked{
		bodies: bodies, requests: m.asked.n.Load(), took: time.Since(start),
		stripeCPU: stripeCPU(), serverCPU: serverCPU(), ownCPU: ownTime() - ownCPU,
	}
	done.peak, err = peakBytes()
	return done, err
}

// run lets the service work until it is told to stop.
func (m *month) run(ctx context.Context) (stop func()) {
	running, cancel := context.WithCancel(ctx)
	var run sync.WaitGroup
	run.Go(func() { _ = m.svc.Run(running) }) // it ends with its context
	return func() {
		cancel()
		run.Wait()
	}
}

// finish waits until nothing is left to do, and fails when something was given up.
func (m *month) finish(ctx context.Context) error {
	if err := m.svc.Drain(ctx); err != nil {
		return err
	}
	queues, err := m.svc.Queues(ctx)
	if err == nil && queues != (service.Queues{}) {
		err = fmt.Errorf("not everything was worked off: %+v", queues)
	}
	return err
}

// signed are the headers of webhooks that are sent within minutes.
func (m *month) signed(bodies [][]byte) []http.Header {
	at := m.ahead().Unix()
	headers := make([]http.Header, len(bodies))
	for i, body := range bodies {
		mac := hmac.New(sha256.New, []byte(webhookSecret))
		fmt.Fprintf(mac, "%d.%s", at, body)
		headers[i] = http.Header{"Stripe-Signature": {fmt.Sprintf("t=%d,v1=%s", at, hex.EncodeToString(mac.Sum(nil)))}}
	}
	return headers
}

// populate makes customers who pay monthly, and lets the service take them on as it does those of an existing account.
func (m *month) populate(ctx context.Context, customers int) error {
	if err := m.subscribe(ctx, 0, customers); err != nil {
		return err
	}
	taken, err := m.svc.Reconcile(ctx, service.Reconciling{Unknown: true, Rate: 1e6})
	if err != nil {
		return err
	}
	if taken.Repaired != customers {
		return fmt.Errorf("%d of %d customers were taken on", taken.Repaired, customers)
	}
	return m.svc.Drain(ctx)
}

// subscribe makes customers who pay monthly at the emulator, from one number to another.
func (m *month) subscribe(ctx context.Context, from, to int) error {
	fmt.Fprintf(os.Stderr, "%d customers subscribe …\n", to-from)
	provider := stripeprovider.New(stripeprovider.Config{Key: stripeKey, BaseURL: m.stripe.url})
	prices, err := provider.EnsurePrices(ctx, catalog.Default())
	if err != nil {
		return err
	}
	price := string(prices["premium-monthly"])
	return each(to-from, customersDone, func(i int) error {
		i += from
		customer, err := m.client.V1Customers.Create(ctx, &stripe.CustomerCreateParams{
			Email: stripe.String(fmt.Sprintf("user-%d@example.com", i)), PaymentMethod: stripe.String("pm_card_visa"),
			InvoiceSettings: &stripe.CustomerCreateInvoiceSettingsParams{DefaultPaymentMethod: stripe.String("pm_card_visa")},
			Metadata:        map[string]string{"dues_account": fmt.Sprint("user-", i)},
		})
		if err != nil {
			return err
		}
		_, err = m.client.V1Subscriptions.Create(ctx, &stripe.SubscriptionCreateParams{
			Customer: &customer.ID, Items: []*stripe.SubscriptionCreateItemParams{{Price: &price}},
		})
		return err
	})
}

// move lets time pass at the emulator.
func (m *month) move(ctx context.Context, seconds int64) error {
	_, err := m.ask(ctx, http.MethodPost, "/_emulator/api/clock?by="+fmt.Sprint(seconds))
	m.moved.Add(seconds)
	return err
}

// newest is the id of the newest event.
func (m *month) newest(ctx context.Context) (string, error) {
	page, err := m.events(ctx, url.Values{"limit": {"1"}})
	if err != nil || len(page.Data) == 0 {
		return "", errors.Join(err, errors.New("there are no events"))
	}
	return idOf(page.Data[0])
}

// since are the events after one that our endpoint would get, oldest first.
func (m *month) since(ctx context.Context, seen string) (bodies [][]byte, err error) {
	for before := seen; ; {
		page, err := m.events(ctx, url.Values{"limit": {"100"}, "ending_before": {before}})
		if err != nil {
			return nil, err
		}
		for _, raw := range slices.Backward(page.Data) {
			var e struct{ Type string }
			if err := json.Unmarshal(raw, &e); err != nil {
				return nil, err
			}
			if slices.Contains(stripeprovider.EventTypes, e.Type) {
				bodies = append(bodies, raw)
			}
		}
		if !page.More || len(page.Data) == 0 {
			return bodies, nil
		}
		if before, err = idOf(page.Data[0]); err != nil {
			return nil, err
		}
	}
}

func idOf(raw []byte) (string, error) {
	var e struct{ ID string }
	err := json.Unmarshal(raw, &e)
	return e.ID, err
}

type eventPage struct {
	Data []json.RawMessage `json:"data"`
	More bool              `json:"has_more"`
}

func (m *month) events(ctx context.Context, query url.Values) (page eventPage, err error) {
	body, err := m.ask(ctx, http.MethodGet, "/v1/events?"+query.Encode())
	if err != nil {
		return page, err
	}
	return page, json.Unmarshal(body, &page)
}

// ask makes one request to the emulator.
func (m *month) ask(ctx context.Context, method, path string) (body []byte, err error) {
	path, form, _ := strings.Cut(path, "?")
	if method == http.MethodGet {
		path, form = path+"?"+form, ""
	}
	req, err := http.NewRequestWithContext(ctx, method, m.stripe.url+path, strings.NewReader(form))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+stripeKey)
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := (&http.Client{Transport: m.asked.RoundTripper}).Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	body, err = io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, body)
	}
	return body, err
}

// ownTime is how long this process has been computing.
func ownTime() time.Duration {
	var used syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &used) != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// each does n pieces of work, some at once, and answers the first error.
func each(n, atOnce int, do func(i int) error) error {
	var next atomic.Int64
	var first atomic.Pointer[error]
	var group sync.WaitGroup
	for range min(n, atOnce) {
		group.Go(func() {
			for first.Load() == nil {
				i := int(next.Add(1) - 1)
				if i >= n {
					return
				}
				if err := do(i); err != nil {
					first.CompareAndSwap(nil, &err)
				}
			}
		})
	}
	group.Wait()
	return *cmp.Or(first.Load(), new(error))
}
