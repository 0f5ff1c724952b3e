package emulator_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"
)

// declinedWith wants a refusal with a status and a code.
func declinedWith(t *testing.T, what string, err error, status int, code stripe.ErrorCode) *stripe.Error {
	t.Helper()
	var refused *stripe.Error
	if !errors.As(err, &refused) || refused.HTTPStatusCode != status || refused.Code != code {
		t.Errorf("%s: got %v, want %d %s", what, err, status, code)
		return &stripe.Error{}
	}
	return refused
}

func TestChargesAreMadeCapturedAndRefundedInTheOldWay(t *testing.T) {
	t.Parallel()
	sc, ctx := start(t).Client(), t.Context()
	create := func(amount int64, token string, capture bool) (*stripe.Charge, error) {
		return sc.V1Charges.Create(ctx, &stripe.ChargeCreateParams{
			Amount: stripe.Int64(amount), Currency: stripe.String("usd"), Source: &stripe.PaymentSourceSourceParams{Token: stripe.String(token)}, Capture: stripe.Bool(capture),
			Description: stripe.String("A book"),
		})
	}
	paid, err := create(2000, "tok_visa", true)
	if err != nil || !paid.Paid || !paid.Captured || paid.PaymentIntent != nil || paid.Source.Card.Last4 != "4242" || paid.Source.Card.Brand != "Visa" {
		t.Fatalf("paid %+v, %v", paid, err)
	}
	_, err = create(2000, "tok_chargeDeclinedInsufficientFunds", true)
	if refused := declinedWith(t, "declined", err, 402, stripe.ErrorCodeCardDeclined); refused.ChargeID == "" || refused.DeclineCode != "insufficient_funds" {
		t.Errorf("declined with %+v", refused)
	} else if failed, err := sc.V1Charges.Retrieve(ctx, refused.ChargeID, nil); err != nil || failed.Status != stripe.ChargeStatusFailed {
		t.Errorf("the failed charge is %+v, %v", failed, err)
	}
	held, err := create(2000, "tok_mastercard", false)
	if err != nil || held.Captured || held.BalanceTransaction != nil {
		t.Fatalf("held %+v, %v", held, err)
	}
	_, err = sc.V1Charges.Capture(ctx, held.ID, &stripe.ChargeCaptureParams{Amount: stripe.Int64(2001)})
	declinedWith(t, "captured more", err, 400, stripe.ErrorCodeAmountTooLarge)
	taken, err := sc.V1Charges.Capture(ctx, held.ID, &stripe.ChargeCaptureParams{Amount: stripe.Int64(1500)})
	if err != nil || taken.AmountCaptured != 1500 || taken.AmountRefunded != 500 || taken.BalanceTransaction == nil {
		t.Errorf("captured %+v, %v", taken, err)
	}
	_, err = sc.V1Charges.Capture(ctx, held.ID, nil)
	declinedWith(t, "captured twice", err, 400, stripe.ErrorCodeChargeAlreadyCaptured)
	released, err := create(900, "tok_visa", false)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := sc.V1Refunds.Create(ctx, &stripe.RefundCreateParams{Charge: stripe.String(released.ID)}); err != nil || r.BalanceTransaction != nil {
		t.Errorf("let go: %+v, %v", r, err)
	}
	_, err = sc.V1Charges.Capture(ctx, released.ID, nil)
	declinedWith(t, "captured after it was let go", err, 400, stripe.ErrorCodeChargeExpiredForCapture)
}

func TestRefundsHaveTheirOldPathsUnderTheCharge(t *testing.T) {
	t.Parallel()
	p := plain{t, start(t), ""}
	charge := p.must("POST", "/v1/charges", map[string][]string{"amount": {"2000"}, "currency": {"usd"}, "source": {"tok_visa"}})
	path := "/v1/charges/" + charge["id"].(string)
	refund := p.must("POST", path+"/refunds", map[string][]string{"amount": {"300"}})
	if refund["amount"] != 300.0 || refund["object"] != "refund" {
		t.Errorf("refunded %v", refund)
	}
	one := path + "/refunds/" + refund["id"].(string)
	if got := p.must("POST", one, map[string][]string{"metadata[why]": {"late"}}); got["metadata"].(map[string]any)["why"] != "late" {
		t.Errorf("changed %v", got)
	}
	if got := p.must("GET", one, nil); got["id"] != refund["id"] {
		t.Errorf("read %v", got)
	}
	if got := p.must("POST", path+"/refund", nil); got["object"] != "charge" || got["refunded"] != true || got["amount_refunded"] != 2000.0 {
		t.Errorf("the rest: %v", got)
	}
	if got := p.must("GET", path+"/refunds", nil); len(got["data"].([]any)) != 2 {
		t.Errorf("listed %v", got)
	}
	for _, refused := range []string{"/v1/refunds/" + refund["id"].(string) + "/cancel", "/v1/test_helpers/refunds/" + refund["id"].(string) + "/expire"} {
		if status, body := p.do("POST", refused, nil); status != 400 || refusal(body)["type"] != "invalid_request_error" {
			t.Errorf("%s: %d %v", refused, status, body)
		}
	}
	if status, body := p.do("POST", "/v1/refunds/re_none/cancel", nil); status != 404 || refusal(body)["code"] != "resource_missing" {
		t.Errorf("an unknown refund: %d %v", status, body)
	}
	if status, body := p.do("POST", "/v1/charges", map[string][]string{"amount": {"2000"}, "currency": {"usd"}}); status != 400 {
		t.Errorf("neither source nor customer: %d %v", status, body)
	}
}

func TestATokenIsUsedOnce(t *testing.T) {
	t.Parallel()
	sc, ctx := start(t).Client(), t.Context()
	token, err := sc.V1Tokens.Create(ctx, &stripe.TokenCreateParams{Card: &stripe.CardParams{
		Number: stripe.String("4242424242424242"), ExpMonth: stripe.String("12"), ExpYear: stripe.String("2034"), CVC: stripe.String("123"),
		Name: stripe.String("Ada"), AddressZip: stripe.String("12345"),
	}})
	if err != nil || token.Used || token.Card.Last4 != "4242" || token.Type != stripe.TokenTypeCard {
		t.Fatalf("made %+v, %v", token, err)
	}
	pm := newCard(t, sc, &stripe.PaymentMethodCreateCardParams{Token: stripe.String(token.ID)})
	if pm.BillingDetails.Name != "Ada" || pm.BillingDetails.Address.PostalCode != "12345" {
		t.Errorf("the card's holder is %+v", pm.BillingDetails)
	}
	if now, err := sc.V1Tokens.Retrieve(ctx, token.ID, nil); err != nil || !now.Used {
		t.Errorf("read %+v, %v", now, err)
	}
	_, err = sc.V1PaymentMethods.Create(ctx, &stripe.PaymentMethodCreateParams{
		Type: stripe.String("card"), Card: &stripe.PaymentMethodCreateCardParams{Token: stripe.String(token.ID)},
	})
	declinedWith(t, "used twice", err, 400, stripe.ErrorCodeTokenAlreadyUsed)
	_, err = sc.V1Tokens.Create(ctx, &stripe.TokenCreateParams{Card: &stripe.CardParams{
		Number: stripe.String("4242424242424241"), ExpMonth: stripe.String("12"), ExpYear: stripe.String("2034"),
	}})
	declinedWith(t, "a wrong number", err, 402, stripe.ErrorCodeIncorrectNumber)
	_, err = sc.V1Tokens.Create(ctx, &stripe.TokenCreateParams{})
	declinedWith(t, "nothing", err, 400, "")
}

func TestCustomersPayByTheirDefaultSource(t *testing.T) {
	t.Parallel()
	server := start(t)
	p, sc, ctx := plain{t, server, ""}, server.Client(), t.Context()
	customer := p.must("POST", "/v1/customers", map[string][]string{"source": {"tok_visa"}, "email": {"ada@example.com"}})
	id, first := customer["id"].(string), customer["default_source"].(string)
	second := p.must("POST", "/v1/customers/"+id+"/cards", map[string][]string{
		"card[number]": {"5555555555554444"}, "card[exp_month]": {"12"}, "card[exp_year]": {"2034"}, "card[cvc]": {"123"}, "metadata[of]": {"work"},
	})
	if second["object"] != "card" || second["brand"] != "MasterCard" || second["cvc_check"] != "pass" || second["customer"] != id {
		t.Errorf("added %v", second)
	}
	if got := p.must("GET", "/v1/customers/"+id+"/sources?object=card", nil); len(got["data"].([]any)) != 2 {
		t.Errorf("listed %v", got)
	}
	if got := p.must("GET", "/v1/payment_methods?customer="+id+"&type=card", nil); len(got["data"].([]any)) != 2 {
		t.Errorf("as payment methods %v", got)
	}
	whole := p.must("GET", "/v1/customers/"+id+"?expand[]=default_source&expand[]=sources", nil)
	if whole["default_source"].(map[string]any)["id"] != first || len(whole["sources"].(map[string]any)["data"].([]any)) != 2 {
		t.Errorf("expanded %v", whole)
	}
	charge, err := sc.V1Charges.Create(ctx, &stripe.ChargeCreateParams{Amount: stripe.Int64(700), Currency: stripe.String("usd"), Customer: stripe.String(id)})
	if err != nil || charge.PaymentMethod != first || charge.Source.ID != first {
		t.Errorf("charged %+v, %v", charge, err)
	}
	p.must("POST", "/v1/customers/"+id, map[string][]string{"default_source": {second["id"].(string)}})
	shop := openShop(t, server, "")
	sub, err := sc.V1Subscriptions.Create(ctx, &stripe.SubscriptionCreateParams{
		Customer: stripe.String(id), Items: []*stripe.SubscriptionCreateItemParams{{Price: stripe.String(shop.price.ID)}},
	})
	if err != nil || sub.Status != stripe.SubscriptionStatusActive {
		t.Fatalf("subscribed %+v, %v", sub, err)
	}
	if got := p.must("DELETE", "/v1/customers/"+id+"/sources/"+second["id"].(string), nil); got["deleted"] != true || got["object"] != "card" {
		t.Errorf("deleted %v", got)
	}
	if got := p.must("GET", "/v1/customers/"+id, nil); got["default_source"] != first {
		t.Errorf("then the default is %v", got["default_source"])
	}
	if status, body := p.do("GET", "/v1/customers/"+id+"/cards/"+second["id"].(string), nil); status != 404 || refusal(body)["code"] != "resource_missing" {
		t.Errorf("gone: %d %v", status, body)
	}
	renewed := p.must("POST", "/v1/customers/"+id+"/cards/"+first, map[string][]string{"exp_year": {"2040"}, "name": {"Ada"}})
	if renewed["exp_year"] != 2040.0 || renewed["name"] != "Ada" {
		t.Errorf("renewed %v", renewed)
	}
	if status, body := p.do("POST", "/v1/customers/"+id+"/sources", map[string][]string{"source": {"tok_chargeDeclined"}}); status != 402 || refusal(body)["code"] != "card_declined" {
		t.Errorf("a card that declines: %d %v", status, body)
	}
	replaced := p.must("POST", "/v1/customers/"+id, map[string][]string{"source": {"tok_amex"}})
	if got := p.must("GET", "/v1/customers/"+id+"/cards", nil)["data"].([]any); len(got) != 1 || got[0].(map[string]any)["id"] != replaced["default_source"] {
		t.Errorf("replaced: %v", got)
	}
}

func TestBankAccountsAreKeptAndVerified(t *testing.T) {
	t.Parallel()
	p := plain{t, start(t), ""}
	id := p.must("POST", "/v1/customers", nil)["id"].(string)
	token := p.must("POST", "/v1/tokens", map[string][]string{
		"bank_account[account_number]": {"000123456789"}, "bank_account[routing_number]": {"110000000"}, "bank_account[country]": {"US"},
	})
	bank := p.must("POST", "/v1/customers/"+id+"/bank_accounts", map[string][]string{"source": {token["id"].(string)}})
	path := "/v1/customers/" + id + "/bank_accounts/" + bank["id"].(string)
	if bank["status"] != "new" || bank["last4"] != "6789" {
		t.Errorf("added %v", bank)
	}
	status, body := p.do("POST", path+"/verify", map[string][]string{"amounts[]": {"1", "2"}})
	if status != 400 || refusal(body)["code"] != "bank_account_verification_failed" {
		t.Errorf("wrong amounts: %d %v", status, body)
	}
	verify := map[string][]string{"amounts[]": {"32", "45"}}
	if got := p.must("POST", path+"/verify", verify); got["status"] != "verified" {
		t.Errorf("verified %v", got)
	}
	if status, _ := p.do("POST", path+"/verify", verify); status != 400 {
		t.Errorf("verified twice: %d", status)
	}
	if got := p.must("POST", path, map[string][]string{"account_holder_name": {"Ada"}, "account_holder_type": {"individual"}}); got["account_holder_name"] != "Ada" {
		t.Errorf("changed %v", got)
	}
	if got := p.must("GET", "/v1/customers/"+id, nil); got["default_source"] != nil {
		t.Errorf("the default is %v", got["default_source"])
	}
	status, body = p.do("POST", "/v1/customers/"+id, map[string][]string{"default_source": {bank["id"].(string)}})
	if status != 400 || refusal(body)["param"] != "default_source" {
		t.Errorf("made the default: %d %v", status, body)
	}
	if got := p.must("DELETE", path, nil); got["deleted"] != true {
		t.Errorf("deleted %v", got)
	}
	status, body = p.do("POST", "/v1/tokens", map[string][]string{
		"bank_account[account_number]": {"123"}, "bank_account[routing_number]": {"110000000"}, "bank_account[country]": {"US"},
	})
	if status != 400 || refusal(body)["code"] != "account_number_invalid" {
		t.Errorf("no test account: %d %v", status, body)
	}
}

func TestMoneyBecomesAvailableWithTime(t *testing.T) {
	t.Parallel()
	server := start(t)
	sc, ctx := server.Client(), t.Context()
	charged(t, sc, "pm_card_visa")
	charged(t, sc, "pm_card_bypassPending")
	amounts := func() (available, pending int64) {
		t.Helper()
		b, err := sc.V1Balance.Retrieve(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		return b.Available[0].Amount, b.Pending[0].Amount
	}
	if available, pending := amounts(); available != 1912 || pending != 1912 {
		t.Errorf("at first %d and %d", available, pending)
	}
	server.MoveTime(3 * 24 * time.Hour)
	if available, pending := amounts(); available != 3824 || pending != 0 {
		t.Errorf("then %d and %d", available, pending)
	}
	count := 0
	for b, err := range sc.V1BalanceTransactions.List(ctx, &stripe.BalanceTransactionListParams{Type: stripe.String("charge")}).All(ctx) {
		if err != nil || b.Status != stripe.BalanceTransactionStatusAvailable || b.Fee != 88 {
			t.Fatalf("%+v, %v", b, err)
		}
		count++
	}
	if count != 2 {
		t.Errorf("%d movements", count)
	}
	p := plain{t, server, ""}
	if got := p.must("GET", "/v1/balance/history?currency=eur", nil); len(got["data"].([]any)) != 0 {
		t.Errorf("in euro %v", got)
	}
	set := p.must("POST", "/v1/balance_settings", map[string][]string{"payments[settlement_timing][delay_days_override]": {"5"}})
	if timing := set["payments"].(map[string]any)["settlement_timing"].(map[string]any); timing["delay_days"] != 5.0 {
		t.Errorf("set %v", set)
	}
	charged(t, sc, "pm_card_visa")
	server.MoveTime(3 * 24 * time.Hour)
	if _, pending := amounts(); pending != 1912 {
		t.Errorf("with a longer wait %d are pending", pending)
	}
}
