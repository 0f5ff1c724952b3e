package engine

import "testing"

// A trial that is ended by trial_end=now and has no card does what it would do at its own end.
func TestATrialEndedByHandObeysItsSettings(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]struct{ status, events string }{
		"pause":  {SubPaused, "customer.subscription.paused customer.subscription.updated"},
		"cancel": {SubCanceled, "customer.subscription.deleted"},
	} {
		s := openShop(t)
		sub := s.subscribe(s.customer(""), s.price("Pro", 2000), func(c *CreateSubscription) {
			c.TrialPeriodDays = Some[int64](7)
			c.TrialSettings = Some(TrialSettingsParams{EndBehavior: Some(TrialEndBehaviorParams{MissingPaymentMethod: Some(setting)})})
		})
		s.wait(secondsPerDay)
		s.events()
		got := s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: SubscriptionChange{TrialEnd: Some(Instant{Word: "now"})}}).(*Subscription)
		s.wantEvents(setting, want.events)
		if got.Status != want.status || got.TrialEnd != s.now || got.periodEnd() != s.now {
			t.Errorf("%s: %s, trial and period end at %d and %d, want %s and %d", setting, got.Status, got.TrialEnd, got.periodEnd(), want.status, s.now)
		}
		s.wait(30 * secondsPerDay)
		if inv := s.latest(sub.ID); inv.AmountDue != 0 {
			t.Errorf("%s: billed %d all the same", setting, inv.AmountDue)
		}
	}
}
