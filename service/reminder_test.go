package service_test

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/catalog"
	"github.com/dues-billing/dues/service"
)

// yearly is a catalogue that is paid by the year, and by the month.
const yearly = `
free_plan: starter
plans:
  - {id: starter, name: Starter, prices: [{key: starter, amount: 0.00 EUR, every: month}]}
  - {id: pro, name: Pro, prices: [{key: pro-year, amount: 190.00 EUR, every: year}, {key: pro-month, amount: 19.00 EUR, every: month}]}
`

// reminded adds to yearly that customers are reminded of renewals.
const reminded = yearly + "mails: {renewal_reminder: {days: 7}}\n"

// selling is a service that sells a catalogue.
func (w *world) offering(text string, change ...func(*service.Config)) *service.Service {
	w.t.Helper()
	sold, err := catalog.Parse([]byte(text))
	if err != nil {
		w.t.Fatal(err)
	}
	return w.serviceWith(func(c *service.Config) {
		c.Catalog = sold
		for _, fn := range change {
			fn(c)
		}
	})
}

// buys signs ada up and lets her buy a price with a saved card.
func (w *world) buys(s *service.Service, price string) {
	w.t.Helper()
	w.saveCard(w.signUp(s).Customer, "pm_card_visa")
	w.settle(s)
	if got := w.upgrade(s, price); !got.Changed {
		w.t.Fatalf("got %+v, want a change at once", got)
	}
	w.settle(s)
	w.mails.kinds()
}

// renewal is when what was bought at the start for a year is charged again.
var renewal = start.AddDate(1, 0, 0)

// mailOf returns the newest mail whose key begins so.
func (w *world) mailOf(prefix string) (found service.Mail) {
	for _, mail := range w.mails.all() {
		if strings.HasPrefix(mail.Key, prefix) {
			found = mail
		}
	}
	return found
}

// Features: 82.
func TestARenewalIsRemindedOfOnceAheadOfItWithWhatItWillCost(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.offering(reminded)
		w.buys(s, "pro-year")
		w.move(renewal.Add(-7*24*time.Hour - time.Minute))
		w.drain(s)
		w.expectMails()
		w.move(renewal.Add(-7 * 24 * time.Hour))
		other := w.offering(reminded)
		var all sync.WaitGroup
		for range 20 { // replicas at once
			for _, one := range []*service.Service{s, other} {
				all.Go(func() { w.drain(one) })
			}
		}
		all.Wait()
		w.settle(s)
		w.expectMails("renewal-coming")
		if mail := w.mailOf("renewal-coming:"); !strings.Contains(mail.Text, "€190.00") || !strings.Contains(mail.Text, "31 Jan 2027") {
			t.Errorf("the mail does not say what is paid, and when:\n%s", mail.Text)
		}
		w.move(renewal.Add(-24 * time.Hour))
		w.settle(s)
		w.expectMails()
		w.move(renewal.Add(2 * time.Hour))
		w.settle(s)
		w.expectMails("receipt")
		w.move(renewal.AddDate(1, 0, -3)) // the next year's
		w.settle(s)
		w.expectMails("renewal-coming")
	})
}

func TestARenewalThatWillNotBeChargedIsNotRemindedOf(t *testing.T) {
	for _, c := range []struct {
		name  string
		price string
		do    func(w *world, s *service.Service) error
	}{
		{"a month", "pro-month", func(*world, *service.Service) error { return nil }},
		{"cancelled", "pro-year", func(w *world, s *service.Service) error {
			_, err := s.Cancel(w.t.Context(), "ada", service.Cancel{})
			return err
		}},
		{"paused", "pro-year", func(w *world, s *service.Service) error {
			_, err := s.Pause(w.t.Context(), "ada", "")
			return err
		}},
		{"ended", "pro-year", func(w *world, s *service.Service) error {
			_, err := s.Cancel(w.t.Context(), "ada", service.Cancel{When: "now"})
			return err
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				s := w.offering(reminded)
				w.buys(s, c.price)
				end := w.status(s).PeriodEnd
				if err := c.do(w, s); err != nil {
					t.Fatal(err)
				}
				w.settle(s)
				w.move(end.Add(-6 * 24 * time.Hour))
				w.settle(s)
				if mail := w.mailOf("renewal-coming:"); mail.Key != "" {
					t.Errorf("got %s", mail.Key)
				}
			})
		})
	}
}

// What was decided when a mail was written may be otherwise when the mail server takes mails again.
func TestAReminderThatWaitedIsDecidedOnceMoreWhenItLeaves(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.offering(reminded)
		w.buys(s, "pro-year")
		w.mails.refuse(errors.New("no mail server"))
		w.move(renewal.Add(-7 * 24 * time.Hour))
		w.drain(s)
		if _, err := s.Cancel(t.Context(), "ada", service.Cancel{}); err != nil {
			t.Fatal(err)
		}
		w.mails.refuse(nil)
		w.move(renewal.Add(-7*24*time.Hour + time.Hour))
		w.settle(s)
		w.expectMails()
	})
}

func TestAfterAnOutageNobodyIsRemindedOfWhatIsPast(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.offering(reminded)
		w.buys(s, "pro-year")
		w.move(renewal.AddDate(0, 0, 3))
		w.settle(s)
		w.expectMails("receipt")
	})
}

// Whoever bought before reminders were wanted, or before the version that has them, is reminded as all are.
func TestRemindersAreSentToWhoBoughtBeforeTheyWereAskedFor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.buys(w.offering(yearly), "pro-year")
		w.move(renewal.Add(-20 * 24 * time.Hour))
		s := w.offering(reminded)
		w.drain(s)
		w.expectMails()
		w.move(renewal.Add(-7 * 24 * time.Hour))
		w.drain(s)
		w.expectMails("renewal-coming")
		w.drain(w.offering(strings.Replace(reminded, "days: 7", "days: 30", 1)))
		w.expectMails()
	})
}

func TestAProviderThatIsDownDelaysAReminderAndNoMore(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.offering(reminded)
		w.buys(s, "pro-year")
		w.trouble.when(false, func(*http.Request) bool { return true })
		w.move(renewal.Add(-7 * 24 * time.Hour))
		w.drain(s)
		w.expectMails()
		w.trouble.over()
		w.move(renewal.Add(-7*24*time.Hour + time.Hour))
		w.drain(s)
		w.expectMails("renewal-coming")
	})
}

func TestAReminderTellsTheAmountWithItsDiscount(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.offering(reminded)
		w.buys(s, "pro-year")
		client, ctx := w.stripe.Client(), t.Context()
		coupon, err := client.V1Coupons.Create(ctx, &stripe.CouponCreateParams{PercentOff: stripe.Float64(50), Duration: stripe.String("forever")})
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.V1Subscriptions.Update(ctx, string(w.status(s).Subscription), &stripe.SubscriptionUpdateParams{
			Discounts: []*stripe.SubscriptionUpdateDiscountParams{{Coupon: stripe.String(coupon.ID)}},
		})
		if err != nil {
			t.Fatal(err)
		}
		w.move(renewal.Add(-5 * 24 * time.Hour))
		w.settle(s)
		if mail := w.mailOf("renewal-coming:"); !strings.Contains(mail.Text, "€95.00") {
			t.Errorf("the mail does not say €95.00:\n%s", mail.Text)
		}
	})
}
