package engine

import (
	"testing"
	"time"
)

func TestAnExpiredSessionIsTakenUpAgainByItsRecovery(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.code("WELCOME", s.coupon("25", "once"))
	lost := s.do(checkout("", func(c *CreateCheckoutSession) {
		c.AfterExpiration = Some(CheckoutAfterExpiration{Some(CheckoutRecoveryParams{Enabled: true, AllowPromotionCodes: true})})
		c.IntegrationIdentifier = Some("shop-7")
		c.LineItems = Some([]CheckoutLineParams{{Quantity: Some[int64](2), PriceData: Some(CheckoutPriceData{
			Currency: Some("usd"), UnitAmount: Some[int64](900), ProductData: Some(ProductData{Name: Some("Pro")}),
			Recurring: Some(RecurringParam{Interval: Some("month")})})}})
	})).(*CheckoutSession)
	if lost.Recovery.Token != "" {
		t.Errorf("an open session has a way back: %+v", lost.Recovery)
	}
	s.refuse(RecoverCheckout{Session: lost.ID})
	s.wait(secondsPerDay)
	lost = get[CheckoutSession](s, lost.ID)
	if lost.Status != SessionExpired || lost.Recovery.Token == "" || lost.Recovery.ExpiresAt != s.now+30*secondsPerDay {
		t.Fatalf("expired: %+v", lost.Recovery)
	}
	again := s.do(RecoverCheckout{Session: lost.ID}).(*CheckoutSession)
	if again.ID == lost.ID || again.RecoveredFrom != lost.ID || again.Status != SessionOpen || again.AmountTotal != 1800 || again.Lines[0].ID == lost.Lines[0].ID ||
		again.ExpiresAt != s.now+secondsPerDay || again.IntegrationIdentifier != "shop-7" {
		t.Fatalf("recovered: %+v", again)
	}
	s.do(ChangeCheckout{Session: again.ID, Code: Some("WELCOME")})
	done := s.do(SubmitCheckout{Session: again.ID, Email: "ada@example.com", Card: card(goodCard)}).(*CheckoutOutcome).Session
	if inv := s.latest(done.Subscription); inv.AmountPaid != 1350 {
		t.Errorf("paid %d", inv.AmountPaid)
	}
	s.wait(30 * secondsPerDay)
	s.refuse(RecoverCheckout{Session: lost.ID})
	if e := s.refuse(CreateCheckoutSession{Mode: Some(ModeSetup), SuccessURL: Some("https://e.x"),
		AfterExpiration: Some(CheckoutAfterExpiration{Some(CheckoutRecoveryParams{Enabled: true})})}); e.Param != "after_expiration" {
		t.Errorf("the recovery of a setup: %v", e)
	}
}

func TestASubscriptionOfCheckoutBillsOnTheDayThatWasChosen(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	session := s.do(checkout(s.price("Premium", 2000), func(c *CreateCheckoutSession) {
		c.SubscriptionData = Some(CheckoutSubscriptionData{AnchorConfig: Some(AnchorConfigParams{DayOfMonth: Some[int64](15)}), ProrationBehavior: Some(NoProrations)})
	})).(*CheckoutSession)
	done := s.do(SubmitCheckout{Session: session.ID, Email: "ada@example.com", Card: card(goodCard)}).(*CheckoutOutcome).Session
	if end := time.Unix(s.sub(done.Subscription).Items[0].CurrentPeriodEnd, 0).UTC(); end.Day() != 15 {
		t.Errorf("the first period ends on %s", end)
	}
}
