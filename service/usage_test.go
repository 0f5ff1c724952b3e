package service_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/catalog"
	"github.com/dues-billing/dues/service"
)

// meteredAtStripe is a service whose plans count calls, with the meter at Stripe.
func (w *world) meteredAtStripe() *service.Service {
	w.t.Helper()
	_, err := w.stripe.Client().V1BillingMeters.Create(w.t.Context(), &stripe.BillingMeterCreateParams{
		DisplayName: stripe.String("Calls"), EventName: stripe.String("calls"),
		DefaultAggregation: &stripe.BillingMeterCreateDefaultAggregationParams{Formula: stripe.String("sum")},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return w.meteredAgain()
}

// meteredAgain is one more process beside meteredAtStripe.
func (w *world) meteredAgain() *service.Service {
	w.t.Helper()
	return w.serviceWith(func(c *service.Config) {
		c.Catalog = catalog.Default()
		c.Catalog.Features = append(c.Catalog.Features, billing.Feature{
			ID: "calls", Name: "Calls", Type: billing.Usage, Meter: billing.Meter{Event: "calls", Aggregate: billing.Sum},
		})
	})
}

func calls(key string, quantity int64, at time.Time) billing.UsageEvent {
	return billing.UsageEvent{Key: key, Account: "ada", Feature: "calls", Quantity: quantity, At: at}
}

// report reports usage, and fails the test when it is refused.
func (w *world) report(s *service.Service, events ...billing.UsageEvent) {
	w.t.Helper()
	if err := s.ReportUsage(w.t.Context(), events); err != nil {
		w.t.Fatal(err)
	}
}

// fieldOf is what an error is about.
func fieldOf(err error) string {
	var known *billing.Error
	if !errors.As(err, &known) {
		return ""
	}
	return known.Field
}

// used reads usage of the running period beside what Stripe counts, day by day.
func (w *world) used(s *service.Service) string {
	w.t.Helper()
	u, err := s.Usage(w.t.Context(), "ada", service.UsageAsked{Feature: "calls", Since: w.now.Now().AddDate(0, 0, -30), Until: w.now.Now().Add(time.Hour), Compare: true})
	if err != nil {
		w.t.Fatal(err)
	}
	text := fmt.Sprint(u.Total)
	for _, day := range u.Days {
		text += fmt.Sprintf(" | %s: %d in %d, %d wait, Stripe %d", day.Day.Format("01-02"), day.Quantity, day.Events, day.Waiting, u.Provider[day.Day])
	}
	return text
}

func (w *world) expectUsed(s *service.Service, want string) {
	w.t.Helper()
	if got := w.used(s); got != want {
		w.t.Errorf("used %s\nwant %s", got, want)
	}
}

// Features: 57 58 59.
func TestUsageIsDurableThenAtStripesMeterOnceAndReadByDays(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.meteredAtStripe()
		w.signUp(s)
		yesterday := start.Add(-24 * time.Hour)
		w.report(s, calls("one", 3, yesterday), calls("two", 4, yesterday), calls("three", 5, time.Time{}))
		w.expectUsed(s, "12 | 01-30: 7 in 2, 2 wait, Stripe 0 | 01-31: 5 in 1, 1 wait, Stripe 0")
		w.settle(s)
		w.expectUsed(s, "12 | 01-30: 7 in 2, 0 wait, Stripe 7 | 01-31: 5 in 1, 0 wait, Stripe 5")
		w.report(s, calls("one", 3, time.Time{}), calls("four", 1, time.Time{})) // the first once more
		w.settle(s)
		w.expectUsed(s, "13 | 01-30: 7 in 2, 0 wait, Stripe 7 | 01-31: 6 in 2, 0 wait, Stripe 6")
	})
}

func TestUsageOfOneKeyIsOneWhateverItSays(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.meteredAtStripe()
		w.signUp(s)
		w.report(s, calls("one", 3, start))
		err := s.ReportUsage(t.Context(), []billing.UsageEvent{calls("other", 1, start), calls("twice", 1, start), calls("twice", 2, start)})
		if billing.CodeOf(err) != billing.Conflict || fieldOf(err) != "events[2].key" {
			t.Errorf("two that differ in a call: got %v about %q, want code conflict", err, fieldOf(err))
		}
		w.report(s, calls("same", 2, start), calls("same", 2, start))
		w.expectUsed(s, "5 | 01-31: 5 in 2, 2 wait, Stripe 0") // of what was refused, nothing
		w.report(s, calls("new", 1, start), calls("one", 4, start))
		w.expectUsed(s, "6 | 01-31: 6 in 3, 3 wait, Stripe 0") // the first counts
	})
}

func TestMoreUsageThanOneCallTakesArrivesWhole(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.meteredAtStripe()
		w.signUp(s)
		w.settle(s)
		events := make([]billing.UsageEvent, 0, 250)
		for i := range cap(events) {
			events = append(events, calls(fmt.Sprint("key-", i), 1, start))
		}
		w.report(s, events...)
		w.settle(s)
		w.expectUsed(s, "250 | 01-31: 250 in 250, 0 wait, Stripe 250")
	})
}

func TestUsageWhoseAnswerWasLostIsSentAgainAndCountsOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.meteredAtStripe()
		w.signUp(s)
		w.settle(s)
		w.report(s, calls("one", 3, start))
		w.trouble.when(true, func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/meter_event_stream") })
		if err := s.Drain(t.Context()); billing.CodeOf(err) != billing.Unavailable {
			t.Errorf("without an answer: got %v, want code unavailable", err)
		}
		w.trouble.over()
		w.expectUsed(s, "3 | 01-31: 3 in 1, 1 wait, Stripe 3")
		w.move(start.Add(time.Hour))
		w.settle(s)
		w.expectUsed(s, "3 | 01-31: 3 in 1, 0 wait, Stripe 3")
	})
}

func TestAHundredReportAtOnceFromTwoProcessesAndEachKeyCountsOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		here := w.meteredAtStripe()
		there := w.meteredAgain()
		w.signUp(here)
		var callers sync.WaitGroup
		for i := range 100 {
			s := here
			if i%2 == 1 {
				s = there
			}
			callers.Go(func() {
				if err := s.ReportUsage(t.Context(), []billing.UsageEvent{calls(fmt.Sprint("key-", i/4), 2, start), calls(fmt.Sprint("own-", i), 1, start)}); err != nil {
					t.Error(err)
				}
			})
		}
		callers.Wait()
		w.settle(here)
		w.settle(there)
		w.expectUsed(there, "150 | 01-31: 150 in 125, 0 wait, Stripe 150")
	})
}

func TestUsageThatIsTooOldForStripeIsGivenUpAndSeen(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.meteredAtStripe()
		w.signUp(s)
		w.report(s, calls("late", 1, start.Add(-billing.UsageLateMax)), calls("now", 1, start))
		w.move(start.Add(25 * time.Hour)) // an outage of a day and more
		w.settle(s)
		w.expectUsed(s, "1 | 01-31: 1 in 1, 0 wait, Stripe 1")
	})
}

func TestUsageOfNobodyIsRefusedByItsPlace(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.meteredAtStripe()
		w.signUp(s)
		stranger := calls("one", 1, start)
		stranger.Account = "bob"
		err := s.ReportUsage(t.Context(), []billing.UsageEvent{calls("one", 1, start), stranger})
		if got := fieldOf(err); billing.CodeOf(err) != billing.NotFound || got != "events[1].account" {
			t.Errorf("got %v about %q", err, got)
		}
		for name, n := range map[string]int{"nothing": 0, "too much": service.UsageBatchMax + 1} {
			if err := s.ReportUsage(t.Context(), make([]billing.UsageEvent, n)); fieldOf(err) != "events" {
				t.Errorf("%s: %v", name, err)
			}
		}
		w.expectUsed(s, "0")
	})
}
