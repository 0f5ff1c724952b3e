package engine

import (
	"slices"
	"strings"
)

// challengeRule says when the bank of a test card wants the payer to authenticate.
type challengeRule int

const (
	neverAsks        challengeRule = iota
	alwaysAsks                     // every transaction
	asksUntilSetUp                 // on session always; off session only while the card was not set up
	asksOnSession                  // off session passes as if set up long ago
	asksWhenSavedFor               // only when the payment or setup saves the card for later
)

// testCard is one row of Stripe's table of test cards.
type testCard struct {
	number    string
	names     string // of pm_card_… and tok_…, separated by blanks; the first one names the behaviour
	brand     string
	funding   string
	country   string
	decline   string // the decline of every charge; "" succeeds
	attaches  bool   // a card that declines can be saved all the same
	challenge challengeRule
	risk      string // "", elevated, highest or blocked
	cvc       string // the check's result, "" is pass
	line1     string
	postal    string
	refund    string // "", pending or fail: what becomes of refunds
	no3DS     bool
	atOnce    bool // what is charged is available at once
}

func visa(number, names string) testCard {
	return testCard{number: number, names: names, brand: "visa", funding: "credit", country: "US"}
}

func declining(number, names, decline string) testCard {
	c := visa(number, names)
	c.decline = decline
	return c
}

func asking(number, names string, rule challengeRule) testCard {
	c := visa(number, names)
	c.challenge, c.attaches = rule, true
	return c
}

// with changes a row in one more respect.
func (c testCard) with(change func(*testCard)) testCard {
	change(&c)
	return c
}

func branded(number, names, brand, funding, country string) testCard {
	return testCard{number: number, names: names, brand: brand, funding: funding, country: country}
}

// testCards is the whole table (chapter 8.1). What the cards that provoke disputes lead to is in disputes.go.
var testCards = slices.Concat([]testCard{
	visa("4242424242424242", "visa us"),
	branded("4000056655665556", "visa_debit", "visa", "debit", "US"),
	branded("5555555555554444", "mastercard", "mastercard", "credit", "US"),
	branded("2223003122003222", "", "mastercard", "credit", "US"),
	branded("5200828282828210", "mastercard_debit", "mastercard", "debit", "US"),
	branded("5105105105105100", "mastercard_prepaid", "mastercard", "prepaid", "US"),
	branded("378282246310005", "amex amex_threeDSecureNotSupported", "amex", "credit", "US").with(func(c *testCard) { c.no3DS = true }),
	branded("371449635398431", "", "amex", "credit", "US"),
	branded("6011111111111117", "discover", "discover", "credit", "US"),
	branded("6011000990139424", "", "discover", "credit", "US"),
	branded("6011981111111113", "", "discover", "debit", "US"),
	branded("3056930009020004", "diners", "diners", "credit", "US"),
	branded("36227206271667", "", "diners", "credit", "US"),
	branded("3566002020360505", "jcb", "jcb", "credit", "JP"),
	branded("6200000000000005", "unionpay", "unionpay", "credit", "CN"),
	branded("6200000000000047", "", "unionpay", "debit", "CN"),
	branded("6205500000000000004", "", "unionpay", "credit", "CN"),
	branded("4000002500001001", "visa_cartesBancaires", "visa", "debit", "FR"),
	branded("5555552500001001", "mastercard_cartesBancaires", "mastercard", "credit", "FR"),
	branded("4000058260000005", "gb_debit", "visa", "debit", "GB"),
	branded("4000003560000008", "in", "visa", "credit", "IN").with(func(c *testCard) { c.challenge = asksWhenSavedFor }),

	declining("4000000000000002", "visa_chargeDeclined chargeDeclined", "generic_decline"),
	declining("4000000000009995", "visa_chargeDeclinedInsufficientFunds chargeDeclinedInsufficientFunds visa_debit_chargeDeclinedInsufficientFunds", "insufficient_funds"),
	declining("4000000000009987", "visa_chargeDeclinedLostCard chargeDeclinedLostCard", "lost_card"),
	declining("4000000000009979", "visa_chargeDeclinedStolenCard chargeDeclinedStolenCard", "stolen_card"),
	declining("4000000000000069", "chargeDeclinedExpiredCard visa_chargeDeclinedExpiredCard", "expired_card"),
	declining("4000000000000127", "chargeDeclinedIncorrectCvc visa_chargeDeclinedIncorrectCvc", "incorrect_cvc"),
	declining("4000000000000119", "chargeDeclinedProcessingError visa_chargeDeclinedProcessingError", "processing_error"),
	declining("4000000000006975", "visa_chargeDeclinedVelocityLimitExceeded chargeDeclinedVelocityLimitExceeded", "card_velocity_exceeded"),
	declining("", "visa_chargeDeclinedFraudulent chargeDeclinedFraudulent", "fraudulent"),
	declining("4000000000000341", "chargeCustomerFail visa_chargeCustomerFail", "generic_decline").with(attaching),
	declining("", "visa_chargeCustomerFailLostCard", "lost_card").with(attaching),
	declining("", "visa_chargeCustomerFailStolenCard", "stolen_card").with(attaching),

	declining("4100000000000019", "radarBlock", "fraudulent").with(attaching).with(func(c *testCard) { c.risk = "blocked" }),
	visa("4000000000004954", "riskLevelHighest").with(func(c *testCard) { c.risk = "highest" }),
	visa("4000000000009235", "riskLevelElevated").with(func(c *testCard) { c.risk = "elevated" }),
	visa("4000000000000101", "cvcCheckFail").with(func(c *testCard) { c.cvc = "fail" }),
	visa("4000000000000036", "avsZipFail").with(func(c *testCard) { c.postal = "fail" }),
	visa("4000058400307872", "cvcCheckFailElevatedRisk").with(func(c *testCard) { c.cvc, c.risk = "fail", "elevated" }),
	visa("4000058400306072", "avsZipFailElevatedRisk").with(func(c *testCard) { c.postal, c.risk = "fail", "elevated" }),
	visa("4000000000000028", "avsLine1Fail").with(func(c *testCard) { c.line1 = "fail" }),
	visa("4000000000000010", "avsFail").with(func(c *testCard) { c.line1, c.postal = "fail", "fail" }),
	visa("4000000000000044", "avsUnchecked").with(func(c *testCard) { c.line1, c.postal = "unavailable", "unavailable" }),
	visa("4000000000007726", "pendingRefund").with(func(c *testCard) { c.refund = "pending" }),
	visa("4000000000005126", "refundFail").with(func(c *testCard) { c.refund = "fail" }),

	asking("4000002500003155", "authenticationRequiredOnSetup", asksUntilSetUp).with(func(c *testCard) { c.country = "IE" }),
	asking("4000002760003184", "authenticationRequired", alwaysAsks).with(func(c *testCard) { c.country = "DE" }),
	asking("4000003800000446", "authenticationRequiredSetupForOffSession", asksOnSession),
	asking("4000008260003178", "authenticationRequiredChargeDeclinedInsufficientFunds", alwaysAsks).with(func(c *testCard) {
		c.decline, c.country = "insufficient_funds", "GB"
	}),
	asking("4000000000003220", "threeDSecure2Required", alwaysAsks).with(func(c *testCard) { c.country = "IE" }),
	asking("4000008400000027", "", alwaysAsks),
	asking("4000008400001629", "threeDSecureRequiredChargeDeclined", alwaysAsks).with(func(c *testCard) { c.decline = "generic_decline" }),
	declining("4000008400001280", "threeDSecureRequiredProcessingError", "generic_decline").with(attaching),
}, plainVisas())

func attaching(c *testCard) { c.attaches = true }

// plainVisas are the rows that always succeed and differ in name, number or country only.
func plainVisas() []testCard {
	rows := []testCard{
		branded("4000008260000000", "gb", "visa", "credit", "GB"), branded("4000002760000016", "de", "visa", "credit", "DE"),
		branded("4000002500000003", "fr", "visa", "credit", "FR"),
	}
	for _, country := range strings.Fields("at au be bg br ca ch cl cn co cr cy cz dk ee es fi gi gr hk hr hu ie it jp li lt lu lv mt mx my nl no nz pa " +
		"pe pl pt py ro se sg si sk th tw uy") {
		rows = append(rows, branded("", country, "visa", "credit", strings.ToUpper(country)))
	}
	for _, named := range []string{
		"4000008400000407 highFraudDisputeScore", "4000008400000159 highEfwScore", "4000008400001017 radarDynamicRiskThreshold",
		"4001858821843804 freeTrialAbuseBlock", "4000008405600003 adaptive3dsChallenge", "4000000000000259 createDispute",
		"4000000000002685 createDisputeProductNotReceived", "4000000000001976 createDisputeInquiry", "4000000000005423 createIssuerFraudRecord",
		"4000000404000079 createMultipleDisputes", "4000000404000038 createCe3EligibleDispute", "4000008400000779 createComplianceDispute",
		"4000000001000043 createAutoRepresentmentEligibleDispute", "4000000404004816 createRapidDisputeResolutionDispute",
		"4000000404005649 createCe3BlockDispute",
		"4000000000003055 threeDSecureOptional", "4000000000003097 threeDSecureOptionalProcessingError",
	} {
		number, name, _ := strings.Cut(named, " ")
		rows = append(rows, visa(number, name))
	}
	atOnce := func(c *testCard) { c.atOnce = true }
	return append(rows, visa("4000000032200000", ""),
		visa("4000000000000077", "bypassPending").with(atOnce), branded("4000003720000278", "bypassPendingInternational", "visa", "credit", "EE").with(atOnce),
		branded("5105008400000002", "createMastercardComplianceDispute", "mastercard", "prepaid", "US"),
		branded("5105000300000018", "createEthocaAlert", "mastercard", "prepaid", "US"))
}

var (
	cardsByNumber   = map[string]testCard{}
	cardsByName     = map[string]testCard{}
	cardsByBehavior = map[string]testCard{}
)

func init() {
	for _, c := range testCards {
		cardsByBehavior[c.behavior()] = c
		if c.number != "" {
			cardsByNumber[c.number] = c
		}
		for _, name := range strings.Fields(c.names) {
			cardsByName[name] = c
		}
	}
}

// behavior names the row for the stored card: by name, or by number where Stripe gave no name.
func (c testCard) behavior() string {
	if names := strings.Fields(c.names); len(names) > 0 {
		return names[0]
	}
	return c.number
}

// last4 are the last digits; rows that exist as a token only have those of their brand's plain card.
func (c testCard) last4() string {
	if c.number == "" {
		return "4242"
	}
	return c.number[len(c.number)-4:]
}

// card is the row as a stored card, before its expiry and checks are known.
func (c testCard) card(w *World) Card {
	networks := []string{c.brand}
	if strings.Contains(c.names, "cartesBancaires") {
		networks = []string{"cartes_bancaires", c.brand}
	}
	return Card{
		Brand: c.brand, Country: c.country, Funding: c.funding, Last4: c.last4(), Networks: networks, ThreeDSecureUsage: !c.no3DS,
		Fingerprint: w.fixedCharacters("fingerprint "+c.behavior(), 16), CVCCheck: "unchecked", Behavior: c.behavior(),
	}
}

// TestCard is a row of the test-card table, for pages that offer them.
type TestCard struct {
	Number  string
	Name    string
	Decline string
	Asks    bool
}

// TestCards lists the rows that have a number.
func TestCards() []TestCard {
	var out []TestCard
	for _, c := range testCards {
		if c.number != "" {
			out = append(out, TestCard{Number: c.number, Name: c.behavior(), Decline: c.decline, Asks: c.challenge != neverAsks})
		}
	}
	return out
}
