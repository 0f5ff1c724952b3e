package pages

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/dues-billing/dues/emulator/engine"
)

// Rows: A2 B3.
func TestCheckoutSubscribesAndGoesBackToTheApplication(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	cus := b.customer()
	s := b.session("subscription", b.plan("Premium", 1200), func(c *engine.CreateCheckoutSession) { c.Customer = engine.Some(cus.ID) })

	b.get(checkoutPath(s.ID)).says(http.StatusOK, "Northwind", "Subscribe to Premium", "€12.00", "per month", "ada@example.com", "Total due today")
	b.post(checkoutPath(s.ID), card("4242 4242 4242 4242")...).leads("https://app.example/done?session=" + s.ID)

	done := see[engine.CheckoutSession](b, s.ID)
	if done.Status != engine.SessionComplete || done.PaymentStatus != engine.SessionPaid {
		t.Fatalf("session is %s, %s", done.Status, done.PaymentStatus)
	}
	sub := see[engine.Subscription](b, done.Subscription)
	if sub.Status != engine.SubActive || sub.Customer != cus.ID || sub.DefaultPaymentMethod == "" {
		t.Errorf("subscription %+v", sub)
	}
	b.get(checkoutPath(s.ID)).says(http.StatusOK, "All done", "Continue to Northwind")
}

func TestACheckoutWithoutCustomerAsksForTheEmail(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.session("subscription", b.plan("Premium", 1200), nil)
	b.post(checkoutPath(s.ID), card("4242424242424242")...).says(http.StatusUnprocessableEntity).beside("email", "Enter your e-mail address.")
	b.post(checkoutPath(s.ID), card("4242424242424242", "email", "nobody")...).says(http.StatusUnprocessableEntity).beside("email", "nobody")
	b.post(checkoutPath(s.ID), card("4242424242424242", "email", "grace@example.com")...).leads("https://app.example/done")
	made := see[engine.Customer](b, see[engine.CheckoutSession](b, s.ID).Customer)
	if made.Email != "grace@example.com" {
		t.Errorf("customer has e-mail %q", made.Email)
	}
}

func TestTheEmailMayBeCorrectedAfterADecline(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.session("subscription", b.plan("Premium", 1200), nil)
	b.post(checkoutPath(s.ID), card("4000000000000002", "email", "grace@exmaple.com")...).says(http.StatusPaymentRequired)
	b.post(checkoutPath(s.ID), card("4242424242424242", "email", "grace@example.com")...).leads("https://app.example/done")
	if made := see[engine.Customer](b, see[engine.CheckoutSession](b, s.ID).Customer); made.Email != "grace@example.com" {
		t.Errorf("customer has e-mail %q", made.Email)
	}
}

func TestCheckoutSaysBesideTheFieldWhatIsWrong(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	cus, price := b.customer(), b.plan("Premium", 1200)
	s := b.session("subscription", price, func(c *engine.CreateCheckoutSession) { c.Customer = engine.Some(cus.ID) })
	path := checkoutPath(s.ID)

	empty := b.post(path).says(http.StatusUnprocessableEntity)
	empty.beside("cardNumber", "Your card number is incomplete.")
	empty.beside("cardExpiry", "Your card's expiration date is incomplete.")
	empty.beside("cardCvc", "Your card's security code is incomplete.")
	empty.beside("billingName", "Enter the name on the card.")

	for _, c := range []struct{ name, number, expiry, field, text string }{
		{"a wrong last digit", "4242424242424241", "12/34", "cardNumber", "Your card number is incorrect."},
		{"a card that is no test card", "4111111111111111", "12/34", "cardNumber", "non test card"},
		{"a declined card", "4000000000000002", "12/34", "cardNumber", "Your card was declined."},
		{"a card without funds", "4000000000009995", "12/34", "cardNumber", "Your card has insufficient funds."},
		{"an expired card", "4000000000000069", "12/34", "cardExpiry", "Your card has expired."},
		{"a wrong security code", "4000000000000127", "12/34", "cardCvc", "Your card's security code is incorrect."},
		{"a month 13", "4242424242424242", "13/34", "cardExpiry", "Your card's expiration month is invalid."},
		{"a year that is over", "4242424242424242", "12/20", "cardExpiry", "Your card's expiration year is invalid."},
	} {
		page := b.post(path, "cardNumber", c.number, "cardExpiry", c.expiry, "cardCvc", "123", "billingName", "Ada")
		if page.status != http.StatusPaymentRequired {
			t.Errorf("%s: got status %d to %s", c.name, page.status, page.location)
			continue
		}
		page.beside(c.field, c.text)
		if !strings.Contains(page.html, `value="`+c.number+`"`) || strings.Contains(page.html, `value="123"`) {
			t.Errorf("%s: the number must be kept and the security code forgotten", c.name)
		}
	}
	if got := see[engine.CheckoutSession](b, s.ID); got.Status != engine.SessionOpen || got.Subscription != "" {
		t.Fatalf("after refusals the session is %s with subscription %q", got.Status, got.Subscription)
	}
	b.post(path, card("4242424242424242")...).leads("https://app.example/done")
}

func TestPressingPayTwiceChargesOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	cus := b.customer()
	s := b.session("subscription", b.plan("Premium", 1200), func(c *engine.CreateCheckoutSession) { c.Customer = engine.Some(cus.ID) })
	var presses sync.WaitGroup
	answers := make([]shown, 4)
	for i := range answers {
		presses.Go(func() { answers[i] = b.post(checkoutPath(s.ID), card("4242424242424242")...) })
	}
	presses.Wait()
	for _, answer := range answers {
		answer.leads("https://app.example/done?session=" + s.ID)
	}
	if subs := engine.All[engine.Subscription](b.eng, engine.ListSubscriptions{Customer: engine.Some(cus.ID)}); len(subs) != 1 {
		t.Errorf("got %d subscriptions, want 1", len(subs))
	}
	if paid := engine.All[engine.Charge](b.eng, engine.ListCharges{Customer: engine.Some(cus.ID)}); len(paid) != 1 {
		t.Errorf("got %d charges, want 1", len(paid))
	}
}

// Rows: A8.
func TestACheckoutChallengeMayFailAndThenSucceed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	cus := b.customer()
	s := b.session("subscription", b.plan("Premium", 1200), func(c *engine.CreateCheckoutSession) { c.Customer = engine.Some(cus.ID) })

	challenge := b.post(checkoutPath(s.ID), card("4000 0025 0000 3155")...).leads("/3ds/")
	b.get(challenge).says(http.StatusOK, "Is it you?", "€12.00", "Visa ending in 3155")
	back := b.post(challenge, "outcome", "fail").leads(checkoutPath(s.ID))
	b.get(back).says(http.StatusOK, authenticationFailed)
	if got := see[engine.CheckoutSession](b, s.ID); got.Status != engine.SessionOpen {
		t.Fatalf("after a failed challenge the session is %s", got.Status)
	}

	challenge = b.post(checkoutPath(s.ID), card("4000 0025 0000 3155")...).leads("/3ds/")
	b.post(challenge, "outcome", "succeed").leads("https://app.example/done?session=" + s.ID)
	b.post(challenge, "outcome", "succeed").leads("https://app.example/done?session=" + s.ID) // pressed twice
	b.get(challenge).says(http.StatusOK, "Nothing to confirm")
	if sub := see[engine.Subscription](b, see[engine.CheckoutSession](b, s.ID).Subscription); sub.Status != engine.SubActive {
		t.Errorf("subscription is %s", sub.Status)
	}
}

func TestAChallengeTakesOnlyItsTwoAnswers(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.session("payment", b.once("Book", 4900), nil)
	challenge := b.post(checkoutPath(s.ID), card("4000002760003184", "email", "ada@example.com")...).leads("/3ds/")
	b.post(challenge, "outcome", "maybe").says(http.StatusBadRequest)
	b.get("/3ds/pi_unknown").says(http.StatusNotFound, "Nothing is here")
}

func TestCheckoutTakesASinglePayment(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.session("payment", b.once("Book", 4900), nil)
	b.get(checkoutPath(s.ID)).says(http.StatusOK, "Pay Northwind", "Pay €49.00")
	b.post(checkoutPath(s.ID), card("4242424242424242", "email", "ada@example.com")...).leads("https://app.example/done")
	if pi := see[engine.PaymentIntent](b, see[engine.CheckoutSession](b, s.ID).PaymentIntent); pi.Status != engine.IntentSucceeded || pi.Amount != 4900 {
		t.Errorf("payment is %s over %d", pi.Status, pi.Amount)
	}
}

func TestCheckoutSavesACard(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	cus := b.customer()
	s := b.session("setup", nil, func(c *engine.CreateCheckoutSession) { c.Customer = engine.Some(cus.ID) })
	b.get(checkoutPath(s.ID)).says(http.StatusOK, "Save a card", "Nothing is charged now")
	b.post(checkoutPath(s.ID), card("4242424242424242")...).leads("https://app.example/done")
	if si := see[engine.SetupIntent](b, s.SetupIntent); si.Status != engine.IntentSucceeded {
		t.Errorf("setup is %s", si.Status)
	}
	if cards := engine.All[engine.PaymentMethod](b.eng, engine.ListPaymentMethods{Customer: engine.Some(cus.ID)}); len(cards) != 1 {
		t.Errorf("got %d cards, want 1", len(cards))
	}
}

func TestCheckoutTellsWhatATrialCosts(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.session("subscription", b.plan("Premium", 1200), func(c *engine.CreateCheckoutSession) {
		c.SubscriptionData = engine.Some(engine.CheckoutSubscriptionData{TrialPeriodDays: engine.Some[int64](14)})
	})
	b.get(checkoutPath(s.ID)).says(http.StatusOK, "14 days free", "Then €12.00 per month from 19 Dec 2026", "Total due today €0.00", "Start trial")
	b.post(checkoutPath(s.ID), card("4242424242424242", "email", "ada@example.com")...).leads("https://app.example/done")
	if sub := see[engine.Subscription](b, see[engine.CheckoutSession](b, s.ID).Subscription); sub.Status != engine.SubTrialing {
		t.Errorf("subscription is %s", sub.Status)
	}
}

func TestATrialThatNeedsNoCardAsksForNone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	cus := b.customer()
	s := b.session("subscription", b.plan("Premium", 1200), func(c *engine.CreateCheckoutSession) {
		c.Customer = engine.Some(cus.ID)
		c.PaymentMethodCollection = engine.Some("if_required")
		c.SubscriptionData = engine.Some(engine.CheckoutSubscriptionData{TrialPeriodDays: engine.Some[int64](14)})
	})
	b.get(checkoutPath(s.ID)).says(http.StatusOK, "Start trial").hides("Card number")
	b.post(checkoutPath(s.ID)).leads("https://app.example/done")
}

func TestAnExpiredCheckoutTakesNoMoney(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.session("subscription", b.plan("Premium", 1200), nil)
	if _, err := b.Apply(&engine.MoveTime{By: 25 * 3600}); err != nil {
		t.Fatal(err)
	}
	b.get(checkoutPath(s.ID)).says(http.StatusOK, "This page has expired", "Return to Northwind")
	b.post(checkoutPath(s.ID), card("4242424242424242", "email", "ada@example.com")...).leads(checkoutPath(s.ID))
	if got := see[engine.CheckoutSession](b, s.ID); got.Status != engine.SessionExpired || got.Subscription != "" {
		t.Errorf("session is %s with subscription %q", got.Status, got.Subscription)
	}
}

func TestTheWayBackIsTheCancelURLAndLookingChangesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.session("subscription", b.plan("Premium", 1200), nil)
	before := b.eng.Digest()
	page := b.get(checkoutPath(s.ID)).says(http.StatusOK)
	if !strings.Contains(page.html, `href="https://app.example/plans"`) {
		t.Error("the page has no link to cancel_url")
	}
	b.get(checkoutPath(s.ID) + "?card=4242424242424242&problem=authentication")
	if b.eng.Digest() != before {
		t.Error("a GET changed the world")
	}
}

func TestATestCardIsFilledInByAButtonOrALink(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.session("subscription", b.plan("Premium", 1200), nil)
	filled := b.post(checkoutPath(s.ID), "fill", "4000000000000341", "email", "ada@example.com").leads(checkoutPath(s.ID) + "?")
	page := b.get(filled).says(http.StatusOK)
	for _, value := range []string{`value="4000 0000 0000 0341"`, `value="12 / 34"`, `value="123"`, `value="ada@example.com"`} {
		if !strings.Contains(page.html, value) {
			t.Errorf("the filled form lacks %s", value)
		}
	}
	b.get(checkoutPath(s.ID) + "?card=1234").says(http.StatusOK).hides("1234 ")
}

func TestAnUnknownSessionIsNotFound(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.get("/c/pay/cs_test_nothing").says(http.StatusNotFound, "Nothing is here")
	b.post("/c/pay/cs_test_nothing", card("4242424242424242")...).says(http.StatusNotFound)
}

func TestAFormOfAnotherSiteIsRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.session("subscription", b.plan("Premium", 1200), nil)
	r := formRequest(checkoutPath(s.ID), card("4242424242424242", "email", "ada@example.com")...)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	b.ask(r).says(http.StatusForbidden)
	if got := see[engine.CheckoutSession](b, s.ID); got.Status != engine.SessionOpen {
		t.Errorf("session is %s", got.Status)
	}
}

func TestCheckoutSaysBesideEachQuestionWhatIsMissing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.session("subscription", b.plan("Premium", 1200), func(c *engine.CreateCheckoutSession) {
		c.Phone = engine.Some(engine.CheckoutPhoneParams{Enabled: true})
		c.BillingAddress = engine.Some("required")
		c.Consent = engine.Some(engine.CheckoutConsentParams{TermsOfService: engine.Some("required")})
		c.CustomFields = engine.Some([]engine.CheckoutField{{Key: "team", Label: engine.CheckoutLabel{Type: "custom", Custom: "Team"}, Type: "text"}})
		c.CustomText = engine.Some(engine.CheckoutTextParams{Submit: engine.Some(engine.CheckoutMessage{Message: "It starts at once."})})
	})
	b.get(checkoutPath(s.ID)).says(http.StatusOK, "Phone", "Country", "Team", "I agree to the terms of service of Northwind.", "It starts at once.")
	empty := b.post(checkoutPath(s.ID), card("4242424242424242", "email", "ada@example.com", "custom-team", " ")...).says(http.StatusUnprocessableEntity)
	empty.beside("phoneNumber", "Enter your phone number.").beside("billingAddressLine1", "Enter your address.")
	empty.beside("custom-team", "Team is required.").beside("termsOfServiceConsentCheckbox", "Agree to the terms of service")
	filled := b.post(checkoutPath(s.ID), "fill", "4242424242424242", "custom-team", "Engines", "phoneNumber", "+4420").leads(checkoutPath(s.ID) + "?")
	if page := b.get(filled); !strings.Contains(page.html, `value="Engines"`) || !strings.Contains(page.html, `value="+4420"`) {
		t.Error("filling in a test card forgot what was typed")
	}
	b.post(checkoutPath(s.ID), card("4242424242424242", "email", "ada@example.com", "phoneNumber", "+442079460018", "custom-team", "Engines",
		"billingCountry", "GB", "billingAddressLine1", "12 St James's Square", "billingLocality", "London", "termsOfServiceConsentCheckbox", "yes")...).
		leads("https://app.example/done")
}

func TestTheOrderIsChangedOnThePage(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	do[engine.Coupon](b, &engine.CreateCoupon{ID: engine.Some("half"), PercentOff: engine.Some(engine.DecimalOf(50)), Duration: engine.Some("once")})
	do[engine.PromotionCode](b, &engine.CreatePromotionCode{Code: engine.Some("HALF"),
		Promotion: engine.Some(engine.PromotionParams{Type: engine.Some("coupon"), Coupon: engine.Some("half")})})
	gift := b.once("Gift wrapping", 200)
	s := b.session("payment", b.once("Poster", 1000), func(c *engine.CreateCheckoutSession) {
		lines := c.LineItems.Or(nil)
		lines[0].Adjustable = engine.Some(engine.AdjustableParams{Enabled: true, Maximum: engine.Some[int64](3)})
		c.AllowPromotionCodes, c.OptionalItems = engine.Some(true), engine.Some([]engine.CheckoutOptionalItem{{Price: gift.ID, Quantity: 1}})
	})
	path, basket := checkoutPath(s.ID), checkoutPath(s.ID)+"/basket"
	b.get(path).says(http.StatusOK, "Between 0 and 3", "Add to your order", "Gift wrapping", "Pay €10.00")
	b.post(basket, "promotionCode", "NONE").says(http.StatusUnprocessableEntity).beside("promotionCode", "This code is not valid.")
	b.post(basket, "promotionCode", "half").leads(path)
	b.get(path).says(http.StatusOK, "HALF", "-€5.00", "Pay €5.00")
	b.post(basket, "item", s.Lines[0].ID, "quantity", "9").says(http.StatusUnprocessableEntity, "Choose a quantity between 0 and 3.")
	b.post(basket, "item", s.Lines[0].ID, "quantity", "many").says(http.StatusUnprocessableEntity, "Enter a quantity.")
	b.post(basket, "item", s.Lines[0].ID, "quantity", "2").leads(path)
	b.post(basket, "item", gift.ID, "quantity", "1").leads(path)
	b.get(path).says(http.StatusOK, "Pay €11.00").hides("Add to your order")
	b.post(basket, "promotionCode", "").leads(path)
	b.get(path).says(http.StatusOK, "Pay €22.00")
	b.post(path, card("4242424242424242", "email", "ada@example.com")...).leads("https://app.example/done")
	if done := see[engine.CheckoutSession](b, s.ID); see[engine.PaymentIntent](b, done.PaymentIntent).AmountReceived != 2200 {
		t.Errorf("paid %+v", done)
	}
	b.post(basket, "item", gift.ID, "quantity", "1").leads("https://app.example/done")
}

func TestARecoveryLinkTakesUpAnExpiredSession(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.session("subscription", b.plan("Premium", 1200), func(c *engine.CreateCheckoutSession) {
		c.AfterExpiration = engine.Some(engine.CheckoutAfterExpiration{Recovery: engine.Some(engine.CheckoutRecoveryParams{Enabled: true})})
	})
	do[engine.CheckoutSession](b, &engine.ExpireCheckoutSession{ID: s.ID})
	path := "/r/" + see[engine.CheckoutSession](b, s.ID).Recovery.Token
	page := b.get(path).leads("/c/pay/")
	b.get(page).says(http.StatusOK, "Subscribe to Premium", "€12.00")
	b.post(page, card("4242424242424242", "email", "ada@example.com")...).leads("https://app.example/done")
	b.get("/r/live_nothing").says(http.StatusNotFound, "Nothing is here")
	if _, err := b.Apply(&engine.MoveTime{By: 31 * 24 * 3600}); err != nil {
		t.Fatal(err)
	}
	b.get(path).says(http.StatusGone, "expired")
}
