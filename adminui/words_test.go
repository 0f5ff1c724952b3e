package adminui

import (
	"strings"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// change is galleryPaid with something else.
func change(fn func(*facts)) facts {
	k := galleryPaid()
	fn(&k)
	return k
}

func TestTheAnswerSaysWhyAccessIsAsItIs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		facts facts
		says  []string
	}{
		{"paid", galleryPaid(), []string{
			"ada@example.com has full access to Premium", "is active at Stripe, on Premium, €19.00 per month.", "period ends on 3 Mar 2027",
			"With 2 days of leeway, access lasts until 5 Mar 2027", "Invoice A1B2C3D4-0003 over €19.00 was paid on 3 Feb 2027", "All that Stripe told us is taken in",
		}},
		{"retrying", galleryFailed(), []string{
			"is past_due at Stripe", "is unpaid after 2 tries; Stripe tries again on 6 Feb 2027", "has to give another card", "1 event could not be worked off", "Not yet worked off: 1 event",
		}},
		{"no other try", change(func(k *facts) {
			k.Invoices[0].Status, k.Invoices[0].Attempts, k.Invoices[0].NextAttempt = billing.InvoiceOpen, 1, time.Time{}
		}), []string{"is unpaid after one try, and no other try is planned."}},
		{"waiting for the bank", change(func(k *facts) {
			k.Invoices[0].Status, k.Invoices[0].NeedsConfirmation, k.Status.Action = billing.InvoiceOpen, true, billing.ConfirmPayment
		}), []string{"waits for the customer to confirm the payment", "has to confirm the payment on the invoice's page"}},
		{"canceling", change(func(k *facts) { k.Status.CancelAt = galleryDay(28) }), []string{"It is set to end on 3 Mar 2027"}},
		{"the period is over", change(func(k *facts) { k.Status.PeriodEnd = galleryDay(-1) }), []string{"Its period ended on 2 Feb 2027"}},
		{"no period known", change(func(k *facts) { k.Status.PeriodEnd, k.Status.Until = time.Time{}, time.Time{} }), []string{"no end date. None is made up."}},
		{"ended", change(func(k *facts) { k.Status.Subscription, k.Status.Level = "", billing.None }), []string{"ada@example.com has no access", "There is no live subscription at Stripe."}},
		{"sign-up broken off", change(func(k *facts) { k.Status.Subscription, k.Status.Account.Customer = "", "" }), []string{"POST /v1/accounts with the same id completes it"}},
		{"free", change(func(k *facts) { k.Status.Level, k.Status.PlanName = billing.FreeOnly, "Starter" }), []string{"has what is free: Starter"}},
	} {
		said := c.facts.Answer().Text
		for _, r := range c.facts.Reasons() {
			said += "\n" + r.Text
		}
		for _, want := range c.says {
			if !strings.Contains(said, want) {
				t.Errorf("%s: lacks %q in\n%s", c.name, want, said)
			}
		}
	}
}

func TestFreeAndVoidInvoicesExplainNothing(t *testing.T) {
	t.Parallel()
	k := change(func(k *facts) {
		k.Invoices = []billing.Invoice{{Number: "F", Status: billing.InvoicePaid, Total: eur(0)}, {Number: "V", Status: billing.InvoiceVoid, Total: eur(1900)}, {Number: "D", Status: billing.InvoiceDraft, Total: eur(1900)}}
	})
	for _, r := range k.Reasons() {
		if strings.HasPrefix(r.Text, "Invoice") {
			t.Errorf("%q explains nothing", r.Text)
		}
	}
}

func TestAnEffectIsNamedForPeople(t *testing.T) {
	t.Parallel()
	if got := effectName(service.Effect{Kind: "mail", Name: "receipt"}); got != "Mail: receipt" {
		t.Errorf("got %q", got)
	}
}
