// Package clitest runs Stripe's official command line program against the emulator.
package clitest

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stripe/stripe-go/v86/webhook"

	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/emulator/wire/schematest"
	"github.com/dues-billing/dues/internal/testenv"
)

// cli is the official program, with a home of its own and an emulator to talk to.
type cli struct {
	t      *testing.T
	path   string
	server *emulator.Server
	key    string
}

func newCLI(t *testing.T, options ...func(*emulator.Options)) *cli {
	t.Helper()
	path := testenv.StripeCLI(t)
	server := emulator.Start(t, options...)
	return &cli{t: t, path: path, server: server, key: "sk_test_commandline"}
}

// checked validates every answer against Stripe's schema.
func checked(t *testing.T) func(*emulator.Options) {
	return func(o *emulator.Options) {
		o.Wrap = func(h http.Handler) http.Handler { return schematest.Handler(t, h) }
	}
}

func (c *cli) command(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(c.t.Context(), c.path, append(args, "--api-base", c.server.URL)...)
	const nowhere = "http://127.0.0.1:9" // the look for a newer version fails at once; loopback needs no proxy
	cmd.Env = []string{
		"HOME=" + c.t.TempDir(), "STRIPE_API_KEY=" + c.key, "STRIPE_CLI_TELEMETRY_OPTOUT=1", "STRIPE_DEVICE_NAME=clitest",
		"HTTPS_PROXY=" + nowhere, "HTTP_PROXY=" + nowhere,
	}
	return cmd
}

// run runs a command to its end and returns what it printed.
func (c *cli) run(args ...string) string {
	c.t.Helper()
	cmd := c.command(args...)
	var errors strings.Builder
	cmd.Stderr = &errors
	out, err := cmd.Output()
	if err != nil {
		c.t.Fatalf("stripe %s: %v\n%s\n%s", strings.Join(args, " "), err, out, errors.String())
	}
	return string(out)
}

// object runs a command that prints a JSON object.
func (c *cli) object(args ...string) map[string]any {
	c.t.Helper()
	out := c.run(args...)
	var fields map[string]any
	if err := json.Unmarshal([]byte(out[max(0, strings.IndexByte(out, '{')):]), &fields); err != nil {
		c.t.Fatalf("stripe %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return fields
}

// events are the types of all events of a world.
func (c *cli) events() map[string]bool {
	types := map[string]bool{}
	c.server.World(c.key).Read(func(w *engine.World, _ int64) {
		for _, event := range w.EventsSince(0) {
			types[event.Type] = true
		}
	})
	return types
}

// Rows: D8.
func TestResourceCommandsWorkOnTheEmulator(t *testing.T) {
	t.Parallel()
	c := newCLI(t, checked(t))
	made := c.object("customers", "create", "--email", "ada@example.com", "-d", "metadata[team]=blue")
	id, _ := made["id"].(string)
	if made["email"] != "ada@example.com" {
		t.Errorf("created %v", made)
	}
	c.object("customers", "update", id, "--name", "Ada")
	if read := c.object("get", "/v1/customers/"+id); read["name"] != "Ada" {
		t.Errorf("read name %v, want Ada", read["name"])
	}
	product := c.object("products", "create", "--name", "Plan")
	productID, _ := product["id"].(string)
	price := c.object("post", "/v1/prices", "-d", "product="+productID, "-d", "currency=usd", "-d", "unit_amount=1500", "-d", "recurring[interval]=month")
	priceID, _ := price["id"].(string)
	c.object("payment_methods", "attach", "pm_card_visa", "--customer", id)
	methods := c.object("payment_methods", "list", "--customer", id)
	data, _ := methods["data"].([]any)
	if len(data) != 1 {
		t.Fatalf("%d payment methods, want 1", len(data))
	}
	method, _ := data[0].(map[string]any)["id"].(string)
	sub := c.object("subscriptions", "create", "--customer", id, "-d", "items[0][price]="+priceID, "--default-payment-method", method)
	if sub["status"] != "active" {
		t.Errorf("subscription is %v, want active", sub["status"])
	}
	subID, _ := sub["id"].(string)
	if ended := c.object("subscriptions", "cancel", subID, "--confirm"); ended["status"] != "canceled" {
		t.Errorf("subscription is %v, want canceled", ended["status"])
	}
	if gone := c.object("delete", "/v1/customers/"+id, "--confirm"); gone["deleted"] != true {
		t.Errorf("deleted %v", gone)
	}
}

func TestFixturesRunInOrder(t *testing.T) {
	t.Parallel()
	c := newCLI(t, checked(t))
	file := filepath.Join(t.TempDir(), "fixture.json")
	text := `{"_meta":{"template_version":0},"fixtures":[
		{"name":"customer","path":"/v1/customers","method":"post","params":{"email":"ada@example.com"}},
		{"name":"item","path":"/v1/invoiceitems","method":"post","params":{"customer":"${customer:id}","amount":700,"currency":"usd"}},
		{"name":"invoice","path":"/v1/invoices","method":"post","params":{"customer":"${customer:id}","pending_invoice_items_behavior":"include"}},
		{"name":"final","path":"/v1/invoices/${invoice:id}/finalize","method":"post"},
		{"name":"pay","path":"/v1/invoices/${invoice:id}/pay","method":"post","expected_error_type":"invalid_request_error"}]}`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c.run("fixtures", file)
	if !c.events()["invoice.finalized"] {
		t.Error("the fixture did not finalize its invoice")
	}
}

// The CLI makes what an event needs by calls of its own; each trigger has a world to itself.
//
// Rows: C31.
func TestTriggersCauseTheirEvents(t *testing.T) {
	t.Parallel()
	for event, seen := range triggers {
		t.Run(event, func(t *testing.T) {
			t.Parallel()
			c := newCLI(t, checked(t))
			c.run("trigger", event)
			if seen == "" {
				seen = event
			}
			if got := c.events(); !got[seen] {
				t.Errorf("no %s among %v", seen, got)
			}
		})
	}
}

// Rows: C31.
func TestListenForwardsSignedEventsAndResendsThem(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	type delivery struct {
		body   []byte
		header string
	}
	received := make(chan delivery, 100)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		received <- delivery{body, r.Header.Get("Stripe-Signature")}
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(receiver.Close)
	listen := c.command("listen", "--all-snapshot", "--forward-to", receiver.URL)
	secret, wait := start(t, listen)

	c.run("customers", "create", "--email", "ada@example.com")
	first := <-received
	if err := webhook.ValidatePayload(first.body, first.header, secret); err != nil {
		t.Errorf("signature: %v", err)
	}
	var event struct{ ID, Type string }
	if err := json.Unmarshal(first.body, &event); err != nil || event.Type != "customer.created" {
		t.Fatalf("received %s (%v), want customer.created", event.Type, err)
	}
	c.run("events", "resend", event.ID)
	if again := <-received; string(again.body) != string(first.body) {
		t.Errorf("resent %s\nwant %s", again.body, first.body)
	}
	if err := listen.Process.Signal(os.Interrupt); err != nil {
		t.Error(err)
	}
	wait()
	deliveries := c.server.World(c.key).Deliveries(10)
	if len(deliveries) == 0 || deliveries[0].Event != event.ID || deliveries[0].Status != http.StatusNoContent || deliveries[0].URL != receiver.URL {
		t.Errorf("the log of deliveries is %+v, want %s taken by %s", deliveries, event.ID, receiver.URL)
	}
}

// start starts stripe listen and returns, when it is ready, the secret it signs with and a function that waits for its end.
func start(t *testing.T, listen *exec.Cmd) (secret string, wait func()) {
	t.Helper()
	out, err := listen.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := listen.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for secret == "" && lines.Scan() {
		if _, after, ready := strings.Cut(lines.Text(), "signing secret is "); ready {
			secret, _, _ = strings.Cut(after, " ")
		}
	}
	if secret == "" {
		t.Fatal("stripe listen ended before it was ready")
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(io.Discard, out)
		_ = listen.Wait() // it ends by a signal
	}()
	return secret, func() { <-done }
}
