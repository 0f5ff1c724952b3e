package emulator_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"
	"github.com/stripe/stripe-go/v86/webhook"

	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/emulator/wire/schematest"
)

// receiver is a webhook endpoint that checks signatures and remembers what came.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	secret string
	refuse int // so many deliveries are answered 500
	events []stripe.Event
	tries  int
	wrong  []string
	came   chan string // the type of every event that was taken
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{came: make(chan string, 1000)}
	r.Server = httptest.NewServer(http.HandlerFunc(r.take))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) take(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tries++
	if r.refuse > 0 {
		r.refuse--
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		r.wrong = append(r.wrong, err.Error())
		return
	}
	event, err := webhook.ConstructEvent(body, req.Header.Get("Stripe-Signature"), r.secret)
	if err != nil {
		r.wrong = append(r.wrong, err.Error())
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	var raw map[string]any
	if err := json.Unmarshal(body, &raw); err != nil {
		r.wrong = append(r.wrong, err.Error())
	}
	r.wrong = append(r.wrong, schematest.EventMistakes(raw)...)
	r.events = append(r.events, event)
	r.came <- string(event.Type)
}

// register makes the receiver an endpoint for the events.
func (r *receiver) register(t *testing.T, s *emulator.Server, events ...string) *stripe.WebhookEndpoint {
	t.Helper()
	endpoint, err := s.Client().V1WebhookEndpoints.Create(t.Context(), &stripe.WebhookEndpointCreateParams{
		URL: stripe.String(r.URL), EnabledEvents: stripe.StringSlice(events), APIVersion: stripe.String(stripe.APIVersion),
	})
	if err != nil {
		t.Fatal(err)
	}
	if endpoint.Secret == "" {
		t.Fatal("the create did not tell the secret")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.secret = endpoint.Secret
	return endpoint
}

// wait takes n events and returns their types.
func (r *receiver) wait(t *testing.T, n int) []string {
	t.Helper()
	var types []string
	for range n {
		select {
		case kind := <-r.came:
			types = append(types, kind)
		case <-time.After(10 * time.Second):
			t.Fatalf("waited for %d events, got %v; mistakes: %v", n, types, r.mistakes())
		}
	}
	return types
}

func (r *receiver) mistakes() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.wrong)
}

func quick(o *emulator.Options) {
	o.BackOff = []time.Duration{time.Millisecond, time.Millisecond, time.Millisecond}
}

// Rows: B6 C23.
func TestWebhooksAreSignedAndKeepTheirOrder(t *testing.T) {
	t.Parallel()
	server := start(t, quick)
	r := newReceiver(t)
	r.refuse = 2
	r.register(t, server, "*")
	shop := openShop(t, server, "")
	shop.subscribe(t)
	var want []string
	for event, err := range shop.sc.V1Events.List(t.Context(), &stripe.EventListParams{}).All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, string(event.Type))
	}
	slices.Reverse(want)
	if got := r.wait(t, len(want)); !slices.Equal(got, want) {
		t.Errorf("delivered\n%v\nhappened\n%v", got, want)
	}
	if wrong := r.mistakes(); len(wrong) > 0 {
		t.Errorf("deliveries were wrong: %v", wrong)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.tries != len(want)+2 {
		t.Errorf("%d requests for %d events, want two more after two refusals", r.tries, len(want))
	}
	last := r.events[len(r.events)-1]
	if last.APIVersion != stripe.APIVersion || last.Request == nil || last.Request.ID == "" || last.PendingWebhooks != 1 {
		t.Errorf("got version %q, request %+v, pending %d", last.APIVersion, last.Request, last.PendingWebhooks)
	}
}

func TestUpdatedEventsTellWhatWasBefore(t *testing.T) {
	t.Parallel()
	server := start(t, quick)
	r := newReceiver(t)
	r.register(t, server, "customer.updated")
	sc, ctx := server.Client(), t.Context()
	c, err := sc.V1Customers.Create(ctx, &stripe.CustomerCreateParams{Name: stripe.String("Ada"), Metadata: map[string]string{"a": "1", "b": "2"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sc.V1Customers.Update(ctx, c.ID, &stripe.CustomerUpdateParams{Name: stripe.String("Ada L"), Metadata: map[string]string{"a": "3", "c": "4"}}); err != nil {
		t.Fatal(err)
	}
	r.wait(t, 1)
	r.mu.Lock()
	defer r.mu.Unlock()
	previous, err := json.Marshal(r.events[0].Data.PreviousAttributes)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"metadata":{"a":"1","c":null},"name":"Ada"}`; string(previous) != want {
		t.Errorf("got previous_attributes %s, want %s", previous, want)
	}
}

func TestADisabledEndpointGetsNothingMore(t *testing.T) {
	t.Parallel()
	server := start(t, quick)
	sc, ctx := server.Client(), t.Context()
	off, on := newReceiver(t), newReceiver(t)
	endpoint := off.register(t, server, "customer.created")
	on.register(t, server, "customer.created")
	if _, err := sc.V1WebhookEndpoints.Update(ctx, endpoint.ID, &stripe.WebhookEndpointUpdateParams{Disabled: stripe.Bool(true)}); err != nil {
		t.Fatal(err)
	}
	if _, err := sc.V1Customers.Create(ctx, nil); err != nil {
		t.Fatal(err)
	}
	on.wait(t, 1)
	off.mu.Lock()
	defer off.mu.Unlock()
	if off.tries != 0 {
		t.Errorf("the disabled endpoint was called %d times", off.tries)
	}
}

func TestAnEventKeepsSayingWhatItSaid(t *testing.T) {
	t.Parallel()
	server := start(t)
	shop := openShop(t, server, "")
	shop.subscribe(t)
	p := plain{t, server, ""}
	const path = "/v1/events?type=customer.subscription.created"
	before := fmt.Sprint(p.must("GET", path, nil))
	p.must("POST", "/v1/prices/"+shop.price.ID, url.Values{"nickname": {"old"}, "active": {"false"}})
	if after := fmt.Sprint(p.must("GET", path, nil)); after != before {
		t.Errorf("a change of the price changed an event of the past:\n%s\n%s", before, after)
	}
}
