package service_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/service"
	"github.com/dues-billing/dues/sqlstore"
)

// catchUp reads the provider's list of events, and returns how many the inbox lacked.
func (w *world) catchUp(s *service.Service) int {
	w.t.Helper()
	found, err := s.CatchUp(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return found
}

// feed returns how far the list has been read.
func (w *world) feed() sqlstore.Feed {
	w.t.Helper()
	feed, err := w.store().Feed(w.t.Context(), "")
	if err != nil {
		w.t.Fatal(err)
	}
	return feed
}

func (w *world) saveFeed(f sqlstore.Feed) {
	w.t.Helper()
	if err := w.store().InTx(w.t.Context(), func(tx *sqlstore.Tx) error { return tx.SaveFeed(w.t.Context(), "", f) }); err != nil {
		w.t.Fatal(err)
	}
}

// openGap makes it look as if the provider had forgotten where we were.
func (w *world) openGap(at time.Time) {
	w.t.Helper()
	w.saveFeed(sqlstore.Feed{Event: "evt_1", CreatedAt: at, ReadAt: at})
	if err := w.store().InTx(w.t.Context(), func(tx *sqlstore.Tx) error { return tx.SetGap(w.t.Context(), "", at) }); err != nil {
		w.t.Fatal(err)
	}
}

// Rows: C24.
// Features: 71 73.
func TestAnEventWhoseWebhookNeverCameIsFoundInTheProvidersList(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		account := w.signUp(s)
		w.saveCard(account.Customer, "pm_card_visa")
		w.upgrade(s, "premium-monthly")
		w.settle(s)
		w.catchUp(s)
		w.drain(s)
		w.mails.kinds()

		w.move(start.AddDate(0, 1, 0).Add(2 * time.Hour)) // the renewal happens, and none of its webhooks arrives
		if found := w.catchUp(s); found == 0 {
			t.Fatal("nothing was found")
		}
		w.drain(s)
		w.expect(s, "premium active full")
		w.expectMails("receipt")
		if found := w.catchUp(s); found != 0 {
			t.Errorf("%d events were found a second time", found)
		}
		late := w.newEvents()
		w.deliver(s, late[len(late)-3:]...) // and then they do arrive
		w.drain(s)
		w.expectMails()
	})
}

func TestTheListOfEventsIsReadByPages(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s, client := w.service(), w.stripe.Client()
		account := w.signUp(s)
		pages := 0
		w.trouble.when(false, func(r *http.Request) bool {
			if r.URL.Path == "/v1/events" {
				pages++
			}
			return false
		})
		rename := func(times int) {
			for i := range times {
				if _, err := client.V1Customers.Update(t.Context(), string(account.Customer), &stripe.CustomerUpdateParams{Name: stripe.String(fmt.Sprint(i))}); err != nil {
					t.Fatal(err)
				}
			}
		}
		rename(230)
		if found := w.catchUp(s); found < 230 || pages != 3 {
			t.Errorf("%d events in %d pages, want all of more than 230 in 3", found, pages)
		}
		w.move(start.Add(10 * time.Minute))
		w.catchUp(s) // what was read is old enough now for the next time to begin after it
		rename(120)
		pages = 0
		if found := w.catchUp(s); found != 120 || pages != 2 {
			t.Errorf("%d events in %d pages, want 120 in 2", found, pages)
		}
	})
}

func TestAListThatBreaksOffIsReadOnFromThere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.signUp(s)
		w.trouble.when(false, func(r *http.Request) bool { return r.URL.Path == "/v1/events" })
		if _, err := s.CatchUp(t.Context()); err == nil {
			t.Fatal("a provider that is out of order is no success")
		}
		w.trouble.over()
		if found := w.catchUp(s); found == 0 {
			t.Error("after the outage nothing was found")
		}
	})
}

func TestAFeedThatTheProviderHasForgottenIsAGapThatIsSaid(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.signUp(s)
		w.saveFeed(sqlstore.Feed{Event: "evt_forgotten", CreatedAt: start.Add(-time.Hour), ReadAt: start.Add(-time.Hour)})
		if found := w.catchUp(s); found == 0 {
			t.Error("nothing was found after the gap")
		}
		if feed := w.feed(); !feed.GapAt.Equal(start) {
			t.Errorf("the gap is noted at %v, want %v", feed.GapAt, start)
		}
	})
}

func TestOneProcessReadsTheListForAll(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.signUp(s)
		store := w.store()
		lease, taken, err := store.TakeLease(t.Context(), "feed", start, start.Add(time.Minute))
		if err != nil || !taken {
			t.Fatalf("lease: %v, %v", taken, err)
		}
		if found := w.catchUp(s); found != 0 {
			t.Errorf("%d events were taken in beside the process that reads", found)
		}
		if err := store.ReleaseLease(t.Context(), lease); err != nil {
			t.Fatal(err)
		}
		if found := w.catchUp(s); found == 0 {
			t.Error("nothing was found after the other process had stopped")
		}
	})
}

func TestAServiceWithoutAFeedSaysSo(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.serviceWith(func(c *service.Config) { c.Feed = nil })
		if _, err := s.CatchUp(t.Context()); err == nil || !strings.Contains(err.Error(), "EventFeed") {
			t.Errorf("got %v, want an error that names the EventFeed", err)
		}
	})
}

// Each minute's reading of the list said that webhooks were lost, of types that no endpoint had asked for.
func TestWhatNoEndpointAsksForIsTakenInAndNotCountedAsLost(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.catchUp(s)
		w.move(start.Add(time.Minute))
		coupon, err := w.stripe.Client().V1Coupons.Create(t.Context(), &stripe.CouponCreateParams{PercentOff: stripe.Float64(50)})
		if err != nil {
			t.Fatal(err)
		}
		if found := w.catchUp(s); found != 0 {
			t.Errorf("%d webhooks are said to be lost", found)
		}
		events, _, err := s.Events(t.Context(), service.EventFilter{Type: "coupon.created"}, service.Page{})
		if err != nil || len(events) != 1 || events[0].Object != coupon.ID || events[0].State != "ignored" {
			t.Errorf("the coupon is taken in as %+v, %v", events, err)
		}
	})
}

// An account where nothing happened for 30 days was said to have a gap, though its list had been read each minute.
func TestAQuietMonthIsNoGap(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.signUp(s)
		w.saveFeed(sqlstore.Feed{Event: "evt_forgotten", CreatedAt: start.Add(-service.FeedKept), ReadAt: start.Add(-time.Minute)})
		if found := w.catchUp(s); found == 0 {
			t.Error("what happened after the quiet month is not found")
		}
		if feed := w.feed(); !feed.GapAt.IsZero() || !feed.ReadAt.Equal(start) {
			t.Errorf("it is noted as %+v", feed)
		}
		w.saveFeed(sqlstore.Feed{Event: "evt_forgotten", CreatedAt: start.Add(-service.FeedKept), ReadAt: start.Add(-service.FeedKept)})
		w.catchUp(s)
		if w.feed().GapAt.IsZero() {
			t.Error("a month in which nobody read is no gap")
		}
	})
}

func TestItIsSaidBeforeTheProviderForgetsWhatWasNotRead(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var log bytes.Buffer
		s := w.serviceWith(func(c *service.Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
		w.signUp(s)
		w.trouble.when(false, func(r *http.Request) bool { return r.URL.Path == "/v1/events" })
		for _, c := range []struct {
			unread time.Duration
			said   bool
		}{
			{service.FeedKept - service.FeedUrgent, false},
			{service.FeedKept - service.FeedUrgent + time.Second, true},
			{service.FeedKept + time.Hour, true},
		} {
			w.saveFeed(sqlstore.Feed{Event: "evt_1", CreatedAt: start.Add(-c.unread), ReadAt: start.Add(-c.unread)})
			log.Reset()
			if _, err := s.CatchUp(t.Context()); err == nil {
				t.Fatal("the list was read")
			}
			if said := strings.Contains(log.String(), "level=ERROR msg=\"the provider is about to forget events that could not be read"); said != c.said {
				t.Errorf("after %s it is said: %v, want %v\n%s", c.unread, said, c.said, log.String())
			}
		}
	})
}

// What is behind a page that could not be read can be forgotten, however late the pages before it were read.
func TestAListThatWasNotReadToItsEndWasNotRead(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s, client := w.service(), w.stripe.Client()
		account := w.signUp(s)
		w.catchUp(s)
		w.move(start.Add(10 * time.Minute))
		w.catchUp(s)
		for i := range 120 {
			if _, err := client.V1Customers.Update(t.Context(), string(account.Customer), &stripe.CustomerUpdateParams{Name: stripe.String(fmt.Sprint(i))}); err != nil {
				t.Fatal(err)
			}
		}
		before, pages := w.feed(), 0
		w.move(start.Add(20 * time.Minute))
		w.trouble.when(false, func(r *http.Request) bool {
			if r.URL.Path == "/v1/events" {
				pages++
			}
			return pages > 1 && r.URL.Path == "/v1/events"
		})
		if _, err := s.CatchUp(t.Context()); err == nil {
			t.Fatal("the second page was read")
		}
		if after := w.feed(); after.Event == before.Event || !after.ReadAt.Equal(before.ReadAt) {
			t.Errorf("after the first of two pages the feed is at %+v, before it at %+v", after, before)
		}
		w.trouble.over()
		w.catchUp(s)
		if after := w.feed(); !after.ReadAt.Equal(start.Add(20 * time.Minute)) {
			t.Errorf("at the end the feed is at %+v", after)
		}
	})
}
