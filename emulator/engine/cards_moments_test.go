package engine

import (
	"slices"
	"strings"
	"testing"
)

// published is Stripe's list of test cards as its documentation tells it, written down apart from the table that the engine reads: what
// happens when the card is saved, charged with its payer there, charged without, and set up. "ok" succeeds, "asks" challenges, anything else
// is a decline code.
var published = []struct{ names, save, onSession, offSession, setup string }{
	{`visa us visa_debit mastercard mastercard_debit mastercard_prepaid amex discover diners jcb unionpay visa_cartesBancaires
		mastercard_cartesBancaires gb gb_debit de fr at au be br ca ch cz dk ee es fi hk ie it jp mx nl no nz pl pt se sg us`, "ok", "ok", "ok", "ok"},
	{"visa_chargeDeclined", "generic_decline", "generic_decline", "generic_decline", "generic_decline"},
	{"visa_chargeDeclinedInsufficientFunds", "insufficient_funds", "insufficient_funds", "insufficient_funds", "insufficient_funds"},
	{"visa_chargeDeclinedLostCard", "lost_card", "lost_card", "lost_card", "lost_card"},
	{"visa_chargeDeclinedStolenCard", "stolen_card", "stolen_card", "stolen_card", "stolen_card"},
	{"chargeDeclinedExpiredCard", "expired_card", "expired_card", "expired_card", "expired_card"},
	{"chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc", "incorrect_cvc", "incorrect_cvc"},
	{"chargeDeclinedProcessingError", "processing_error", "processing_error", "processing_error", "processing_error"},
	{"visa_chargeDeclinedVelocityLimitExceeded", "card_velocity_exceeded", "card_velocity_exceeded", "card_velocity_exceeded", "card_velocity_exceeded"},
	{"visa_chargeDeclinedFraudulent", "fraudulent", "fraudulent", "fraudulent", "fraudulent"},
	{"chargeCustomerFail visa_chargeCustomerFail", "ok", "generic_decline", "generic_decline", "ok"},
	{"visa_chargeCustomerFailLostCard", "ok", "lost_card", "lost_card", "ok"},
	{"visa_chargeCustomerFailStolenCard", "ok", "stolen_card", "stolen_card", "ok"},
	{"radarBlock", "ok", "fraudulent", "fraudulent", "ok"},
	{`riskLevelHighest riskLevelElevated cvcCheckFail avsZipFail cvcCheckFailElevatedRisk avsZipFailElevatedRisk avsLine1Fail avsFail
		avsUnchecked pendingRefund refundFail bypassPending bypassPendingInternational threeDSecureOptional`, "ok", "ok", "ok", "ok"},
	{`createDispute createDisputeProductNotReceived createDisputeInquiry createIssuerFraudRecord createMultipleDisputes
		createCe3EligibleDispute createComplianceDispute createMastercardComplianceDispute`, "ok", "ok", "ok", "ok"},
	{"authenticationRequired threeDSecure2Required", "ok", "asks", "authentication_required", "asks"},
	{"authenticationRequiredOnSetup", "ok", "asks", "authentication_required", "asks"},
	{"authenticationRequiredSetupForOffSession", "ok", "asks", "ok", "asks"},
	{"authenticationRequiredChargeDeclinedInsufficientFunds threeDSecureRequiredChargeDeclined", "ok", "asks", "authentication_required", "asks"},
	{"threeDSecureRequiredProcessingError", "ok", "generic_decline", "generic_decline", "ok"},
	{"in", "ok", "ok", "ok", "asks"},
}

// moment is what becomes of a subscription, its invoice and its intent when money is wanted, by what the card says.
type moment struct{ sub, invoice, intent, event, refusal string }

// An update in this table goes from a paid month to a dearer price with always_invoice.
var byMoment = map[string]map[string]moment{
	"create " + AllowIncomplete: {
		"ok":      {SubActive, InvoicePaid, IntentSucceeded, "invoice.paid", ""},
		"asks":    {SubIncomplete, InvoiceOpen, RequiresAction, "invoice.payment_action_required", ""},
		"decline": {SubIncomplete, InvoiceOpen, RequiresPaymentMethod, "invoice.payment_failed", ""},
	},
	"create " + DefaultIncomplete: {
		"ok":      {SubIncomplete, InvoiceOpen, RequiresConfirmation, "payment_intent.created", ""},
		"asks":    {SubIncomplete, InvoiceOpen, RequiresConfirmation, "payment_intent.created", ""},
		"decline": {SubIncomplete, InvoiceOpen, RequiresConfirmation, "payment_intent.created", ""},
	},
	"create " + ErrorIfIncomplete: {
		"ok":      {SubActive, InvoicePaid, IntentSucceeded, "invoice.paid", ""},
		"asks":    {refusal: firstPaymentChallengeCode},
		"decline": {refusal: "its own"},
	},
	"renewal": {
		"ok":      {SubActive, InvoicePaid, IntentSucceeded, "invoice.paid", ""},
		"asks":    {SubPastDue, InvoiceOpen, RequiresAction, "invoice.payment_action_required", ""},
		"decline": {SubPastDue, InvoiceOpen, RequiresPaymentMethod, "invoice.payment_failed", ""},
	},
	"update " + AllowIncomplete: {
		"ok":      {SubActive, InvoicePaid, IntentSucceeded, "invoice.paid", ""},
		"asks":    {SubPastDue, InvoiceOpen, RequiresAction, "invoice.payment_action_required", ""},
		"decline": {SubPastDue, InvoiceOpen, RequiresPaymentMethod, "invoice.payment_failed", ""},
	},
	"update " + ErrorIfIncomplete: {
		"ok":      {SubActive, InvoicePaid, IntentSucceeded, "invoice.paid", ""},
		"asks":    {refusal: firstPaymentChallengeCode},
		"decline": {refusal: "its own"},
	},
}

// class is how the byMoment call what a card says: a challenge of an absent payer is a decline of one's own payment, but an invoice waits.
func class(said string) string {
	switch said {
	case "ok", "asks":
		return said
	case "authentication_required":
		return "asks"
	}
	return "decline"
}

// Rows: C30.
func TestEveryPublishedCardAtEveryMoment(t *testing.T) {
	t.Parallel()
	for _, row := range published {
		for name := range strings.FieldsSeq(row.names) {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				card := "pm_card_" + name
				s := openShop(t)
				for _, try := range []struct {
					what, want string
					cmd        Command
				}{
					{"saved", row.save, AttachPaymentMethod{ID: card, Customer: Some(s.customer(""))}},
					{"on session", row.onSession, pay(card, "", "false")},
					{"off session", row.offSession, pay(card, "", "true")},
					{"set up", row.setup, CreateSetupIntent{PaymentMethod: Some(card), Confirm: Some(true), Types: Some([]string{"card"})}},
					{"charged by token", row.offSession, CreateCharge{
						Amount: Some[int64](2000), Currency: Some("usd"), Source: Some("tok_" + name)}},
				} {
					if got, _ := word(s, try.cmd); got != try.want {
						t.Errorf("%s: %s, want %s", try.what, got, try.want)
					}
				}
				if row.save == "ok" {
					// The first invoice of a subscription saves the card, so the Indian card asks there.
					first := row.onSession
					if row.setup == "asks" {
						first = "asks"
					}
					cardThroughMoments(t, card, class(first), class(row.offSession))
				}
			})
		}
	}
}

// cardThroughMoments lives one card through the byMoment of a subscription.
func cardThroughMoments(t *testing.T, card, present, absent string) {
	for name, by := range byMoment {
		s, clock, sub := onClock(t, "2030-01-01 00:00:00")
		dear := s.price("Dear", 5000)
		what, word, _ := strings.Cut(name, " ")
		want := by[present]
		var err error
		switch what {
		case "create":
			buyer := s.do(CreateCustomer{TestClock: Some(clock.ID)}).(*Customer).ID
			s.useCard(buyer, card)
			s.events()
			var made Result
			made, err = s.Apply(CreateSubscription{Customer: Some(buyer), Items: items(dear), PaymentBehavior: Some(word)}, Request{}, s.now)
			if err == nil {
				sub = made.(*Subscription)
			}
		case "renewal":
			want = by[absent]
			s.useCard(sub.Customer, card)
			s.advance(clock.ID, "2030-02-01 00:00:00")
			s.events()
			s.advance(clock.ID, "2030-02-01 01:00:00")
		case "update":
			s.useCard(sub.Customer, card)
			s.advance(clock.ID, "2030-01-10 00:00:00")
			s.events()
			change := s.swap(sub.ID, dear)
			change.ProrationBehavior = Some("always_invoice")
			_, err = s.Apply(UpdateSubscription{ID: sub.ID, SubscriptionChange: change, PaymentBehavior: Some(word)}, Request{}, s.now)
		}
		if want.refusal != "" {
			e, _ := err.(*Error)
			if e == nil || e.Status != 402 || want.refusal != "its own" && e.Code != want.refusal || want.refusal == "its own" && e.DeclineCode == "" {
				t.Errorf("%s: refused with %v, want %s", name, err, want.refusal)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		inv := s.latest(sub.ID)
		got := moment{s.sub(sub.ID).Status, inv.Status, get[PaymentIntent](s, inv.PaymentIntent).Status, want.event, ""}
		if got != want {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
		if events := s.events(); !slices.Contains(events, want.event) {
			t.Errorf("%s: no %s among %v", name, want.event, events)
		}
	}
}
