package billing_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
)

func TestWhatIsNewOfRefundsAndDisputesIsToldByItself(t *testing.T) {
	t.Parallel()
	refund := func(id billing.RefundID, at time.Time, status string) billing.Record {
		return billing.Record{Refunds: []billing.Refund{{ID: id, Charge: "ch", Status: status, Amount: eur(500), CreatedAt: at}}}
	}
	dispute := func(status string, at time.Time) billing.Record {
		return billing.Record{Disputes: []billing.Dispute{{ID: "dp", Charge: "ch", Status: status, CreatedAt: at}}}
	}
	paid := invoice("i", "s", "monthly", billing.InvoicePaid, func(i *billing.Invoice) { i.PaymentIntent = "pi" })
	state := known(sub("s", "monthly", billing.Active), paid)
	for _, c := range []struct {
		name         string
		before, read billing.Record
		mails        []string
		told         []string
	}{
		{"a refund", billing.Record{}, refund("re", feb10, "succeeded"), []string{"refunded:re i"}, []string{"refund.created refund:re i"}},
		{"one that takes its time", billing.Record{}, refund("re", feb10, "pending"), []string{"refunded:re i"}, []string{"refund.created refund:re i"}},
		{"one that was seen", refund("re", feb10, "pending"), refund("re", feb10, "succeeded"), nil, nil},
		{"one that failed", billing.Record{}, refund("re", feb10, "failed"), nil, nil},
		{"one of last year, found by a reading of everything", billing.Record{}, refund("re", feb10.AddDate(-1, 0, 0), "succeeded"), nil, nil},
		{"a dispute", billing.Record{}, dispute("needs_response", feb10), nil, []string{"dispute.opened dispute:dp:dispute.opened i"}},
		{"evidence was sent", dispute("needs_response", feb10), dispute("under_review", feb10), nil, []string{"dispute.opened dispute:dp:dispute.opened i"}}, // under the same key: told once
		{"it was won", dispute("under_review", feb10.AddDate(0, -3, 0)), dispute("won", feb10.AddDate(0, -3, 0)), nil, []string{"dispute.closed dispute:dp:dispute.closed i"}},
		{"one of last year", billing.Record{}, dispute("lost", feb10.AddDate(-1, 0, 0)), nil, nil},
	} {
		c.read.Charges = []billing.Charge{{ID: "ch", PaymentIntent: "pi", Status: "succeeded"}}
		news := c.read.News(c.before, feb10)
		var mails, told []string
		for _, e := range billing.RefundEffects(shop, state, state, news) {
			mails = append(mails, fmt.Sprint(e.Key, " ", e.Invoice.ID))
		}
		change := billing.Change{Account: "ada", Told: billing.Told{Plan: "premium", Level: billing.Full}, Mirror: state, Now: state, Returned: news, At: feb10}
		notices, _ := billing.Tell(shop, change)
		for _, n := range notices {
			told = append(told, fmt.Sprint(n.Type, " ", n.Key, " ", n.Invoice.ID))
		}
		if !slices.Equal(mails, c.mails) || !slices.Equal(told, c.told) {
			t.Errorf("%s: mails %q and notices %q, want %q and %q", c.name, mails, told, c.mails, c.told)
		}
		if n := len(billing.RefundEffects(shop, billing.State{}, state, news)); n > 0 {
			t.Errorf("%s: %d effects for a customer that was never fetched before", c.name, n)
		}
	}
}
