package engine

import (
	"fmt"
	"slices"
	"testing"
)

// onClock is a subscription on a test clock that stands at the given time.
func onClock(t *testing.T, at string, change ...func(*CreateSubscription)) (*shop, *TestClock, *Subscription) {
	s := openShop(t)
	price := s.price("Premium", 2000)
	clock := s.do(CreateTestClock{FrozenTime: Some(unix(t, at))}).(*TestClock)
	customer := s.do(CreateCustomer{TestClock: Some(clock.ID)}).(*Customer)
	s.useCard(customer.ID, "pm_card_visa")
	sub := s.subscribe(customer.ID, price, change...)
	s.events()
	return s, clock, sub
}

func (s *shop) advance(clock, at string) {
	s.Helper()
	s.do(AdvanceTestClock{ID: clock, FrozenTime: Some(unix(s.TB, at))})
	s.do(FinishAdvance{Clock: clock})
}

// Rows: C19 C28.
func TestClockBillsAtItsOwnTime(t *testing.T) {
	t.Parallel()
	s, clock, sub := onClock(t, "2030-01-31 00:00:00")
	if sub.Created != unix(t, "2030-01-31 00:00:00") || sub.TestClock != clock.ID {
		t.Fatalf("made at %d on %q", sub.Created, sub.TestClock)
	}
	begun := s.do(AdvanceTestClock{ID: clock.ID, FrozenTime: Some(unix(t, "2030-02-28 00:00:00"))}).(*TestClock)
	if begun.Status != ClockAdvancing || begun.FrozenTime != clock.FrozenTime {
		t.Errorf("begun: %+v", begun)
	}
	if got := s.AdvancingClocks(); !slices.Equal(got, []string{clock.ID}) {
		t.Errorf("advancing: %v", got)
	}
	for _, cmd := range []Command{
		UpdateCustomer{ID: sub.Customer, CustomerParams: CustomerParams{Name: Some("x")}}, CancelSubscription{ID: sub.ID},
		AdvanceTestClock{ID: clock.ID, FrozenTime: Some(unix(t, "2030-03-01 00:00:00"))}, DeleteTestClock{ID: clock.ID},
	} {
		if e := s.refuse(cmd); e.Status != 429 {
			t.Errorf("%s while it advances: %v", NameOf(cmd), e)
		}
	}
	s.do(FinishAdvance{Clock: clock.ID})
	s.wantEvents("to the period's end", `test_helpers.test_clock.advancing invoice.upcoming customer.subscription.updated invoice.created
		test_helpers.test_clock.ready`)
	if inv := s.latest(sub.ID); inv.Status != InvoiceDraft || inv.Created != unix(t, "2030-02-28 00:00:00") {
		t.Errorf("at the period's end: %s of %d", inv.Status, inv.Created)
	}
	s.advance(clock.ID, "2030-02-28 01:00:00")
	s.wantEvents("one hour later", `test_helpers.test_clock.advancing invoice.finalized payment_intent.created charge.succeeded
		payment_intent.succeeded invoice.updated invoice.paid invoice.payment_succeeded invoice_payment.paid test_helpers.test_clock.ready`)
	for _, e := range s.EventsSince(0) {
		if e.Type == "charge.succeeded" && e.Created != unix(t, "2030-01-31 00:00:00") && e.Created != unix(t, "2030-02-28 01:00:00") {
			t.Errorf("%s at %d", e.Type, e.Created)
		}
		if (e.Type == "invoice.upcoming" || e.Type == "test_helpers.test_clock.ready") && *e.Request != (Request{}) && e.Clock != "" {
			t.Errorf("%s names a request", e.Type)
		}
	}
}

func TestClocksMoveOnlyForwardAndOnlySoFar(t *testing.T) {
	t.Parallel()
	s, clock, _ := onClock(t, "2030-01-31 00:00:00")
	for _, at := range []string{"2030-01-31 00:00:00", "2029-01-01 00:00:00", "2030-03-31 00:00:01"} {
		if e := s.refuse(AdvanceTestClock{ID: clock.ID, FrozenTime: Some(unix(t, at))}); e.Param != "frozen_time" {
			t.Errorf("to %s: %v", at, e)
		}
	}
	s.advance(clock.ID, "2030-03-31 00:00:00")
	empty := s.do(CreateTestClock{FrozenTime: Some(unix(t, "2030-01-01 00:00:00"))}).(*TestClock)
	s.refuse(AdvanceTestClock{ID: empty.ID, FrozenTime: Some(unix(t, "2032-01-02 00:00:00"))})
	s.advance(empty.ID, "2032-01-01 00:00:00")
	s.refuse(FinishAdvance{Clock: empty.ID})
}

func TestTheWorldsTimeDoesNotMoveAClockNorTheOtherWayRound(t *testing.T) {
	t.Parallel()
	s, clock, sub := onClock(t, "2026-02-01 00:00:00")
	plain := s.subscribe(s.customer("pm_card_visa"), sub.Items[0].Price)
	s.wait(29 * secondsPerDay) // a clock lives for thirty
	if got := s.sub(sub.ID); got.LatestInvoice != sub.LatestInvoice {
		t.Error("the world's time billed a customer of a clock")
	}
	first := s.sub(plain.ID).LatestInvoice
	s.advance(clock.ID, "2026-03-15 00:00:00")
	if s.sub(plain.ID).LatestInvoice != first || s.sub(sub.ID).LatestInvoice == sub.LatestInvoice {
		t.Error("the clock moved the wrong customer")
	}
	listed, err := s.Query(ListCustomers{})
	if err != nil || len(listed.Data) != 1 {
		t.Errorf("an unfiltered list shows %d customers (%v)", len(listed.Data), err)
	}
	listed, _ = s.Query(ListCustomers{TestClock: Some(clock.ID)})
	if len(listed.Data) != 1 || listed.Data[0].(*Customer).ID != sub.Customer {
		t.Errorf("the clock's customers: %v", listed.Data)
	}
}

func TestDeletedClockTakesItsCustomersAlong(t *testing.T) {
	t.Parallel()
	s, clock, sub := onClock(t, "2030-01-31 00:00:00")
	s.do(DeleteTestClock{ID: clock.ID})
	if got := s.sub(sub.ID).Status; got != SubCanceled {
		t.Errorf("its subscription: %s", got)
	}
	if c := get[Customer](s, sub.Customer); !c.Deleted {
		t.Errorf("its customer: %+v", c)
	}
	for _, timer := range s.World.timers.sorted() {
		if timer.Line == clock.ID || timer.Kind == timerClock {
			t.Errorf("left behind: %+v", timer)
		}
	}
	s.refuse(UpdateSubscription{ID: sub.ID, Metadata: Some(map[string]string{"a": "b"})})
	other := s.do(CreateTestClock{FrozenTime: Some[int64](0)}).(*TestClock)
	s.wait(clockDaysKept * secondsPerDay)
	if _, ok := Get[TestClock](s.World, other.ID); ok {
		t.Error("a clock outlived its time")
	}
}

func TestClockHoldsThreeCustomers(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	clock := s.do(CreateTestClock{FrozenTime: Some[int64](1_800_000_000)}).(*TestClock)
	var last *Customer
	for range 3 {
		last = s.do(CreateCustomer{TestClock: Some(clock.ID)}).(*Customer)
	}
	if e := s.refuse(CreateCustomer{TestClock: Some(clock.ID)}); e.Param != "test_clock" {
		t.Errorf("the fourth: %v", e)
	}
	s.do(DeleteCustomer{ID: last.ID})
	s.do(CreateCustomer{TestClock: Some(clock.ID)})
}

func TestWorldTimeNeverRunsBackwards(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.do(MoveTime{By: 3600})
	if got := s.Now(s.now); got != s.now+3600 {
		t.Errorf("moved to %d", got)
	}
	s.refuse(MoveTime{By: -1})
	s.refuse(MoveTimeTo{At: s.now})
	s.do(MoveTimeTo{At: s.now + 7200})
	c := s.do(CreateCustomer{}).(*Customer)
	s.now -= 1000
	if again := s.do(CreateCustomer{}).(*Customer); again.Created != c.Created {
		t.Errorf("the caller's clock stepped back: %d after %d", again.Created, c.Created)
	}
}

// Rows: C19.
func TestOneAdvanceOfAYearTellsWhatManySmallOnesTell(t *testing.T) {
	t.Parallel()
	live := func(step int64) []string {
		s := openShop(t, func(c *Settings) { c.AdvanceIntervals = 0 })
		price := s.price("Premium", 2000)
		clock := s.do(CreateTestClock{FrozenTime: Some(unix(t, "2031-01-31 10:00:00"))}).(*TestClock)
		for _, name := range []string{"pm_card_visa", "pm_card_chargeCustomerFail", "pm_card_authenticationRequired"} {
			customer := s.do(CreateCustomer{TestClock: Some(clock.ID)}).(*Customer).ID
			s.useCard(customer, name)
			s.subscribe(customer, price, func(c *CreateSubscription) { c.TrialPeriodDays = Some[int64](5) })
		}
		for at, end := clock.FrozenTime, unix(t, "2032-02-10 00:00:00"); at < end; {
			at = min(at+step, end)
			s.do(AdvanceTestClock{ID: clock.ID, FrozenTime: Some(at)})
			s.do(FinishAdvance{Clock: clock.ID})
		}
		var told []string
		for _, e := range s.EventsSince(0) {
			if e.Clock == clock.ID {
				told = append(told, fmt.Sprint(e.Created, " ", e.Type))
			}
		}
		return told
	}
	whole := live(1 << 40)
	if len(whole) < 150 {
		t.Fatalf("only %d events in a year", len(whole))
	}
	for _, step := range []int64{31 * secondsPerDay, secondsPerDay + 1} {
		if parts := live(step); !slices.Equal(whole, parts) {
			t.Errorf("steps of %d s tell another story: %d events, not %d", step, len(parts), len(whole))
		}
	}
}
