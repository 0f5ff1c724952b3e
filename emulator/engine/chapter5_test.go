package engine

import "testing"

// Chapter 5.9: what voiding the latest invoice makes of a subscription. Each story opens a monthly subscription at noon of 31 January.
func TestVoidingTheLatestInvoiceLetsTheNewestOtherDecide(t *testing.T) {
	t.Parallel()
	const february, march = "2026-02-28 13:00:00", "2026-03-31 13:00:00"
	mailed := func(days int64) func(*CreateSubscription) {
		return func(c *CreateSubscription) { c.CollectionMethod, c.DaysUntilDue = Some(InvoiceByMail), Some(days) }
	}
	declined := func(s *shop, customer string) { s.useCard(customer, "pm_card_chargeCustomerFail") }
	for _, c := range []struct {
		name     string
		retries  []int64
		end      string
		create   []func(*CreateSubscription)
		live     func(s *shop, customer, sub string)
		from, to string
	}{
		{"the first one, unpaid", nil, "", []func(*CreateSubscription){behavior(DefaultIncomplete)}, func(*shop, string, string) {}, SubIncomplete, SubIncompleteExpired},
		{"the first one by mail, not due", nil, "", []func(*CreateSubscription){mailed(30)}, func(s *shop, _, _ string) { s.wait(3600) }, SubActive, SubActive},
		{"the first one by mail, past due", nil, "", []func(*CreateSubscription){mailed(5)}, func(s *shop, _, _ string) { s.wait(6 * secondsPerDay) }, SubPastDue, SubActive},
		{"behind one that is paid", []int64{40}, EndPastDue, nil, func(s *shop, customer, _ string) {
			declined(s, customer)
			s.waitUntil(february)
		}, SubPastDue, SubActive},
		{"behind one whose retries run, and one that is paid", []int64{40, 40}, EndPastDue, nil, func(s *shop, customer, _ string) {
			declined(s, customer)
			s.waitUntil(february)
			s.waitUntil(march)
		}, SubPastDue, SubActive},
		{"behind one whose retries are over: left past due", []int64{1}, EndPastDue, nil, func(s *shop, customer, _ string) {
			declined(s, customer)
			s.waitUntil(february)
			s.waitUntil(march)
		}, SubPastDue, SubPastDue},
		{"behind one whose retries are over: unpaid", []int64{1}, EndUnpaid, nil, func(s *shop, customer, sub string) {
			declined(s, customer)
			s.waitUntil(february)
			s.waitUntil(march)
			s.do(FinalizeInvoice{ID: s.latest(sub).ID})
		}, SubUnpaid, SubUnpaid},
		{"behind one that is uncollectible", []int64{40, 40}, EndPastDue, nil, func(s *shop, customer, sub string) {
			declined(s, customer)
			s.waitUntil(february)
			s.do(MarkInvoiceUncollectible{ID: s.latest(sub).ID})
			s.waitUntil(march)
		}, SubPastDue, SubActive},
		{"behind one that is void itself, and one whose retries are over", []int64{1}, EndPastDue, nil, func(s *shop, customer, sub string) {
			declined(s, customer)
			s.waitUntil(february)
			s.waitUntil(march)
			s.do(VoidInvoice{ID: s.latest(sub).ID})
			s.waitUntil("2026-04-30 13:00:00")
		}, SubPastDue, SubPastDue},
		{"behind a mailed one that is past due", nil, "", []func(*CreateSubscription){mailed(5)}, func(s *shop, _, _ string) { s.waitUntil(february) }, SubPastDue, SubPastDue},
		{"behind a mailed one that was paid late", nil, "", []func(*CreateSubscription){mailed(5)}, func(s *shop, _, sub string) {
			s.wait(6 * secondsPerDay)
			s.do(PayInvoice{ID: s.latest(sub).ID, PaidOutOfBand: Some(true)})
			s.waitUntil("2026-03-06 13:00:00")
		}, SubPastDue, SubActive},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t, func(x *Settings) {
				if c.end != "" {
					x.RetryDays, x.EndOfDunning = c.retries, c.end
				}
			})
			customer := s.customer("pm_card_visa")
			sub := s.subscribe(customer, s.price("Pro", 2000), c.create...).ID
			c.live(s, customer, sub)
			if inv := s.latest(sub); inv.Status == InvoiceDraft {
				s.do(FinalizeInvoice{ID: inv.ID})
			}
			if got := s.sub(sub).Status; got != c.from {
				t.Fatalf("before: %s, want %s", got, c.from)
			}
			s.do(VoidInvoice{ID: s.latest(sub).ID})
			if got := s.sub(sub).Status; got != c.to {
				t.Errorf("void: %s, want %s", got, c.to)
			}
		})
	}
}

// An invoice that is not the latest decides nothing.
func TestVoidingAnOlderInvoiceLeavesTheSubscription(t *testing.T) {
	t.Parallel()
	s, _, sub := dunned(t, "pm_card_chargeCustomerFail", func(x *Settings) { x.RetryDays, x.EndOfDunning = []int64{1}, EndPastDue })
	older := s.latest(sub.ID).ID
	s.waitUntil("2026-03-31 13:00:00")
	if s.do(VoidInvoice{ID: older}); s.sub(sub.ID).Status != SubPastDue {
		t.Errorf("got %s", s.sub(sub.ID).Status)
	}
}

// Chapter 5.4: the least that can be charged in each currency. A cent below it the invoice is paid, and the amount waits on the balance.
func TestEachCurrencyHasItsLeastCharge(t *testing.T) {
	t.Parallel()
	for least, currencies := range map[int64][]string{
		50:   {"usd", "eur", "aud", "brl", "cad", "chf", "nzd", "sgd", "inr", "ars", "cop", "idr", "ils", "php", "rub", "zar", "jpy", "krw"},
		30:   {"gbp"},
		200:  {"aed", "myr", "pln", "ron"},
		250:  {"dkk"},
		300:  {"nok", "sek"},
		400:  {"hkd"},
		1000: {"mxn", "thb"},
	} {
		for _, currency := range currencies {
			if got := minimum(currency); got != least {
				t.Errorf("%s: at least %d, want %d", currency, got, least)
			}
		}
	}
	for currency, least := range map[string]int64{"czk": 1500, "huf": 17500} {
		if got := minimum(currency); got != least {
			t.Errorf("%s: at least %d, want %d", currency, got, least)
		}
	}
	for _, currency := range []string{"bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"} {
		if got := money(currency, DecimalOf(500)); len(got) < 3 || got[len(got)-3] == '.' {
			t.Errorf("%s has no minor unit, and 500 of it is written %s", currency, got)
		}
	}
	for amount, want := range map[int64]string{49: "paid 0 49", 50: "open 50 0"} {
		s := openShop(t)
		customer := s.customer("pm_card_visa")
		s.item(customer, func(c *CreateInvoiceItem) { c.Amount = Some(amount) })
		inv := s.do(CreateInvoice{Customer: Some(customer), PendingInvoiceItemsBehavior: Some("include")}).(*Invoice)
		inv = s.do(FinalizeInvoice{ID: inv.ID}).(*Invoice)
		if got := inv.Status + " " + DecimalOf(inv.AmountDue).String() + " " + DecimalOf(get[Customer](s, customer).Balance).String(); got != want {
			t.Errorf("an invoice of %d: %s, want %s", amount, got, want)
		}
	}
}
