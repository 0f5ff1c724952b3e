package emulator_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86/webhook"

	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/emulator/wire"
)

// delivered is a request that an endpoint got.
type delivered struct {
	method, agent, kind, signature string
	body                           []byte
}

// listener is an endpoint that answers the statuses one after the other, and 200 when they are used up.
func listener(t *testing.T, statuses ...int) (string, chan delivered) {
	came, answers := make(chan delivered, 1000), make(chan int, len(statuses))
	for _, status := range statuses {
		answers <- status
	}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		came <- delivered{r.Method, r.Header.Get("User-Agent"), r.Header.Get("Content-Type"), r.Header.Get("Stripe-Signature"), body}
		select {
		case status := <-answers:
			w.Header().Set("Location", "/elsewhere") // of a redirect, which nobody follows
			w.WriteHeader(status)
		default:
		}
		_, _ = w.Write([]byte("<p>what an answer says is ignored</p>"))
	}))
	t.Cleanup(web.Close)
	return web.URL, came
}

func TestADeliveryIsSignedAsStripeSigns(t *testing.T) {
	t.Parallel()
	server := start(t, quick)
	address, came := listener(t, 500)
	p := plain{t, server, ""}
	secret := p.must("POST", "/v1/webhook_endpoints", url.Values{"url": {address}, "enabled_events[]": {"customer.created"}})["secret"].(string)
	p.must("POST", "/v1/customers", nil)
	first, second := <-came, <-came
	for _, got := range []delivered{first, second} {
		if got.method != http.MethodPost || got.kind != "application/json; charset=utf-8" || got.agent != "Stripe/1.0 (+https://stripe.com/docs/webhooks)" {
			t.Errorf("came %s, %s, from %s", got.method, got.kind, got.agent)
		}
		parts := regexp.MustCompile(`^t=(\d{10}),v1=([0-9a-f]{64}),v0=([0-9a-f]{64})$`).FindStringSubmatch(got.signature)
		if parts == nil {
			t.Fatalf("signed %q", got.signature)
		}
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(parts[1] + "." + string(got.body)))
		if want := hex.EncodeToString(mac.Sum(nil)); parts[2] != want || parts[3] == want {
			t.Errorf("v1 is %s and v0 %s, want %s only for v1", parts[2], parts[3], want)
		}
		if err := webhook.ValidatePayload(got.body, got.signature, secret); err != nil {
			t.Errorf("the library says %v", err)
		}
		if !bytes.HasPrefix(got.body, []byte("{\n  \"id\": \"evt_1")) || topKeys(got.body) != "id object api_version created data livemode pending_webhooks request type" {
			t.Errorf("the body is %s", got.body)
		}
	}
	if !bytes.Equal(first.body, second.body) {
		t.Errorf("the second try says\n%s\nthe first said\n%s", second.body, first.body)
	}
}

func TestAnyStatusOfTwoHundredTakesAWebhookAndARedirectDoesNot(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status, tries int
	}{{200, 1}, {201, 1}, {204, 1}, {299, 1}, {301, 2}, {307, 2}, {400, 2}, {410, 2}, {500, 2}} {
		server := start(t, quick)
		address, came := listener(t, c.status)
		p := plain{t, server, ""}
		p.must("POST", "/v1/webhook_endpoints", url.Values{"url": {address}, "enabled_events[]": {"customer.created"}})
		p.must("POST", "/v1/customers", nil)
		settled(t, server)
		if len(came) != c.tries {
			t.Errorf("after a %d there were %d tries, want %d", c.status, len(came), c.tries)
		}
	}
}

func TestPendingWebhooksCountsTheEndpointsThatHaveNotTakenAnEvent(t *testing.T) {
	t.Parallel()
	server := start(t, func(o *emulator.Options) { o.BackOff = []time.Duration{time.Hour} })
	p := plain{t, server, ""}
	good, _ := listener(t)
	bad, _ := listener(t, 500)
	for _, address := range []string{good, bad} {
		p.must("POST", "/v1/webhook_endpoints", url.Values{"url": {address}, "enabled_events[]": {"customer.created"}})
	}
	made := p.must("POST", "/v1/customers", nil)["id"].(string)
	pending := func() float64 {
		list := p.must("GET", "/v1/events?type=customer.created", nil)["data"].([]any)
		event := list[0].(map[string]any)
		if object(event).say("data.object.id") != made {
			t.Fatalf("another event: %v", event)
		}
		return event["pending_webhooks"].(float64)
	}
	for patience := 0; pending() != 1 || server.Deliveries(2)[0].Tries+server.Deliveries(2)[1].Tries < 2; patience++ {
		if patience > 10_000 {
			t.Fatalf("%v endpoints wait", pending())
		}
	}
	server.MoveTime(time.Hour + time.Second)
	settled(t, server)
	if n := pending(); n != 0 {
		t.Errorf("%v endpoints wait after both have taken it", n)
	}
}

func TestADisabledEndpointIsTriedNoMoreAndGoesOnWhenItIsEnabledInTime(t *testing.T) {
	t.Parallel()
	for _, enabledAgain := range []bool{true, false} {
		server := start(t, still, func(o *emulator.Options) { o.BackOff = []time.Duration{time.Hour, time.Hour} })
		p := plain{t, server, ""}
		address, came := listener(t, 500)
		endpoint := "/v1/webhook_endpoints/" + p.must("POST", "/v1/webhook_endpoints", url.Values{"url": {address}, "enabled_events[]": {"customer.created"}})["id"].(string)
		p.must("POST", "/v1/customers", nil)
		<-came
		for server.Deliveries(1)[0].Tries < 1 { // the emulator notes the answer
		}
		p.must("POST", endpoint, url.Values{"disabled": {"true"}})
		want := wire.DeliveryDropped
		if enabledAgain {
			p.must("POST", endpoint, url.Values{"disabled": {"false"}})
			want = wire.DeliveryDelivered
		}
		server.MoveTime(time.Hour + time.Second)
		if got := settled(t, server)[0]; got.State != want || (len(came) == 1) != enabledAgain {
			t.Errorf("enabled again %v: %s after %d tries, want %s", enabledAgain, got.State, got.Tries, want)
		}
	}
}

func TestEventsAreToldInTheOrderInWhichTheyHappened(t *testing.T) {
	t.Parallel()
	server := start(t)
	openShop(t, server, "").subscribe(t)
	p := plain{t, server, ""}
	var moments []float64
	for _, item := range p.must("GET", "/v1/events?limit=100", nil)["data"].([]any) {
		moments = append(moments, item.(map[string]any)["created"].(float64))
	}
	slices.Reverse(moments)
	if !slices.IsSorted(moments) {
		t.Errorf("events go back in time: %v", moments)
	}
}
