package engine

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// reported brings what a shop finds wrong before rapid, which then looks for the smallest life with the same fault and prints its draws.
type reported struct {
	testing.TB
	r *rapid.T
}

func (x reported) Errorf(format string, args ...any) { x.r.Errorf(format, args...) }
func (x reported) Fatalf(format string, args ...any) { x.r.Fatalf(format, args...) }
func (x reported) Fatal(args ...any)                 { x.r.Fatal(args...) }

// shards times the 100 cases that -rapid.checks stands at are the 10,000 of a property. They run beside one another; make fuzz gives each of them
// more cases.
const shards = 100

// sameSeed is where the draws of every run begin, unless -rapid.seed says otherwise: a change is judged by what it did, and not by what was drawn
// that day. New cases are for make fuzz, which is there to find what nobody looked for.
const sameSeed = "20261122"

func TestMain(m *testing.M) {
	flag.Parse()
	if seed := flag.Lookup("rapid.seed").Value; seed.String() == "0" {
		if err := seed.Set(sameSeed); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// tenThousand checks a property in 10,000 cases. A case is one call of it: one life, one calendar or one sum, drawn anew.
func tenThousand(t *testing.T, property func(t testing.TB, r *rapid.T)) {
	t.Helper()
	for i := range shards {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(r *rapid.T) {
				rapid.SliceOfN(rapid.Uint64(), i, i).Draw(r, "shard") // all begin at one seed; this far into what follows from it
				property(reported{t, r}, r)
			})
		})
	}
}

// heard is a command that a shop was given, and when.
type heard struct {
	Command
	at int64
}

// hear applies what another shop was given, and lets the clock tick at the given moments between.
func (s *shop) hear(commands []heard, ticks []int64) {
	for _, c := range commands {
		for len(ticks) > 0 && ticks[0] < c.at {
			if _, err := s.Apply(Tick{}, Request{ID: "req_test"}, ticks[0]); err != nil {
				s.Fatalf("tick at %d: %v", ticks[0], err)
			}
			ticks = ticks[1:]
		}
		_, _ = s.Apply(c.Command, Request{ID: "req_test"}, c.at) // a refusal is part of a life
	}
}

// differ is the first event that two worlds do not agree on, or "" for worlds that are equal to the byte.
func differ(a, b *World) string {
	if bytes.Equal(a.Dump(), b.Dump()) {
		return ""
	}
	one, other := story(a), story(b)
	for i := range min(len(one), len(other)) {
		if one[i] != other[i] {
			return fmt.Sprintf("event %d: %q and %q", i, one[i], other[i])
		}
	}
	return fmt.Sprintf("%d events and %d", len(one), len(other))
}

// Rows: C19. 10,000 lives. What happens to one subscription in up to a year does not depend on how often somebody looked at the clock.
func TestOneAdvanceIsManyAdvances(t *testing.T) {
	t.Parallel()
	tenThousand(t, func(t testing.TB, r *rapid.T) {
		s := openShop(t, drawEnd(r))
		customer := s.customer("pm_card_visa")
		prices, coupons := s.goods(r)
		sub := s.subscribe(customer, prices[0]).ID
		for range rapid.IntRange(0, 4).Draw(r, "steps") {
			s.wait(rapid.Int64Range(0, 50*secondsPerDay).Draw(r, "wait"))
			s.anyStep(r, customer, sub, prices, coupons)
		}
		start := s.heard[0].at
		s.wait(rapid.Int64Range(1, 100*secondsPerDay).Draw(r, "rest"))
		ticks := rapid.SliceOfN(rapid.Int64Range(start, s.now), 1, 12).Draw(r, "ticks")
		slices.Sort(ticks)
		often := openShop(t, func(c *Settings) { *c = s.settings })
		often.hear(s.heard, ticks)
		if at := differ(s.World, often.World); at != "" {
			r.Fatalf("with ticks at %v: %s", ticks, at)
		}
	})
}

// Rows: C19. 10,000 lives of two customers on a test clock that is advanced in one call, and in up to five.
func TestOneCallThatAdvancesAClockIsManyCalls(t *testing.T) {
	t.Parallel()
	tenThousand(t, func(t testing.TB, r *rapid.T) {
		amount, trial := rapid.Int64Range(0, 5000).Draw(r, "amount"), rapid.Int64Range(0, 20).Draw(r, "trial")
		recurring := RecurringParam{
			Interval:      Some(rapid.SampledFrom([]string{"week", "month", "year"}).Draw(r, "interval")),
			IntervalCount: Some(rapid.Int64Range(1, 3).Draw(r, "count")),
		}
		cards := rapid.SliceOfN(rapid.SampledFrom([]string{"pm_card_visa", "pm_card_chargeCustomerFail", "pm_card_authenticationRequired"}), 1, 2).Draw(r, "cards")
		start := rapid.Int64Range(1_900_000_000, 2_000_000_000).Draw(r, "start")
		cuts := rapid.SliceOfN(rapid.Int64Range(1, 200*secondsPerDay), 2, 5).Draw(r, "cuts")
		slices.Sort(cuts)
		cuts = slices.Compact(cuts)
		end := drawEnd(r)
		live := func(cuts []int64) []string {
			s := openShop(t, end, func(c *Settings) { c.AdvanceIntervals = 0 })
			price := s.price("Pro", amount, func(c *CreatePrice) { c.Recurring = Some(recurring) })
			clock := s.do(CreateTestClock{FrozenTime: Some(start)}).(*TestClock).ID
			for _, card := range cards {
				customer := s.do(CreateCustomer{TestClock: Some(clock)}).(*Customer).ID
				s.useCard(customer, card)
				s.subscribe(customer, price, func(c *CreateSubscription) { c.TrialPeriodDays = Some(trial) })
			}
			for _, cut := range cuts {
				s.do(AdvanceTestClock{ID: clock, FrozenTime: Some(start + cut)})
				s.do(FinishAdvance{Clock: clock})
			}
			return s.clockStory(clock)
		}
		once, often := live(cuts[len(cuts)-1:]), live(cuts)
		if !slices.Equal(once, often) {
			r.Fatalf("in one call\n%q\nin %d calls\n%q", once, len(cuts), often)
		}
	})
}

// clockStory is what happened on a clock, with what became of the money; the clock's own comings and goings left out.
func (s *shop) clockStory(clock string) []string {
	var out []string
	for _, e := range s.EventsSince(0) {
		if e.Clock != clock {
			continue
		}
		switch o := e.Object.(type) {
		case *Invoice:
			out = append(out, fmt.Sprint(e.Created, " ", e.Type, " ", o.Status, " ", o.Total, " ", o.AmountPaid, " ", o.AttemptCount, " ", lines(o)))
		case *Subscription:
			out = append(out, fmt.Sprint(e.Created, " ", e.Type, " ", o.Status, " ", o.periodStart(), " ", o.periodEnd()))
		default:
			out = append(out, fmt.Sprint(e.Created, " ", e.Type))
		}
	}
	return out
}

// drawEnd draws what happens to a subscription that nobody pays.
func drawEnd(r *rapid.T) func(*Settings) {
	end := rapid.SampledFrom([]string{EndCancel, EndUnpaid, EndPastDue}).Draw(r, "end of dunning")
	return func(c *Settings) { c.EndOfDunning = end }
}

// goods are the prices and coupons that a random life is about: two of any kind, a free one and one for usage.
func (s *shop) goods(r *rapid.T) (prices, coupons []string) {
	return []string{
			drawPrice(r, s, "A"), drawPrice(r, s, "B"), s.price("Free", 0),
			s.meteredPrice("Calls", s.meter("calls", FormulaSum), tiered(Graduated, "5:500+100 inf:33.3")),
		}, []string{
			s.coupon("33.3", DurationForever), s.coupon("700c", DurationForever), s.coupon("5", DurationOnce), s.coupon("900c", DurationRepeating),
		}
}
