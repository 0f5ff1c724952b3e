package emulator_test

import (
	"errors"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/emulator/engine"
)

// newCard makes a payment method from a token or a number.
func newCard(t *testing.T, sc *stripe.Client, card *stripe.PaymentMethodCreateCardParams) *stripe.PaymentMethod {
	t.Helper()
	pm, err := sc.V1PaymentMethods.Create(t.Context(), &stripe.PaymentMethodCreateParams{Type: stripe.String("card"), Card: card})
	if err != nil {
		t.Fatal(err)
	}
	return pm
}

// Rows: C30.
func TestACardIsMadeFromATokenToo(t *testing.T) {
	t.Parallel()
	p := plain{t, start(t), ""}
	made := p.must("POST", "/v1/payment_methods", url.Values{"type": {"card"}, "card[token]": {"tok_mastercard"}})
	if card := made["card"].(map[string]any); card["last4"] != "4444" || card["brand"] != "mastercard" {
		t.Errorf("tok_mastercard made %v", card)
	}
	status, body := p.do("POST", "/v1/payment_methods", url.Values{"type": {"card"}, "card[token]": {"tok_none"}})
	if e := refusal(body); status != 400 || e["code"] != "resource_missing" || e["param"] != "card[token]" {
		t.Errorf("an unknown token: %d %v", status, e)
	}
	status, body = p.do("POST", "/v1/payment_methods", url.Values{"type": {"card"}, "card[nummer]": {"4242424242424242"}})
	if e := refusal(body); status != 400 || e["code"] != "parameter_unknown" || e["param"] != "card[nummer]" {
		t.Errorf("a misspelt number: %d %v", status, e)
	}
}

// Rows: C30 A6.
func TestTestCardsBehaveAsPublished(t *testing.T) {
	t.Parallel()
	sc := start(t).Client()
	for _, tc := range []struct {
		number          string
		code, decline   string
		attaches        bool
		requiresActions bool
	}{
		{"4242424242424242", "", "", true, false},
		{"4000000000000002", "card_declined", "generic_decline", false, false},
		{"4000000000009995", "card_declined", "insufficient_funds", false, false},
		{"4000000000000069", "expired_card", "expired_card", false, false},
		{"4000000000000127", "incorrect_cvc", "incorrect_cvc", false, false},
		{"4000000000000119", "processing_error", "processing_error", false, false},
		{"4100000000000019", "card_declined", "fraudulent", true, false},
		{"4000000000000341", "card_declined", "generic_decline", true, false},
		{"4000002760003184", "", "", true, true},
	} {
		t.Run(tc.number, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			customer, err := sc.V1Customers.Create(ctx, nil)
			if err != nil {
				t.Fatal(err)
			}
			card := func() *stripe.PaymentMethod {
				return newCard(t, sc, &stripe.PaymentMethodCreateCardParams{
					Number: stripe.String(tc.number), ExpMonth: stripe.Int64(12), ExpYear: stripe.Int64(2034), CVC: stripe.String("123"),
				})
			}
			_, err = sc.V1PaymentMethods.Attach(ctx, card().ID, &stripe.PaymentMethodAttachParams{Customer: stripe.String(customer.ID)})
			if (err == nil) != tc.attaches {
				t.Errorf("attach: %v, want it to work: %v", err, tc.attaches)
			}
			intent, err := sc.V1PaymentIntents.Create(ctx, &stripe.PaymentIntentCreateParams{
				Amount: stripe.Int64(1099), Currency: stripe.String("usd"), PaymentMethod: stripe.String(card().ID), Confirm: stripe.Bool(true),
				PaymentMethodTypes: stripe.StringSlice([]string{"card"}),
			})
			var refused *stripe.Error
			switch {
			case tc.code == "" && tc.requiresActions:
				if err != nil || intent.Status != stripe.PaymentIntentStatusRequiresAction || intent.LatestCharge != nil {
					t.Errorf("got %+v, %v; want a challenge", intent, err)
				}
			case tc.code == "":
				if err != nil || intent.Status != stripe.PaymentIntentStatusSucceeded || intent.AmountReceived != 1099 {
					t.Errorf("got %+v, %v; want a success", intent, err)
				}
			case !errors.As(err, &refused):
				t.Errorf("got %v, want a decline", err)
			case refused.HTTPStatusCode != 402 || refused.Type != stripe.ErrorTypeCard || string(refused.Code) != tc.code || string(refused.DeclineCode) != tc.decline:
				t.Errorf("got %d %s %s %s, want %s %s", refused.HTTPStatusCode, refused.Type, refused.Code, refused.DeclineCode, tc.code, tc.decline)
			case refused.PaymentIntent == nil || refused.PaymentIntent.Status != stripe.PaymentIntentStatusRequiresPaymentMethod || refused.ChargeID == "":
				t.Errorf("the error carries %+v and charge %q", refused.PaymentIntent, refused.ChargeID)
			}
		})
	}
}

func TestCardsThatCannotExistAreRefused(t *testing.T) {
	t.Parallel()
	sc := start(t).Client()
	good := func() *stripe.PaymentMethodCreateCardParams {
		return &stripe.PaymentMethodCreateCardParams{
			Number: stripe.String("4242424242424242"), ExpMonth: stripe.Int64(12), ExpYear: stripe.Int64(2034), CVC: stripe.String("123"),
		}
	}
	for code, change := range map[stripe.ErrorCode]func(*stripe.PaymentMethodCreateCardParams){
		stripe.ErrorCodeIncorrectNumber:    func(c *stripe.PaymentMethodCreateCardParams) { c.Number = stripe.String("4242424242424241") },
		stripe.ErrorCodeInvalidExpiryMonth: func(c *stripe.PaymentMethodCreateCardParams) { c.ExpMonth = stripe.Int64(13) },
		stripe.ErrorCodeInvalidExpiryYear:  func(c *stripe.PaymentMethodCreateCardParams) { c.ExpYear = stripe.Int64(1995) },
		stripe.ErrorCodeInvalidCVC:         func(c *stripe.PaymentMethodCreateCardParams) { c.CVC = stripe.String("99") },
	} {
		card := good()
		change(card)
		_, err := sc.V1PaymentMethods.Create(t.Context(), &stripe.PaymentMethodCreateParams{Type: stripe.String("card"), Card: card})
		var refused *stripe.Error
		if !errors.As(err, &refused) || refused.Code != code || refused.HTTPStatusCode != 402 {
			t.Errorf("got %v, want %s", err, code)
		}
	}
}

// Rows: A6 D6.
func TestIntentsConfirmCaptureCancelAndRefund(t *testing.T) {
	t.Parallel()
	sc, ctx := start(t).Client(), t.Context()
	held, err := sc.V1PaymentIntents.Create(ctx, &stripe.PaymentIntentCreateParams{
		Amount: stripe.Int64(1000), Currency: stripe.String("eur"), CaptureMethod: stripe.String("manual"),
	})
	if err != nil || held.Status != stripe.PaymentIntentStatusRequiresPaymentMethod {
		t.Fatalf("%+v, %v", held, err)
	}
	if held, err = sc.V1PaymentIntents.Confirm(ctx, held.ID, &stripe.PaymentIntentConfirmParams{
		PaymentMethod: stripe.String("pm_card_visa"), ReturnURL: stripe.String("https://example.com"),
	}); err != nil || held.Status != stripe.PaymentIntentStatusRequiresCapture || held.AmountCapturable != 1000 {
		t.Fatalf("%+v, %v", held, err)
	}
	params := &stripe.PaymentIntentCaptureParams{AmountToCapture: stripe.Int64(700)}
	params.AddExpand("latest_charge.balance_transaction")
	captured, err := sc.V1PaymentIntents.Capture(ctx, held.ID, params)
	if err != nil || captured.Status != stripe.PaymentIntentStatusSucceeded || captured.AmountReceived != 700 {
		t.Fatalf("%+v, %v", captured, err)
	}
	if captured.LatestCharge.AmountCaptured != 700 {
		t.Errorf("captured %d", captured.LatestCharge.AmountCaptured)
	}
	for _, amount := range []int64{300, 400} {
		if _, err := sc.V1Refunds.Create(ctx, &stripe.RefundCreateParams{PaymentIntent: stripe.String(held.ID), Amount: stripe.Int64(amount)}); err != nil {
			t.Fatal(err)
		}
	}
	var refused *stripe.Error
	_, err = sc.V1Refunds.Create(ctx, &stripe.RefundCreateParams{PaymentIntent: stripe.String(held.ID)})
	if !errors.As(err, &refused) || refused.Code != stripe.ErrorCodeChargeAlreadyRefunded {
		t.Errorf("a third refund: %v", err)
	}
	expanded := &stripe.ChargeRetrieveParams{}
	expanded.AddExpand("refunds")
	charge, err := sc.V1Charges.Retrieve(ctx, captured.LatestCharge.ID, expanded)
	if err != nil || !charge.Refunded || len(charge.Refunds.Data) != 2 {
		t.Errorf("charge %+v, %v", charge, err)
	}
	open, err := sc.V1PaymentIntents.Create(ctx, &stripe.PaymentIntentCreateParams{Amount: stripe.Int64(1000), Currency: stripe.String("eur")})
	if err != nil {
		t.Fatal(err)
	}
	if gone, err := sc.V1PaymentIntents.Cancel(ctx, open.ID, nil); err != nil || gone.Status != stripe.PaymentIntentStatusCanceled {
		t.Errorf("%+v, %v", gone, err)
	}
	_, err = sc.V1PaymentIntents.Cancel(ctx, open.ID, nil)
	if !errors.As(err, &refused) || refused.Code != stripe.ErrorCodePaymentIntentUnexpectedState || refused.PaymentIntent == nil {
		t.Errorf("cancelled twice: %v", err)
	}
}

// Rows: A8 C27 B8.
func TestACardThatStopsPayingIsRetriedAndThenCancels(t *testing.T) {
	t.Parallel()
	server := start(t)
	shop := openShop(t, server, "")
	sub, ctx := shop.subscribe(t), t.Context()
	failing, err := shop.sc.V1PaymentMethods.Attach(ctx, "pm_card_chargeCustomerFail", &stripe.PaymentMethodAttachParams{Customer: stripe.String(shop.customer.ID)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := shop.sc.V1Subscriptions.Update(ctx, sub.ID, &stripe.SubscriptionUpdateParams{DefaultPaymentMethod: stripe.String(failing.ID)}); err != nil {
		t.Fatal(err)
	}
	status := func() stripe.SubscriptionStatus {
		t.Helper()
		now, err := shop.sc.V1Subscriptions.Retrieve(ctx, sub.ID, nil)
		if err != nil {
			t.Fatal(err)
		}
		return now.Status
	}
	server.MoveTime(32 * 24 * time.Hour)
	if got := status(); got != stripe.SubscriptionStatusPastDue {
		t.Errorf("after the failed renewal: %s, want past_due", got)
	}
	server.MoveTime(24 * 24 * time.Hour)
	if got := status(); got != stripe.SubscriptionStatusCanceled {
		t.Errorf("after all retries: %s, want canceled", got)
	}
	var listed []string
	for s, err := range shop.sc.V1Subscriptions.List(ctx, &stripe.SubscriptionListParams{Status: stripe.String("all")}).All(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		listed = append(listed, string(s.Status))
	}
	if !slices.Equal(listed, []string{"canceled"}) {
		t.Errorf("status=all lists %v", listed)
	}
}

// Rows: A9 B3 C30.
func TestCheckoutAsksForAChallengeAndThenSubscribes(t *testing.T) {
	t.Parallel()
	server := start(t)
	shop := openShop(t, server, "")
	ctx := t.Context()
	session, err := shop.sc.V1CheckoutSessions.Create(ctx, &stripe.CheckoutSessionCreateParams{
		Mode: stripe.String("subscription"), Customer: stripe.String(shop.customer.ID), SuccessURL: stripe.String("https://example.com/{CHECKOUT_SESSION_ID}"),
		LineItems: []*stripe.CheckoutSessionCreateLineItemParams{{Price: stripe.String(shop.price.ID), Quantity: stripe.Int64(1)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	world := server.World(server.Key)
	result, err := world.Apply(&engine.SubmitCheckout{Session: session.ID, Card: engine.CardEntry{Number: "4000002500003155", ExpMonth: 12, ExpYear: 2034, CVC: "123"}})
	if err != nil {
		t.Fatal(err)
	}
	outcome := result.(*engine.CheckoutOutcome)
	if !outcome.RequiresAction {
		t.Fatalf("got %+v, want a challenge", outcome)
	}
	read := func() *stripe.CheckoutSession {
		t.Helper()
		params := &stripe.CheckoutSessionRetrieveParams{}
		params.AddExpand("subscription.default_payment_method")
		params.AddExpand("line_items")
		now, err := shop.sc.V1CheckoutSessions.Retrieve(ctx, session.ID, params)
		if err != nil {
			t.Fatal(err)
		}
		return now
	}
	if now := read(); now.Status != stripe.CheckoutSessionStatusOpen || now.Subscription != nil {
		t.Errorf("during the challenge: %s with %v", now.Status, now.Subscription)
	}
	if _, err := world.Apply(&engine.ResolveChallenge{Intent: outcome.Challenge, Outcome: "succeed"}); err != nil {
		t.Fatal(err)
	}
	now := read()
	if now.Status != stripe.CheckoutSessionStatusComplete || now.PaymentStatus != stripe.CheckoutSessionPaymentStatusPaid || now.URL != "" {
		t.Errorf("after the challenge: %s %s %q", now.Status, now.PaymentStatus, now.URL)
	}
	if now.Subscription.Status != stripe.SubscriptionStatusActive || now.Subscription.DefaultPaymentMethod.Card.Last4 != "3155" {
		t.Errorf("subscription %+v", now.Subscription)
	}
	if now.LineItems.Data[0].AmountTotal != 2000 {
		t.Errorf("line items %+v", now.LineItems.Data)
	}
}

// Rows: D6 A9.
func TestPortalSessionsAndConfigurations(t *testing.T) {
	t.Parallel()
	server := start(t)
	shop := openShop(t, server, "")
	ctx := t.Context()
	config, err := shop.sc.V1BillingPortalConfigurations.Create(ctx, &stripe.BillingPortalConfigurationCreateParams{
		Features: &stripe.BillingPortalConfigurationCreateFeaturesParams{
			SubscriptionCancel: &stripe.BillingPortalConfigurationCreateFeaturesSubscriptionCancelParams{Enabled: stripe.Bool(true)},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if !config.Active || config.IsDefault || !config.Features.SubscriptionCancel.Enabled || config.Features.InvoiceHistory.Enabled {
		t.Errorf("configuration %+v", config)
	}
	params := &stripe.BillingPortalSessionCreateParams{
		Customer: stripe.String(shop.customer.ID), Configuration: stripe.String(config.ID), ReturnURL: stripe.String("https://example.com/account"),
	}
	params.AddExpand("configuration")
	session, err := shop.sc.V1BillingPortalSessions.Create(ctx, params)
	if err != nil {
		t.Fatal(err)
	}
	if session.Configuration.ID != config.ID || session.ReturnURL != "https://example.com/account" {
		t.Errorf("session %+v", session)
	}
}

// Rows: C30 A6.
func TestTestTokensStandForCards(t *testing.T) {
	t.Parallel()
	sc := start(t).Client()
	for token, last4 := range map[string]string{"tok_visa": "4242", "tok_mastercard": "4444", "tok_chargeCustomerFail": "0341"} {
		if pm := newCard(t, sc, &stripe.PaymentMethodCreateCardParams{Token: stripe.String(token)}); pm.Card.Last4 != last4 {
			t.Errorf("%s is a card ending in %s, want %s", token, pm.Card.Last4, last4)
		}
	}
	_, err := sc.V1PaymentMethods.Create(t.Context(), &stripe.PaymentMethodCreateParams{
		Type: stripe.String("card"), Card: &stripe.PaymentMethodCreateCardParams{Token: stripe.String("tok_none")},
	})
	var refused *stripe.Error
	if !errors.As(err, &refused) || refused.Code != stripe.ErrorCodeResourceMissing {
		t.Errorf("an unknown token: %v", err)
	}
}
