package stripeprovider

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
)

func decode[T any](t *testing.T, text string) *T {
	t.Helper()
	v := new(T)
	if err := json.Unmarshal([]byte(text), v); err != nil {
		t.Fatal(err)
	}
	return v
}

// Rows: A3 A6.
func TestASavedMethodIsNoMoreThanWhatTheCustomerRecognisesAndStripesMarkOfTheCard(t *testing.T) {
	t.Parallel()
	method := decode[stripe.PaymentMethod](t, `{"id":"pm_1","type":"card","billing_details":{"name":"Ada","phone":"1"},"card":{"brand":"visa","last4":"4242",
		"exp_month":8,"exp_year":2031,"fingerprint":"f","iin":"424242","wallet":{"type":"apple_pay","apple_pay":{},"dynamic_last4":"1111"}}}`)
	want := billing.PaymentMethod{ID: "pm_1", Type: "card", Brand: "visa", Last4: "4242", ExpMonth: 8, ExpYear: 2031, Wallet: "apple_pay", Fingerprint: "f"}
	if diff := cmp.Diff(want, paymentMethod(method)); diff != "" {
		t.Error(diff)
	}
	bank := decode[stripe.PaymentMethod](t, `{"id":"pm_2","type":"sepa_debit","sepa_debit":{"last4":"3000"}}`)
	if got := paymentMethod(bank); got != (billing.PaymentMethod{ID: "pm_2", Type: "sepa_debit"}) {
		t.Errorf("a method without card is %+v", got)
	}
}

// Rows: A8 C27.
func TestAPaymentThatWaitsForTheCustomerIsSeen(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, intent string
		want         bool
	}{
		{"on session", `{"status":"requires_action"}`, true},
		{"off session, refused by the bank", `{"status":"requires_payment_method","last_payment_error":{"code":"authentication_required"}}`, true},
		{"declined", `{"status":"requires_payment_method","last_payment_error":{"code":"card_declined"}}`, false},
		{"not tried", `{"status":"requires_payment_method","last_payment_error":null}`, false},
		{"paid after a challenge", `{"status":"succeeded","last_payment_error":{"code":"authentication_required"}}`, false},
	} {
		if got := waitsForCustomer(decode[stripe.PaymentIntent](t, c.intent)); got != c.want {
			t.Errorf("%s: got %v", c.name, got)
		}
	}
	if waitsForCustomer(nil) {
		t.Error("no payment waits for the customer")
	}
}

// Rows: A6.
func TestAnInvoiceNamesThePaymentThatPaidIt(t *testing.T) {
	t.Parallel()
	const (
		failed   = `{"status":"canceled","is_default":false,"payment":{"type":"payment_intent","payment_intent":"pi_failed"}}`
		standard = `{"status":"open","is_default":true,"payment":{"type":"payment_intent","payment_intent":"pi_default"}}`
		paid     = `{"status":"paid","is_default":false,"payment":{"type":"payment_intent","payment_intent":"pi_paid"}}`
		charge   = `{"status":"paid","is_default":true,"payment":{"type":"charge","charge":"ch_1"}}`
	)
	for _, c := range []struct{ name, payments, want string }{
		{"none", `[]`, ""},
		{"the one that paid", `[` + standard + `,` + paid + `,` + failed + `]`, "pi_paid"},
		{"the default while nothing has paid", `[` + failed + `,` + standard + `]`, "pi_default"},
		{"the only one", `[` + failed + `]`, "pi_failed"},
		{"a charge without intent", `[` + charge + `]`, ""},
	} {
		if got := intentOf(decode[stripe.Invoice](t, `{"payments":{"data":`+c.payments+`}}`)); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	if got := intentOf(decode[stripe.Invoice](t, `{}`)); got != "" {
		t.Errorf("without the list: got %q", got)
	}
}

// Rows: A4.
func TestTheDefaultMethodIsTheOneStripeChargesNext(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, state, want string }{
		{"the live subscription's own", `{"subs":[{"status":"active","default_payment_method":"pm_1"}],"customer":"pm_2"}`, "pm_1"},
		{"the customer's", `{"subs":[{"status":"active","default_payment_method":null}],"customer":"pm_2"}`, "pm_2"},
		{"the customer's before an ended subscription's", `{"subs":[{"status":"canceled","default_payment_method":"pm_1"}],"customer":"pm_2"}`, "pm_2"},
		{"an ended subscription's", `{"subs":[{"status":"active","default_payment_method":null},{"status":"canceled","default_payment_method":"pm_1"}]}`, "pm_1"},
		{"not one that was removed", `{"subs":[{"status":"active","default_payment_method":"pm_gone"}],"customer":"pm_2"}`, "pm_2"},
		{"none", `{"subs":[]}`, ""},
	} {
		in := decode[struct {
			Subs     []*stripe.Subscription
			Customer string
		}](t, c.state)
		s := state{
			customer:      &stripe.Customer{InvoiceSettings: &stripe.CustomerInvoiceSettings{DefaultPaymentMethod: &stripe.PaymentMethod{ID: in.Customer}}},
			subscriptions: in.Subs,
			methods:       []*stripe.PaymentMethod{{ID: "pm_1"}, {ID: "pm_2"}},
		}
		snapshot, err := New(Config{}).snapshot(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, method := range snapshot.Methods {
			if method.Default {
				got += string(method.ID)
			}
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// Rows: C26.
func TestPeriodsAreReadFromTheItems(t *testing.T) {
	t.Parallel()
	sub := decode[stripe.Subscription](t, `{"id":"sub_1","status":"active","customer":"cus_1","current_period_end":1,"created":1767225600,"start_date":1767225600,
		"cancel_at":null,"trial_end":null,"ended_at":null,"cancellation_details":{"reason":null},"latest_invoice":"in_1","items":{"data":[
		{"id":"si_1","quantity":3,"current_period_start":1767225600,"current_period_end":1769904000,"price":{"id":"price_1","lookup_key":"premium","unit_amount":1900,"currency":"eur"}},
		{"id":"si_2","quantity":1,"current_period_start":1767225600,"current_period_end":1769904000,
		 "price":{"id":"price_2","lookup_key":null,"metadata":{"dues_price":"old"},"unit_amount":null,"currency":"eur"}}]}}`)
	got, err := New(Config{}).subscription(t.Context(), sub)
	if err != nil {
		t.Fatal(err)
	}
	february := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	if !got.PeriodEnd().Equal(february) {
		t.Errorf("the period ends %v, want %v", got.PeriodEnd(), february)
	}
	if got.Items[0].PriceKey != "premium" || got.Items[0].Amount.Minor != 1900 || got.Items[0].Quantity != 3 {
		t.Errorf("first item: %+v", got.Items[0])
	}
	if got.Items[1].PriceKey != "old" {
		t.Errorf("a price whose lookup_key moved on has the key %q", got.Items[1].PriceKey)
	}
	if !got.CancelAt.IsZero() || !got.TrialEnd.IsZero() || !got.EndedAt.IsZero() || got.CancelReason != "" {
		t.Errorf("a date was made of null: %+v", got)
	}
}
