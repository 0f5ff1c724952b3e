package billing_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
)

// refunding is the shop with a rule for refunds.
func refunding(rules ...billing.RefundRule) billing.Catalog {
	c := shop
	c.Refunds = rules
	return c
}

// fortnight is the rule of these tests: fourteen days, a fifth, one purchase.
var fortnight = billing.RefundRule{Plans: []billing.PlanID{"premium"}, Within: days(14), Consumed: 20, Count: 1}

// Features: 94.
func TestTheRulesSayWhetherAPaymentIsGivenBack(t *testing.T) {
	t.Parallel()
	first := invoice("first", "s", "monthly", billing.InvoicePaid, func(i *billing.Invoice) {
		i.Reason, i.CreatedAt, i.PaidAt = "subscription_create", jan31, jan31
	})
	renewal := invoice("renewal", "s", "monthly", billing.InvoicePaid)
	trialed := invoice("trialed", "s", "monthly", billing.InvoicePaid) // the first payment after a trial is called a renewal
	back := func(i billing.Invoice, refunded, disputed int64) billing.Invoice {
		i.Refunded, i.Disputed = eur(refunded), eur(disputed)
		return i
	}
	other := invoice("other", "s0", "monthly", billing.InvoicePaid, func(i *billing.Invoice) { i.Refunded, i.CreatedAt, i.PaidAt = eur(100), jan31, jan31 })
	free := invoice("free", "f", "starter", billing.InvoicePaid)
	read := func(asset billing.AssetID, percent int) []billing.Consumption {
		return []billing.Consumption{{Asset: asset, Percent: percent}}
	}
	loose := billing.RefundRule{Consumed: 100, Renewals: true}
	for _, c := range []struct {
		name     string
		rules    []billing.RefundRule
		invoices []billing.Invoice // newest first
		id       billing.InvoiceID
		used     []billing.Consumption
		now      time.Time
		want     string // the amount and the reasons against it
	}{
		{"the first payment within the time", []billing.RefundRule{fortnight}, []billing.Invoice{first}, "", nil, jan31.Add(days(14) - 1), "19.00 EUR"},
		{"a moment later", []billing.RefundRule{fortnight}, []billing.Invoice{first}, "", nil, jan31.Add(days(14)), "19.00 EUR too_late"},
		{"with a fifth read", []billing.RefundRule{fortnight}, []billing.Invoice{first}, "", read("handbook", 20), feb10, "19.00 EUR"},
		{"with more read", []billing.RefundRule{fortnight}, []billing.Invoice{first}, "", read("handbook", 21), feb10, "19.00 EUR consumed"},
		{"with something else read", []billing.RefundRule{fortnight}, []billing.Invoice{first}, "", read("map", 99), feb10, "19.00 EUR"},
		{"a renewal", []billing.RefundRule{fortnight}, []billing.Invoice{renewal, first}, "", nil, feb28.Add(days(2)), "19.00 EUR renewal too_late"},
		{"the first payment after a trial", []billing.RefundRule{fortnight}, []billing.Invoice{trialed}, "", nil, feb28.Add(days(2)), "19.00 EUR"},
		{"a renewal where a rule allows it", []billing.RefundRule{loose}, []billing.Invoice{renewal, first}, "", nil, mar31, "19.00 EUR"},
		{"an older payment by name", []billing.RefundRule{loose}, []billing.Invoice{renewal, first}, "first", nil, mar31, "19.00 EUR"},
		{"what a part was given back of", []billing.RefundRule{fortnight}, []billing.Invoice{back(first, 500, 0)}, "", nil, feb10, "14.00 EUR"},
		{"what was given back", []billing.RefundRule{fortnight}, []billing.Invoice{back(first, 1900, 0)}, "", nil, feb10, "0.00 EUR already_refunded"},
		{"what the bank disputes", []billing.RefundRule{fortnight}, []billing.Invoice{back(first, 0, 1900)}, "", nil, feb10, "0.00 EUR disputed"},
		{"a second purchase after the first was given back", []billing.RefundRule{fortnight}, []billing.Invoice{first, other}, "", nil, feb10, "19.00 EUR too_often"},
		{"the second of two allowed", []billing.RefundRule{{Consumed: 100, Count: 2}}, []billing.Invoice{first, other}, "", nil, feb10, "19.00 EUR"},
		{"no rules", nil, []billing.Invoice{first}, "", nil, feb10, "19.00 EUR not_offered"},
		{"a rule for another plan", []billing.RefundRule{{Plans: []billing.PlanID{"starter"}}}, []billing.Invoice{first}, "", nil, feb10, "19.00 EUR not_offered"},
		{"the first rule that fits decides", []billing.RefundRule{loose, fortnight}, []billing.Invoice{first}, "", nil, mar31, "19.00 EUR"},
		{"the free plan", []billing.RefundRule{loose}, []billing.Invoice{free}, "", nil, feb10, "0.00 nothing_paid"},
		{"an invoice that is not paid", []billing.RefundRule{loose}, []billing.Invoice{invoice("open", "s", "monthly", billing.InvoiceOpen)}, "open", nil, feb10, "0.00 nothing_paid"},
		{"nothing at all", []billing.RefundRule{loose}, nil, "", nil, feb10, "0.00 nothing_paid"},
	} {
		q, err := refunding(c.rules...).QuoteRefund(billing.State{Known: true, Invoices: c.invoices}, nil, c.id, c.used, c.now)
		words := []string{q.Amount.String()}
		for _, reason := range q.Reasons {
			words = append(words, string(reason.Code))
			if reason.Message == "" {
				t.Errorf("%s: %s says nothing to people", c.name, reason.Code)
			}
		}
		if got := strings.Join(words, " "); err != nil || got != c.want {
			t.Errorf("%s: %q, %v; want %q", c.name, got, err, c.want)
		}
		if possible := !slices.Contains([]string{"0.00", "0.00 EUR"}, words[0]); q.Possible != possible {
			t.Errorf("%s: possible at the provider: %v", c.name, q.Possible)
		}
	}
	if _, err := shop.QuoteRefund(billing.State{}, nil, "in_none", nil, feb10); billing.CodeOf(err) != billing.NotFound {
		t.Errorf("an unknown invoice: got %v, want code not_found", err)
	}
}

func TestAccessEndsWithTheMoneyForTheRunningPeriod(t *testing.T) {
	t.Parallel()
	paid := invoice("i", "s", "monthly", billing.InvoicePaid, func(i *billing.Invoice) {
		i.PaymentIntent, i.CreatedAt, i.Lines[0].Period = "pi", jan31, billing.Period{Start: jan31, End: feb28}
	})
	renewed := sub("s", "monthly", billing.Active, func(s *billing.Subscription) { s.Items[0].Period = billing.Period{Start: feb28, End: mar31} })
	charge := func(refunded int64) billing.Record {
		return billing.Record{Charges: []billing.Charge{
			{ID: "failed", PaymentIntent: "pi", Status: "failed"}, {ID: "ch", PaymentIntent: "pi", Status: "succeeded", Amount: eur(1900), Refunded: eur(refunded)},
		}}
	}
	disputed := func(status string) billing.Record {
		r := charge(0)
		r.Disputes = []billing.Dispute{{Charge: "ch", Status: status, Amount: eur(1900)}}
		return r
	}
	const call = "cancel_refunded"
	for _, c := range []struct {
		name string
		sub  billing.Subscription
		read billing.Record
		keep bool
		want string // level and the call that follows
	}{
		{"paid", sub("s", "monthly", billing.Active), charge(0), false, "full "},
		{"a part given back", sub("s", "monthly", billing.Active), charge(1899), false, "full "},
		{"all given back", sub("s", "monthly", billing.Active), charge(1900), false, "free " + call},
		{"all given back for goodwill", sub("s", "monthly", billing.Active), charge(1900), true, "full "},
		{"all given back of an earlier period", renewed, charge(1900), false, "full "},
		{"a dispute", sub("s", "monthly", billing.Active), disputed("needs_response"), false, "free "},
		{"a dispute where refunds keep the plan", sub("s", "monthly", billing.Active), disputed("under_review"), true, "free "},
		{"a dispute that was won", sub("s", "monthly", billing.Active), disputed("won"), false, "full "},
		{"a dispute that was lost", sub("s", "monthly", billing.Active), disputed("lost"), false, "free " + call},
		{"an inquiry", sub("s", "monthly", billing.Active), disputed("warning_needs_response"), false, "full "},
		{"one that has ended", sub("s", "monthly", billing.Canceled), charge(1900), false, "free "},
	} {
		catalog := refunding(billing.RefundRule{KeepsPlan: c.keep})
		state := known(c.sub, paid).Marked(catalog, billing.State{}, c.read)
		// What the mirror knows counts as long as nobody reads the charge again.
		later := known(c.sub, paid).Marked(catalog, state, billing.Record{})
		for when, s := range map[string]billing.State{"when it is read": state, "later": later, "from memory": later.Deciding(catalog)} {
			got := string(billing.AccessOf(catalog, s, feb10).Level) + " "
			news := c.read
			news.Refunds = []billing.Refund{{ID: "re", Charge: "ch", Status: "succeeded"}}
			for _, e := range billing.RefundEffects(catalog, known(), s, news) {
				if e.Name == call {
					got += call
				}
			}
			if n := len(billing.RefundEffects(catalog, known(), s, billing.Record{})); n > 0 {
				t.Errorf("%s, %s: %d effects without news", c.name, when, n)
			}
			if got != c.want && when != "from memory" || !strings.HasPrefix(c.want, strings.Fields(got)[0]) {
				t.Errorf("%s, %s: %q, want %q", c.name, when, got, c.want)
			}
		}
	}
}
