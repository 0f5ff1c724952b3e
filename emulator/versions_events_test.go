package emulator_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/dues-billing/dues/emulator"
)

// An endpoint keeps the version it was made with: what it is sent has that shape, and says what changed in that shape's words.
//
// Rows: C32.
func TestAnEndpointIsToldEventsInItsOwnVersion(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	came := make(chan map[string]any, 1000)
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var event map[string]any
		if err := json.NewDecoder(r.Body).Decode(&event); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		came <- event
	}))
	t.Cleanup(endpoint.Close)
	p := plain{t, server, "2026-06-24.dahlia"}
	const version = "2024-12-18.acacia"
	p.must("POST", "/v1/webhook_endpoints", url.Values{
		"url": {endpoint.URL}, "api_version": {version},
		"enabled_events[]": {"invoice.created", "invoice.paid", "invoice.payment_succeeded", "charge.succeeded", "customer.subscription.updated"},
	})
	shop := oldShop(t, p)
	server.MoveTime(32 * 24 * time.Hour)
	seen := map[string]map[string]any{}
	var created, paid map[string]any
	for created == nil || paid == nil || seen["customer.subscription.updated"] == nil {
		select {
		case event := <-came:
			o := at(t, event, "data", "object")
			if event["api_version"] != version {
				t.Fatalf("%v has version %v", event["type"], event["api_version"])
			}
			seen[event["type"].(string)] = event
			if o["billing_reason"] == "subscription_cycle" {
				switch event["type"] {
				case "invoice.created":
					created = o
				case "invoice.paid":
					paid = o
				}
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("only %d kinds of events came", len(seen))
		}
	}
	updated := at(t, seen["customer.subscription.updated"], "data")
	if now := at(t, updated, "object"); now["current_period_start"] != at(t, updated, "previous_attributes")["current_period_end"] {
		t.Errorf("the renewal tells %v, and before %v", now["current_period_start"], updated["previous_attributes"])
	}
	if created["subscription"] != shop.sub || created["charge"] != nil || created["payment_intent"] != nil || created["paid"] != false {
		t.Errorf("the draft: subscription %v, charge %v, payment %v, paid %v", created["subscription"], created["charge"], created["payment_intent"], created["paid"])
	}
	if charge, _ := paid["charge"].(string); charge == "" || paid["paid"] != true || at(t, paid, "lines", "data", "1", "price")["id"] != shop.price {
		t.Errorf("the paid invoice: charge %v, paid %v, lines %v", paid["charge"], paid["paid"], paid["lines"])
	}
	if at(t, seen["charge.succeeded"], "data", "object")["invoice"] == nil {
		t.Error("the charge does not name its invoice")
	}
}
