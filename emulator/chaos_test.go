package emulator_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86/webhook"

	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/emulator/wire"
)

// settled waits until no delivery of the world waits, and returns them all, newest first.
func settled(t *testing.T, s *emulator.Server) []wire.Delivery {
	t.Helper()
	for range 1_000_000 {
		list := s.Deliveries(100)
		if !slices.ContainsFunc(list, func(d wire.Delivery) bool { return d.State == wire.DeliveryPending }) {
			return list
		}
	}
	t.Fatal("deliveries go on waiting")
	return nil
}

func TestChaosGoesWrongWhereTheSeedSays(t *testing.T) {
	t.Parallel()
	run := func(rules ...wire.Chaos) []string {
		server := start(t, quick, still)
		r := newReceiver(t)
		r.register(t, server, "customer.created", "product.created")
		server.Chaos(rules...)
		p := plain{t, server, ""}
		for _, path := range []string{"customers", "products", "customers", "products", "customers"} {
			p.must("POST", "/v1/"+path, url.Values{"name": {"a"}})
			settled(t, server)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		var got []string
		for _, e := range r.events {
			got = append(got, string(e.Type))
		}
		return got
	}
	calm := []string{"customer.created", "product.created", "customer.created", "product.created", "customer.created"}
	if got := run(); !slices.Equal(got, calm) {
		t.Fatalf("without chaos came %v", got)
	}
	products := []string{"product.*"}
	if got := run(wire.Chaos{Kind: wire.ChaosDrop, Percent: 100, Types: products}); !slices.Equal(got, []string{calm[0], calm[2], calm[4]}) {
		t.Errorf("with products dropped came %v", got)
	}
	double := []string{calm[0], calm[1], calm[1], calm[2], calm[3], calm[3], calm[4]}
	for _, kind := range []string{wire.ChaosDuplicate, wire.ChaosLostResponse} {
		if got := run(wire.Chaos{Kind: kind, Percent: 100, Types: products}); !slices.Equal(got, double) {
			t.Errorf("with %s came %v", kind, got)
		}
	}
	some := wire.Chaos{Kind: wire.ChaosDrop, Percent: 50}
	if first, second := run(some), run(some); !slices.Equal(first, second) {
		t.Errorf("the same seed went wrong in other places: %v and %v", first, second)
	}
}

func TestShuffledEventsAllComeInAnotherOrder(t *testing.T) {
	t.Parallel()
	run := func() (came, happened []string) {
		server := start(t, quick, still)
		r := newReceiver(t)
		r.register(t, server, "*")
		server.Chaos(wire.Chaos{Kind: wire.ChaosShuffle, Percent: 100})
		seededShop(t, server)
		p := plain{t, server, ""}
		for _, e := range p.must("GET", "/v1/events?limit=100", nil)["data"].([]any) {
			happened = append(happened, e.(map[string]any)["type"].(string))
		}
		slices.Reverse(happened)
		return r.wait(t, len(happened)), happened
	}
	came, happened := run()
	if slices.Equal(came, happened) {
		t.Error("the events came in the order in which they happened")
	}
	if slices.Sort(came); !slices.Equal(came, slices.Sorted(slices.Values(happened))) {
		t.Errorf("came %v, happened %v", came, happened)
	}
}

// seededShop makes a customer, a price and a subscription.
func seededShop(t *testing.T, server *emulator.Server) {
	t.Helper()
	p := plain{t, server, ""}
	customer := p.must("POST", "/v1/customers", url.Values{"payment_method": {"pm_card_visa"}, "invoice_settings[default_payment_method]": {"pm_card_visa"}})
	price := p.must("POST", "/v1/prices", url.Values{
		"currency": {"usd"}, "unit_amount": {"2000"}, "recurring[interval]": {"month"}, "product_data[name]": {"Premium"},
	})
	p.must("POST", "/v1/subscriptions", url.Values{"customer": {customer["id"].(string)}, "items[0][price]": {price["id"].(string)}})
}

// Rows: C24.
func TestWebhooksAreTriedForThreeDaysAndInTestModeThreeTimesMore(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string]struct {
		tries    int
		from, to time.Duration
	}{
		engine.RetryAsLive: {13, 60 * time.Hour, 72 * time.Hour},
		engine.RetryAsTest: {4, 2 * time.Hour, 12 * time.Hour},
	} {
		server := start(t, still, func(o *emulator.Options) { o.Settings.WebhookRetries = mode })
		tried := make(chan struct{}, 100)
		down := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte("down for repairs"))
			tried <- struct{}{}
		}))
		t.Cleanup(down.Close)
		p := plain{t, server, ""}
		endpoint := p.must("POST", "/v1/webhook_endpoints", url.Values{"url": {down.URL}, "enabled_events[]": {"customer.created"}})["id"].(string)
		p.must("POST", "/v1/customers", nil)
		var d wire.Delivery
		for try := 1; d.State != wire.DeliveryFailed; try++ {
			<-tried
			for d = server.Deliveries(1)[0]; d.Tries < try; d = server.Deliveries(1)[0] { // the emulator notes the answer
			}
			if wait := d.NextTry.Sub(server.Now()); d.State == wire.DeliveryPending && wait > 0 {
				server.MoveTime(wait + time.Second)
			}
		}
		first, last := d.Attempts[0], d.Attempts[len(d.Attempts)-1]
		if span := last.At.Sub(first.At); d.Tries != want.tries || len(d.Attempts) != want.tries || span < want.from || span > want.to {
			t.Errorf("%s: %d tries over %s, want %d within %s to %s", mode, d.Tries, span, want.tries, want.from, want.to)
		}
		for i := 2; i < len(d.Attempts); i++ {
			if before, after := d.Attempts[i-1].At.Sub(d.Attempts[i-2].At), d.Attempts[i].At.Sub(d.Attempts[i-1].At); after+2*time.Second < before {
				t.Errorf("%s: after %s it waits only %s", mode, before, after)
			}
		}
		if last.Status != http.StatusServiceUnavailable || last.Body != "down for repairs" || d.Endpoint != endpoint {
			t.Errorf("the log says %+v", last)
		}
		if status := p.must("GET", "/v1/webhook_endpoints/"+endpoint, nil)["status"]; status != "enabled" {
			t.Errorf("%s: after all tries the endpoint is %v", mode, status)
		}
		// What was missed is found by asking, and found no more once it was taken.
		missed := func() int { return len(p.must("GET", "/v1/events?delivery_success=false", nil)["data"].([]any)) }
		if n := missed(); n != 1 {
			t.Errorf("%d events are missed, want one", n)
		}
		up := newReceiver(t)
		up.secret = server.RollSecret(endpoint)
		p.must("POST", "/v1/webhook_endpoints/"+endpoint, url.Values{"url": {up.URL}})
		server.Resend(d.Event)
		up.wait(t, 1)
		settled(t, server)
		if n := missed(); n != 0 {
			t.Errorf("%d events are missed after one was sent again", n)
		}
		if n := len(p.must("GET", "/v1/events?delivery_success=true&type=customer.created", nil)["data"].([]any)); n != 1 {
			t.Errorf("%d events are delivered, want one", n)
		}
	}
}

// Rows: C23.
func TestARolledSecretSignsBesideTheOldOneWhileThatIsGood(t *testing.T) {
	t.Parallel()
	server := start(t, quick)
	headers, bodies := make(chan string, 10), make(chan []byte, 10)
	endpointServer := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		headers <- r.Header.Get("Stripe-Signature")
		bodies <- body
	}))
	t.Cleanup(endpointServer.Close)
	p := plain{t, server, ""}
	made := p.must("POST", "/v1/webhook_endpoints", url.Values{"url": {endpointServer.URL}, "enabled_events[]": {"customer.created"}, "api_version": {engine.DefaultSettings().APIVersion}})
	old := made["secret"].(string)
	path := api + "webhook_endpoints/" + made["id"].(string) + "/roll"
	fresh := p.must("POST", path, url.Values{"expires_in": {"3600"}})["secret"].(string)
	verify := func(secret string, header string, body []byte) bool {
		return webhook.ValidatePayload(body, header, secret) == nil
	}
	p.must("POST", "/v1/customers", nil)
	header, body := <-headers, <-bodies
	if !verify(old, header, body) || !verify(fresh, header, body) {
		t.Errorf("within the hour both secrets sign, got %s", header)
	}
	server.MoveTime(time.Hour)
	p.must("POST", "/v1/customers", nil)
	header, body = <-headers, <-bodies
	if verify(old, header, body) || !verify(fresh, header, body) {
		t.Errorf("after the hour only the new secret signs, got %s", header)
	}
	for name, form := range map[string]url.Values{"too long": {"expires_in": {"86401"}}, "backwards": {"expires_in": {"-1"}}, "unknown": {"until": {"1"}}} {
		if status, _ := p.do("POST", path, form); status != 400 {
			t.Errorf("%s: %d", name, status)
		}
	}
	if status, _ := p.do("POST", api+"webhook_endpoints/we_none/roll", nil); status != 404 {
		t.Errorf("an unknown endpoint answered %d", status)
	}
}

func TestTheRequestLogTellsWhatWasAskedWithoutSecrets(t *testing.T) {
	t.Parallel()
	server := start(t, still)
	p := plain{t, server, ""}
	p.must("POST", "/v1/payment_methods", url.Values{
		"type": {"card"}, "card[number]": {"4242424242424242"}, "card[cvc]": {"739"}, "card[exp_month]": {"12"}, "card[exp_year]": {"2034"},
	})
	_, answer := p.do("POST", "/v1/customers", url.Values{"emale": {"x"}})
	log := p.must("GET", api+"requests", nil)["requests"].([]any)
	newest := log[0].(map[string]any)
	if newest["path"] != "/v1/customers" || newest["status"] != 400.0 || newest["error"].(map[string]any)["code"] != "parameter_unknown" {
		t.Errorf("the newest request is %v", newest)
	}
	sent := map[string]string{}
	for _, r := range server.Requests(10)[1].Params {
		sent[r.Name] = r.Text
	}
	if sent["card[number]"] != "************4242" || sent["card[cvc]"] == "739" || sent["card[exp_year]"] != "2034" {
		t.Errorf("the log holds %v", sent)
	}
	link, err := url.Parse(refusal(answer)["request_log_url"].(string))
	if err != nil {
		t.Fatal(err)
	}
	status, _, page := p.send("GET", link.Path, nil, nil)
	if status != http.StatusOK || !bytes.Contains(page, []byte("emale")) {
		t.Errorf("request_log_url leads to %d", status)
	}
}
