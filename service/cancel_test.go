package service_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// cancelled asks to cancel, and fails the test when that is refused.
func (w *world) cancelled(s *service.Service, req service.Cancel) service.Status {
	w.t.Helper()
	status, err := s.Cancel(w.t.Context(), "ada", req)
	if err != nil {
		w.t.Fatal(err)
	}
	return status
}

// wanting is the answer to a cancel with its reason, as Stripe keeps it.
func (w *world) wanting(sub billing.SubscriptionID) [2]any {
	w.t.Helper()
	details, _ := w.raw(string(sub))["cancellation_details"].(map[string]any)
	return [2]any{details["feedback"], details["comment"]}
}

// Features: 18 19.
func TestACancelEndsWithThePeriodAndCanBeTakenBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.premium(s)
		running := w.status(s)
		details := billing.CancellationDetails{Feedback: "too_expensive", Comment: "Another time."}

		status := w.cancelled(s, service.Cancel{CancellationDetails: details})
		if !status.CancelAt.Equal(running.PeriodEnd) || status.Level != billing.Full || status.Plan != "premium" {
			t.Errorf("got %+v, want all of it until %v", status, running.PeriodEnd)
		}
		if got := w.wanting(running.Subscription); got != [2]any{"too_expensive", "Another time."} {
			t.Errorf("the reason is kept as %q", got)
		}
		if again := w.cancelled(s, service.Cancel{}); !again.CancelAt.Equal(running.PeriodEnd) {
			t.Errorf("asked again: %+v", again)
		}
		status, err := s.Resume(t.Context(), "ada", "")
		if err != nil || !status.CancelAt.IsZero() {
			t.Errorf("taken back: %+v, %v", status, err)
		}
		if _, err := s.Resume(t.Context(), "ada", ""); err != nil {
			t.Errorf("taken back again: %v", err)
		}
		w.cancelled(s, service.Cancel{When: billing.CancelAtEnd})
		w.settle(s)
		w.expectMails()

		w.move(running.PeriodEnd.Add(-time.Minute))
		w.settle(s)
		w.expect(s, "premium active full")
		w.move(running.PeriodEnd.Add(time.Hour))
		w.settle(s)
		w.expect(s, "starter active full")
		w.expectPaid(1, 0)
		w.expectMails("ended")
		if _, err := s.Resume(t.Context(), "ada", ""); billing.CodeOf(err) != billing.Conflict {
			t.Errorf("taken back after the end: got %v, want code conflict", err)
		}
		if _, err := s.Cancel(t.Context(), "ada", service.Cancel{}); billing.CodeOf(err) != billing.Conflict {
			t.Errorf("cancelled on the free plan: got %v, want code conflict", err)
		}
	})
}

// Features: 18.
func TestACancelNowGoesBackToTheFreePlanAndKeepsWhatWasPaidFor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.premium(s)
		running := w.status(s)
		w.move(start.Add(10 * 24 * time.Hour))
		w.cancelled(s, service.Cancel{When: billing.CancelNow, CancellationDetails: billing.CancellationDetails{Feedback: "unused"}})
		w.expect(s, "starter  free") // before any webhook; its subscription follows
		if got := w.wanting(running.Subscription); got != [2]any{"unused", nil} {
			t.Errorf("the reason is kept as %q", got)
		}
		w.settle(s)
		w.expect(s, "starter active full")
		w.expectPaid(1, 0)
		w.expectMails("ended")
		if end := w.license(s); !end.Equal(running.PeriodEnd) {
			t.Errorf("the license ends at %v, and %v is paid for", end, running.PeriodEnd)
		}
	})
}

// Features: 18.
func TestACancelAtADateShortensTheLastPeriodToIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.premium(s)
		paid := w.status(s).PeriodEnd
		if _, err := s.Cancel(t.Context(), "ada", service.Cancel{Date: paid.Add(-time.Second)}); billing.CodeOf(err) != billing.Invalid {
			t.Errorf("within what is paid for: got %v, want code invalid", err)
		}
		end := paid.AddDate(0, 0, 14)
		w.cancelled(s, service.Cancel{When: billing.CancelAtEnd})
		if status := w.cancelled(s, service.Cancel{Date: end.Add(time.Millisecond)}); !status.CancelAt.Equal(end) || status.Level != billing.Full {
			t.Errorf("got %+v, want an end at %v", status, end)
		}
		if status, err := s.Resume(t.Context(), "ada", ""); err != nil || !status.CancelAt.IsZero() {
			t.Errorf("taken back: %+v, %v", status, err)
		}
		w.cancelled(s, service.Cancel{When: billing.CancelOn, Date: end})
		w.move(end.Add(-time.Minute))
		w.settle(s)
		w.expect(s, "premium active full")
		invoices, err := s.Invoices(t.Context(), "ada")
		if err != nil || invoices[0].Total.String() != "8.58 EUR" { // 14 of 31 days
			t.Errorf("%+v, %v; want 14 days of it billed", invoices[0], err)
		}
		w.move(end.Add(time.Hour))
		w.settle(s)
		w.expect(s, "starter active full")
		w.expectPaid(2, 0)
		if held := w.license(s); !held.Equal(end) {
			t.Errorf("the license ends at %v, want %v", held, end)
		}
	})
}

func TestAHundredCancelsAtOnceAreOne(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		services := []*service.Service{w.service(), w.service()}
		w.premium(services[0])
		var wait sync.WaitGroup
		for i := range 100 {
			wait.Go(func() {
				if _, err := services[i%2].Cancel(t.Context(), "ada", service.Cancel{}); err != nil {
					t.Errorf("cancel %d: %v", i, err)
				}
			})
		}
		wait.Wait()
		updates := 0
		for _, e := range w.newEvents() {
			if e.Type == "customer.subscription.updated" {
				updates++
			}
		}
		if updates != 1 {
			t.Errorf("Stripe was asked %d times, want once", updates)
		}
	})
}

// An answer that is lost leaves nobody guessing: who asks again is told what happened.
func TestACancelWhoseAnswerIsLostIsFoundByTheNext(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.premium(s)
		running := w.status(s)
		w.trouble.when(true, func(r *http.Request) bool { return r.Method == http.MethodPost })
		if _, err := s.Cancel(t.Context(), "ada", service.Cancel{}); billing.CodeOf(err) != billing.Unavailable {
			t.Errorf("got %v, want code unavailable", err)
		}
		w.trouble.over()
		if status := w.cancelled(s, service.Cancel{}); !status.CancelAt.Equal(running.PeriodEnd) {
			t.Errorf("got %+v, want an end at %v", status, running.PeriodEnd)
		}
	})
}
