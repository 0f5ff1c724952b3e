package clitest

import (
	"bufio"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stripe/stripe-go/v86"
	"github.com/stripe/stripe-go/v86/webhook"
)

// Rows: C31.
func TestListenForwardsSignedEventsAndResendsThem(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	receiver := newReceiver(t)
	listen := c.command("listen", "--all-snapshot", "--forward-to", receiver.URL)
	secret, _, wait := start(t, listen)

	c.run("customers", "create", "--email", "ada@example.com")
	first := <-receiver.received
	if err := webhook.ValidatePayload(first.body, first.header, secret); err != nil {
		t.Errorf("signature: %v", err)
	}
	var event struct{ ID, Type string }
	if err := json.Unmarshal(first.body, &event); err != nil || event.Type != "customer.created" {
		t.Fatalf("received %s (%v), want customer.created", event.Type, err)
	}
	c.run("events", "resend", event.ID)
	if again := <-receiver.received; string(again.body) != string(first.body) {
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

// Rows: C31.
func TestListenForwardsThinEvents(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	whole, thin := newReceiver(t), newReceiver(t)
	// The older flags send the two kinds to two addresses; --all-thin with --forward-to alone would send thin ones only.
	listen := c.command("listen", "--all-snapshot", "--forward-to", whole.URL, "--thin-events", "*", "--forward-thin-to", thin.URL)
	secret, _, wait := start(t, listen)

	made := c.object("products", "create", "--name", "Plan")
	first := <-thin.received
	if err := webhook.ValidatePayload(first.body, first.header, secret); err != nil {
		t.Errorf("signature: %v", err)
	}
	var event struct {
		ID, Object, Type string
		RelatedObject    struct{ ID, Type, URL string } `json:"related_object"`
		Data             any
	}
	if err := json.Unmarshal(first.body, &event); err != nil || event.Type != "v1.product.created" || event.Object != "v2.core.event" {
		t.Fatalf("received %s (%v), want v1.product.created", first.body, err)
	}
	if about := event.RelatedObject; about.ID != made["id"] || about.URL != "/v1/products/"+about.ID || event.Data != nil {
		t.Errorf("the event is about %+v and carries %v, want only the name of %v", about, event.Data, made["id"])
	}
	if fetched := c.object("get", "/v2/core/events/"+event.ID); fetched["type"] != event.Type {
		t.Errorf("fetched %v", fetched)
	}
	if other := <-whole.received; json.Unmarshal(other.body, &event) != nil || event.Type != "product.created" || event.Data == nil {
		t.Errorf("the other address received %s", other.body)
	}
	if err := listen.Process.Signal(os.Interrupt); err != nil {
		t.Error(err)
	}
	wait()
	taken := map[string]int{}
	for _, d := range c.server.World(c.key).Deliveries(10) {
		taken[d.URL+" "+d.Type] = d.Status
	}
	want := map[string]int{thin.URL + " v1.product.created": http.StatusNoContent, whole.URL + " product.created": http.StatusNoContent}
	if !maps.Equal(taken, want) {
		t.Errorf("the log of deliveries is %v, want %v", taken, want)
	}
}

// Rows: C31.
func TestLogsTailShowsRequestsAsTheyAreMade(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	for name, watched := range map[string]struct {
		args []string
		want []string // what each line tells
	}{
		"all":    {nil, []string{"[200] POST /v1/customers [req_", "[404] GET /v1/customers/cus_none [req_", "[402] POST /v1/charges [req_"}},
		"failed": {[]string{"--filter-status-code-type", "4XX"}, []string{"[404] GET /v1/customers/cus_none [req_", "[402] POST /v1/charges [req_"}},
		"one": {[]string{"--filter-request-path", "/v1/charges", "--filter-request-status", "FAILED", "--filter-source", "API", "--format", "JSON"},
			[]string{`"decline_code":"generic_decline"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world := *c
			world.t, world.key = t, c.key+name
			tail := world.command(append([]string{"logs", "tail"}, watched.args...)...)
			_, lines, wait := start(t, tail)
			client := world.server.ClientWith(world.key)
			if _, err := client.V1Customers.Create(t.Context(), &stripe.CustomerCreateParams{}); err != nil {
				t.Fatal(err)
			}
			_, missing := client.V1Customers.Retrieve(t.Context(), "cus_none", nil)
			_, declined := client.V1Charges.Create(t.Context(), &stripe.ChargeCreateParams{
				Amount: stripe.Int64(500), Currency: stripe.String("usd"), Source: &stripe.PaymentSourceSourceParams{Token: stripe.String("tok_chargeDeclined")},
			})
			if missing == nil || declined == nil {
				t.Errorf("got %v and %v, want two errors", missing, declined)
			}
			left := slices.Clone(watched.want)
			// The CLI prints each request when it comes to it, not always in their order.
			for line := range lines {
				left = slices.DeleteFunc(left, func(want string) bool { return strings.Contains(line, want) })
				if len(left) == 0 {
					break
				}
			}
			if err := tail.Process.Signal(os.Interrupt); err != nil {
				t.Error(err)
			}
			wait()
			for line := range lines {
				if strings.Contains(line, "req_") {
					t.Errorf("a further line: %q", line)
				}
			}
			if len(left) > 0 {
				t.Errorf("%q was not printed", left)
			}
		})
	}
}

// receiver takes what is forwarded to it.
type receiver struct {
	*httptest.Server
	received chan delivery
}

type delivery struct {
	body   []byte
	header string
}

func newReceiver(t *testing.T) receiver {
	received := make(chan delivery, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		received <- delivery{body, r.Header.Get("Stripe-Signature")}
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(server.Close)
	return receiver{server, received}
}

// start starts a command that stays, and returns, when it is ready, the secret that it signs with, the lines it prints, and a function that
// waits for its end.
func start(t *testing.T, cmd *exec.Cmd) (secret string, printed <-chan string, wait func()) {
	t.Helper()
	says, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	prints, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var told strings.Builder
	ready, lines := false, bufio.NewScanner(says)
	for !ready && lines.Scan() {
		told.WriteString(lines.Text() + "\n")
		var after string
		if _, after, ready = strings.Cut(lines.Text(), "Ready!"); ready {
			_, after, _ = strings.Cut(after, "signing secret is ")
			secret, _, _ = strings.Cut(after, " ")
		}
	}
	if !ready {
		t.Fatalf("%s ended before it was ready:\n%s", cmd, told.String())
	}
	out, read, done := make(chan string, 100), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(read)
		defer close(out)
		for lines := bufio.NewScanner(prints); lines.Scan(); {
			out <- lines.Text()
		}
	}()
	go func() {
		defer close(done)
		_, _ = io.Copy(io.Discard, says)
		<-read
		_ = cmd.Wait() // it ends by a signal
	}()
	return secret, out, func() { <-done }
}
