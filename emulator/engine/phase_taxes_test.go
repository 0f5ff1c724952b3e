package engine

import (
	"testing"

	"pgregory.net/rapid"
)

// Every next invoice of a schedule is previewed, and then lived through.
//
// Rows: C15.
func TestPreviewIsWhatAScheduleThenBills(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		s := openShop(reported{t, r})
		customer := s.customer("pm_card_visa")
		prices := []string{drawPrice(r, s, "A"), drawPrice(r, s, "B")}
		setup := s.price("Setup", 500, func(c *CreatePrice) { c.Recurring = Opt[RecurringParam]{} })
		some := func(name string) Opt[[]string] { return Some(s.someRates()[:rapid.IntRange(0, 3).Draw(r, name)]) }
		draw := func() PhaseParams {
			p := phaseOf(rapid.SampledFrom(prices).Draw(r, "price"), prorating(rapid.SampledFrom([]string{CreateProrations, AlwaysInvoice, NoProrations}).Draw(r, "behavior")))
			list, _ := p.Items.Get()
			list[0].Quantity, list[0].TaxRates = Some(rapid.Int64Range(1, 5).Draw(r, "quantity")), some("item rates")
			p.Items, p.DefaultTaxRates = Some(list), some("phase rates")
			p.Duration = Some(DurationParams{Interval: Some("day"), IntervalCount: Some(rapid.Int64Range(3, 60).Draw(r, "days"))})
			if rapid.Bool().Draw(r, "extra") {
				p.AddInvoiceItems = Some([]PhaseExtraParams{{Price: Some(setup), TaxRates: some("extra rates")}})
			}
			if rapid.Bool().Draw(r, "phase_start") {
				p.BillingCycleAnchor = Some(AnchorPhaseStart)
			}
			return p
		}
		cmd := CreateSubscriptionSchedule{Customer: Some(customer), Phases: Some([]PhaseParams{draw(), draw(), draw()})}
		made, err := s.Apply(cmd, Request{}, s.now)
		if err != nil {
			return // such prices make no subscription
		}
		sub := made.(*SubscriptionSchedule).Subscription
		for range 4 {
			before := s.sub(sub).LatestInvoice
			preview := s.do(CreatePreview{Subscription: Some(sub)}).(*Invoice)
			s.wait(max(1, preview.Created-s.now))
			if s.sub(sub).LatestInvoice == before {
				r.Fatalf("previewed %d at %d: %s\nnothing was billed", preview.Total, preview.Created, lines(preview))
			}
			if billed := s.latest(sub); lines(preview) != lines(billed) || preview.Total != billed.Total {
				r.Fatalf("previewed %d: %s\nbilled %d: %s", preview.Total, lines(preview), billed.Total, lines(billed))
			}
			s.wait(3600)
		}
	})
}

func TestAPhaseSetsTheTaxesOfItsTime(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	basic, german, reduced := s.price("Basic", 1000), s.rate("19", false), s.rate("7", false)
	taxed, own, untaxed := phaseOf(basic, lasting("month", 1)), phaseOf(basic, lasting("month", 1)), phaseOf(basic, lasting("month", 1))
	taxed.DefaultTaxRates = Some([]string{german})
	list, _ := own.Items.Get()
	list[0].TaxRates = Some([]string{reduced})
	own.Items, own.DefaultTaxRates = Some(list), Some([]string{german})
	sc := s.schedule(s.customer("pm_card_visa"), taxed, own, untaxed)
	for _, want := range []int64{1190, 1070, 1000} {
		if inv := s.latest(sc.Subscription); inv.Total != want {
			t.Errorf("got %d, want %d: %s", inv.Total, want, lines(inv))
		}
		s.wait(s.sub(sc.Subscription).periodEnd() - s.now)
	}
	for param, change := range map[string]func(*PhaseParams){
		"phases[0][default_tax_rates][0]": func(p *PhaseParams) { p.DefaultTaxRates = Some([]string{"txr_none"}) },
		"phases[0][items][0][tax_rates][0]": func(p *PhaseParams) {
			p.Items = Some([]PhaseItemParams{{Price: Some(basic), TaxRates: Some([]string{"txr_none"})}})
		},
		"phases[0][automatic_tax][enabled]": func(p *PhaseParams) { p.AutomaticTax = Some(AutomaticTaxParam{Enabled: Some(true)}) },
		"phases[0][invoice_settings][issuer][type]": func(p *PhaseParams) {
			p.InvoiceSettings = Some(PhaseInvoiceParams{InvoiceSettingsParams: InvoiceSettingsParams{Issuer: Some(IssuerParams{Type: "account"})}})
		},
		"phases[0][iterations]": func(p *PhaseParams) { p.Iterations = Some[int64](0) },
	} {
		bad := phaseOf(basic)
		change(&bad)
		if e := s.refuse(CreateSubscriptionSchedule{Customer: Some(sc.Customer), Phases: Some([]PhaseParams{bad})}); e.Param != param {
			t.Errorf("%s: got %v about %s", param, e, e.Param)
		}
	}
}

func TestAScheduleOfASubscriptionKeepsItsTaxes(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	rate := s.rate("19", false)
	sub := s.subscribe(s.customer("pm_card_visa"), s.price("Basic", 1000), taxedBy(rate))
	sc := s.do(CreateSubscriptionSchedule{FromSubscription: Some(sub.ID)}).(*SubscriptionSchedule)
	s.do(UpdateSubscriptionSchedule{ID: sc.ID, EndBehavior: Some(EndRelease)})
	if got := s.sub(sub.ID).DefaultTaxRates; len(got) != 1 || got[0] != rate {
		t.Errorf("its rates are %v", got)
	}
}

func TestIterationsAreThePricesOwnIntervals(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	quarterly := s.price("Quarterly", 3000, func(c *CreatePrice) {
		c.Recurring = Some(RecurringParam{Interval: Some("month"), IntervalCount: Some[int64](3)})
	})
	sc := s.schedule(s.customer("pm_card_visa"), phaseOf(quarterly, func(p *PhaseParams) { p.Iterations = Some[int64](2) }))
	if got, want := sc.Phases[0].End, unix(t, "2026-07-31 12:00:00"); got != want {
		t.Errorf("it ends at %d, want %d", got, want)
	}
}

func TestThePhasesOfAnAccountProrateAsTheAccountDoes(t *testing.T) {
	t.Parallel()
	s := openShop(t, func(settings *Settings) { settings.ProrationBehavior = NoProrations })
	sc := s.schedule(s.customer("pm_card_visa"), phaseOf(s.price("Basic", 1000)), phaseOf(s.price("Pro", 2000), prorating(AlwaysInvoice)))
	if sc.Phases[0].ProrationBehavior != NoProrations || sc.Phases[1].ProrationBehavior != AlwaysInvoice {
		t.Errorf("they prorate %s and %s", sc.Phases[0].ProrationBehavior, sc.Phases[1].ProrationBehavior)
	}
}
