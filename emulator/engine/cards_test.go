package engine

import (
	"strings"
	"testing"
)

// moments tries one card at every moment that matters, each in a world of its own, and says what became of it.
func moments(t *testing.T, card string) string {
	t.Helper()
	var out []string
	for _, moment := range []func(*shop, string) string{savedMoment, paidMoment, offSessionMoment, setupThenRenewal} {
		out = append(out, moment(openShop(t), card))
	}
	return strings.Join(out, " ")
}

// word is how a command ended: ok, asks, or the code that refused it.
func word(s *shop, cmd Command) (string, Result) {
	got, err := s.Apply(cmd, Request{}, s.now)
	if e, ok := err.(*Error); ok {
		if e.DeclineCode != "" {
			return e.DeclineCode, got
		}
		return e.Code, got
	}
	switch o := got.(type) {
	case *PaymentIntent:
		if o.Status == RequiresAction {
			return "asks", got
		}
	case *SetupIntent:
		if o.Status == RequiresAction {
			return "asks", got
		}
	}
	return "ok", got
}

func savedMoment(s *shop, card string) string {
	got, _ := word(s, AttachPaymentMethod{ID: card, Customer: Some(s.customer(""))})
	return got
}

func pay(card, customer string, off OffSession) CreatePaymentIntent {
	c := CreatePaymentIntent{
		Amount: Some[int64](2000), Currency: Some("usd"), Confirm: Some(true), OffSession: Some(off),
		PaymentIntentParams: PaymentIntentParams{PaymentMethod: Some(card), Types: Some([]string{"card"})},
	}
	if customer != "" {
		c.Customer = Some(customer)
	}
	return c
}

func paidMoment(s *shop, card string) string {
	got, res := word(s, pay(card, "", ""))
	if got == "asks" {
		then, _ := word(s, ResolveChallenge{Intent: res.(*PaymentIntent).ID, Outcome: "succeed"})
		got += "," + then
	}
	return got
}

func offSessionMoment(s *shop, card string) string {
	got, _ := word(s, pay(card, "", "true"))
	return got
}

// setupThenRenewal saves the card with a SetupIntent, answering its challenge, and then charges it without the payer.
func setupThenRenewal(s *shop, card string) string {
	customer := s.customer("")
	got, res := word(s, CreateSetupIntent{
		Customer: Some(customer), PaymentMethod: Some(card), Confirm: Some(true), Types: Some([]string{"card"}),
	})
	if got == "asks" {
		s.do(ResolveChallenge{Intent: res.(*SetupIntent).ID, Outcome: "succeed"})
	} else if got != "ok" {
		return got
	}
	then, _ := word(s, pay(s.World.tables.methods.all("customer", customer)[0].ID, customer, "true"))
	return got + "," + then
}

// Rows: C30.
func TestCardsDoAtEachMomentWhatStripesTableSays(t *testing.T) {
	t.Parallel()
	for card, want := range map[string]string{ // attach, pay on session, pay off session, set up and then pay off session
		"visa":                                     "ok ok ok ok,ok",
		"amex":                                     "ok ok ok ok,ok",
		"visa_chargeDeclined":                      "generic_decline generic_decline generic_decline generic_decline",
		"visa_chargeDeclinedLostCard":              "lost_card lost_card lost_card lost_card",
		"chargeDeclinedExpiredCard":                "expired_card expired_card expired_card expired_card",
		"chargeDeclinedIncorrectCvc":               "incorrect_cvc incorrect_cvc incorrect_cvc incorrect_cvc",
		"chargeDeclinedProcessingError":            "processing_error processing_error processing_error processing_error",
		"visa_chargeDeclinedFraudulent":            "fraudulent fraudulent fraudulent fraudulent",
		"chargeCustomerFail":                       "ok generic_decline generic_decline ok,generic_decline",
		"visa_chargeCustomerFailStolenCard":        "ok stolen_card stolen_card ok,stolen_card",
		"radarBlock":                               "ok fraudulent fraudulent ok,fraudulent",
		"authenticationRequiredOnSetup":            "ok asks,ok authentication_required asks,ok",
		"authenticationRequired":                   "ok asks,ok authentication_required asks,authentication_required",
		"authenticationRequiredSetupForOffSession": "ok asks,ok ok asks,ok",
		"authenticationRequiredChargeDeclinedInsufficientFunds": "ok asks,insufficient_funds authentication_required asks,authentication_required",
		"threeDSecureRequiredChargeDeclined":                    "ok asks,generic_decline authentication_required asks,authentication_required",
		"threeDSecureRequiredProcessingError":                   "ok generic_decline generic_decline ok,generic_decline",
		"threeDSecureOptional":                                  "ok ok ok ok,ok",
		"in":                                                    "ok ok ok asks,ok",
		"cvcCheckFail":                                          "ok ok ok ok,ok",
		"createDispute":                                         "ok ok ok ok,ok",
	} {
		t.Run(card, func(t *testing.T) {
			t.Parallel()
			if got := moments(t, "pm_card_"+card); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// Rows: C30.
func TestEveryTestCardNumberIsValidAndNamed(t *testing.T) {
	t.Parallel()
	for _, c := range TestCards() {
		if !luhn(c.Number) {
			t.Errorf("%s: the last digit is wrong", c.Number)
		}
		if c.Decline != "" {
			if _, ok := refusals[c.Decline]; !ok {
				t.Errorf("%s declines with %s, which has no text", c.Number, c.Decline)
			}
		}
		s := openShop(t)
		s.do(CreatePaymentMethod{PaymentMethodData: entered(c.Number, 12, 2034, "123")})
	}
}

func entered(number string, month, year int64, cvc string) PaymentMethodData {
	return PaymentMethodData{Type: Some("card"), Card: Some(CardInput{
		Number: Some(number), ExpMonth: Some(month), ExpYear: Some(year), CVC: Some(cvc),
	})}
}

// Rows: C30.
func TestCardEntryIsChecked(t *testing.T) {
	t.Parallel()
	s := openShop(t) // opens in January 2026
	for _, c := range []struct {
		name   string
		data   PaymentMethodData
		status int
		code   string
		param  string
	}{
		{"a wrong last digit", entered("4242424242424241", 12, 2034, "123"), 402, "incorrect_number", "number"},
		{"letters", entered("4242x24242424242", 12, 2034, "123"), 402, "invalid_number", "number"},
		{"a real card", entered("4539578763621486", 12, 2034, "123"), 402, "card_declined", ""},
		{"month 13", entered("4242424242424242", 13, 2034, "123"), 402, "invalid_expiry_month", "exp_month"},
		{"last month", entered("4242424242424242", 12, 2025, "123"), 402, "invalid_expiry_year", "exp_year"},
		{"year 95 was 1995", entered("4242424242424242", 12, 95, "123"), 402, "invalid_expiry_year", "exp_year"},
		{"too far ahead", entered("4242424242424242", 12, 2077, "123"), 402, "invalid_expiry_year", "exp_year"},
		{"two digits of code", entered("4242424242424242", 12, 2034, "99"), 402, "invalid_cvc", "cvc"},
		{"four digits are for Amex", entered("4242424242424242", 12, 2034, "1234"), 402, "invalid_cvc", "cvc"},
		{"no type", PaymentMethodData{}, 400, "parameter_missing", "type"},
		{"no card", PaymentMethodData{Type: Some("card")}, 400, "parameter_missing", "card"},
		{"no month", PaymentMethodData{Type: Some("card"), Card: Some(CardInput{Number: Some("4242424242424242")})}, 400, "parameter_missing", "card[exp_month]"},
		{"an unknown token", PaymentMethodData{Type: Some("card"), Card: Some(CardInput{Token: Some("tok_nothing")})}, 400, "resource_missing", "card[token]"},
	} {
		e := s.refuse(CreatePaymentMethod{PaymentMethodData: c.data})
		if e.Status != c.status || e.Code != c.code || e.Param != c.param {
			t.Errorf("%s: got %d %s %q, want %d %s %q", c.name, e.Status, e.Code, e.Param, c.status, c.code, c.param)
		}
	}
	pm := s.do(CreatePaymentMethod{PaymentMethodData: entered("4242 4242 4242 4242", 1, 26, "123")}).(*PaymentMethod)
	if pm.Card.ExpYear != 2026 || pm.Card.Last4 != "4242" || pm.Card.CVCCheck != "unchecked" {
		t.Errorf("two digits of year: %+v", pm.Card)
	}
	s.do(CreatePaymentMethod{PaymentMethodData: entered("378282246310005", 12, 2034, "1234")})
	for token, last4 := range map[string]string{"tok_visa": "4242", "tok_chargeCustomerFail": "0341", "tok_mastercard": "4444"} {
		pm := s.do(CreatePaymentMethod{PaymentMethodData: PaymentMethodData{Type: Some("card"), Card: Some(CardInput{Token: Some(token)})}}).(*PaymentMethod)
		if pm.Card.Last4 != last4 || pm.Card.ExpYear != 2027 || pm.Card.ExpMonth != 1 {
			t.Errorf("%s: %+v", token, pm.Card)
		}
	}
}

// Rows: A4 C30.
func TestCardBelongsToOneCustomerAndIsSpentWhenDetached(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	ada, bob := s.customer(""), s.customer("")
	card := s.useCard(ada, "pm_card_visa")
	if e := s.refuse(AttachPaymentMethod{ID: card, Customer: Some(bob)}); e.Message != "The payment method you provided has already been attached to a customer." {
		t.Errorf("attach to another: %v", e)
	}
	if pm := get[PaymentMethod](s, card); pm.Card.CVCCheck != "pass" {
		t.Errorf("a saved card was checked: %+v", pm.Card)
	}
	price := s.price("Pro", 2000)
	sub := s.subscribe(ada, price, func(c *CreateSubscription) { c.DefaultPaymentMethod = Some(card) })
	s.events()
	if pm := s.do(DetachPaymentMethod{ID: card}).(*PaymentMethod); pm.Customer != "" {
		t.Errorf("detached: %+v", pm)
	}
	s.wantEvents("detach", "payment_method.detached customer.updated customer.subscription.updated")
	if got := s.sub(sub.ID).DefaultPaymentMethod; got != "" {
		t.Errorf("the subscription still has %s", got)
	}
	s.refuse(DetachPaymentMethod{ID: card})
	s.refuse(AttachPaymentMethod{ID: card, Customer: Some(ada)})
	e := s.refuse(AttachPaymentMethod{ID: "pm_card_visa_chargeDeclined", Customer: Some(ada)})
	if e.Status != 402 || !e.EmptyParam || e.Charge != "" || e.PaymentIntent != "" {
		t.Errorf("a declined attach: %+v", e)
	}
	if e := s.refuse(AttachPaymentMethod{ID: "pm_unknown", Customer: Some(ada)}); e.Status != 404 || !strings.HasPrefix(e.Message, "No such PaymentMethod: 'pm_unknown';") {
		t.Errorf("an unknown one: %+v", e)
	}
	e = s.refuse(UpdateCustomer{ID: bob, CustomerParams: CustomerParams{InvoiceSettings: Some(CustomerInvoiceSettingsParams{
		DefaultPaymentMethod: Some(s.useCard(ada, "pm_card_mastercard"))})}})
	if e.Param != "invoice_settings[default_payment_method]" {
		t.Errorf("another's card as default: %+v", e)
	}
}
