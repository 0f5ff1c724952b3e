package wire

import (
	"strings"

	"github.com/dues-billing/dues/emulator/engine"
)

func (v *view) dispute(d *engine.Dispute) object {
	moved := []any{}
	for _, id := range d.Movements {
		if b, ok := engine.Get[engine.BalanceTransaction](v.world, id); ok {
			moved = append(moved, v.balanceTransaction(b))
		}
	}
	due := orNull(d.DueBy)
	if !d.Open() {
		due = nil
	}
	return object{
		"id": d.ID, "object": "dispute", "created": d.Created, "livemode": false, "metadata": metadata(d.Metadata), "amount": d.Amount,
		"balance_transactions": moved, "charge": d.Charge, "currency": d.Currency,
		"enhanced_eligibility_types": eligibilityTypes(d), "evidence": evidence(&d.Evidence),
		"evidence_details": object{
			"due_by": due, "enhanced_eligibility": eligibility(d), "has_evidence": d.HasEvidence(), "past_due": d.PastDue,
			"submission_count": d.Submissions,
		},
		"is_charge_refundable": strings.HasPrefix(d.Status, "warning_"), "payment_intent": orNull(d.PaymentIntent),
		"payment_method_details": object{
			"card": object{"brand": d.Brand, "case_type": d.CaseType, "network": d.Brand, "network_reason_code": orNull(d.NetworkReason)}, "type": "card",
		},
		"reason": d.Reason, "status": d.Status,
	}
}

// disputeIn is the latest dispute of a charge; Stripe sends it although its document does not list it.
func (v *view) disputeIn(c *engine.Charge) any {
	if !c.Disputed {
		return nil
	}
	d, err := v.world.DisputeOf(c.ID)
	if err != nil {
		return nil
	}
	return d.ID
}

func eligibilityTypes(d *engine.Dispute) []any {
	if d.Eligibility == "" {
		return []any{}
	}
	return []any{d.Eligibility}
}

// eligibility is how far the enhanced evidence of a dispute is.
func eligibility(d *engine.Dispute) object {
	fee := func(acknowledged bool) object {
		if acknowledged {
			return object{"status": "fee_acknowledged"}
		}
		return object{"status": "requires_fee_acknowledgement"}
	}
	switch d.Eligibility {
	case "visa_compelling_evidence_3":
		return object{d.Eligibility: object{
			"required_actions": []string{"missing_customer_identifiers", "missing_disputed_transaction_description", "missing_merchandise_or_services",
				"missing_prior_undisputed_transaction_description", "missing_prior_undisputed_transactions"},
			"status": "requires_action",
		}}
	case "visa_compliance":
		return object{d.Eligibility: fee(d.Evidence.VisaComplianceFee)}
	case "mastercard_compliance":
		return object{d.Eligibility: fee(d.Evidence.MastercardComplianceFee)}
	}
	return object{}
}

func evidence(e *engine.DisputeEvidence) object {
	enhanced := object{}
	if e.VisaComplianceFee {
		enhanced["visa_compliance"] = object{"fee_acknowledged": true}
	}
	if e.MastercardComplianceFee {
		enhanced["mastercard_compliance"] = object{"fee_acknowledged": true}
	}
	return object{
		"access_activity_log": orNull(e.AccessActivityLog), "billing_address": orNull(e.BillingAddress), "cancellation_policy": nil,
		"cancellation_policy_disclosure": orNull(e.CancellationPolicyDisclosure), "cancellation_rebuttal": orNull(e.CancellationRebuttal),
		"customer_communication": nil, "customer_email_address": orNull(e.CustomerEmailAddress), "customer_name": orNull(e.CustomerName),
		"customer_purchase_ip": orNull(e.CustomerPurchaseIP), "customer_signature": nil, "duplicate_charge_documentation": nil,
		"duplicate_charge_explanation": orNull(e.DuplicateChargeExplanation), "duplicate_charge_id": orNull(e.DuplicateChargeID),
		"enhanced_evidence": enhanced, "product_description": orNull(e.ProductDescription), "receipt": nil, "refund_policy": nil,
		"refund_policy_disclosure": orNull(e.RefundPolicyDisclosure), "refund_refusal_explanation": orNull(e.RefundRefusalExplanation),
		"service_date": orNull(e.ServiceDate), "service_documentation": nil, "shipping_address": orNull(e.ShippingAddress),
		"shipping_carrier": orNull(e.ShippingCarrier), "shipping_date": orNull(e.ShippingDate), "shipping_documentation": nil,
		"shipping_tracking_number": orNull(e.ShippingTrackingNumber), "uncategorized_file": nil, "uncategorized_text": orNull(e.UncategorizedText),
	}
}

func (v *view) fraudWarning(f *engine.FraudWarning) object {
	o := object{
		"id": f.ID, "object": "radar.early_fraud_warning", "created": f.Created, "livemode": false, "actionable": f.Actionable,
		"charge": f.Charge, "fraud_type": f.FraudType,
	}
	if f.PaymentIntent != "" {
		o["payment_intent"] = f.PaymentIntent
	}
	return o
}
