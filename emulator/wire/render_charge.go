package wire

import (
	"strings"

	"github.com/dues-billing/dues/emulator/engine"
)

func (v *view) charge(c *engine.Charge) object {
	return object{
		"id": c.ID, "object": "charge", "created": c.Created, "livemode": false, "metadata": metadata(c.Metadata), "amount": c.Amount,
		"amount_captured": c.AmountCaptured, "amount_refunded": c.AmountRefunded, "balance_transaction": orNull(c.BalanceTransaction),
		"billing_details": billingDetails(c.BillingDetails), "calculated_statement_descriptor": v.statement(c), "captured": c.Captured,
		"currency": c.Currency, "customer": orNull(c.Customer), "description": orNull(c.Description), "disputed": c.Disputed,
		"failure_code": orNull(c.FailureCode), "failure_message": orNull(c.FailureMessage), "outcome": outcome(c.Outcome), "paid": c.Paid,
		"payment_intent": orNull(c.PaymentIntent), "payment_method": orNull(c.PaymentMethod), "payment_method_details": v.methodDetails(c),
		"receipt_email": orNull(c.ReceiptEmail), "receipt_url": v.receipt(c), "refunded": c.Refunded, "shipping": intentShipping(c.Shipping),
		"statement_descriptor": orNull(c.StatementDescriptor), "statement_descriptor_suffix": orNull(c.DescriptorSuffix), "status": c.Status,
		"transfer_group": orNull(c.TransferGroup), "fraud_details": object{}, "radar_options": object{},
		"application": nil, "application_fee": nil, "application_fee_amount": nil, "destination": nil, "dispute": v.disputeIn(c),
		"failure_balance_transaction": nil, "on_behalf_of": nil, "order": nil, "receipt_number": nil, "review": nil, "source": chargedSource(c),
		"source_transfer": nil, "transfer_data": nil, "invoice": orNull(c.Invoice),
	}
}

// statementMax is how much of a text fits on a card statement.
const statementMax = 22

func (v *view) statement(c *engine.Charge) any {
	if !c.Paid {
		return nil
	}
	words := c.StatementDescriptor
	if words == "" {
		words = v.world.Settings().AccountName
	}
	if c.DescriptorSuffix != "" {
		words += "* " + c.DescriptorSuffix
	}
	words = strings.ToUpper(words)
	return words[:min(len(words), statementMax)]
}

// receipt is the page that shows what was paid.
func (v *view) receipt(c *engine.Charge) any {
	switch {
	case !c.Paid:
		return nil
	case c.Invoice != "":
		return v.base + "/receipts/invoices/" + c.ID
	}
	return v.base + "/receipts/payment/" + c.ID
}

func outcome(o *engine.ChargeOutcome) object {
	return object{
		"advice_code": orNull(o.AdviceCode), "network_advice_code": orNull(o.NetworkAdviceCode), "network_decline_code": orNull(o.NetworkDeclineCode),
		"network_status": o.NetworkStatus, "reason": orNull(o.Reason), "risk_level": o.RiskLevel, "risk_score": o.RiskScore,
		"seller_message": o.SellerMessage, "type": o.Type,
	}
}

func (v *view) methodDetails(c *engine.Charge) object {
	var authenticated any
	if c.ThreeDSecure {
		passed := threeDSecure()
		passed["exemption_indicator"], passed["exemption_indicator_applied"] = nil, false
		authenticated = passed
	}
	paid := c.Card
	details := object{
		"amount_authorized": c.Amount, "authorization_code": nil, "brand": paid.Brand, "checks": checks(paid), "country": orNull(paid.Country),
		"exp_month": paid.ExpMonth, "exp_year": paid.ExpYear, "extended_authorization": object{"status": "disabled"},
		"fingerprint": paid.Fingerprint, "funding": paid.Funding, "incremental_authorization": object{"status": "unavailable"},
		"installments": nil, "last4": paid.Last4, "mandate": nil, "multicapture": object{"status": "unavailable"}, "network": network(paid),
		"network_token": object{"used": false}, "network_transaction_id": nil,
		"overcapture":      object{"maximum_amount_capturable": c.Amount, "status": "unavailable"},
		"regulated_status": "unregulated", "three_d_secure": authenticated, "wallet": wallet(paid),
	}
	if c.Paid && !c.Captured {
		details["capture_before"] = c.Created + captureSeconds
	}
	return object{"card": details, "type": "card"}
}

// threeDSecure tells of a challenge that was passed.
func threeDSecure() object {
	return object{
		"authentication_flow": "challenge", "electronic_commerce_indicator": "05", "result": "authenticated", "result_reason": nil,
		"transaction_id": nil, "version": "2.2.0",
	}
}

// captureSeconds is how long an authorised charge can be captured.
const captureSeconds = 7 * 24 * 60 * 60

func network(c *engine.Card) any {
	if len(c.Networks) == 0 {
		return nil
	}
	return c.Networks[0]
}

func (v *view) refund(r *engine.Refund) object {
	o := object{
		"id": r.ID, "object": "refund", "created": r.Created, "metadata": metadata(r.Metadata), "amount": r.Amount,
		"balance_transaction": orNull(r.BalanceTransaction), "charge": r.Charge, "currency": r.Currency,
		"destination_details": object{
			"card": object{"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"}, "type": "card",
		},
		"payment_intent": orNull(r.PaymentIntent), "reason": orNull(r.Reason), "status": r.Status,
		"receipt_number": nil, "source_transfer_reversal": nil, "transfer_reversal": nil,
	}
	if r.Status == "pending" {
		o["pending_reason"] = "processing"
	}
	if r.FailureReason != "" {
		o["failure_reason"], o["failure_balance_transaction"] = r.FailureReason, r.FailureMovement
	}
	return o
}

func (v *view) balanceTransaction(b *engine.BalanceTransaction) object {
	fees := []any{}
	if b.Fee != 0 {
		fees = append(fees, object{
			"amount": b.Fee, "application": nil, "currency": b.Currency, "description": b.FeeText, "type": "stripe_fee",
		})
	}
	status := "pending"
	if v.at == 0 && v.world.Available(b) || v.at != 0 && b.AvailableAt(v.at) {
		status = "available"
	}
	return object{
		"id": b.ID, "object": "balance_transaction", "created": b.Created, "amount": b.Amount, "available_on": b.AvailableOn,
		"balance_type": "payments", "currency": b.Currency, "description": orNull(b.Description), "exchange_rate": nil, "fee": b.Fee,
		"fee_details": fees, "net": b.Net, "reporting_category": b.Category, "source": b.Source, "status": status, "type": b.Type,
	}
}
