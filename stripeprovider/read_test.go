package stripeprovider

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
)

const (
	subscriptionText = `{"id":"sub_1","object":"subscription","status":"past_due","currency":"usd","start_date":1,"created":2,"trial_end":3,"cancel_at":4,"canceled_at":5,
		"ended_at":6,"cancel_at_period_end":true,"default_payment_method":{"id":"pm_1","card":{"brand":"visa"}},"customer":"cus_1",
		"pause_collection":{"behavior":"void","resumes_at":null},"pending_update":{"billing_cycle_anchor":1,"expires_at":18},"cancellation_details":{"comment":"x","reason":"cancellation_requested"},"latest_invoice":"in_1","metadata":{"items":"no"},
		"items":{"object":"list","has_more":true,"data":[
			{"id":"si_1","quantity":7,"current_period_start":8,"current_period_end":9,"price":{"id":"price_1","currency":"eur","unit_amount":1050,
				"lookup_key":"pro-monthly","metadata":{"dues_price":"other","more":"x"}}},
			{"id":"si_2","quantity":1,"current_period_start":8,"current_period_end":9,"price":{"id":"price_2","currency":"eur","unit_amount":5,
				"lookup_key":null,"metadata":{"dues_price":"seats \"x\""}}}]}}`
	invoiceText = `{"id":"in_1","object":"invoice","number":"A-1","status":"open","billing_reason":"subscription_cycle","currency":"eur","total":1200,
		"amount_due":1100,"amount_paid":100,"attempt_count":2,"created":10,"next_payment_attempt":11,"auto_advance":true,"collection_method":"send_invoice","due_date":15,"metadata":{"dues_invoice":"workshop","more":"x"},
		"hosted_invoice_url":"https://x/\u00e9","invoice_pdf":"https://x/pdf",
		"customer":{"id":"cus_1","email":"a@b"},"status_transitions":{"finalized_at":1,"paid_at":12},
		"parent":{"type":"subscription_details","subscription_details":{"metadata":{"subscription":"no"},"subscription":` + subscriptionText + `}},
		"payments":{"has_more":false,"data":[{"status":"open","is_default":true,"payment":{"type":"payment_intent","payment_intent":{"id":"pi_1",
			"status":"requires_payment_method","payment_method":"pm_2","latest_charge":"ch_1","last_payment_error":{"code":"authentication_required","type":"card_error"}}}},
			{"status":"paid","is_default":false,"payment":{"payment_intent":"pi_2"}}]},
		"lines":{"has_more":true,"data":[
			{"id":"il_1","description":"1 \u00d7 Pro","amount":1000,"currency":"eur","quantity":3,"period":{"start":13,"end":14},
				"parent":{"subscription_item_details":{"proration":true},"invoice_item_details":null},"pricing":{"type":"x","price_details":{"price":"price_1","product":"prod_1"}}},
			{"id":"il_2","description":null,"amount":-200,"currency":"eur","quantity":null,"period":{"start":13,"end":14},
				"parent":{"subscription_item_details":null,"invoice_item_details":{"proration":true}},"pricing":{"price_details":{"price":{"id":"price_2"}}}}]}}`
	chargeText = `{"id":"ch_1","object":"charge","status":"succeeded","currency":"eur","amount":1200,"amount_captured":1100,"amount_refunded":300,"created":15,
		"captured":true,"refunded":true,"metadata":{"dues_purchase":"one_1","more":"x"},"payment_method_details":{"type":"card","card":{"brand":"visa","capture_before":17}},
		"disputed":true,"failure_code":"card_declined","payment_method":"pm_1","payment_intent":"pi_1","customer":"cus_1","refunds":{"has_more":true,"data":[
			{"id":"re_1","status":"succeeded","reason":"duplicate","amount":300,"currency":"eur","created":16,"balance_transaction":"txn_1"},
			{"id":"re_2","status":"pending","reason":null,"amount":50,"currency":"eur","created":16,"balance_transaction":null}]}}`
)

// Whoever reads one member more in mirror.go or charge.go adds it to the texts above, and finds here whether read.go has it too.
func TestWhatIsReadHereIsWhatTheSDKReads(t *testing.T) {
	t.Parallel()
	for name, of := range map[string]struct {
		text      string
		here, sdk func(t *testing.T, text string) string
	}{
		"subscription": {
			subscriptionText,
			func(t *testing.T, text string) string { return saysSubscription(walked(t, text, readSubscription)) },
			func(t *testing.T, text string) string { return saysSubscription(decode[stripe.Subscription](t, text)) },
		},
		"invoice": {
			invoiceText,
			func(t *testing.T, text string) string { return saysInvoice(t, walked(t, text, readInvoice)) },
			func(t *testing.T, text string) string { return saysInvoice(t, decode[stripe.Invoice](t, text)) },
		},
		"draft": {
			strings.Replace(invoiceText, `"open","billing_reason"`, `"draft","billing_reason"`, 1),
			func(t *testing.T, text string) string { return saysInvoice(t, walked(t, text, readInvoice)) },
			func(t *testing.T, text string) string { return saysInvoice(t, decode[stripe.Invoice](t, text)) },
		},
		"charge": {
			chargeText,
			func(t *testing.T, text string) string { return saysCharge(walked(t, text, readCharge)) },
			func(t *testing.T, text string) string { return saysCharge(decode[stripe.Charge](t, text)) },
		},
	} {
		var whole map[string]any
		if err := json.Unmarshal([]byte(of.text), &whole); err != nil {
			t.Fatal(err)
		}
		compared := 0
		compare := func(what string) {
			text, err := json.Marshal(whole)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(of.sdk(t, string(text)), of.here(t, string(text))); diff != "" {
				t.Errorf("%s, %s:\n%s", name, what, diff)
			}
			compared++
		}
		compare("whole")
		eachMember(whole, name, compare)
		if compared < 20 {
			t.Errorf("%s was compared %d times", name, compared)
		}
	}
}

// eachMember lets every member of an object be missing for a moment, and null for another, however deep it lies.
func eachMember(object map[string]any, path string, look func(what string)) {
	for _, name := range slices.Sorted(maps.Keys(object)) {
		value := object[name]
		delete(object, name)
		look(path + " without " + name)
		object[name] = nil
		look(path + " with null for " + name)
		object[name] = value
		switch value := value.(type) {
		case map[string]any:
			eachMember(value, path+"."+name, look)
		case []any:
			for i, row := range value {
				eachMember(row.(map[string]any), fmt.Sprintf("%s.%s[%d]", path, name, i), look)
			}
		}
	}
}

func walked[T any](t *testing.T, text string, read func(*walker) *T) *T {
	t.Helper()
	w := walker{text: []byte(text)}
	v := read(&w)
	if !w.ended() {
		t.Fatalf("not read to its end: %s", text)
	}
	return v
}

// knowing is a client that has to ask nobody for the key of a price.
func knowing() *Client {
	return &Client{keys: map[string]string{"price_1": "pro-monthly", "price_2": "seats"}}
}

func saysSubscription(s *stripe.Subscription) string {
	scheduled := s.Schedule
	s.Schedule = nil // it would be asked for
	mirrored, err := knowing().subscription(context.Background(), s)
	return fmt.Sprintf("%+v %v %v, more items: %v", mirrored, err, scheduled != nil && scheduled.ID != "", s.Items != nil && s.Items.HasMore)
}

func saysInvoice(t *testing.T, i *stripe.Invoice) string {
	t.Helper()
	mirrored, err := knowing().invoice(t.Context(), i, intentsOf(i))
	if err != nil {
		t.Fatal(err)
	}
	says := fmt.Sprintf("%+v, more lines: %v", mirrored, i.Lines != nil && i.Lines.HasMore)
	if i.Parent != nil && i.Parent.SubscriptionDetails != nil && i.Parent.SubscriptionDetails.Subscription != nil {
		says += saysSubscription(i.Parent.SubscriptionDetails.Subscription)
	}
	return says
}

func saysCharge(c *stripe.Charge) string {
	all, record := charged{charge: c}, billing.Record{}
	more := false
	if c.Refunds != nil {
		all.refunds, more = c.Refunds.Data, c.Refunds.HasMore
	}
	all.addTo(&record)
	return fmt.Sprintf("%+v, more refunds: %v", record, more)
}
