package engine

import "slices"

// What the bank of a test card says. These are the only places that read the card table's outcomes.

// declineOnSaving is the decline code with which a bank refuses to save the card, "" when it does not.
func (c *Card) declineOnSaving() string {
	if row := cardsByBehavior[c.Behavior]; !row.attaches {
		return row.decline
	}
	return ""
}

// The checks on which an account declines what the bank approved: Stripe's settings of card payments, and its rule against the highest risk.
const (
	declineOnCVC     = "cvc_failure"
	declineOnAddress = "avs_failure"
	declineOnRisk    = "highest_risk"
)

// declineOf is the decline code of a charge: the bank's, or that of a check on which the account declines; "" goes through.
func (t *tx) declineOf(pm *PaymentMethod) string {
	if code := pm.Card.declineOnCharge(); code != "" {
		return code
	}
	rules := t.settings().DeclineOn
	if len(rules) == 0 {
		return ""
	}
	card := checked(pm.Card, pm.BillingDetails)
	switch {
	case card.CVCCheck == "fail" && slices.Contains(rules, declineOnCVC):
		return "incorrect_cvc"
	case card.PostalCheck == "fail" && slices.Contains(rules, declineOnAddress):
		return "incorrect_zip"
	case cardsByBehavior[card.Behavior].risk == "highest" && slices.Contains(rules, declineOnRisk):
		return "fraudulent"
	}
	return ""
}

// declineOnCharge is the decline code of a charge. A wrong security code can only be noticed when one was sent.
func (c *Card) declineOnCharge() string {
	decline := cardsByBehavior[c.Behavior].decline
	if decline == "incorrect_cvc" && c.CVCCheck == "" {
		return ""
	}
	return decline
}

// asks says whether the bank wants the payer to authenticate a payment or a setup.
func (c *Card) asks(who presence, savesForLater bool) bool {
	if who == authenticated {
		return false
	}
	switch cardsByBehavior[c.Behavior].challenge {
	case alwaysAsks:
		return true
	case asksUntilSetUp:
		return who == onSession || !c.SetUp
	case asksOnSession:
		return who == onSession
	case asksWhenSavedFor:
		return savesForLater && who == onSession
	}
	return false
}

// wantsSetup says whether a card that may be charged later, without its payer, is better authenticated now.
func (c *Card) wantsSetup() bool {
	return !c.SetUp && (c.asks(offSession, true) || c.asks(onSession, true) && cardsByBehavior[c.Behavior].challenge == asksWhenSavedFor)
}

// outcome is what the charge says about the bank's and the risk rules' decision. What is approved shares one of a few.
func (c *Card) outcome(decline string) *ChargeOutcome {
	row := cardsByBehavior[c.Behavior]
	approved := approvals[row.risk]
	if decline == "" {
		return approved
	}
	o := *approved
	if row.decline == "" && decline != "authentication_required" { // the bank had nothing against it
		o.Type, o.NetworkStatus, o.Reason, o.SellerMessage = "blocked", "reversed_after_approval", "rule", "Stripe blocked this payment."
		if decline == "fraudulent" {
			o.NetworkStatus, o.Reason, o.SellerMessage = notSent, highestRisk, tooRisky
		}
		return &o
	}
	o.Type, o.NetworkStatus, o.Reason = "issuer_declined", "declined_by_network", decline
	o.SellerMessage = "The bank did not return any further details with this decline."
	if row.risk == "blocked" {
		o.Type, o.NetworkStatus, o.Reason, o.SellerMessage = "blocked", notSent, highestRisk, tooRisky
	}
	r := refusals[decline]
	o.AdviceCode, o.NetworkAdviceCode, o.NetworkDeclineCode = r.advice, r.hint, r.network
	return &o
}

// What the outcome of a charge says that was too risky to be sent to the bank.
const (
	notSent     = "not_sent_to_network"
	highestRisk = "highest_risk_level"
	tooRisky    = "Stripe blocked this payment as too risky."
)

// approvals are the outcomes of charges that go through, by the risk of the card.
var approvals = map[string]*ChargeOutcome{
	"": approval("normal", 32), "elevated": approval("elevated", 70), "highest": approval("highest", 95), "blocked": approval("highest", 95),
}

func approval(level string, score int64) *ChargeOutcome {
	return &ChargeOutcome{
		Type: "authorized", NetworkStatus: "approved_by_network", RiskLevel: level, RiskScore: score, SellerMessage: "Payment complete.",
	}
}
