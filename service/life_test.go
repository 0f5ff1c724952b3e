package service_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// premium puts ada on the paid plan with a saved card.
func (w *world) premium(s *service.Service) billing.Account {
	w.t.Helper()
	account := w.signUp(s)
	w.saveCard(account.Customer, "pm_card_visa")
	if result := w.upgrade(s, "premium-monthly"); !result.Changed {
		w.t.Fatalf("the upgrade needs a page: %+v", result)
	}
	w.settle(s)
	w.expectMails("welcome", "receipt")
	return account
}

// license returns when ada's license ends.
func (w *world) license(s *service.Service) time.Time {
	w.t.Helper()
	all, err := s.Licenses(w.t.Context(), "ada")
	if err != nil || len(all) != 1 {
		w.t.Fatalf("licenses %+v, %v; want one", all, err)
	}
	return all[0].EndsAt
}

// Rows: A7 B4 C19 C20 C26 C28.
func TestARenewalExtendsAccessAndLicenseAndIsReceipted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.premium(s) // on 31 January
		for month, end := range []time.Time{
			time.Date(2026, 2, 28, 10, 0, 0, 0, time.UTC), time.Date(2026, 3, 31, 10, 0, 0, 0, time.UTC), time.Date(2026, 4, 30, 10, 0, 0, 0, time.UTC),
		} {
			status := w.status(s)
			if !status.PeriodEnd.Equal(end) || !status.Until.Equal(end.Add(48*time.Hour)) || !w.license(s).Equal(end) {
				t.Errorf("month %d: period until %v, access until %v, license until %v; want %v", month, status.PeriodEnd, status.Until, w.license(s), end)
			}
			// The invoice is a draft for an hour: access goes on, the license is not extended yet.
			w.move(end.Add(10 * time.Minute))
			w.settle(s)
			w.expect(s, "premium active full")
			w.expectMails()
			if !w.license(s).Equal(end) {
				t.Errorf("month %d: the license runs until %v before anything is paid", month, w.license(s))
			}
			w.move(end.Add(2 * time.Hour))
			w.settle(s)
			w.expect(s, "premium active full")
			w.expectMails("receipt")
			mails := w.mails.all()
			if last := mails[len(mails)-1]; !strings.Contains(last.Text, "19.00") {
				t.Errorf("the mail does not name the amount:\n%s", last.Text)
			}
		}
		w.expectPaid(4, 1)
	})
}

func TestWithoutNewsAccessEndsAfterTheLeewayAndComesBackWithThem(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.premium(s)
		end := w.status(s).PeriodEnd
		w.move(end.Add(47 * time.Hour))
		w.expect(s, "premium active full")
		w.move(end.Add(48 * time.Hour))
		w.expect(s, "premium active free")
		w.settle(s) // the webhooks come two days late
		w.expect(s, "premium active full")
	})
}

// Rows: A8 B6 B7 B8 C20 C27.
// Features: 80.
func TestACardThatKeepsFailingLeadsBackToTheFreePlan(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		account := w.premium(s)
		w.saveCard(account.Customer, "pm_card_chargeCustomerFail")
		end, licensed := w.status(s).PeriodEnd, w.license(s)
		failures := 0
		for day := time.Duration(0); day < 30; day++ {
			w.move(end.Add(day*24*time.Hour + 2*time.Hour))
			w.settle(s)
			mails := w.mails.kinds()
			switch status := w.status(s); {
			case status.Plan == "starter":
				if !slices.Equal(mails, []string{"ended"}) {
					t.Errorf("day %d: mails %q, want the one that says it ended", day, mails)
				}
				if failures < 2 {
					t.Errorf("only %d mails about failures before the end", failures)
				}
				w.expect(s, "starter active full")
				w.expectPaid(1, 0)
				if !w.license(s).Equal(licensed) {
					t.Errorf("the license runs until %v, want %v: nothing was paid", w.license(s), licensed)
				}
				free := 0
				subs, err := s.Subscriptions(t.Context(), "ada")
				for _, sub := range subs {
					if !sub.Status.Ended() {
						free++
					}
				}
				if err != nil || free != 1 {
					t.Errorf("%d subscriptions run, %v; want the free one alone", free, err)
				}
				w.settle(s)
				w.expectMails()
				return
			default:
				w.expect(s, "premium past_due full update_payment_method")
				for _, kind := range mails {
					if kind != "failed" {
						t.Errorf("day %d: an unexpected mail %q", day, kind)
					}
					failures++
				}
			}
		}
		t.Error("after 30 days the subscription has not ended")
	})
}

// Rows: C20 C27.
func TestANewCardBeforeTheRetriesRunOutSavesTheSubscription(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		account := w.premium(s)
		w.saveCard(account.Customer, "pm_card_chargeCustomerFail")
		end := w.status(s).PeriodEnd
		w.move(end.Add(2 * time.Hour))
		w.settle(s)
		w.expect(s, "premium past_due full update_payment_method")
		w.expectMails("failed")
		mails := w.mails.all()
		if mail := mails[len(mails)-1]; !strings.Contains(mail.Text, w.stripe.URL) {
			t.Errorf("the mail has no link to pay:\n%s", mail.Text)
		}
		w.saveCard(account.Customer, "pm_card_visa")
		w.move(end.Add(20 * 24 * time.Hour))
		w.settle(s)
		w.expect(s, "premium active full")
		w.expectMails("receipt")
		w.expectPaid(2, 1)
	})
}

// Rows: C23.
// Features: 64 65.
func TestWebhooksTwiceLateAndInAnyOrderEndTheSame(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s, other := w.service(), w.service()
		account := w.premium(s)
		random := rand.New(rand.NewPCG(1, 2)) // the same order in every run
		var old []event
		// A renewal, a failing card, its recovery, a failing card until the end.
		steps := []func(){
			func() { w.move(w.now.Now().Add(32 * 24 * time.Hour)) },
			func() {
				w.saveCard(account.Customer, "pm_card_chargeCustomerFail")
				w.move(w.now.Now().Add(28 * 24 * time.Hour))
			},
			func() { w.saveCard(account.Customer, "pm_card_visa"); w.move(w.now.Now().Add(10 * 24 * time.Hour)) },
			func() {
				w.saveCard(account.Customer, "pm_card_chargeCustomerFail")
				w.move(w.now.Now().Add(60 * 24 * time.Hour))
			},
		}
		for i, step := range steps {
			step()
			events := w.newEvents()
			if len(events) == 0 {
				t.Fatalf("step %d: nothing happened", i)
			}
			chaos := append(slices.Clone(events), events...)
			chaos = append(chaos, old...)
			random.Shuffle(len(chaos), func(i, j int) { chaos[i], chaos[j] = chaos[j], chaos[i] })
			half := len(chaos) / 2
			w.deliver(s, chaos[:half]...)
			w.drain(other)
			w.deliver(other, chaos[half:]...)
			w.drain(s)
			old = append(old, events...)
		}
		w.settle(s)
		w.expect(s, "starter active full")
		perKey := map[string]int{}
		for _, mail := range w.mails.all() {
			perKey[mail.Key]++
		}
		for key, n := range perKey {
			if n != 1 {
				t.Errorf("%s was sent %d times, want once", key, n)
			}
		}
		end := w.license(s)
		before := fmt.Sprintf("%+v %v %d", w.status(s).Access, end, len(perKey))

		// A year later the whole log comes again.
		w.deliver(s, old...)
		w.drain(s)
		if err := s.Sync(t.Context(), account.Customer); err != nil {
			t.Error(err)
		}
		w.drain(s)
		if after := fmt.Sprintf("%+v %v %d", w.status(s).Access, w.license(s), len(w.mails.all())); after != before {
			t.Errorf("after a replay:\n got %s\nwant %s", after, before)
		}
	})
}
