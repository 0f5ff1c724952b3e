package engine

import "testing"

func TestUnfinishedThreeDSecureEndsTheSubscription(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name         string
		days         int64
		before, then string
	}{{"by default", 15, SubPastDue, SubCanceled}, {"switched off", 0, SubPastDue, SubPastDue}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, _, sub := dunned(t, "pm_card_authenticationRequired", func(c *Settings) {
				if c.ChallengeDays != 15 {
					t.Errorf("the default is %d days", c.ChallengeDays)
				}
				c.ChallengeDays = test.days
			})
			s.wait(15*secondsPerDay - 1)
			if got := s.sub(sub.ID).Status; got != test.before {
				t.Fatalf("a second early: %s", got)
			}
			s.wait(1)
			if got := s.sub(sub.ID); got.Status != test.then || got.Status == SubCanceled && got.CancellationDetails.Reason != "payment_failed" {
				t.Errorf("after 15 days: %s for %q", got.Status, got.CancellationDetails.Reason)
			}
		})
	}
}

func TestFinishedThreeDSecureLeavesNothingPlanned(t *testing.T) {
	t.Parallel()
	s, customer, sub := dunned(t, "pm_card_authenticationRequired")
	s.do(ResolveChallenge{Intent: s.latest(sub.ID).PaymentIntent, Outcome: "succeed"})
	s.useCard(customer, "pm_card_visa")
	s.wait(60 * secondsPerDay)
	if got := s.sub(sub.ID).Status; got != SubActive {
		t.Errorf("60 days after the payer answered: %s", got)
	}
}

// mailed is a subscription whose first invoice was mailed, is due after ten days and is never paid.
func mailed(t *testing.T, change func(*Settings)) (*shop, *Subscription) {
	s := openShop(t, change)
	sub := s.subscribe(s.customer("pm_card_visa"), s.price("Pro", 2000), func(c *CreateSubscription) {
		c.CollectionMethod, c.DaysUntilDue = Some(InvoiceByMail), Some[int64](10)
	})
	return s, sub
}

func TestMailedInvoicesPastDueEndTheirSubscriptionAsTheAccountChose(t *testing.T) {
	t.Parallel()
	for _, days := range []int64{30, 60, 90} {
		for end, want := range map[string]string{EndCancel: SubCanceled, EndUnpaid: SubUnpaid, EndPastDue: SubPastDue} {
			t.Run(end, func(t *testing.T) {
				t.Parallel()
				s, sub := mailed(t, func(c *Settings) {
					if c.PastDueDays != 60 || c.EndOfPastDue != EndPastDue {
						t.Errorf("the default is %s after %d days", c.EndOfPastDue, c.PastDueDays)
					}
					c.PastDueDays, c.EndOfPastDue = days, end
				})
				s.wait((10+days)*secondsPerDay - 1)
				if got := s.sub(sub.ID).Status; got != SubPastDue {
					t.Fatalf("a second before %d days: %s", days, got)
				}
				s.wait(1)
				if got := s.sub(sub.ID).Status; got != want {
					t.Errorf("past due for %d days: %s, want %s", days, got, want)
				}
			})
		}
	}
}

func TestAPaidMailedInvoiceEndsNothing(t *testing.T) {
	t.Parallel()
	s, sub := mailed(t, func(c *Settings) { c.PastDueDays, c.EndOfPastDue = 30, EndCancel })
	s.wait(20 * secondsPerDay)
	s.do(PayInvoice{ID: s.latest(sub.ID).ID, PaidOutOfBand: Some(true)})
	s.wait(21 * secondsPerDay)
	if got := s.sub(sub.ID).Status; got != SubPastDue { // for the next one, which was due three days ago
		t.Errorf("after the first one was paid late: %s", got)
	}
}
