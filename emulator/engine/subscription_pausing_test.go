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

// An update during a pause may begin a period without resuming. A cancel_at inside that was waited for by no timer: the subscription outlived
// its end, and resuming it then billed time that ended before it began.
func TestAPausedSubscriptionEndsInsideAPeriodThatBeganDuringThePause(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	sub := s.subscribe(s.customer("pm_card_visa"), s.price("Pro", 2000), func(c *CreateSubscription) {
		c.BillingMode = Some(BillingModeParams{Type: Some(ModeFlexible)})
	})
	s.wait(5 * secondsPerDay)
	s.do(PauseSubscription{ID: sub.ID})
	s.wait(secondsPerDay)
	s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: SubscriptionChange{
		BillingCycleAnchor: Some(AnchorParams{Type: "now"}), ProrationBehavior: Some(NoProrations),
	}})
	if got := s.sub(sub.ID); got.Status != SubPaused || got.periodStart() != s.now {
		t.Fatalf("the update leaves it %s, its period from %d, now %d", got.Status, got.periodStart(), s.now)
	}
	end := s.now + secondsPerDay
	s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: SubscriptionChange{CancelAt: Some(At(end))}})
	s.wait(2 * secondsPerDay)
	if got := s.sub(sub.ID); got.Status != SubCanceled || got.EndedAt != end {
		t.Errorf("after its end it is %s, ended at %d, not %d", got.Status, got.EndedAt, end)
	}
}
