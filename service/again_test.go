package service_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// Features: 67.
func TestWhatWasGivenUpIsTriedAgainByHand(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		account := w.signUp(s)
		w.settle(s)
		w.mails.kinds()
		w.saveCard(account.Customer, "pm_card_visa")
		w.upgrade(s, "premium-monthly")
		w.mails.refuse(errors.New("mailbox full"))
		news := w.newEvents()
		w.trouble.when(false, func(r *http.Request) bool { return r.Method == http.MethodGet && r.URL.Path != "/v1/events" })
		w.deliver(s, news...)
		for range 90 { // longer than anything is tried
			if _, err := s.CatchUp(t.Context()); err != nil { // that is answered, so it is no outage
				t.Fatal(err)
			}
			w.drain(s)
			w.move(w.now.Now().Add(time.Hour))
		}
		w.trouble.over()
		w.mails.refuse(nil)
		w.drain(s)
		queues, err := s.Queues(t.Context())
		if err != nil || queues.EventsDead < 10 || queues.EffectsDead == 0 || queues.EventsPending+queues.EffectsPending > 0 {
			t.Fatalf("%+v, %v; want everything given up", queues, err)
		}
		w.expectMails()

		dead, _, err := s.Events(t.Context(), service.EventFilter{Account: account.ID, State: "dead"}, service.Page{Limit: queues.EventsDead})
		if err != nil {
			t.Fatal(err)
		}
		if e, err := s.RetryEvent(t.Context(), "", dead[0].ID); e.State != "pending" || e.Attempts != 0 || err != nil {
			t.Errorf("one event by its id: %+v, %v", e, err)
		}
		if n, err := s.RetryEvents(t.Context(), service.EventFilter{Customer: account.Customer}); n != int64(len(dead)-1) || err != nil {
			t.Errorf("the other events by their customer: %d of %d, %v", n, len(dead)-1, err)
		}
		if n, err := s.RetryEffects(t.Context(), service.EffectFilter{Account: account.ID}); n != int64(queues.EffectsDead) || err != nil {
			t.Errorf("all effects: %d of %d, %v", n, queues.EffectsDead, err)
		}
		w.drain(s)
		if queues, err := s.Queues(t.Context()); err != nil || queues != (service.Queues{}) {
			t.Errorf("%+v, %v; want empty queues", queues, err)
		}
		w.expectMails("receipt")
	})
}

// Features: 68.
func TestReplayingAYearOfEventsSendsNothingTwice(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		account := w.signUp(s)
		w.saveCard(account.Customer, "pm_card_visa")
		w.upgrade(s, "premium-monthly")
		for month := range 12 {
			w.move(start.AddDate(0, month+1, 0))
			w.settle(s)
		}
		sent := len(w.mails.all())
		n, err := s.RetryEvents(t.Context(), service.EventFilter{State: "done"})
		if err != nil || n < 12*5 {
			t.Fatalf("%d events are replayed, %v", n, err)
		}
		w.drain(s)
		if again := len(w.mails.all()) - sent; sent < 12 || again != 0 {
			t.Errorf("%d mails, and %d more by the replay", sent, again)
		}
	})
}

func TestWhatIsPendingCannotBeRetried(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, err := w.service().RetryEvents(t.Context(), service.EventFilter{State: "pending"})
		var wrong *billing.Error
		if !errors.As(err, &wrong) || wrong.Code != billing.Invalid || wrong.Field != "state" {
			t.Errorf("got %v, want an error about state", err)
		}
	})
}
