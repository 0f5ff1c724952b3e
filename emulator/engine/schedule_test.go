package engine

import (
	"fmt"
	"strings"
	"testing"
)

// phaseOf is a phase of one price.
func phaseOf(price string, change ...func(*PhaseParams)) PhaseParams {
	p := PhaseParams{Items: Some([]PhaseItemParams{{Price: Some(price)}})}
	for _, f := range change {
		f(&p)
	}
	return p
}

func lasting(interval string, count int64) func(*PhaseParams) {
	return func(p *PhaseParams) {
		p.Duration = Some(DurationParams{Interval: Some(interval), IntervalCount: Some(count)})
	}
}

func until(at int64) func(*PhaseParams) { return func(p *PhaseParams) { p.EndDate = Some(At(at)) } }

func from(at Instant) func(*PhaseParams) { return func(p *PhaseParams) { p.StartDate = Some(at) } }

func prorating(behavior string) func(*PhaseParams) {
	return func(p *PhaseParams) { p.ProrationBehavior = Some(behavior) }
}

// schedule makes a schedule that starts now.
func (s *shop) schedule(customer string, phases ...PhaseParams) *SubscriptionSchedule {
	s.Helper()
	return s.do(CreateSubscriptionSchedule{Customer: Some(customer), Phases: Some(phases)}).(*SubscriptionSchedule)
}

// bills are the totals and lines of a subscription's invoices, oldest first.
func (s *shop) bills(sub string) string {
	var out []string
	for _, inv := range s.tables.invoices.all("subscription", sub) {
		out = append(out, fmt.Sprintf("%d: %s", inv.Total, lines(inv)))
	}
	return strings.Join(out, "\n")
}

func (s *shop) wantBills(what, sub string, want ...string) {
	s.Helper()
	if got := s.bills(sub); got != strings.Join(want, "\n") {
		s.Errorf("%s\n got:\n%s\nwant:\n%s", what, got, strings.Join(want, "\n"))
	}
}

func (s *shop) sched(id string) *SubscriptionSchedule {
	s.Helper()
	return get[SubscriptionSchedule](s, id)
}

func TestPhasesFollowOnOneAnotherWhereThePeriodsEnd(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("pm_card_visa")
	a, b := s.price("Basic", 1000), s.price("Pro", 2500)
	s.events()
	sc := s.schedule(customer, phaseOf(a, lasting("month", 2)), phaseOf(b, lasting("month", 1)))
	s.wantEvents("start", "customer.updated subscription_schedule.created customer.subscription.created invoice.created")
	sub := s.sub(sc.Subscription)
	if sc.Status != ScheduleActive || sub.Status != SubActive || sub.Schedule != sc.ID || s.latest(sub.ID).Status != InvoiceDraft {
		t.Fatalf("started as %s with a subscription %s and an invoice %s", sc.Status, sub.Status, s.latest(sub.ID).Status)
	}
	if want := unix(t, "2026-03-31 12:00:00"); sc.Phases[0].End != want || sc.Phases[1].End != unix(t, "2026-04-30 12:00:00") {
		t.Errorf("phases end at %d and %d: they leave the calendar of the billing cycle", sc.Phases[0].End, sc.Phases[1].End)
	}
	s.wait(3600)
	if inv := s.latest(sub.ID); inv.Status != InvoicePaid || inv.BillingReason != "subscription_create" {
		t.Errorf("after an hour the first invoice is %s", inv.Status)
	}
	s.waitUntil("2026-03-31 11:59:59")
	s.events()
	s.wait(1)
	s.wantEvents("the second phase", "subscription_schedule.updated customer.subscription.updated invoice.created")
	s.wait(3600)
	s.waitUntil("2026-04-30 11:59:59")
	s.events()
	s.wait(1)
	s.wantEvents("the end", "subscription_schedule.released customer.subscription.updated customer.subscription.updated invoice.created")
	s.wait(3600)
	s.wantBills("renewals take the price of the phase they are in", sub.ID,
		"1000: 1000 1 × Basic (at $10.00 / month)", "1000: 1000 1 × Basic (at $10.00 / month)",
		"2500: 2500 1 × Pro (at $25.00 / month)", "2500: 2500 1 × Pro (at $25.00 / month)")
	if got := s.sched(sc.ID); got.Status != ScheduleReleased || got.ReleasedSubscription != sub.ID || got.Subscription != "" || s.sub(sub.ID).Schedule != "" {
		t.Errorf("in the end the schedule is %+v", got)
	}
}

func TestAPhaseInTheMiddleOfAPeriodIsProratedAsItSays(t *testing.T) {
	t.Parallel()
	middle := unix(t, "2026-02-14 12:00:00") // half of the 28 days from 31 January to 28 February
	credit, debit := "-500 Unused time on Basic after 14 Feb 2026", "1500 Remaining time on Pro after 14 Feb 2026"
	basic, pro := "1000 1 × Basic (at $10.00 / month)", "3000 1 × Pro (at $30.00 / month)"
	for behavior, want := range map[string][]string{
		CreateProrations: {"1000: " + basic, "4000: " + credit + " | " + debit + " | " + pro},
		AlwaysInvoice:    {"1000: " + basic, "1000: " + credit + " | " + debit, "3000: " + pro},
		NoProrations:     {"1000: " + basic, "3000: " + pro},
	} {
		for _, mode := range []string{ModeClassic, ModeFlexible} {
			s := openShop(t)
			a, b := s.price("Basic", 1000), s.price("Pro", 3000)
			sc := s.do(CreateSubscriptionSchedule{
				Customer: Some(s.customer("pm_card_visa")), BillingMode: Some(BillingModeParams{Type: Some(mode)}),
				Phases: Some([]PhaseParams{phaseOf(a, until(middle)), phaseOf(b, lasting("year", 1), prorating(behavior))}),
			}).(*SubscriptionSchedule)
			s.waitUntil("2026-02-20 12:00:00")
			if got := s.sched(sc.ID).Current; got.Start != middle {
				t.Errorf("%s: the current phase began at %d", behavior, got.Start)
			}
			s.waitUntil("2026-03-10 12:00:00")
			s.wantBills(mode+" "+behavior, sc.Subscription, want...)
		}
	}
}

func TestPhaseStartBeginsANewBillingCycle(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	a, b := s.price("Basic", 1000), s.price("Pro", 3000)
	middle := unix(t, "2026-02-14 12:00:00")
	sc := s.schedule(s.customer("pm_card_visa"), phaseOf(a, until(middle)), phaseOf(b, lasting("year", 1), func(p *PhaseParams) {
		p.BillingCycleAnchor = Some(AnchorPhaseStart)
	}))
	s.waitUntil("2026-03-20 12:00:00")
	s.wantBills("phase_start", sc.Subscription, "1000: 1000 1 × Basic (at $10.00 / month)",
		"2500: -500 Unused time on Basic after 14 Feb 2026 | 3000 1 × Pro (at $30.00 / month)", "3000: 3000 1 × Pro (at $30.00 / month)")
	if got := s.sub(sc.Subscription).BillingCycleAnchor; got != middle {
		t.Errorf("anchor at %d, want the start of the phase, %d", got, middle)
	}
}

func TestAScheduleThatCancelsCompletes(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	a := s.price("Basic", 1000)
	sc := s.do(CreateSubscriptionSchedule{
		Customer: Some(s.customer("pm_card_visa")), Phases: Some([]PhaseParams{phaseOf(a, lasting("month", 2))}), EndBehavior: Some(EndCancelSchedule),
	}).(*SubscriptionSchedule)
	if got := s.sub(sc.Subscription); got.CancelAt != sc.end() {
		t.Errorf("cancel_at %d, want the end of the last phase, %d", got.CancelAt, sc.end())
	}
	if e := s.refuse(UpdateSubscription{ID: sc.Subscription, SubscriptionChange: SubscriptionChange{CancelAtPeriodEnd: Some(true)}}); !strings.Contains(e.Message, sc.ID) {
		t.Errorf("got %v", e)
	}
	s.wait(3600)
	s.waitUntil("2026-03-24 11:59:59")
	s.events()
	s.wait(1)
	s.wantEvents("a week ahead", "subscription_schedule.expiring")
	s.waitUntil("2026-03-31 12:00:00")
	s.wantEvents("the end", "customer.subscription.deleted subscription_schedule.completed")
	if got := s.sched(sc.ID); got.Status != ScheduleCompleted || got.CompletedAt != s.now || s.sub(sc.Subscription).Status != SubCanceled {
		t.Errorf("in the end %+v", got)
	}
	s.wantBills("two months", sc.Subscription, "1000: 1000 1 × Basic (at $10.00 / month)", "1000: 1000 1 × Basic (at $10.00 / month)")
}

func TestAScheduleOfTheFutureStartsOnItsDay(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("pm_card_chargeCustomerFail")
	start := s.now + 10*secondsPerDay
	sc := s.do(CreateSubscriptionSchedule{
		Customer: Some(customer), StartDate: Some(At(start)), Metadata: Some(map[string]string{"of": "schedule"}),
		Phases: Some([]PhaseParams{phaseOf(s.price("Basic", 1000), lasting("month", 3), func(p *PhaseParams) {
			p.Metadata = Some(map[string]string{"plan": "basic"})
			p.AddInvoiceItems = Some([]PhaseExtraParams{{Price: Some(s.do(CreatePrice{
				Currency: Some("usd"), UnitAmount: Some[int64](700), ProductData: Some(ProductData{Name: Some("Setup")}),
			}).(*Price).ID)}})
		})}),
	}).(*SubscriptionSchedule)
	if sc.Status != ScheduleNotStarted || sc.Subscription != "" || sc.Current != nil {
		t.Fatalf("made as %+v", sc)
	}
	s.events()
	s.wait(10 * secondsPerDay)
	s.wantEvents("its day", "customer.updated subscription_schedule.updated customer.subscription.created invoiceitem.created invoice.created")
	sub := s.sub(s.sched(sc.ID).Subscription)
	if sub.StartDate != start || sub.BillingCycleAnchor != start || sub.Metadata["plan"] != "basic" || sub.Status != SubActive {
		t.Errorf("started %+v", sub)
	}
	s.wantBills("first", sub.ID, "1700: 700 Setup | 1000 1 × Basic (at $10.00 / month)")
	s.wait(3600)
	if got := s.sub(sub.ID).Status; got != SubPastDue {
		t.Errorf("after the first charge failed the subscription is %s, want past_due: nothing is incomplete", got)
	}
}

func TestASubscriptionIsPutUnderAScheduleAndChangedAtTheEndOfItsPeriod(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("pm_card_visa")
	a, b := s.price("Basic", 1000), s.price("Pro", 2500)
	sub := s.subscribe(customer, a)
	s.events()
	sc := s.do(CreateSubscriptionSchedule{FromSubscription: Some(sub.ID)}).(*SubscriptionSchedule)
	s.wantEvents("put under", "subscription_schedule.created customer.subscription.updated")
	if p := sc.Phases[0]; p.Start != s.now || p.End != sub.periodEnd() || p.Items[0].Price != a || sc.Status != ScheduleActive {
		t.Errorf("its first phase is %+v", p)
	}
	e := s.refuse(CreateSubscriptionSchedule{FromSubscription: Some(sub.ID)})
	if e.Param != "from_subscription" {
		t.Errorf("a second schedule: %v", e)
	}
	phases := []PhaseParams{phaseOf(a, from(At(sc.Phases[0].Start)), until(sc.Phases[0].End)), phaseOf(b, lasting("month", 1))}
	s.wait(secondsPerDay)
	s.events()
	s.do(UpdateSubscriptionSchedule{ID: sc.ID, Phases: Some(phases)})
	s.wantEvents("planned", "subscription_schedule.updated")
	preview := s.do(CreatePreview{Subscription: Some(sub.ID)}).(*Invoice)
	s.waitUntil("2026-03-01 12:00:00")
	s.wantBills("changed", sub.ID, "1000: 1000 1 × Basic (at $10.00 / month)", "2500: 2500 1 × Pro (at $25.00 / month)")
	if billed := s.latest(sub.ID); preview.Total != billed.Total || lines(preview) != lines(billed) {
		t.Errorf("previewed %s, billed %s", lines(preview), lines(billed))
	}
	item := s.sub(sub.ID).Items[0]
	if item.Price != b || item.CurrentPeriodStart != unix(t, "2026-02-28 12:00:00") {
		t.Errorf("the item is %+v", item)
	}
}

func TestChangingTheRunningPhaseChangesTheSubscriptionAtOnce(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	a, b := s.price("Basic", 1000), s.price("Pro", 3000)
	sc := s.schedule(s.customer("pm_card_visa"), phaseOf(a, lasting("month", 2)))
	s.waitUntil("2026-02-14 12:00:00")
	start := At(sc.Phases[0].Start)
	for what, cmd := range map[string]UpdateSubscriptionSchedule{
		"phases[0][start_date]": {Phases: Some([]PhaseParams{phaseOf(b, lasting("month", 2))})},
		"phases[1][start_date]": {Phases: Some([]PhaseParams{phaseOf(b, from(start), lasting("month", 2)), phaseOf(a, from(At(s.now)))})},
		"phases":                {Phases: Some([]PhaseParams{phaseOf(b, from(start), until(s.now-5))})},
		"phases[0][items]":      {Phases: Some([]PhaseParams{{StartDate: Some(start)}})},
		"end_behavior":          {EndBehavior: Some("renew")},
		"proration_behavior":    {ProrationBehavior: Some("sometimes")},
	} {
		cmd.ID = sc.ID
		if e := s.refuse(cmd); e.Param != what {
			t.Errorf("%s: got %v about %s", what, e, e.Param)
		}
	}
	s.do(UpdateSubscriptionSchedule{ID: sc.ID, ProrationBehavior: Some(AlwaysInvoice), Phases: Some([]PhaseParams{phaseOf(b, from(start), lasting("month", 2))})})
	s.wantBills("at once", sc.Subscription, "1000: 1000 1 × Basic (at $10.00 / month)",
		"1000: -500 Unused time on Basic after 14 Feb 2026 | 1500 Remaining time on Pro after 14 Feb 2026")
	s.waitUntil("2026-02-21 12:00:00")
	s.do(UpdateSubscriptionSchedule{ID: sc.ID, Phases: Some([]PhaseParams{
		phaseOf(b, from(start), func(p *PhaseParams) { p.EndDate = Some(Now) }), phaseOf(a, lasting("month", 1), prorating(AlwaysInvoice)),
	})})
	if got := s.sched(sc.ID); len(got.Phases) != 2 || got.Current.Start != s.now {
		t.Errorf("cut short: %+v", got)
	}
	if got := lines(s.latest(sc.Subscription)); got != "-750 Unused time on Pro after 21 Feb 2026 | 250 Remaining time on Basic after 21 Feb 2026" {
		t.Errorf("a phase that begins now bills %s", got)
	}
}

func TestCancelAndReleaseEndASchedule(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer, a := s.customer("pm_card_visa"), s.price("Basic", 1000)
	future := s.do(CreateSubscriptionSchedule{
		Customer: Some(customer), StartDate: Some(At(s.now + 50)), Phases: Some([]PhaseParams{phaseOf(a)}),
	}).(*SubscriptionSchedule)
	s.events()
	s.do(CancelSubscriptionSchedule{ID: future.ID})
	s.wantEvents("before it began", "subscription_schedule.canceled")
	s.wait(100)
	s.wantEvents("and nothing comes", "")

	sc := s.schedule(customer, phaseOf(a, lasting("month", 2)))
	s.waitUntil("2026-02-14 12:01:40")
	s.events()
	s.do(CancelSubscriptionSchedule{ID: sc.ID})
	if got := s.latest(sc.Subscription); got.Total != -500 || s.sub(sc.Subscription).Status != SubCanceled || s.sched(sc.ID).Status != ScheduleCanceled {
		t.Errorf("canceled with %d: %s", got.Total, lines(got))
	}
	if e := s.refuse(ReleaseSubscriptionSchedule{ID: sc.ID}); !strings.Contains(e.Message, "canceled") {
		t.Errorf("got %v", e)
	}

	kept := s.do(CreateSubscriptionSchedule{
		Customer: Some(customer), Phases: Some([]PhaseParams{phaseOf(a, lasting("month", 1))}), EndBehavior: Some(EndCancelSchedule),
	}).(*SubscriptionSchedule)
	s.wait(3600)
	s.events()
	s.do(ReleaseSubscriptionSchedule{ID: kept.ID})
	s.wantEvents("released", "subscription_schedule.released customer.subscription.updated")
	if got := s.sub(kept.Subscription); got.CancelAt != 0 || got.Schedule != "" || got.Status != SubActive {
		t.Errorf("released %+v", got)
	}
	gone := s.schedule(customer, phaseOf(a, lasting("month", 1)))
	s.events()
	s.do(CancelSubscription{ID: gone.Subscription})
	if got := s.sched(gone.ID); got.Status != ScheduleCanceled || got.CanceledAt != s.now {
		t.Errorf("the schedule of a canceled subscription is %+v", got)
	}
}

func TestAScheduleStartsWithATrialAndCanBeBackdated(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	a := s.price("Basic", 1000)
	trial := s.schedule(s.customer("pm_card_visa"), phaseOf(a, lasting("month", 1), func(p *PhaseParams) { p.Trial = Some(true) }), phaseOf(a, lasting("month", 1)))
	if got := s.sub(trial.Subscription); got.Status != SubTrialing || got.TrialEnd != trial.Phases[0].End {
		t.Errorf("a trial phase makes %+v", got)
	}
	back := s.do(CreateSubscriptionSchedule{
		Customer: Some(s.customer("pm_card_visa")), StartDate: Some(At(unix(t, "2026-01-17 12:00:00"))),
		Phases: Some([]PhaseParams{phaseOf(a, lasting("month", 6))}),
	}).(*SubscriptionSchedule)
	s.wantBills("14 of 31 days, then a month", back.Subscription,
		"1452: 1000 1 × Basic (at $10.00 / month) | 452 Remaining time on Basic after 17 Jan 2026")
	if got := s.sub(back.Subscription); got.StartDate != unix(t, "2026-01-17 12:00:00") || got.BillingCycleAnchor != s.now {
		t.Errorf("backdated %+v", got)
	}
	s.waitUntil("2026-03-02 12:00:00")
	s.wantBills("trial, then paid", trial.Subscription, "0: 0 Free trial for 1 × Basic", "1000: 1000 1 × Basic (at $10.00 / month)")
}

// followed says whether a schedule and its subscription agree: the phases tile its time, and the one that runs is what the subscription is.
func (s *shop) followed(sc *SubscriptionSchedule) error {
	for i, p := range sc.Phases {
		if p.Start >= p.End || i > 0 && sc.Phases[i-1].End != p.Start {
			return fmt.Errorf("phase %d runs from %d to %d", i, p.Start, p.End)
		}
	}
	if (sc.Status == ScheduleActive) != (sc.Current != nil) {
		return fmt.Errorf("its current phase is %v", sc.Current)
	}
	if sc.Status != ScheduleActive {
		return nil
	}
	sub := s.sub(sc.Subscription)
	if sub.Schedule != sc.ID || !sub.live() {
		return fmt.Errorf("its subscription is %s and managed by %q", sub.Status, sub.Schedule)
	}
	if sc.EndBehavior == EndCancelSchedule && sub.CancelAt != sc.end() {
		return fmt.Errorf("it ends at %d, its subscription at %d", sc.end(), sub.CancelAt)
	}
	return nil
}
