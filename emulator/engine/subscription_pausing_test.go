package engine

import "testing"

func TestAnEndThatIsAskedForDuringAPauseIsThatOfThePeriodAfterIt(t *testing.T) {
	t.Parallel()
	for _, anchor := range []string{"now", "unchanged"} {
		s := openShop(t)
		sub := s.subscribe(s.customer("pm_card_visa"), s.price("Pro", 2000), func(c *CreateSubscription) {
			c.BillingMode = Some(BillingModeParams{Type: Some(ModeFlexible)})
		})
		s.wait(5 * secondsPerDay)
		s.do(PauseSubscription{ID: sub.ID})
		s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: SubscriptionChange{CancelAtPeriodEnd: Some(true)}})
		s.wait(2 * secondsPerDay)
		if got := s.sub(sub.ID).Status; got != SubPaused {
			t.Fatalf("%s: before it is resumed it is %s", anchor, got)
		}
		s.do(ResumeSubscription{ID: sub.ID, BillingCycleAnchor: Some(AnchorParams{Type: anchor}), PaymentBehavior: Some(resumeOnSuccess)})
		got := s.sub(sub.ID)
		if got.Status != SubActive || got.CancelAt != got.Items[0].CurrentPeriodEnd || got.CancelAt <= s.now {
			t.Errorf("%s: %s until %d, to end at %d", anchor, got.Status, got.Items[0].CurrentPeriodEnd, got.CancelAt)
		}
		s.wait(got.CancelAt - s.now)
		if got := s.sub(sub.ID).Status; got != SubCanceled {
			t.Errorf("%s: at the end it is %s", anchor, got)
		}
	}
}
