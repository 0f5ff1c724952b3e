package emulator_test

import (
	"testing"

	"github.com/stripe/stripe-go/v86"
)

func TestSetupAttemptsAreListedAndExpanded(t *testing.T) {
	t.Parallel()
	sc, ctx := start(t).Client(), t.Context()
	params := &stripe.SetupIntentCreateParams{
		PaymentMethod: stripe.String("pm_card_visa"), Confirm: stripe.Bool(true), PaymentMethodTypes: stripe.StringSlice([]string{"card"}),
	}
	params.AddExpand("latest_attempt")
	si, err := sc.V1SetupIntents.Create(ctx, params)
	if err != nil || si.LatestAttempt.Status != stripe.SetupAttemptStatusSucceeded || si.LatestAttempt.PaymentMethodDetails.Card.Last4 != "4242" {
		t.Fatalf("got %+v, %v", si, err)
	}
	count := 0
	for a, err := range sc.V1SetupAttempts.List(ctx, &stripe.SetupAttemptListParams{SetupIntent: stripe.String(si.ID)}).All(ctx) {
		if err != nil || a.ID != si.LatestAttempt.ID {
			t.Errorf("listed %+v, %v", a, err)
		}
		count++
	}
	if count != 1 {
		t.Errorf("%d attempts", count)
	}
	_, err = sc.V1Mandates.Retrieve(ctx, "mandate_none", nil)
	declinedWith(t, "a mandate", err, 404, stripe.ErrorCodeResourceMissing)
	_, err = sc.V1SetupIntents.VerifyMicrodeposits(ctx, si.ID, nil)
	declinedWith(t, "microdeposits of a setup", err, 400, stripe.ErrorCodeSetupIntentUnexpectedState)
}

func TestWhatCardsCannotDoIsRefusedWithItsReason(t *testing.T) {
	t.Parallel()
	server := start(t)
	sc, ctx, p := server.Client(), t.Context(), plain{t, server, ""}
	held, err := sc.V1PaymentIntents.Create(ctx, &stripe.PaymentIntentCreateParams{
		Amount: stripe.Int64(1000), Currency: stripe.String("usd"), CaptureMethod: stripe.String("manual"), Confirm: stripe.Bool(true),
		PaymentMethod: stripe.String("pm_card_visa"), PaymentMethodTypes: stripe.StringSlice([]string{"card"}),
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = sc.V1PaymentIntents.IncrementAuthorization(ctx, held.ID, &stripe.PaymentIntentIncrementAuthorizationParams{Amount: stripe.Int64(1500)})
	declinedWith(t, "more", err, 400, "")
	_, err = sc.V1PaymentIntents.ApplyCustomerBalance(ctx, held.ID, nil)
	declinedWith(t, "by balance", err, 400, stripe.ErrorCodePaymentIntentUnexpectedState)
	_, err = sc.V1PaymentIntents.VerifyMicrodeposits(ctx, held.ID, nil)
	declinedWith(t, "microdeposits", err, 400, stripe.ErrorCodePaymentIntentUnexpectedState)
	path := "/v1/payment_intents/" + held.ID
	if got := p.must("GET", path+"/amount_details_line_items", nil); len(got["data"].([]any)) != 0 {
		t.Errorf("lines %v", got)
	}
	status, body := p.do("POST", path+"/capture", map[string][]string{"final_capture": {"false"}, "amount_to_capture": {"500"}})
	if status != 400 || refusal(body)["code"] != "parameter_unsupported" || refusal(body)["param"] != "final_capture" {
		t.Errorf("captured in parts: %d %v", status, body)
	}
	customer := p.must("POST", "/v1/customers", nil)["id"].(string)
	if got := p.must("GET", "/v1/customers/"+customer+"/cash_balance", nil); got["available"] != nil {
		t.Errorf("cash %v", got)
	}
	if got := p.must("GET", "/v1/customers/"+customer+"/cash_balance_transactions", nil); len(got["data"].([]any)) != 0 {
		t.Errorf("cash moved %v", got)
	}
}
