package engine

import (
	"slices"
	"strings"
	"testing"
)

func extra(amount int64, text string) func(*CreateInvoiceItem) {
	return func(c *CreateInvoiceItem) { c.Amount, c.Description = Some(amount), Some(text) }
}

func (s *shop) item(customer string, change ...func(*CreateInvoiceItem)) *InvoiceItem {
	s.Helper()
	cmd := CreateInvoiceItem{Customer: Some(customer), Currency: Some("usd")}
	for _, f := range change {
		f(&cmd)
	}
	return s.do(cmd).(*InvoiceItem)
}

// Rows: C16 C18.
func TestManualInvoiceFromDraftToPaid(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("pm_card_visa")
	s.events()
	inv := s.do(CreateInvoice{Customer: Some(customer)}).(*Invoice)
	s.wantEvents("create", "customer.updated invoice.created")
	if inv.Status != InvoiceDraft || inv.Number != "" || inv.EndingBalance != nil || inv.BillingReason != "manual" || inv.AutoAdvance {
		t.Errorf("draft: %+v", inv)
	}
	on := func(c *CreateInvoiceItem) { c.Invoice = Some(inv.ID) }
	s.item(customer, on, extra(1500, "Design"))
	last := s.item(customer, on, extra(-200, "Thanks"))
	s.wantEvents("items", "invoiceitem.created invoice.updated invoiceitem.created invoice.updated")
	s.do(UpdateInvoiceItem{ID: last.ID, ItemParams: ItemParams{Amount: Some[int64](-300)}})
	s.wantEvents("a changed item", "invoice.updated")
	s.do(FinalizeInvoice{ID: inv.ID})
	s.wantEvents("finalize", "payment_intent.created invoice.updated invoice.finalized")
	if got := s.invoice(inv.ID); lines(got) != "1500 Design | -300 Thanks" || got.AmountDue != 1200 || got.Status != InvoiceOpen || got.Attempted || !strings.HasSuffix(got.Number, "-0001") {
		t.Errorf("finalized: %s, due %d, %s, number %s", lines(got), got.AmountDue, got.Status, got.Number)
	}
	if e := s.refuse(UpdateInvoiceItem{ID: last.ID, ItemParams: ItemParams{Amount: Some[int64](1)}}); e.Code != "invoice_not_editable" {
		t.Errorf("editing a finalized invoice: %v", e)
	}
	s.wait(90 * secondsPerDay)
	s.wantEvents("nobody charges it", "")
	paid := s.do(PayInvoice{ID: inv.ID}).(*Invoice)
	s.wantEvents("pay", "charge.succeeded payment_intent.succeeded invoice.updated invoice.paid invoice.payment_succeeded invoice_payment.paid")
	if paid.Status != InvoicePaid || paid.AttemptCount != 1 || !paid.Attempted || paid.AutoAdvance {
		t.Errorf("paid: %+v", paid)
	}
	if e := s.refuse(PayInvoice{ID: inv.ID}); e.Message != "Invoice is already paid" {
		t.Errorf("paying twice: %v", e)
	}
}

func TestEmptyInvoiceIsPaidAndUsesANumber(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("")
	inv := s.do(PayInvoice{ID: s.do(CreateInvoice{Customer: Some(customer)}).(*Invoice).ID}).(*Invoice)
	if inv.Status != InvoicePaid || inv.Total != 0 || inv.PaymentIntent != "" || inv.AttemptCount != 0 || !inv.Attempted || !strings.HasSuffix(inv.Number, "-0001") {
		t.Errorf("%+v", inv)
	}
}

func TestOutOfBandPaymentMakesNoChargeAndCancelsTheIntent(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("")
	s.item(customer, extra(1500, "Design"))
	inv := s.do(CreateInvoice{Customer: Some(customer), PendingInvoiceItemsBehavior: Some("include")}).(*Invoice)
	s.do(FinalizeInvoice{ID: inv.ID})
	s.events()
	got := s.do(PayInvoice{ID: inv.ID, PaidOutOfBand: Some(true)}).(*Invoice)
	s.wantEvents("out of band", "invoice.updated invoice.paid payment_intent.canceled")
	if got.Status != InvoicePaid || got.AmountPaid != 1500 || got.Attempted || got.AttemptCount != 0 || get[PaymentIntent](s, got.PaymentIntent).Status != IntentCanceled {
		t.Errorf("%+v", got)
	}
}

// Rows: C17.
func TestDraftAdvancesByItselfUnlessHeld(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	price := s.price("Pro", 2000)
	sub := s.subscribe(s.customer("pm_card_visa"), price)
	s.wait(sub.periodEnd() - s.now)
	draft := s.latest(sub.ID)
	s.do(UpdateInvoice{ID: draft.ID, InvoiceParams: InvoiceParams{AutoAdvance: Some(false)}})
	s.item(draft.Customer, extra(500, "Extra work"), func(c *CreateInvoiceItem) { c.Invoice = Some(draft.ID) })
	s.wait(2 * secondsPerDay)
	if got := s.invoice(draft.ID); got.Status != InvoiceDraft || got.NextPaymentAttempt != 0 {
		t.Fatalf("held: %s, next attempt %d", got.Status, got.NextPaymentAttempt)
	}
	s.do(UpdateInvoice{ID: draft.ID, InvoiceParams: InvoiceParams{AutoAdvance: Some(true)}})
	s.wait(3600)
	if got := s.invoice(draft.ID); got.Status != InvoicePaid || got.AmountPaid != 2500 {
		t.Errorf("released: %s, paid %d", got.Status, got.AmountPaid)
	}
	if e := s.refuse(DeleteInvoice{ID: draft.ID}); e.Status != 400 {
		t.Errorf("deleting a paid invoice: %v", e)
	}
}

func TestAmountBelowTheMinimumChargeGoesToTheBalance(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("pm_card_visa")
	pay := func(amount int64) *Invoice {
		s.item(customer, extra(amount, "Small"))
		return s.do(PayInvoice{ID: s.do(CreateInvoice{Customer: Some(customer), PendingInvoiceItemsBehavior: Some("include")}).(*Invoice).ID}).(*Invoice)
	}
	if inv := pay(30); inv.Status != InvoicePaid || inv.AmountDue != 0 || *inv.EndingBalance != 30 || inv.PaymentIntent != "" {
		t.Fatalf("30 cents: %+v", inv)
	}
	if inv := pay(40); inv.AmountPaid != 70 || get[Customer](s, customer).Balance != 0 {
		t.Errorf("40 cents more: paid %d, balance %d", inv.AmountPaid, get[Customer](s, customer).Balance)
	}
}

func TestVoidingGivesAppliedBalanceBack(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("")
	s.do(CreateCustomerBalanceTransaction{Customer: customer, Amount: Some[int64](-600), Currency: Some("usd")})
	s.item(customer, extra(1500, "Design"))
	inv := s.do(FinalizeInvoice{ID: s.do(CreateInvoice{Customer: Some(customer), PendingInvoiceItemsBehavior: Some("include")}).(*Invoice).ID}).(*Invoice)
	if inv.AmountDue != 900 || get[Customer](s, customer).Balance != 0 {
		t.Fatalf("due %d, balance %d", inv.AmountDue, get[Customer](s, customer).Balance)
	}
	s.do(VoidInvoice{ID: inv.ID})
	if got := get[Customer](s, customer).Balance; got != -600 {
		t.Errorf("after the void the balance is %d", got)
	}
	if e := s.refuse(VoidInvoice{ID: inv.ID}); e.Status != 400 {
		t.Errorf("voiding twice: %v", e)
	}
}

func TestMailedInvoiceIsSentAndTurnsPastDue(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	sub := s.subscribe(s.customer(""), s.price("Pro", 2000), func(c *CreateSubscription) {
		c.CollectionMethod, c.DaysUntilDue = Some(InvoiceByMail), Some[int64](7)
	})
	if sub.Status != SubActive || s.latest(sub.ID).Status != InvoiceDraft {
		t.Fatalf("%s, invoice %s", sub.Status, s.latest(sub.ID).Status)
	}
	s.events()
	s.wait(3600)
	s.wantEvents("an hour later", "invoice.finalized payment_intent.created invoice.sent")
	s.wait(7 * secondsPerDay)
	if got := s.sub(sub.ID).Status; got != SubPastDue {
		t.Errorf("after the due date: %s", got)
	}
	s.do(PayInvoice{ID: sub.LatestInvoice, PaidOutOfBand: Some(true)})
	if got := s.sub(sub.ID).Status; got != SubActive {
		t.Errorf("after the bank transfer: %s", got)
	}
}

// Rows: C13 C14.
func TestPendingItemsJoinTheNextInvoiceOfTheirSubscription(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("pm_card_visa")
	a, b := s.subscribe(customer, s.price("A", 1000)), s.subscribe(customer, s.price("B", 2000))
	s.item(customer, extra(100, "for B"), func(c *CreateInvoiceItem) { c.Subscription = Some(b.ID) })
	s.item(customer, extra(50, "for anybody"))
	s.wait(a.periodEnd() - s.now + 3600)
	if got := lines(s.latest(a.ID)); got != "50 for anybody | 1000 1 × A (at $10.00 / month)" {
		t.Errorf("A: %s", got)
	}
	if got := lines(s.latest(b.ID)); got != "100 for B | 2000 1 × B (at $20.00 / month)" {
		t.Errorf("B: %s", got)
	}
}

func TestItemCanBeDeletedWhileItWaits(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("")
	item := s.item(customer, extra(100, "Oops"))
	s.do(DeleteInvoiceItem{ID: item.ID})
	if e := s.refuse(CreatePreview{Customer: Some(customer)}); e.Status != 404 || e.Code != "invoice_upcoming_none" {
		t.Errorf("the preview of nothing: %v", e)
	}
}

func TestInvoiceLinesAreListedInTheirOrder(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("")
	for _, text := range []string{"one", "two", "three"} {
		s.item(customer, extra(100, text))
	}
	inv := s.do(CreateInvoice{Customer: Some(customer), PendingInvoiceItemsBehavior: Some("include")}).(*Invoice)
	read := func(p Page) (out string) {
		page, err := s.Query(ListInvoiceLines{Page: p, Invoice: inv.ID})
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range page.Data {
			out += l.(*InvoiceLine).Description + " "
		}
		if page.HasMore {
			out += "…"
		}
		return out
	}
	first, last := inv.Lines[0].ID, inv.Lines[2].ID
	for want, p := range map[string]Page{
		"three two one ": {}, "three two …": {Limit: Some[int64](2)}, "two one ": {StartingAfter: Some(first)},
		"three two ": {EndingBefore: Some(last)}, "two …": {Limit: Some[int64](1), EndingBefore: Some(last)},
	} {
		if got := read(p); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// Rows: C18 C27.
func TestConfirmingTheFirstIntentActivatesTheSubscription(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("pm_card_visa")
	sub := s.subscribe(customer, s.price("Pro", 2000), behavior(DefaultIncomplete), func(c *CreateSubscription) {
		c.PaymentSettings = Some(SubscriptionPaymentParams{SaveDefaultPaymentMethod: Some("on_subscription")})
	})
	pm := get[Customer](s, customer).InvoiceSettings.DefaultPaymentMethod
	s.events()
	s.do(ConfirmPaymentIntent{ID: s.latest(sub.ID).PaymentIntent, PaymentIntentParams: PaymentIntentParams{PaymentMethod: Some(pm)}})
	s.wantEvents("confirm", `charge.succeeded payment_intent.succeeded customer.subscription.updated invoice.updated invoice.paid
		invoice.payment_succeeded invoice_payment.paid`)
	if got := s.sub(sub.ID); got.Status != SubActive || got.DefaultPaymentMethod != pm {
		t.Errorf("%s with default method %q", got.Status, got.DefaultPaymentMethod)
	}
}

func TestVoidingTheFirstInvoiceEndsAnIncompleteSubscription(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	sub := s.subscribe(s.customer(""), s.price("Pro", 2000), behavior(DefaultIncomplete))
	s.do(VoidInvoice{ID: sub.LatestInvoice})
	if got := s.sub(sub.ID).Status; got != SubIncompleteExpired {
		t.Errorf("got %s", got)
	}
}

func TestFirstPeriodUpToAnAnchorAndExtrasOnTheFirstInvoice(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.now = unix(t, "2026-04-16")
	setup := s.price("Setup", 5000, func(c *CreatePrice) { c.Recurring = Opt[RecurringParam]{} })
	sub := s.subscribe(s.customer("pm_card_visa"), s.price("Pro", 3000), func(c *CreateSubscription) {
		c.BillingCycleAnchor = Some(unix(t, "2026-05-01"))
		c.AddInvoiceItems = Some([]AddInvoiceItemParams{{Price: Some(setup)}})
	})
	if got := lines(s.latest(sub.ID)); got != "5000 Setup | 1500 Remaining time on Pro after 16 Apr 2026" {
		t.Errorf("first: %s", got)
	}
	s.waitUntil("2026-05-01 01:00:00")
	if got := s.latest(sub.ID); lines(got) != "3000 1 × Pro (at $30.00 / month)" || s.sub(sub.ID).periodEnd() != unix(t, "2026-06-01") {
		t.Errorf("second: %s", lines(got))
	}
	free := s.subscribe(s.customer("pm_card_visa"), s.price("Free start", 3000), func(c *CreateSubscription) {
		c.BillingCycleAnchor, c.ProrationBehavior = Some(unix(t, "2026-05-15")), Some(NoProrations)
	})
	if free.LatestInvoice != "" || free.Status != SubActive {
		t.Errorf("without proration: %s, invoice %q", free.Status, free.LatestInvoice)
	}
}

func TestMixedIntervalsAreBilledEachAtItsOwnTime(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	month, year := s.price("Month", 1000), s.price("Year", 9000, yearly)
	customer := s.customer("pm_card_visa")
	sub := s.do(CreateSubscription{Customer: Some(customer), Items: items(month, year)}).(*Subscription)
	if got := s.latest(sub.ID); got.AmountPaid != 10000 {
		t.Errorf("first: %d", got.AmountPaid)
	}
	s.waitUntil("2027-01-31 11:00:00")
	if got := s.latest(sub.ID); got.AmountPaid != 1000 {
		t.Errorf("a month: %s", lines(got))
	}
	s.waitUntil("2027-01-31 13:00:00")
	if got := s.latest(sub.ID); got.AmountPaid != 10000 {
		t.Errorf("the year: %s", lines(got))
	}
	if e := s.refuse(CreateSubscription{Customer: Some(customer), Items: items(month, year), BillingMode: Some(BillingModeParams{Type: Some(ModeClassic)})}); e.Param != "items" {
		t.Errorf("classic: %v", e)
	}
}

func TestFinalizedByHandAndAdvancingIsCollectedLater(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("pm_card_visa")
	s.item(customer, extra(900, "Help"))
	inv := s.do(CreateInvoice{Customer: Some(customer), PendingInvoiceItemsBehavior: Some("include")}).(*Invoice)
	s.do(FinalizeInvoice{ID: inv.ID, AutoAdvance: Some(true)})
	if got := s.invoice(inv.ID); got.Status != InvoiceOpen || got.Attempted {
		t.Fatalf("%s, attempted %v", got.Status, got.Attempted)
	}
	s.wait(3600)
	if got := s.invoice(inv.ID); got.Status != InvoicePaid {
		t.Errorf("an hour later: %s", got.Status)
	}
}

func TestDraftIsDeletedWithItsItemsAndAnOpenOneIsNot(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("")
	s.item(customer, extra(900, "Help"))
	inv := s.do(CreateInvoice{Customer: Some(customer), PendingInvoiceItemsBehavior: Some("include")}).(*Invoice)
	s.events()
	s.do(DeleteInvoice{ID: inv.ID})
	s.wantEvents("delete", "invoiceitem.deleted invoice.deleted")
	if e := s.refuse(FinalizeInvoice{ID: inv.ID}); e.Status != 404 || e.Param != "invoice" {
		t.Errorf("finalizing the deleted: %v", e)
	}
	open := s.do(FinalizeInvoice{ID: s.do(CreateInvoice{Customer: Some(customer)}).(*Invoice).ID}).(*Invoice)
	if e := s.refuse(DeleteInvoice{ID: open.ID}); e.Status != 400 {
		t.Errorf("deleting the finalized: %v", e)
	}
}

func TestItemsTakePricesAmountsAndInlinePrices(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("")
	once := s.price("Once", 700, func(c *CreatePrice) { c.Recurring = Opt[RecurringParam]{} })
	product := get[Price](s, once).Product
	for _, c := range []struct {
		name   string
		change func(*CreateInvoiceItem)
		want   int64
		param  string
	}{
		{"a price", func(c *CreateInvoiceItem) {
			c.Pricing, c.Quantity = Some(PricingParams{Price: Some(once)}), Some[int64](3)
		}, 2100, ""},
		{"an inline price", func(c *CreateInvoiceItem) {
			c.PriceData = Some(ItemPriceParams{PriceDataParams: PriceDataParams{Currency: Some("usd"), Product: Some(product), UnitAmount: Some[int64](250)}})
		}, 250, ""},
		{"a decimal amount", func(c *CreateInvoiceItem) {
			c.UnitAmountDecimal, c.Quantity = Some(dec(t, "0.5")), Some[int64](3)
		}, 2, ""},
		{"a bare amount", func(c *CreateInvoiceItem) { c.Amount = Some[int64](-40) }, -40, ""},
		{"nothing", func(*CreateInvoiceItem) {}, 0, "amount"},
		{"a recurring price", func(c *CreateInvoiceItem) { c.Pricing = Some(PricingParams{Price: Some(s.price("Monthly", 5))}) }, 0, "pricing[price]"},
		{"a period that runs backwards", func(c *CreateInvoiceItem) { c.Amount, c.Period = Some[int64](1), Some(PeriodParams{Start: 9, End: 8}) }, 0, "period[end]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd := CreateInvoiceItem{Customer: Some(customer), Currency: Some("usd")}
			c.change(&cmd)
			if c.param != "" {
				if e := s.refuse(cmd); e.Param != c.param {
					t.Errorf("refused %q, want %q", e.Param, c.param)
				}
				return
			}
			if got := s.do(cmd).(*InvoiceItem); got.Amount != c.want || got.Price == "" || got.Invoice != "" {
				t.Errorf("%+v", got)
			}
		})
	}
}

// Rows: C14.
func TestCancelNowDropsProrationsAndBillsTheRestAtPeriodEnd(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	basic, pro := s.price("Basic", 1000), s.price("Pro", 2000)
	customer := s.customer("pm_card_visa")
	sub := s.subscribe(customer, basic)
	end := sub.periodEnd()
	s.wait(half)
	s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: s.swap(sub.ID, pro)})
	s.item(customer, extra(700, "Help"), func(c *CreateInvoiceItem) { c.Subscription = Some(sub.ID) })
	s.events()
	s.do(CancelSubscription{ID: sub.ID})
	s.wantEvents("cancel", "customer.subscription.deleted invoiceitem.deleted invoiceitem.deleted")
	s.wait(end - s.now + 3600)
	all := s.tables.invoices.all("subscription", sub.ID)
	if last := all[len(all)-1]; lines(last) != "700 Help" || last.Status != InvoicePaid {
		t.Errorf("last invoice: %s, %s", lines(last), last.Status)
	}
}

func TestPausedSubscriptionResumesWithANewPeriod(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("")
	sub := s.subscribe(customer, s.price("Pro", 2000), func(c *CreateSubscription) {
		c.TrialPeriodDays = Some[int64](2)
		c.TrialSettings = Some(TrialSettingsParams{EndBehavior: Some(TrialEndBehaviorParams{MissingPaymentMethod: Some("pause")})})
	})
	s.wait(30 * secondsPerDay)
	if got := s.sub(sub.ID).Status; got != SubPaused {
		t.Fatalf("%s", got)
	}
	s.useCard(customer, "pm_card_visa")
	s.events()
	got := s.do(ResumeSubscription{ID: sub.ID}).(*Subscription)
	if inv := s.latest(sub.ID); got.Status != SubPaused || inv.Status != InvoiceOpen || inv.Attempted || inv.AmountDue != 2000 {
		t.Errorf("resuming left it %s, the invoice %s", got.Status, inv.Status)
	}
	s.wait(23 * 3600)
	if inv := s.latest(sub.ID); s.sub(sub.ID).Status != SubPaused || inv.Status != InvoiceVoid {
		t.Errorf("unpaid for 23 hours it is %s, the invoice %s", s.sub(sub.ID).Status, inv.Status)
	}
	s.do(ResumeSubscription{ID: sub.ID})
	start := s.now
	s.wait(600)
	s.events()
	s.do(PayInvoice{ID: s.latest(sub.ID).ID})
	if got := s.sub(sub.ID); got.Status != SubActive || got.BillingCycleAnchor != start || s.latest(sub.ID).AmountPaid != 2000 {
		t.Errorf("paid it is %s from %d", got.Status, got.BillingCycleAnchor)
	}
	if story := s.events(); !slices.Contains(story, "customer.subscription.resumed") {
		t.Errorf("nobody was told: %v", story)
	}
	s.refuse(ResumeSubscription{ID: sub.ID})
}

func TestResumingCanKeepTheBillingCycle(t *testing.T) {
	t.Parallel()
	for behavior, want := range map[string]string{
		CreateProrations: "1000 Remaining time on Pro after 14 Mar 2026 | 2000 1 × Pro (at $20.00 / month)",
		NoProrations:     "2000 1 × Pro (at $20.00 / month)",
	} {
		s := openShop(t)
		customer := s.customer("")
		sub := s.subscribe(customer, s.price("Pro", 2000), func(c *CreateSubscription) {
			c.TrialEnd = Some(At(unix(t, "2026-02-28 12:00:00")))
			c.TrialSettings = Some(TrialSettingsParams{EndBehavior: Some(TrialEndBehaviorParams{MissingPaymentMethod: Some("pause")})})
		})
		s.useCard(customer, "pm_card_visa")
		s.do(UpdateCustomer{ID: customer, CustomerParams: CustomerParams{
			InvoiceSettings: Some(CustomerInvoiceSettingsParams{DefaultPaymentMethod: Clear[string]()}),
		}})
		s.waitUntil("2026-03-14 12:00:00") // half of the 28 days from 28 February to 28 March
		s.refuse(ResumeSubscription{ID: sub.ID, ProrationDate: Some(s.now)})
		got := s.do(ResumeSubscription{ID: sub.ID, BillingCycleAnchor: Some(AnchorParams{Type: "unchanged"}), ProrationBehavior: Some(behavior)}).(*Subscription)
		if got.Status != SubActive || got.BillingCycleAnchor != unix(t, "2026-02-28 12:00:00") {
			t.Errorf("%s: %s from %d", behavior, got.Status, got.BillingCycleAnchor)
		}
		s.waitUntil("2026-03-28 12:00:00")
		if got := lines(s.latest(sub.ID)); got != want {
			t.Errorf("%s: billed %s, want %s", behavior, got, want)
		}
	}
}

func TestClassicBillingMigratesToFlexible(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	sub := s.subscribe(s.customer("pm_card_visa"), s.price("Pro", 2000), func(c *CreateSubscription) {
		c.BillingMode = Some(BillingModeParams{Type: Some(ModeClassic)})
	})
	mode := func(word string) Opt[BillingModeParams] { return Some(BillingModeParams{Type: Some(word)}) }
	s.refuse(MigrateSubscription{ID: sub.ID, BillingMode: mode(ModeClassic)})
	s.wait(10)
	s.events()
	got := s.do(MigrateSubscription{ID: sub.ID, BillingMode: mode(ModeFlexible)}).(*Subscription)
	s.wantEvents("migrated", "customer.subscription.updated")
	if got.BillingMode != (BillingMode{Type: ModeFlexible, ProrationDiscounts: "included", UpdatedAt: s.now}) {
		t.Errorf("got %+v", got.BillingMode)
	}
	s.refuse(MigrateSubscription{ID: sub.ID, BillingMode: mode(ModeFlexible)})
}

func TestInvoiceTakesSoManyItemsAndTheNextOneTheRest(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("")
	for range invoiceItemsMax + 3 {
		s.item(customer, extra(100, "Hour"))
	}
	include := CreateInvoice{Customer: Some(customer), PendingInvoiceItemsBehavior: Some("include")}
	first, second := s.do(include).(*Invoice), s.do(include).(*Invoice)
	if len(first.Lines) != invoiceItemsMax || len(second.Lines) != 3 {
		t.Errorf("%d and %d lines", len(first.Lines), len(second.Lines))
	}
	if e := s.refuse(CreateInvoiceItem{Customer: Some(customer), Amount: Some[int64](1), Currency: Some("usd"), Invoice: Some(first.ID)}); e.Param != "invoice" {
		t.Errorf("one more: %v", e)
	}
}
