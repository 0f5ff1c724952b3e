package sim

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/catalog"
	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/mailer"
	"github.com/dues-billing/dues/service"
	"github.com/dues-billing/dues/sqlstore"
	"github.com/dues-billing/dues/stripeprovider"
)

const (
	key       = "sk_test_sim"
	stripeURL = "http://stripe.sim"
	publicURL = "https://billing.sim"
	appURL    = "https://app.sim"
)

// world is one seed: an emulator, a database, processes and people.
type world struct {
	t        *testing.T
	seed     uint64
	rand     *rand.Rand
	database string
	net      *network
	stripe   *emulator.Emulator
	client   *stripe.Client // Stripe's dashboard and our judge: it meets no trouble
	judge    *stripeprovider.Client
	catalog  billing.Catalog
	secret   string
	mails    *mailbox
	app      *application
	cuts     int // power cuts so far

	mu        sync.Mutex
	processes []*process

	people []billing.AccountID
	pages  map[billing.AccountID]string // hosted pages that are open in somebody's browser
	began  map[billing.AccountID]time.Time
	told   []string // the story so far
}

// process is one replica of the service.
type process struct {
	*service.Service
	name  string
	power *power
	store *sqlstore.Store
	stop  context.CancelFunc
	done  chan struct{}
}

// newWorld opens a world within a bubble of synctest. database is the URL of an empty, migrated database.
func newWorld(t *testing.T, seed uint64, database string) *world {
	w := &world{
		t: t, seed: seed, rand: rand.New(rand.NewPCG(seed, 1)), database: database, mails: &mailbox{sent: map[string]int{}}, app: newApplication(),
		pages: map[billing.AccountID]string{}, began: map[billing.AccountID]time.Time{}, catalog: catalog.Default(),
	}
	w.net = &network{seed: seed, met: map[string]int{}}
	var err error
	w.stripe, err = emulator.New(emulator.Options{
		Now: time.Now, Seed: fmt.Sprint(seed), BaseURL: stripeURL, HTTPClient: &http.Client{Transport: post{w.net, w.receive}, Timeout: 20 * time.Second},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.net.stripe = w.stripe
	w.client = sdk(w.net)
	w.judge = stripeprovider.New(stripeprovider.Config{Key: key, BaseURL: stripeURL, HTTPClient: &http.Client{Transport: calmLine(w.net)}})
	endpoint, err := w.client.V1WebhookEndpoints.Create(t.Context(), &stripe.WebhookEndpointCreateParams{
		URL: stripe.String(publicURL + "/webhooks/stripe"), EnabledEvents: stripe.StringSlice([]string{"*"}), APIVersion: stripe.String(stripe.APIVersion),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.secret = endpoint.Secret
	return w
}

// calmLine is a way to Stripe without trouble.
func calmLine(n *network) http.RoundTripper {
	return line{&network{seed: n.seed, stripe: n.stripe, met: map[string]int{}}, newPower()}
}

func sdk(n *network) *stripe.Client {
	return stripe.NewClient(key, stripe.WithBackends(stripe.NewBackendsWithConfig(&stripe.BackendConfig{
		URL: stripe.String(stripeURL), LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull}, EnableTelemetry: stripe.Bool(false),
		HTTPClient: &http.Client{Transport: calmLine(n)},
	})))
}

// start starts one more process on the database.
func (w *world) start(name string) {
	w.t.Helper()
	p := &process{name: name, power: newPower(), done: make(chan struct{})}
	var err error
	p.store, err = sqlstore.OpenThrough(w.t.Context(), w.database, p.power.connector)
	if err != nil {
		w.t.Fatal(err)
	}
	provider := stripeprovider.New(stripeprovider.Config{
		Key: key, BaseURL: stripeURL, Secrets: []string{w.secret}, HTTPClient: &http.Client{Transport: line{w.net, p.power}, Timeout: 30 * time.Second},
	})
	p.Service, err = service.New(service.Config{
		Store: p.store, Provider: provider, Prices: provider, Feed: provider, Verifier: provider, Sender: sender{w.mails, p.power},
		Render: mailer.NewRenderer("Sim"), Catalog: w.catalog, Clock: service.Clock{Business: time.Now, Wall: time.Now},
		PublicURL: publicURL, ReturnHosts: []string{"app.sim"}, AccountURL: appURL + "/account", Log: slog.New(slog.DiscardHandler),
		Endpoints: appEndpoints(), Transport: hook{w.net, p.power, w.app},
		// Whoever waits for the network keeps a bubble from going on, so nobody listens: what another process has written is seen by its age.
		Pace: service.Pace{Poll: day, Feed: day, Tidy: 30 * day, Look: day, Beat: -1},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	p.stop = stop
	go func() {
		defer close(p.done)
		_ = p.Run(ctx) // says no more than that ctx has ended
	}()
	go func() { // a process without power does nothing any more
		select {
		case <-p.power.gone:
			stop()
		case <-p.done:
		}
	}()
	w.mu.Lock()
	w.processes = append(w.processes, p)
	w.mu.Unlock()
}

// connector is what the process's store connects through.
func (p *power) connector(c driver.Connector) driver.Connector { return connector{c, p} }

// bury ends what is left of a process, and forgets it.
func (w *world) bury(p *process) {
	p.stop()
	<-p.done
	_ = p.store.Close() // a process without power cannot close anything properly
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, other := range w.processes {
		if other == p {
			w.processes = append(w.processes[:i:i], w.processes[i+1:]...)
			return
		}
	}
}

// alive returns a process that has power, nil when there is none.
func (w *world) alive() *process {
	w.mu.Lock()
	defer w.mu.Unlock()
	first := int(w.net.draw("replica") % uint64(max(1, len(w.processes))))
	for i := range w.processes {
		if p := w.processes[(first+i)%len(w.processes)]; p.power.on() == nil {
			return p
		}
	}
	return nil
}

// receive is the load balancer before the webhook endpoint.
func (w *world) receive(header http.Header, body []byte) error {
	p := w.alive()
	if p == nil {
		return errLost
	}
	return p.Receive(context.Background(), "", header, body)
}

// replace buries every process without power and starts another in its place.
func (w *world) replace() {
	w.mu.Lock()
	var dead []*process
	for _, p := range w.processes {
		if p.power.on() != nil {
			dead = append(dead, p)
		}
	}
	w.mu.Unlock()
	for _, p := range dead {
		w.bury(p)
		w.cuts++
		w.say("%s lost its power and is started again", p.name)
		w.start(p.name)
	}
}

// close ends everything, so that the bubble can end.
func (w *world) close() {
	for _, p := range append([]*process(nil), w.processes...) {
		w.bury(p)
	}
	w.net.late.Wait()
	time.Sleep(time.Minute) //tidy:allow sleep in a bubble of synctest, where time costs nothing
	if err := w.stripe.Close(); err != nil {
		w.t.Error(err)
	}
}

// say adds a line to the story.
func (w *world) say(format string, args ...any) {
	w.told = append(w.told, time.Now().Format("2006-01-02 15:04:05 ")+fmt.Sprintf(format, args...))
}

// mailbox counts what was sent, by key.
type mailbox struct {
	mu   sync.Mutex
	sent map[string]int
	down time.Time // until then the mail server does not answer
}

type sender struct {
	*mailbox
	power *power
}

// Send implements service.Sender.
func (s sender) Send(_ context.Context, mail service.Mail) error {
	if err := s.power.on(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Now().Before(s.down) {
		return errors.New("sim: the mail server does not answer")
	}
	s.sent[mail.Key]++
	return nil
}

func (m *mailbox) setDown(until time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.down = until
}

// fresh returns the URL of a new SQLite database with our schema: a copy of one that was migrated once, in memory where the system
// has a folder for that. What a power cut of the machine does to a disk is not what is tried here.
func fresh(t *testing.T, template []byte) string {
	t.Helper()
	base := "/dev/shm"
	if _, err := os.Stat(base); err != nil {
		base = ""
	}
	folder, err := os.MkdirTemp(base, "dues-sim-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	file := filepath.Join(folder, "dues.db")
	if err := os.WriteFile(file, template, 0o600); err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + file
}

// migrated returns the bytes of a SQLite database with our schema and nothing in it.
func migrated(t *testing.T) []byte {
	t.Helper()
	url := "sqlite:" + filepath.Join(t.TempDir(), "template.db")
	migrate(t, url)
	template, err := os.ReadFile(strings.TrimPrefix(url, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	return template
}

func migrate(t *testing.T, url string) {
	t.Helper()
	store, err := sqlstore.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(store.Migrate(t.Context()), store.Close()); err != nil {
		t.Fatal(err)
	}
}
