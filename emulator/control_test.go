package emulator_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/emulator"
)

// seededStory is a subscription and its renewals, told without an SDK: those send random idempotency keys, which stand in events.
func seededStory(t *testing.T, options ...func(*emulator.Options)) *emulator.Server {
	t.Helper()
	still := func(o *emulator.Options) { o.Now = func() time.Time { return time.Unix(1_800_000_000, 0) } }
	server := start(t, append(options, still)...)
	p := plain{t, server, ""}
	customer := p.must("POST", "/v1/customers", url.Values{"payment_method": {"pm_card_visa"}, "invoice_settings[default_payment_method]": {"pm_card_visa"}})
	price := p.must("POST", "/v1/prices", url.Values{
		"currency": {"usd"}, "unit_amount": {"2000"}, "recurring[interval]": {"month"}, "product_data[name]": {"Premium"},
	})
	p.must("POST", "/v1/subscriptions", url.Values{"customer": {customer["id"].(string)}, "items[0][price]": {price["id"].(string)}})
	server.MoveTime(100 * 24 * time.Hour)
	return server
}

func TestTheSameSeedGivesTheSameWorld(t *testing.T) {
	t.Parallel()
	first, second := seededStory(t), seededStory(t)
	other := seededStory(t, func(o *emulator.Options) { o.Seed = "another" })
	if a, b := digest(first.Emulator, first.Key), digest(second.Emulator, second.Key); a != b {
		t.Errorf("two runs gave %s and %s", a, b)
	}
	if a, b := digest(first.Emulator, first.Key), digest(other.Emulator, other.Key); a == b {
		t.Error("another seed gave the same world")
	}
}

func TestTheControlAPIMovesTimeResendsAndResets(t *testing.T) {
	t.Parallel()
	server := start(t, quick)
	r := newReceiver(t)
	r.register(t, server, "customer.created")
	p := plain{t, server, ""}
	if _, err := server.Client().V1Customers.Create(t.Context(), &stripe.CustomerCreateParams{Name: stripe.String("Ada")}); err != nil {
		t.Fatal(err)
	}
	r.wait(t, 1)
	event := p.must("GET", "/v1/events", nil)["data"].([]any)[0].(map[string]any)["id"].(string)
	if sent := p.must("POST", "/_emulator/api/events/"+event+"/resend", nil)["sent"]; sent != 1.0 {
		t.Errorf("resent to %v endpoints, want 1", sent)
	}
	r.wait(t, 1)
	if status, _ := p.do("POST", "/_emulator/api/events/evt_none/resend", nil); status != 404 {
		t.Errorf("resending an unknown event answered %d", status)
	}
	before := p.must("GET", "/_emulator/api/clock", nil)["now"].(float64)
	after := p.must("POST", "/_emulator/api/clock", url.Values{"by": {"86400"}})["now"].(float64)
	if moved := after - before; moved < 86400 || moved > 86460 {
		t.Errorf("by=86400 moved time by %v", moved)
	}
	for name, form := range map[string]url.Values{
		"backwards": {"by": {"-1"}}, "into the past": {"to": {"1"}}, "nothing due": {"next": {"true"}}, "nowhere": {}, "nonsense": {"by": {"soon"}},
		"too far": {"by": {"9223372036854775807"}}, "to the end of time": {"to": {"9223372036854775807"}},
	} {
		if status, body := p.do("POST", "/_emulator/api/clock", form); status != 400 || body["error"] == "" {
			t.Errorf("%s: %d %v", name, status, body)
		}
	}
	if n := len(p.must("GET", "/_emulator/api/deliveries", nil)["deliveries"].([]any)); n != 2 {
		t.Errorf("%d deliveries, want 2", n)
	}
	if n := len(p.must("GET", "/_emulator/api/worlds", nil)["worlds"].([]any)); n != 1 {
		t.Errorf("%d worlds, want 1", n)
	}
	p.must("POST", "/_emulator/api/reset", nil)
	if n := len(p.must("GET", "/v1/customers", nil)["data"].([]any)); n != 0 {
		t.Errorf("%d customers after a reset", n)
	}
	if now := p.must("GET", "/_emulator/api/clock", nil)["now"].(float64); now >= after {
		t.Errorf("the clock of a new world still stands at %v", now)
	}
}
