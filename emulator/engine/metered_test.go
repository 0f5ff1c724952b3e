package engine

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// meteredPrice makes a monthly price of a meter.
func (s *shop) meteredPrice(name string, m *Meter, change ...func(*CreatePrice)) string {
	s.Helper()
	metered := func(c *CreatePrice) {
		c.Recurring = Some(RecurringParam{Interval: Some("month"), UsageType: Some(Metered), Meter: Some(m.ID)})
	}
	return s.price(name, 10, append([]func(*CreatePrice){metered}, change...)...)
}

// tiered gives a price tiers: "5:500 10:400 inf:300" are amounts per unit, "+900" behind one is a flat amount.
func tiered(mode, steps string) func(*CreatePrice) {
	return func(c *CreatePrice) {
		var list []TierParam
		for _, step := range strings.Fields(steps) {
			bound, amounts, _ := strings.Cut(step, ":")
			unit, flat, _ := strings.Cut(amounts, "+")
			var p TierParam
			for field, text := range map[interface{ UnmarshalText([]byte) error }]string{
				p.UpTo.Fill().(*UpTo): bound, p.UnitAmountDecimal.Fill().(*Decimal): unit, p.FlatAmountDecimal.Fill().(*Decimal): "0" + flat,
			} {
				if err := field.UnmarshalText([]byte(text)); err != nil {
					panic(err)
				}
			}
			list = append(list, p)
		}
		c.UnitAmount, c.BillingScheme, c.TiersMode, c.Tiers = Opt[int64]{}, Some(Tiered), Some(mode), Some(list)
	}
}

func inMode(mode string) func(*CreateSubscription) {
	return func(c *CreateSubscription) { c.BillingMode = Some(BillingModeParams{Type: Some(mode)}) }
}

// use reports usage of a customer now.
func (s *shop) use(customer, value string) { s.Helper(); s.do(used("calls", customer, value, s.now)) }

// dayOf is a moment as a day.
func dayOf(unix int64) string { return time.Unix(unix, 0).UTC().Format("2 Jan") }

// spans are the lines of an invoice with the days of their periods.
func spans(inv *Invoice) string {
	var out []string
	for _, l := range inv.Lines {
		out = append(out, fmt.Sprintf("%s %d %s-%s", l.Description, l.Amount, dayOf(l.Period.Start), dayOf(l.Period.End)))
	}
	return strings.Join(out, " | ")
}

// Rows: C12.
func TestTheFixedPriceIsBilledAheadAndTheUsageAfterwards(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	m, customer := s.meter("calls", FormulaSum), s.customer("pm_card_visa")
	fixed, metered := s.price("Base", 2000), s.meteredPrice("Calls", m)
	s.use(customer, "1000") // before the subscription: nobody's
	s.wait(1)
	sub := s.subscribe(customer, fixed, func(c *CreateSubscription) { c.Items = items(fixed, metered) })
	if first := s.latest(sub.ID); spans(first) != "1 × Base (at $20.00 / month) 2000 31 Jan-28 Feb" {
		t.Errorf("first: %s", spans(first))
	}
	s.wait(10 * secondsPerDay)
	s.use(customer, "30")
	s.wait(10 * secondsPerDay)
	s.use(customer, "12.5")
	s.waitUntil("2026-02-28 12:00:01")
	draft := s.latest(sub.ID)
	want := "42.5 × Calls (at $0.10 / month) 425 31 Jan-28 Feb | 1 × Base (at $20.00 / month) 2000 28 Feb-31 Mar"
	if draft.Status != InvoiceDraft || spans(draft) != want {
		t.Errorf("draft: %s %s", draft.Status, spans(draft))
	}
	if line := draft.Lines[0]; *line.Quantity != 42 || line.Used.String() != "42.5" || !line.FromSubscription || line.SubscriptionItem != sub.Items[1].ID {
		t.Errorf("line %+v", line)
	}
	late := used("calls", customer, "7.5", s.now-100)
	s.do(late) // in the draft's hour, about the period that is over
	s.use(customer, "1")
	s.wait(3600)
	billed := s.latest(sub.ID)
	if billed.ID != draft.ID || billed.Status != InvoicePaid || billed.AmountPaid != 2500 || billed.Lines[0].ID != draft.Lines[0].ID {
		t.Errorf("billed %d: %s", billed.AmountPaid, spans(billed))
	}
	s.do(used("calls", customer, "500", s.now-2*3600)) // too late: that invoice is final
	s.waitUntil("2026-03-31 14:00:00")
	if next := s.latest(sub.ID); spans(next) != "1 × Calls (at $0.10 / month) 10 28 Feb-31 Mar | 1 × Base (at $20.00 / month) 2000 31 Mar-30 Apr" {
		t.Errorf("next: %s", spans(next))
	}
}

// Rows: C7 C8 C9 C10 C11.
func TestUsageCostsWhatThePricesSchemeSays(t *testing.T) {
	t.Parallel()
	const mission = "5:500 10:400 inf:300"
	for _, c := range []struct {
		name, used string
		price      func(*CreatePrice)
		want       string
		total      int64
	}{
		{"per unit", "7 8", func(*CreatePrice) {}, "15 × Calls (at $0.10 / month) 150", 150},
		{"to twelve places", "30", func(c *CreatePrice) { c.UnitAmount, c.UnitAmountDecimal = Opt[int64]{}, Some(dec(t, "0.050000000001")) },
			"30 × Calls (at $0.00050000000001 / month) 2", 2},
		{"eleven units in volume tiers", "4 7", tiered(Volume, mission), "11 × Calls (at $3.00 / month) 3300", 3300},
		{"eleven units in graduated tiers", "4 7", tiered(Graduated, mission),
			"5 × Calls (Tier 1 at $5.00 / month) 2500 | 5 × Calls (Tier 2 at $4.00 / month) 2000 | 1 × Calls (Tier 3 at $3.00 / month) 300", 4800},
		{"a fraction of a tier", "4 1.5", tiered(Graduated, mission),
			"5 × Calls (Tier 1 at $5.00 / month) 2500 | 0.5 × Calls (Tier 2 at $4.00 / month) 200", 2700},
		{"the first gigabyte 30.00, then 50.00 each", "3", tiered(Graduated, "1:3000 inf:5000"),
			"1 × Calls (Tier 1 at $30.00 / month) 3000 | 2 × Calls (Tier 2 at $50.00 / month) 10000", 13000},
		{"a flat amount is owed without any usage", "", tiered(Volume, "10:0+200 inf:100"), "0 × Calls (at $0.00 / month) 200", 200},
		{"begun hours", "150", func(c *CreatePrice) { c.TransformQuantity = Some(TransformQuantity{DivideBy: 60, Round: RoundUp}) },
			"150 × Calls (at $0.10 per 60 units / month) 30", 30},
		{"full hours", "179.9", func(c *CreatePrice) { c.TransformQuantity = Some(TransformQuantity{DivideBy: 60, Round: RoundDown}) },
			"179.9 × Calls (at $0.10 per 60 units / month) 20", 20},
		{"more was taken back than used", "5 -8", func(*CreatePrice) {}, "0 × Calls (at $0.10 / month) 0", 0},
		{"more than can be paid", "999999999999999", tiered(Volume, "inf:9999999999"), "999999999999999 × Calls (at $99,999,999.99 / month) 999999999999", 999999999999},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			m, customer := s.meter("calls", FormulaSum), s.customer("pm_card_visa")
			sub := s.subscribe(customer, s.meteredPrice("Calls", m, c.price))
			for _, value := range strings.Fields(c.used) {
				s.wait(secondsPerDay)
				s.use(customer, value)
			}
			preview := s.do(CreatePreview{Subscription: Some(sub.ID)}).(*Invoice)
			s.waitUntil("2026-02-28 14:00:00")
			inv := s.latest(sub.ID)
			if got := strings.ReplaceAll(spans(inv), " 31 Jan-28 Feb", ""); got != c.want || inv.Total != c.total {
				t.Errorf("got %d: %s\nwant %d: %s", inv.Total, got, c.total, c.want)
			}
			if lines(preview) != lines(inv) || preview.Total != inv.Total {
				t.Errorf("previewed %s", lines(preview))
			}
		})
	}
}

// Rows: C6 C10.
func TestSeatsAreLicensedAndBilledAhead(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("pm_card_visa")
	for _, c := range []struct {
		name  string
		seats int64
		price string
		want  int64
	}{
		{"three seats at 15.00", 3, s.price("Seat", 1500), 4500},
		{"ten users at 2.00", 10, s.price("User", 0, tiered(Graduated, "10:200 inf:100")), 2000},
		{"the eleventh at 1.00", 11, s.price("User", 0, tiered(Graduated, "10:200 inf:100")), 2100},
	} {
		sub := s.subscribe(customer, c.price, func(p *CreateSubscription) {
			p.Items = Some([]SubscriptionItemParams{{Price: Some(c.price), Quantity: Some(c.seats)}})
		})
		if inv := s.latest(sub.ID); inv.AmountPaid != c.want {
			t.Errorf("%s: paid %d, want %d", c.name, inv.AmountPaid, c.want)
		}
	}
}

func TestAMeteredPriceAloneBeginsWithNothingToPay(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	m := s.meter("calls", FormulaSum)
	price := s.meteredPrice("Calls", m)
	flexible := s.subscribe(s.customer("pm_card_visa"), price, inMode(ModeFlexible))
	if flexible.Status != SubActive || flexible.LatestInvoice != "" || flexible.Items[0].Quantity != nil {
		t.Errorf("flexible: %+v", flexible)
	}
	classic := s.subscribe(s.customer("pm_card_visa"), price, inMode(ModeClassic))
	if inv := s.latest(classic.ID); inv.Status != InvoicePaid || spans(inv) != "0 × Calls (at $0.10 / month) 0 31 Jan-31 Jan" {
		t.Errorf("classic: %s %s", inv.Status, spans(inv))
	}
	for _, p := range []SubscriptionItemParams{{Price: Some(price), Quantity: Some[int64](1)}, {Price: Some(price), Quantity: Some[int64](0)}} {
		if e := s.refuse(CreateSubscription{Customer: Some(classic.Customer), Items: Some([]SubscriptionItemParams{p})}); e.Param != "items[0][quantity]" {
			t.Errorf("a quantity: %v", e)
		}
	}
	if e := s.refuse(UpdateSubscriptionItem{ID: classic.Items[0].ID, SubscriptionItemParams: SubscriptionItemParams{Quantity: Some[int64](3)}}); e.Param == "" {
		t.Errorf("a quantity later: %v", e)
	}
}

func TestWhatIsUsedInATrialIsFree(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{ModeClassic, ModeFlexible} {
		s := openShop(t)
		m, customer := s.meter("calls", FormulaSum), s.customer("pm_card_visa")
		sub := s.subscribe(customer, s.meteredPrice("Calls", m), inMode(mode), func(c *CreateSubscription) { c.TrialPeriodDays = Some[int64](10) })
		s.wait(5 * secondsPerDay)
		s.use(customer, "100")
		s.wait(5*secondsPerDay + 7200)
		s.use(customer, "3")
		s.waitUntil("2026-03-10 14:00:00")
		if inv := s.latest(sub.ID); inv.Total != 30 || spans(inv) != "3 × Calls (at $0.10 / month) 30 10 Feb-10 Mar" {
			t.Errorf("%s: %s", mode, spans(inv))
		}
		early := s.subscribe(customer, s.meteredPrice("Calls", m), inMode(mode), func(c *CreateSubscription) { c.TrialPeriodDays = Some[int64](10) })
		s.use(customer, "50")
		s.wait(60)
		s.do(UpdateSubscription{ID: early.ID, SubscriptionChange: SubscriptionChange{TrialEnd: Some(Now)}})
		if inv := s.do(CreatePreview{Subscription: Some(early.ID)}).(*Invoice); inv.Total != 0 {
			t.Errorf("%s, a trial cut short: %s", mode, spans(inv))
		}
	}
}

func TestCancelingDropsOrBillsTheUsage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		cancel CancelSubscription
		now    string // the invoice that comes at once
		later  string // the one at the period's end
	}{
		{"at once, without more: dropped", CancelSubscription{}, "", ""},
		{"invoiced now", CancelSubscription{InvoiceNow: Some(true)}, "20 × Calls (at $0.10 / month) 200 31 Jan-10 Feb", ""},
		{"prorated: owed later", CancelSubscription{Prorate: Some(true)}, "", "20 × Calls (at $0.10 / month) 200 31 Jan-10 Feb"},
		{"both", CancelSubscription{Prorate: Some(true), InvoiceNow: Some(true)}, "20 × Calls (at $0.10 / month) 200 31 Jan-10 Feb", ""},
	} {
		s := openShop(t)
		m, customer := s.meter("calls", FormulaSum), s.customer("pm_card_visa")
		sub := s.subscribe(customer, s.meteredPrice("Calls", m))
		s.wait(5 * secondsPerDay)
		s.use(customer, "20")
		s.wait(5 * secondsPerDay)
		c.cancel.ID = sub.ID
		s.do(c.cancel)
		got := func() string {
			var out []string
			for _, inv := range s.tables.invoices.all("subscription", sub.ID) {
				out = append(out, spans(inv))
			}
			return strings.Join(out, " ; ")
		}
		if got() != c.now {
			t.Errorf("%s: at once %q, want %q", c.name, got(), c.now)
		}
		s.waitUntil("2026-03-02 00:00:00")
		if want := c.now + c.later; got() != want {
			t.Errorf("%s: at the end %q, want %q", c.name, got(), want)
		}
	}
}

func TestAtThePeriodsEndTheLastUsageIsBilled(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	m, customer := s.meter("calls", FormulaSum), s.customer("pm_card_visa")
	fixed, metered := s.price("Base", 2000), s.meteredPrice("Calls", m)
	sub := s.subscribe(customer, fixed, func(c *CreateSubscription) { c.Items = items(fixed, metered) })
	s.wait(secondsPerDay)
	s.use(customer, "20")
	s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: SubscriptionChange{CancelAtPeriodEnd: Some(true)}})
	preview := s.do(CreatePreview{Subscription: Some(sub.ID)}).(*Invoice)
	s.waitUntil("2026-02-28 14:00:00")
	all := s.tables.invoices.all("subscription", sub.ID)
	last := all[len(all)-1]
	if len(all) != 2 || last.Status != InvoicePaid || spans(last) != "20 × Calls (at $0.10 / month) 200 31 Jan-28 Feb" || lines(preview) != lines(last) {
		t.Errorf("%d invoices, the last %s; previewed %s", len(all), spans(last), spans(preview))
	}
	if s.sub(sub.ID).Status != SubCanceled {
		t.Errorf("still %s", s.sub(sub.ID).Status)
	}
}

func TestAMeteredPriceThatGoesBillsItsUsageInFlexibleModeOnly(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, mode, behavior, want string }{
		{"flexible bills it with the next invoice", ModeFlexible, CreateProrations,
			"20 × Calls (at $0.10 / month) 200 31 Jan-10 Feb | 5 × Mails (at $0.07 / month) 35 10 Feb-28 Feb"},
		{"unless nothing is to be prorated", ModeFlexible, NoProrations, "5 × Mails (at $0.07 / month) 35 10 Feb-28 Feb"},
		{"classic drops it", ModeClassic, CreateProrations, "5 × Mails (at $0.07 / month) 35 10 Feb-28 Feb"},
	} {
		s := openShop(t)
		m, customer := s.meter("calls", FormulaSum), s.customer("pm_card_visa")
		sub := s.subscribe(customer, s.meteredPrice("Calls", m), inMode(c.mode))
		dearer := s.meteredPrice("Mails", m, func(p *CreatePrice) { p.UnitAmount = Some[int64](7) })
		s.wait(5 * secondsPerDay)
		s.use(customer, "20")
		s.wait(5 * secondsPerDay)
		change := s.swap(sub.ID, dearer)
		change.ProrationBehavior = Some(c.behavior)
		s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: change})
		s.wait(secondsPerDay)
		s.use(customer, "5")
		s.waitUntil("2026-02-28 14:00:00")
		if inv := s.latest(sub.ID); spans(inv) != c.want {
			t.Errorf("%s: %s", c.name, spans(inv))
		}
	}
}

func TestSwappingBetweenSeatsAndUsageBillsEachForItsTime(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	m, customer := s.meter("calls", FormulaSum), s.customer("pm_card_visa")
	seat, calls := s.price("Seat", 2800), s.meteredPrice("Calls", m)
	sub := s.subscribe(customer, seat)
	s.wait(7 * secondsPerDay)
	s.use(customer, "999") // while seats were paid
	s.wait(7 * secondsPerDay)
	s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: s.swap(sub.ID, calls)})
	if item := s.sub(sub.ID).Items[0]; item.Quantity != nil || item.UsageFrom != s.now || len(item.Debits) != 1 {
		t.Errorf("metered now: %+v", item)
	}
	s.wait(secondsPerDay)
	s.use(customer, "4")
	s.wait(6 * secondsPerDay)
	s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: s.swap(sub.ID, seat)})
	s.waitUntil("2026-02-28 14:00:00")
	want := "Remaining time on Seat after 21 Feb 2026 700 21 Feb-28 Feb | 4 × Calls (at $0.10 / month) 40 14 Feb-21 Feb | " +
		"Unused time on Seat after 14 Feb 2026 -1400 14 Feb-28 Feb | 1 × Seat (at $28.00 / month) 2800 28 Feb-31 Mar"
	if got := spans(s.latest(sub.ID)); got != want {
		t.Errorf("billed %s", got)
	}
}

func TestANewCycleBillsTheUsageOfTheOldOneAtOnce(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	m, customer := s.meter("calls", FormulaSum), s.customer("pm_card_visa")
	fixed, metered := s.price("Base", 2800), s.meteredPrice("Calls", m)
	sub := s.subscribe(customer, fixed, func(c *CreateSubscription) { c.Items = items(fixed, metered) })
	s.wait(secondsPerDay)
	s.use(customer, "20")
	s.wait(13 * secondsPerDay)
	change := SubscriptionChange{BillingCycleAnchor: Some(AnchorParams{"now"}), ProrationBehavior: Some(AlwaysInvoice)}
	preview := s.do(CreatePreview{Subscription: Some(sub.ID), SubscriptionDetails: Some(PreviewSubscriptionParams{SubscriptionChange: change})}).(*Invoice)
	s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: change})
	inv := s.latest(sub.ID)
	if inv.Status != InvoicePaid || inv.Total != 2800-1400+200 || lines(preview) != lines(inv) {
		t.Errorf("billed %d: %s; previewed %s", inv.Total, spans(inv), spans(preview))
	}
	s.wait(secondsPerDay)
	s.use(customer, "3")
	s.waitUntil("2026-03-14 14:00:00")
	if inv = s.latest(sub.ID); inv.Total != 2800+30 {
		t.Errorf("next %d: %s", inv.Total, spans(inv))
	}
}

// What is reported in time is billed once: events at any moment, reported up to half an hour late, come to the quantities on the invoices.
func TestEveryReportedUnitIsBilledOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		s := openShop(t)
		m, customer := s.meter("calls", FormulaSum), s.customer("pm_card_visa")
		price := s.meteredPrice("Calls", m, rapid.SampledFrom([]func(*CreatePrice){
			func(*CreatePrice) {}, tiered(Graduated, "5:500 10:400 inf:300"), tiered(Volume, "5:500 10:400 inf:300"),
		}).Draw(r, "scheme"))
		mode := rapid.SampledFrom([]string{ModeClassic, ModeFlexible}).Draw(r, "mode")
		sub := s.subscribe(customer, price, inMode(mode))
		start, reported := s.now, Decimal{}
		for range rapid.IntRange(0, 15).Draw(r, "events") {
			s.wait(rapid.Int64Range(1, 9*secondsPerDay).Draw(r, "wait"))
			value := Decimal{rapid.Int64Range(0, 30).Draw(r, "whole"), rapid.SampledFrom([]int64{0, picosPerUnit / 2}).Draw(r, "half")}
			at := max(start, s.now-rapid.Int64Range(0, 1800).Draw(r, "late"))
			s.do(used("calls", customer, value.String(), at))
			reported = reported.plus(value)
			if mode == ModeFlexible && rapid.IntRange(0, 4).Draw(r, "swap") == 0 {
				s.wait(1)
				s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: s.swap(sub.ID, s.meteredPrice("Calls", m))})
				s.wait(1900) // a report that is late over a swap may be about the price before
			}
		}
		s.wait(40 * secondsPerDay)
		billed := Decimal{}
		for _, inv := range s.tables.invoices.all("subscription", sub.ID) {
			for _, line := range inv.Lines {
				billed = billed.plus(*line.Used)
			}
		}
		if billed != reported {
			r.Fatalf("reported %s, billed %s", reported, billed)
		}
	})
}

func TestCheckoutSellsAMeteredPrice(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	metered := s.meteredPrice("Calls", s.meter("calls", FormulaSum), tiered(Graduated, "5:0+700 inf:300"))
	line := func(c CheckoutLineParams) func(*CreateCheckoutSession) {
		return func(cmd *CreateCheckoutSession) { cmd.LineItems = Some([]CheckoutLineParams{c}) }
	}
	e := s.refuse(checkout("", line(CheckoutLineParams{Price: Some(metered), Quantity: Some[int64](1)})))
	if e.Message != "Quantity should not be specified where usage_type is `metered`. Remove quantity from `line_items[0]`." {
		t.Errorf("a quantity: %v", e)
	}
	session := s.do(checkout("", line(CheckoutLineParams{Price: Some(metered)}))).(*CheckoutSession)
	if session.AmountTotal != 0 {
		t.Errorf("asks for %d", session.AmountTotal)
	}
	done := s.do(SubmitCheckout{Session: session.ID, Email: "ada@example.com", Card: card(goodCard)}).(*CheckoutOutcome).Session
	sub := s.sub(done.Subscription)
	if sub.Status != SubActive || sub.Items[0].Quantity != nil {
		t.Fatalf("made %+v", sub)
	}
	s.wait(secondsPerDay)
	s.use(sub.Customer, "6")
	s.waitUntil("2026-02-28 14:00:00")
	if inv := s.latest(sub.ID); inv.Status != InvoicePaid || inv.AmountPaid != 1000 {
		t.Errorf("paid %d: %s", inv.AmountPaid, spans(inv))
	}
}

func TestWhatIsUsedWhilePausedIsFree(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("")
	sub := s.subscribe(customer, s.meteredPrice("Calls", s.meter("calls", FormulaSum)), func(c *CreateSubscription) {
		c.TrialPeriodDays = Some[int64](1)
		c.TrialSettings = Some(TrialSettingsParams{EndBehavior: Some(TrialEndBehaviorParams{MissingPaymentMethod: Some("pause")})})
	})
	s.wait(2 * secondsPerDay)
	if s.sub(sub.ID).Status != SubPaused {
		t.Fatalf("is %s", s.sub(sub.ID).Status)
	}
	s.use(customer, "500")
	s.useCard(customer, "pm_card_visa")
	s.wait(secondsPerDay)
	s.do(ResumeSubscription{ID: sub.ID})
	s.wait(secondsPerDay)
	s.use(customer, "3")
	s.wait(30 * secondsPerDay)
	if inv := s.latest(sub.ID); inv.Total != 30 {
		t.Errorf("billed %s", spans(inv))
	}
}

func TestUpcomingTellsTheUsageSoFar(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("pm_card_visa")
	s.subscribe(customer, s.meteredPrice("Calls", s.meter("calls", FormulaSum)))
	s.wait(secondsPerDay)
	s.use(customer, "40")
	s.waitUntil("2026-02-22 00:00:00")
	for _, e := range s.EventsSince(0) {
		if e.Type == "invoice.upcoming" {
			if inv := e.Object.(*Invoice); spans(inv) != "40 × Calls (at $0.10 / month) 400 31 Jan-28 Feb" {
				t.Errorf("announced %s", spans(inv))
			}
			return
		}
	}
	t.Error("nothing was announced")
}

func TestLateUsageOfADraftReachesFurtherTiersAndKeepsItsDiscounts(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("pm_card_visa")
	metered := s.meteredPrice("Calls", s.meter("calls", FormulaSum), tiered(Graduated, "5:500 10:400 inf:300"))
	sub := s.subscribe(customer, metered, func(c *CreateSubscription) { c.Discounts = byCoupon(s.coupon("10", DurationForever)) })
	s.wait(secondsPerDay)
	s.use(customer, "4")
	s.waitUntil("2026-02-28 12:30:00")
	draft := s.latest(sub.ID)
	s.do(used("calls", customer, "7", s.now-3600))
	s.wait(3600)
	inv := s.latest(sub.ID)
	if draft.Total != 1800 || inv.Total != 4320 || len(inv.Lines) != 3 || inv.Lines[0].ID != draft.Lines[0].ID || inv.Lines[2].DiscountAmounts[0].Amount != 30 {
		t.Errorf("drafted %d, then %d: %s", draft.Total, inv.Total, spans(inv))
	}
	for _, line := range inv.Lines {
		if line.Invoice != inv.ID || line.ID == "" {
			t.Errorf("line %+v", line)
		}
	}
}
