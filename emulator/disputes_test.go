package emulator_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"
)

// charged pays 20 dollars with a test card.
func charged(t *testing.T, sc *stripe.Client, card string) *stripe.Charge {
	t.Helper()
	params := &stripe.PaymentIntentCreateParams{
		Amount: stripe.Int64(2000), Currency: stripe.String("usd"), PaymentMethod: stripe.String(card), Confirm: stripe.Bool(true),
		PaymentMethodTypes: stripe.StringSlice([]string{"card"}),
	}
	params.AddExpand("latest_charge")
	intent, err := sc.V1PaymentIntents.Create(t.Context(), params)
	if err != nil {
		t.Fatal(err)
	}
	return intent.LatestCharge
}

func TestDisputesAreReadAnsweredAndClosed(t *testing.T) {
	t.Parallel()
	sc, ctx := start(t).Client(), t.Context()
	charge := charged(t, sc, "pm_card_createDispute")
	var found *stripe.Dispute
	params := &stripe.DisputeListParams{Charge: stripe.String(charge.ID)}
	params.AddExpand("data.payment_intent")
	for d, err := range sc.V1Disputes.List(ctx, params).All(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		found = d
	}
	if found == nil || found.Reason != stripe.DisputeReasonFraudulent || found.Status != stripe.DisputeStatusNeedsResponse || found.PaymentIntent.Amount != 2000 {
		t.Fatalf("listed %+v", found)
	}
	if moved := found.BalanceTransactions[0]; moved.Amount != -2000 || moved.Fee != 1500 || moved.Net != -3500 || moved.Type != "adjustment" {
		t.Errorf("withdrawn %+v", moved)
	}
	if due := time.Unix(found.EvidenceDetails.DueBy, 0); due.Before(time.Unix(found.Created, 0).Add(7 * 24 * time.Hour)) {
		t.Errorf("due by %s", due)
	}
	update := &stripe.DisputeUpdateParams{
		Evidence: &stripe.DisputeUpdateEvidenceParams{UncategorizedText: stripe.String("winning_evidence")}, Metadata: map[string]string{"case": "7"},
	}
	if sent, err := sc.V1Disputes.Update(ctx, found.ID, update); err != nil || sent.Status != stripe.DisputeStatusUnderReview || sent.Metadata["case"] != "7" {
		t.Fatalf("answered %+v, %v", sent, err)
	}
	won, err := sc.V1Disputes.Retrieve(ctx, found.ID, nil)
	if err != nil || won.Status != stripe.DisputeStatusWon || len(won.BalanceTransactions) != 2 || won.BalanceTransactions[1].Net != 3500 {
		t.Errorf("won %+v, %v", won, err)
	}
	var refused *stripe.Error
	if _, err := sc.V1Disputes.Close(ctx, found.ID, nil); !errors.As(err, &refused) || refused.HTTPStatusCode != 400 {
		t.Errorf("closed after the end: %v", err)
	}
	if _, err := sc.V1Disputes.Retrieve(ctx, "du_none", nil); !errors.As(err, &refused) || refused.Code != stripe.ErrorCodeResourceMissing {
		t.Errorf("an unknown dispute: %v", err)
	}
}

func TestDisputesHaveTheirOldPathsUnderTheCharge(t *testing.T) {
	t.Parallel()
	p := plain{t, start(t), ""}
	charge := charged(t, p.server.Client(), "pm_card_createDisputeInquiry")
	path := "/v1/charges/" + charge.ID + "/dispute"
	if d := p.must("GET", path, nil); d["status"] != "warning_needs_response" || d["is_charge_refundable"] != true {
		t.Errorf("got %v", d)
	}
	if d := p.must("POST", path, map[string][]string{"evidence[product_description]": {"A plan"}, "submit": {"false"}}); d["status"] != "warning_needs_response" {
		t.Errorf("staged %v", d)
	}
	if d := p.must("POST", path+"/close", nil); d["status"] != "warning_closed" {
		t.Errorf("closed %v", d)
	}
	status, body := p.do("POST", path, map[string][]string{"evidence[receipt]": {"file_1"}})
	if e := refusal(body); status != 400 || e["code"] != "parameter_unsupported" || e["param"] != "evidence[receipt]" {
		t.Errorf("a file: %d %v", status, e)
	}
	warned := charged(t, p.server.Client(), "pm_card_createIssuerFraudRecord")
	listed := p.must("GET", "/v1/radar/early_fraud_warnings?charge="+warned.ID, nil)
	if data := listed["data"].([]any); len(data) != 1 || data[0].(map[string]any)["actionable"] != true {
		t.Errorf("warnings %v", listed)
	}
}
