package emulator_test

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/dues-billing/dues/emulator"
)

func TestRequestsBeforeBasilRecordUsageOnItems(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t) // Stripe's document has no schema for what is gone
	old, today := plain{t, server, "2025-02-24.acacia"}, plain{t, server, ""}
	clock := today.must("POST", "/v1/test_helpers/test_clocks", url.Values{"frozen_time": {"1800000000"}})["id"].(string)
	customer := old.must("POST", "/v1/customers", url.Values{
		"payment_method": {"pm_card_visa"}, "invoice_settings[default_payment_method]": {"pm_card_visa"}, "test_clock": {clock},
	})["id"].(string)
	product := old.must("POST", "/v1/products", url.Values{"name": {"Calls"}})["id"].(string)
	metered := url.Values{
		"product": {product}, "currency": {"usd"}, "unit_amount": {"10"}, "recurring[interval]": {"month"}, "recurring[usage_type]": {"metered"},
		"recurring[aggregate_usage]": {"max"},
	}
	price := old.must("POST", "/v1/prices", metered)
	if got := price["recurring"].(map[string]any)["aggregate_usage"]; got != "max" {
		t.Errorf("aggregate_usage is %v, want max", got)
	}
	id := price["id"].(string)
	if plan := old.must("GET", "/v1/plans/"+id, nil); plan["aggregate_usage"] != "max" {
		t.Errorf("as a plan: %v", plan["aggregate_usage"])
	}
	if _, there := today.must("GET", "/v1/prices/"+id, nil)["recurring"].(map[string]any)["aggregate_usage"]; there {
		t.Error("a request of today sees aggregate_usage")
	}
	sub := old.must("POST", "/v1/subscriptions", url.Values{"customer": {customer}, "items[0][price]": {id}})
	item := sub["items"].(map[string]any)["data"].([]any)[0].(map[string]any)["id"].(string)
	record := func(quantity int) map[string]any {
		return old.must("POST", "/v1/subscription_items/"+item+"/usage_records", url.Values{
			"quantity": {fmt.Sprint(quantity)}, "timestamp": {"now"}, "action": {"set"},
		})
	}
	if got := record(7); got["object"] != "usage_record" || got["quantity"] != 7.0 || got["subscription_item"] != item || got["timestamp"] != 1800000000.0 {
		t.Errorf("recorded %v", got)
	}
	record(12)
	summaries := old.must("GET", "/v1/subscription_items/"+item+"/usage_record_summaries", nil)["data"].([]any)
	if first := summaries[0].(map[string]any); first["total_usage"] != 12.0 || first["invoice"] != nil || first["object"] != "usage_record_summary" {
		t.Errorf("summary %v", first)
	}
	today.must("POST", "/v1/test_helpers/test_clocks/"+clock+"/advance", url.Values{"frozen_time": {fmt.Sprint(1800000000 + 32*86400)}})
	for today.must("GET", "/v1/test_helpers/test_clocks/"+clock, nil)["status"] != "ready" {
		continue
	}
	invoices := old.must("GET", "/v1/invoices?subscription="+sub["id"].(string), nil)["data"].([]any)
	if newest := invoices[0].(map[string]any); newest["amount_paid"] != 120.0 {
		t.Errorf("billed %v, want 120", newest["amount_paid"])
	}
	for _, version := range []string{"2025-03-31.basil", ""} {
		if status, _ := (plain{t, server, version}).do("POST", "/v1/subscription_items/"+item+"/usage_records", url.Values{"quantity": {"1"}}); status != 404 {
			t.Errorf("%s: usage records answered %d, want 404", version, status)
		}
		if status, _ := (plain{t, server, version}).do("POST", "/v1/prices", metered); status != 400 {
			t.Errorf("%s: aggregate_usage answered %d, want 400", version, status)
		}
	}
}

func TestFeedbackOptionsAreKeptByTheAPI(t *testing.T) {
	t.Parallel()
	p := plain{t, start(t), ""}
	made := p.must("POST", "/v1/billing/feedback_options", url.Values{"description": {"Too loud"}})
	id := made["id"].(string)
	if made["status"] != "active" || p.must("POST", "/v1/billing/feedback_options/"+id, url.Values{"description": {"Too noisy"}})["description"] != "Too noisy" {
		t.Errorf("made %v", made)
	}
	off := p.must("POST", "/v1/billing/feedback_options/"+id+"/deactivate", nil)
	if read := p.must("GET", "/v1/billing/feedback_options/"+id, nil); off["status"] != "inactive" || read["status"] != "inactive" {
		t.Errorf("off %v, read %v", off, read)
	}
	if list := p.must("GET", "/v1/billing/feedback_options?status=inactive", nil)["data"].([]any); len(list) != 1 {
		t.Errorf("listed %v", list)
	}
}
