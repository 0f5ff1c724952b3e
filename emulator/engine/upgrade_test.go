package engine

import (
	"fmt"
	"testing"
)

func classic(c *CreateSubscription) {
	c.BillingMode = Some(BillingModeParams{Type: Some(ModeClassic)})
}

// half is half of the first period of a subscription made at the shop's opening: 31 January to 28 February.
const half = 14 * secondsPerDay

// pending are the amounts and texts of what waits for a customer, newest first as the invoice will have them.
func (s *shop) pending(customer string) string {
	out := ""
	for _, item := range s.tables.invoiceItems.all("pending", customer) {
		out = fmt.Sprintf("%d %s | ", item.Amount, item.Description) + out
	}
	return out
}

// Rows: B2 C21.
func TestUpgradeProratesAndBillsAsAsked(t *testing.T) {
	t.Parallel()
	const credit, debit = "-500 Unused time on Basic after 14 Feb 2026", "1000 Remaining time on Pro after 14 Feb 2026"
	for _, c := range []struct {
		name           string
		create         func(*CreateSubscription)
		change         func(*UpdateSubscription)
		to             string
		invoice, waits string
		renewal        string
		end            string
	}{
		{name: "create_prorations waits for the renewal", to: "Pro", waits: credit + " | " + debit + " | ",
			renewal: credit + " | " + debit + " | 2000 1 × Pro (at $20.00 / month)", end: "2026-03-31 12:00:00"},
		{name: "always_invoice bills at once", to: "Pro", change: func(c *UpdateSubscription) { c.ProrationBehavior = Some(AlwaysInvoice) },
			invoice: credit + " | " + debit, renewal: "2000 1 × Pro (at $20.00 / month)", end: "2026-03-31 12:00:00"},
		{name: "none bills from the next period on", to: "Pro", change: func(c *UpdateSubscription) { c.ProrationBehavior = Some(NoProrations) },
			renewal: "2000 1 × Pro (at $20.00 / month)", end: "2026-03-31 12:00:00"},
		{name: "anchor now begins a new period", to: "Pro", change: func(c *UpdateSubscription) { c.BillingCycleAnchor = Some(AnchorParams{"now"}) },
			invoice: credit + " | 2000 1 × Pro (at $20.00 / month)", renewal: "2000 1 × Pro (at $20.00 / month)", end: "2026-04-14 12:00:00"},
		{name: "a longer interval, classic: a new period now", create: classic, to: "Year",
			invoice: "-500 Unused time on Basic after 14 Feb 2026 | 10000 1 × Year (at $100.00 / year)", renewal: "10000 1 × Year (at $100.00 / year)",
			end: "2028-02-14 12:00:00"},
		{name: "a longer interval, flexible: the anchor stays", to: "Year",
			waits:   "-500 Unused time on Basic after 14 Feb 2026 | 9616 Remaining time on Year after 14 Feb 2026 | ",
			renewal: "-500 Unused time on Basic after 14 Feb 2026 | 9616 Remaining time on Year after 14 Feb 2026 | 10000 1 × Year (at $100.00 / year)",
			end:     "2028-01-31 12:00:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			basic := s.price("Basic", 1000)
			to := map[string]string{"Pro": s.price("Pro", 2000), "Year": s.price("Year", 10000, yearly)}[c.to]
			customer := s.customer("pm_card_visa")
			if c.create == nil {
				c.create = func(*CreateSubscription) {}
			}
			sub := s.subscribe(customer, basic, c.create)
			first := sub.LatestInvoice
			s.wait(half)
			cmd := UpdateSubscription{ID: sub.ID, SubscriptionChange: s.swap(sub.ID, to)}
			if c.change != nil {
				c.change(&cmd)
			}
			preview := s.do(CreatePreview{Subscription: Some(sub.ID), SubscriptionDetails: Some(PreviewSubscriptionParams{SubscriptionChange: cmd.SubscriptionChange})}).(*Invoice)
			sub = s.do(cmd).(*Subscription)
			if got := s.pending(customer); got != c.waits {
				t.Errorf("waiting\n got %s\nwant %s", got, c.waits)
			}
			if billed := sub.LatestInvoice != first; billed != (c.invoice != "") {
				t.Errorf("billed at once: %v", billed)
			} else if inv := s.latest(sub.ID); billed && (lines(inv) != c.invoice || inv.Status != InvoicePaid || inv.BillingReason != "subscription_update") {
				t.Errorf("invoice\n got %s (%s, %s)\nwant %s", lines(inv), inv.Status, inv.BillingReason, c.invoice)
			}
			s.wait(sub.periodEnd() - s.now + 3600)
			renewal := s.latest(sub.ID)
			if lines(renewal) != c.renewal || s.sub(sub.ID).periodEnd() != unix(t, c.end) {
				t.Errorf("renewal\n got %s until %d\nwant %s", lines(renewal), s.sub(sub.ID).periodEnd(), c.renewal)
			}
			if want := c.invoice; want != "" && lines(preview) != want || want == "" && lines(preview) != c.renewal {
				t.Errorf("the preview said %s", lines(preview))
			}
		})
	}
}

// Rows: B2 B3. The two ways from the free plan to a paid one.
func TestFreeToPaidBillsTheWholeNewPeriod(t *testing.T) {
	t.Parallel()
	for mode, anchor := range map[string]Opt[AnchorParams]{ModeClassic: {}, ModeFlexible: Some(AnchorParams{"now"})} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			starter, pro := s.price("Starter", 0), s.price("Pro", 2000)
			sub := s.subscribe(s.customer("pm_card_visa"), starter, func(c *CreateSubscription) { c.BillingMode = Some(BillingModeParams{Type: Some(mode)}) })
			s.wait(half)
			change := s.swap(sub.ID, pro)
			change.BillingCycleAnchor = anchor
			got := s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: change}).(*Subscription)
			inv := s.latest(sub.ID)
			if inv.AmountPaid != 2000 || got.BillingCycleAnchor != s.now || inv.PeriodStart != s.now || got.periodEnd() != unix(t, "2026-03-14 12:00:00") {
				t.Errorf("paid %d for %s, anchor %d", inv.AmountPaid, lines(inv), got.BillingCycleAnchor)
			}
		})
	}
}

// Rows: C21. Vectors 4 and 5 of chapter 4.5: what is credited after a change that was not prorated.
func TestCreditIsTakenFromCurrentPriceOrFromWhatWasBilled(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string]string{
		ModeClassic:  "-720 Unused time on Pro after 19 Jun 2026 | 480 Remaining time on Basic after 19 Jun 2026",
		ModeFlexible: "-480 Unused time on Basic after 19 Jun 2026 | 480 Remaining time on Basic after 19 Jun 2026",
	} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			s.now = unix(t, "2026-06-01")
			basic, pro := s.price("Basic", 1200), s.price("Pro", 1800)
			sub := s.subscribe(s.customer("pm_card_visa"), basic, func(c *CreateSubscription) { c.BillingMode = Some(BillingModeParams{Type: Some(mode)}) })
			s.waitUntil("2026-06-07")
			up := s.swap(sub.ID, pro)
			up.ProrationBehavior = Some(NoProrations)
			s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: up})
			s.waitUntil("2026-06-19")
			down := s.swap(sub.ID, basic)
			down.ProrationBehavior = Some(AlwaysInvoice)
			s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: down})
			inv := s.latest(sub.ID)
			if lines(inv) != want {
				t.Errorf("got %s, want %s", lines(inv), want)
			}
			credit := inv.Lines[0].CreditedItems
			if credit == nil || credit.Invoice == inv.ID || s.invoice(credit.Invoice).BillingReason != "subscription_create" {
				t.Errorf("the credit names %+v", credit)
			}
		})
	}
}

// Rows: C6 C21. Vectors 6 and 10 of chapter 4.5.
func TestSeatsAndItemsCanBeAddedAndRemoved(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	seat, extra := s.price("Seat", 1000), s.price("Extra", 900)
	customer := s.customer("pm_card_visa")
	sub := s.subscribe(customer, seat, func(c *CreateSubscription) {
		c.Items = Some([]SubscriptionItemParams{{Price: Some(seat), Quantity: Some[int64](3)}})
	})
	if got := lines(s.latest(sub.ID)); got != "3000 3 × Seat (at $10.00 / month)" {
		t.Errorf("first: %s", got)
	}
	s.wait(half)
	s.events()
	s.do(UpdateSubscriptionItem{ID: sub.Items[0].ID, SubscriptionItemParams: SubscriptionItemParams{Quantity: Some[int64](5)}})
	s.wantEvents("more seats", "customer.subscription.updated invoiceitem.created invoiceitem.created")
	if got := s.pending(customer); got != "-1500 Unused time on 3 × Seat after 14 Feb 2026 | 2500 Remaining time on 5 × Seat after 14 Feb 2026 | " {
		t.Errorf("seats: %s", got)
	}
	item := s.do(CreateSubscriptionItem{Subscription: Some(sub.ID), SubscriptionItemParams: SubscriptionItemParams{Price: Some(extra)}}).(*SubscriptionItem)
	s.do(DeleteSubscriptionItem{ID: item.ID})
	s.refuse(DeleteSubscriptionItem{ID: sub.Items[0].ID})
	s.wait(half + 3600)
	const want = "-450 Unused time on Extra after 14 Feb 2026 | 450 Remaining time on Extra after 14 Feb 2026 | " +
		"-1500 Unused time on 3 × Seat after 14 Feb 2026 | 2500 Remaining time on 5 × Seat after 14 Feb 2026 | 5000 5 × Seat (at $10.00 / month)"
	if inv := s.latest(sub.ID); lines(inv) != want || inv.AmountPaid != 6000 {
		t.Errorf("renewal: %s, paid %d", lines(inv), inv.AmountPaid)
	}
}

func TestDowngradeCreditGoesToTheBalanceAndPaysTheNextInvoice(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	starter, pro := s.price("Starter", 0), s.price("Pro", 2000)
	customer := s.customer("pm_card_visa")
	sub := s.subscribe(customer, pro)
	s.wait(half)
	down := s.swap(sub.ID, starter)
	down.ProrationBehavior = Some(AlwaysInvoice)
	s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: down})
	inv := s.latest(sub.ID)
	if inv.Status != InvoicePaid || inv.Total != -1000 || inv.AmountDue != 0 || *inv.EndingBalance != -1000 || get[Customer](s, customer).Balance != -1000 {
		t.Fatalf("credit: %s, total %d, due %d, balance %d", inv.Status, inv.Total, inv.AmountDue, get[Customer](s, customer).Balance)
	}
	up := s.swap(sub.ID, pro)
	up.ProrationBehavior = Some(AlwaysInvoice)
	up.BillingCycleAnchor = Some(AnchorParams{"now"})
	s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: up})
	if inv = s.latest(sub.ID); inv.Total != 2000 || inv.AmountDue != 1000 || inv.AmountPaid != 1000 || get[Customer](s, customer).Balance != 0 {
		t.Errorf("upgrade: total %d, paid %d, balance left %d", inv.Total, inv.AmountPaid, get[Customer](s, customer).Balance)
	}
}

func TestUpgradeThatCannotBePaid(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, card, behavior string
		status, invoice      string
		refusal              string
	}{
		{"is applied and past due", "pm_card_chargeCustomerFail", AllowIncomplete, SubPastDue, InvoiceOpen, ""},
		{"asks the payer", "pm_card_authenticationRequired", AllowIncomplete, SubPastDue, InvoiceOpen, ""},
		{"is applied unattempted", "pm_card_visa", DefaultIncomplete, SubPastDue, InvoiceOpen, ""},
		{"is refused on demand", "pm_card_chargeCustomerFail", ErrorIfIncomplete, "", "", "card_declined"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			basic, pro := s.price("Basic", 1000), s.price("Pro", 2000)
			customer := s.customer("pm_card_visa")
			sub := s.subscribe(customer, basic)
			s.useCard(customer, c.card)
			s.wait(half)
			change := s.swap(sub.ID, pro)
			change.ProrationBehavior = Some(AlwaysInvoice)
			cmd := UpdateSubscription{ID: sub.ID, SubscriptionChange: change, PaymentBehavior: Some(c.behavior)}
			if c.refusal != "" {
				if e := s.refuse(cmd); e.Code != c.refusal {
					t.Errorf("refused with %v", e)
				}
				if got := s.sub(sub.ID); got.Items[0].Price != basic || got.Status != SubActive {
					t.Errorf("the refusal changed the subscription: %+v", got)
				}
				return
			}
			s.do(cmd)
			got, inv := s.sub(sub.ID), s.latest(sub.ID)
			if late := get[Customer](s, customer).Delinquent; late != (c.behavior == AllowIncomplete) {
				t.Errorf("delinquent: %v", late)
			}
			if got.Status != c.status || inv.Status != c.invoice || got.Items[0].Price != pro {
				t.Errorf("%s, invoice %s", got.Status, inv.Status)
			}
		})
	}
}

// Rows: C14 C20 C22.
func TestCancelNowAndAtPeriodEnd(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	price := s.price("Pro", 2000)
	customer := s.customer("pm_card_visa")
	sub := s.subscribe(customer, price)
	end := sub.periodEnd()
	s.wait(secondsPerDay)
	asked := s.now
	s.events()
	s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: SubscriptionChange{CancelAtPeriodEnd: Some(true)}})
	s.wantEvents("asked", "customer.subscription.updated")
	if got := s.sub(sub.ID); got.CancelAt != end || got.CanceledAt != asked || got.Status != SubActive || got.CancellationDetails.Reason != "cancellation_requested" {
		t.Errorf("asked: %+v", got)
	}
	s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: SubscriptionChange{CancelAtPeriodEnd: Some(false)}})
	if got := s.sub(sub.ID); got.CancelAt != 0 || got.CanceledAt != 0 || got.CancellationDetails.Reason != "" {
		t.Errorf("undone: %+v", got)
	}
	s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: SubscriptionChange{CancelAtPeriodEnd: Some(true)}})
	s.do(CreateInvoiceItem{Customer: Some(customer), Subscription: Some(sub.ID), Amount: Some[int64](700), Currency: Some("usd"), Description: Some("Setup help")})
	s.events()
	s.wait(end - s.now)
	s.wantEvents("the end", "customer.subscription.deleted invoice.created")
	s.wait(3600)
	left := s.tables.invoices.all("subscription", sub.ID)
	if got := s.sub(sub.ID); got.Status != SubCanceled || got.EndedAt != end || lines(left[len(left)-1]) != "700 Setup help" || left[len(left)-1].Status != InvoicePaid {
		t.Errorf("ended: %s, last invoice %s", got.Status, lines(left[len(left)-1]))
	}

	second := s.subscribe(customer, price)
	s.wait(half)
	s.events()
	got := s.do(CancelSubscription{ID: second.ID, Prorate: Some(true), InvoiceNow: Some(true)}).(*Subscription)
	if inv := s.latest(second.ID); got.Status != SubCanceled || inv.Total >= 0 || inv.Status != InvoicePaid {
		t.Errorf("canceled with a credit: %s, total %d", got.Status, inv.Total)
	}
	if e := s.refuse(CancelSubscription{ID: second.ID}); e.Status != 404 || e.Code != "resource_missing" {
		t.Errorf("canceling twice: %v", e)
	}
	if e := s.refuse(UpdateSubscription{ID: second.ID, Description: Some("x")}); e.Status != 400 {
		t.Errorf("updating the canceled: %v", e)
	}
	s.do(UpdateSubscription{ID: second.ID, Metadata: Some(map[string]string{"why": "moved"})})
}

// Rows: C14. Vector 8 of chapter 4.5.
func TestCancelAtCutsTheRunningPeriodAndTheNextOne(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.now = unix(t, "2027-01-01")
	price := s.price("Year", 9000, yearly)
	customer := s.customer("pm_card_visa")
	sub := s.subscribe(customer, price)
	s.waitUntil("2027-07-01")
	s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: SubscriptionChange{CancelAt: Some(At(unix(t, "2028-10-01")))}})
	s.waitUntil("2028-01-01 01:00:00")
	if inv := s.latest(sub.ID); inv.AmountPaid != 6738 {
		t.Errorf("the renewal into the last, short year: %d", inv.AmountPaid)
	}
	s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: SubscriptionChange{CancelAt: Some(At(unix(t, "2028-07-01")))}})
	if got := s.pending(customer); got != "-2262 Unused time on Year after 01 Jul 2028 | " {
		t.Errorf("cut once more: %s", got)
	}
	s.waitUntil("2028-07-01")
	if got := s.sub(sub.ID); got.Status != SubCanceled || got.EndedAt != s.now {
		t.Errorf("%s", got.Status)
	}
}

func TestCancellationAtPeriodEndFollowsAPeriodThatMoves(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	sub := s.subscribe(s.customer("pm_card_visa"), s.price("Pro", 2000))
	s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: SubscriptionChange{CancelAtPeriodEnd: Some(true)}})
	s.wait(half)
	got := s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: SubscriptionChange{BillingCycleAnchor: Some(AnchorParams{"now"})}}).(*Subscription)
	if inv := s.latest(sub.ID); got.CancelAt != unix(t, "2026-03-14 12:00:00") || lines(inv) != "-1000 Unused time on Pro after 14 Feb 2026 | 2000 1 × Pro (at $20.00 / month)" {
		t.Errorf("ends %d: %s", got.CancelAt, lines(inv))
	}
	s.wait(got.CancelAt - s.now)
	if got := s.sub(sub.ID).Status; got != SubCanceled {
		t.Errorf("at the new end: %s", got)
	}
}

// The credit of a downgrade is an invoice of nothing due.
func TestCreditInvoiceTellsTheStoryOfAFreeOne(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	pro, basic := s.price("Pro", 2000), s.price("Basic", 1000)
	sub := s.subscribe(s.customer("pm_card_visa"), pro)
	s.wait(half)
	change := s.swap(sub.ID, basic)
	change.ProrationBehavior = Some(AlwaysInvoice)
	s.events()
	s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: change})
	s.wantEvents("downgrade", `customer.updated invoice.created invoice.updated invoice.finalized invoice.paid invoice.payment_succeeded
		customer.subscription.updated invoiceitem.created invoiceitem.created`)
}

// Rows: C21.
func TestChangeDatedBeforeAnotherCreditsAllThatWasBilledSince(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	basic, pro := s.price("Basic", 1000), s.price("Pro", 2000)
	customer := s.customer("pm_card_visa")
	sub := s.subscribe(customer, basic)
	s.wait(half)
	s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: s.swap(sub.ID, pro)})
	back := s.swap(sub.ID, basic)
	back.ProrationDate = Some(sub.Created) // as if Pro had never been: in all, one Basic is paid
	s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: back})
	const want = "-500 Unused time on Basic after 31 Jan 2026 | -1000 Unused time on Pro after 14 Feb 2026 | 1000 Remaining time on Basic after 31 Jan 2026 | " +
		"-500 Unused time on Basic after 14 Feb 2026 | 1000 Remaining time on Pro after 14 Feb 2026 | "
	if got := s.pending(customer); got != want {
		t.Errorf("got %s", got)
	}
}

func TestAnItemChangesOffSessionWithoutThePayer(t *testing.T) {
	t.Parallel()
	for off, want := range map[bool]string{false: RequiresAction, true: IntentSucceeded} {
		s := openShop(t)
		customer := s.customer("pm_card_visa")
		sub := s.subscribe(customer, s.price("Basic", 1000))
		s.useCard(customer, "pm_card_authenticationRequiredSetupForOffSession") // its bank asks whoever is there
		s.wait(half)
		s.do(UpdateSubscriptionItem{
			ID: sub.Items[0].ID, OffSession: Some(off), ProrationBehavior: Some(AlwaysInvoice),
			SubscriptionItemParams: SubscriptionItemParams{Price: Some(s.price("Pro", 2000))},
		})
		if got := get[PaymentIntent](s, s.latest(sub.ID).PaymentIntent).Status; got != want {
			t.Errorf("off session %v: the payment is %s, want %s", off, got, want)
		}
	}
}
