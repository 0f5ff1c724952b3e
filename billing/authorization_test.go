package billing_test

import (
	"testing"

	"github.com/dues-billing/dues/billing"
)

func TestWhatIsCapturedByHandFollowsItsAuthorization(t *testing.T) {
	t.Parallel()
	until := jan31.AddDate(0, 0, 7)
	paid := paidOnce("in_1", "", 2000)
	pending := billing.OneOff{ID: "one_1", Manual: true, Status: billing.PurchasePending, Checkout: "cs_1", URL: "https://pay", Amount: eur(3000)}
	ready := pending
	ready.Status, ready.URL, ready.ExpiresAt = billing.PurchaseAuthorized, "", until
	billed := ready
	billed.Captured, billed.Invoice = eur(2000), paid.ID
	kept := billing.Authorization{Purchase: "one_1", PaymentIntent: "pi_1", PaymentMethod: "pm_1", Amount: eur(3000), Until: until}
	taken, gone, anothers := kept, kept, kept
	taken.Captured, gone.Released, anothers.Purchase = eur(2000), true, "one_2"
	for _, x := range []struct {
		name     string
		was      billing.OneOff
		page     string
		made     billing.Authorization
		late     bool
		invoices []billing.Invoice
		want     billing.PurchaseStatus
		unbilled bool
	}{
		{"an open page", pending, "open", anothers, false, nil, billing.PurchasePending, false},
		{"a page that nobody paid on", pending, "expired", anothers, false, nil, billing.PurchaseExpired, false},
		{"kept ready", pending, "complete", kept, false, nil, billing.PurchaseAuthorized, false},
		{"let go", ready, "complete", gone, false, nil, billing.PurchaseCanceled, false},
		{"let go by the bank", ready, "complete", gone, true, nil, billing.PurchaseExpired, false},
		{"captured, and without invoice", ready, "complete", taken, false, nil, billing.PurchaseAuthorized, true},
		{"captured, and its invoice was not read", billed, "complete", taken, false, nil, billing.PurchaseAuthorized, false},
		{"captured, with its invoice", billed, "complete", taken, false, []billing.Invoice{paid}, billing.PurchaseCompleted, false},
		{"with its invoice, and its charge was not read", billed, "complete", anothers, false, []billing.Invoice{paid}, billing.PurchaseCompleted, false},
	} {
		now := jan31
		if x.late {
			now = until
		}
		got := x.was.Settle([]billing.CheckoutState{{ID: "cs_1", Status: x.page}}, billing.State{Invoices: x.invoices}, []billing.Authorization{anothers, x.made}, now)
		if got.Status != x.want || got.Unbilled() != x.unbilled {
			t.Errorf("%s: got %s, unbilled %v; want %s, %v", x.name, got.Status, got.Unbilled(), x.want, x.unbilled)
		}
		if over := got.Status != billing.PurchasePending && got.Status != billing.PurchaseAuthorized; over == got.DoneAt.IsZero() {
			t.Errorf("%s: %s, done at %v", x.name, got.Status, got.DoneAt)
		}
	}
}

func TestWhatIsCapturedIsAtMostWhatIsAuthorizedAndOnce(t *testing.T) {
	t.Parallel()
	amount := billing.OneOff{Manual: true, Status: billing.PurchaseAuthorized, Amount: eur(3000)}
	price, done, over, pending, atOnce := amount, amount, amount, amount, amount
	price.PriceKey = "map"
	done.Status, done.Captured = billing.PurchaseCompleted, eur(2000)
	over.Status, pending.Status, atOnce.Manual = billing.PurchaseCanceled, billing.PurchasePending, false
	for _, x := range []struct {
		name   string
		of     billing.OneOff
		minor  int64
		want   string // the amount, or the code of the error
		needed bool
	}{
		{"all of it", amount, 0, "30.00 EUR", true},
		{"all of it, said", amount, 3000, "30.00 EUR", true},
		{"a part", amount, 1, "0.01 EUR", true},
		{"too much", amount, 3001, "invalid", false},
		{"less than nothing", amount, -1, "invalid", false},
		{"a price", price, 0, "30.00 EUR", true},
		{"a part of a price", price, 2999, "invalid", false},
		{"what was captured", done, 0, "20.00 EUR", false},
		{"as much as was captured", done, 2000, "20.00 EUR", false},
		{"more than was captured", done, 2001, "conflict", false},
		{"what was let go", over, 0, "conflict", false},
		{"what nobody has paid", pending, 0, "conflict", false},
		{"what is paid at once", atOnce, 0, "conflict", false},
	} {
		amount, needed, err := x.of.Capture(x.minor)
		got := amount.String()
		if err != nil {
			got = string(billing.CodeOf(err))
		}
		if got != x.want || needed != x.needed {
			t.Errorf("%s: got %s, %v; want %s, %v", x.name, got, needed, x.want, x.needed)
		}
	}
}
