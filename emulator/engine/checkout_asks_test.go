package engine

import (
	"strings"
	"testing"
)

// asksAll asks for everything that a session can ask.
func asksAll() CheckoutAskParams {
	return CheckoutAskParams{
		BillingAddress: Some("required"),
		Consent:        Some(CheckoutConsentParams{Promotions: Some("auto"), TermsOfService: Some("required")}),
		CustomFields: Some([]CheckoutField{
			{Key: "team", Label: CheckoutLabel{"custom", "Team"}, Type: "text", Text: Some(CheckoutEntry{Least: 2, Longest: 8})},
			{Key: "seats", Label: CheckoutLabel{"custom", "Seats"}, Type: "numeric", Optional: true},
			{Key: "size", Label: CheckoutLabel{"custom", "Size"}, Type: "dropdown", Dropdown: Some(CheckoutSelect{
				Default: "s", Options: []CheckoutOption{{"Small", "s"}, {"Large", "l"}}})},
		}),
		CustomText: Some(CheckoutTextParams{Submit: Some(CheckoutMessage{"At once"}), TermsOfService: Some(CheckoutMessage{"Agreed?"})}),
		Names:      Some(CheckoutNameParams{Individual: Some(CheckoutName{Enabled: true}), Business: Some(CheckoutName{Enabled: true, Optional: true})}),
		Phone:      Some(CheckoutPhoneParams{true}),
		TaxIDs:     Some(CheckoutTaxIDsParams{Enabled: true, Required: Some("if_supported")}),
	}
}

// answersAll answers what asksAll asks.
func answersAll() CheckoutAnswers {
	return CheckoutAnswers{
		Phone: "+442079460018", Address: Some(Address{Country: "GB", Line1: "12 St James's Square", City: "London", PostalCode: "SW1Y 4JH"}),
		IndividualName: "Ada Lovelace", TaxIDType: "gb_vat", TaxID: "GB123456789", Terms: true,
		Fields: map[string]string{"team": "Engines", "size": "l"},
	}
}

func TestWhatCheckoutAsksIsAnsweredOnTheSessionAndTheCustomer(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	session := s.do(checkout(s.price("Premium", 2000), func(c *CreateCheckoutSession) { c.CheckoutAskParams = asksAll() })).(*CheckoutSession)
	s.events()
	done := s.do(SubmitCheckout{Session: session.ID, Email: "ada@example.com", Card: card(goodCard), CheckoutAnswers: answersAll()}).(*CheckoutOutcome).Session
	s.wantEvents("submit", `charge.succeeded payment_method.attached customer.created customer.updated customer.tax_id.created checkout.session.completed
		customer.subscription.created payment_intent.created payment_intent.succeeded invoice.created invoice.finalized invoice.updated invoice.paid
		invoice.payment_succeeded invoice_payment.paid`)
	if *done.Consent != (CheckoutConsent{"opt_out", "accepted"}) || done.Asks.Fields[0].Answer != "Engines" || done.Asks.Fields[1].Answer != "" ||
		done.Asks.Fields[2].Answer != "l" || session.Asks.Fields[0].Answer != "" {
		t.Errorf("answered: %+v %+v", done.Consent, done.Asks.Fields)
	}
	d, cus := done.CustomerDetails, get[Customer](s, done.Customer)
	if d.Phone != "+442079460018" || d.Address.City != "London" || d.IndividualName != "Ada Lovelace" || d.TaxIDs[0] != (NamedTaxID{"gb_vat", "GB123456789"}) {
		t.Errorf("told: %+v", d)
	}
	if cus.Phone != d.Phone || cus.Address.Line1 != "12 St James's Square" || cus.IndividualName != "Ada Lovelace" {
		t.Errorf("the customer: %+v", cus)
	}
	if ids := s.World.TaxIDsOf(cus.ID); len(ids) != 1 || ids[0].Value != "GB123456789" {
		t.Errorf("tax ids: %+v", ids)
	}
	if inv := s.latest(done.Subscription); len(inv.CustomerTaxIDs) != 1 || inv.CustomerAddress == nil {
		t.Errorf("the invoice: %+v", inv)
	}
}

func TestAnIncompletePageIsRefusedByTheAnswerThatIsMissing(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	session := s.do(checkout(s.price("Premium", 2000), func(c *CreateCheckoutSession) { c.CheckoutAskParams = asksAll() })).(*CheckoutSession)
	for param, forget := range map[string]func(*CheckoutAnswers){
		"phone":               func(a *CheckoutAnswers) { a.Phone = "12" },
		"individual_name":     func(a *CheckoutAnswers) { a.IndividualName = " " },
		"country":             func(a *CheckoutAnswers) { a.Address = Some(Address{Line1: "Here", City: "London"}) },
		"line1":               func(a *CheckoutAnswers) { a.Address = Some(Address{Country: "GB", City: "London"}) },
		"city":                func(a *CheckoutAnswers) { a.Address = Some(Address{Country: "GB", Line1: "Here"}) },
		"tax_id":              func(a *CheckoutAnswers) { a.TaxID = "123" },
		"tax_id_type":         func(a *CheckoutAnswers) { a.TaxIDType = "" },
		"terms_of_service":    func(a *CheckoutAnswers) { a.Terms = false },
		"custom_fields[team]": func(a *CheckoutAnswers) { a.Fields = map[string]string{"team": "X", "size": "s"} },
		"custom_fields[size]": func(a *CheckoutAnswers) { a.Fields = map[string]string{"team": "Engines", "size": "m"} },
		"custom_fields[seats]": func(a *CheckoutAnswers) {
			a.Fields = map[string]string{"team": "Engines", "size": "s", "seats": "few"}
		},
	} {
		answers := answersAll()
		forget(&answers)
		if e := s.refuse(SubmitCheckout{Session: session.ID, Email: "ada@example.com", Card: card(goodCard), CheckoutAnswers: answers}); e.Param != param {
			t.Errorf("%s: %+v", param, e)
		}
		if wrong := answers.Problems(session); len(wrong) != 1 || wrong[0].Param != param {
			t.Errorf("%s: the page would say %v", param, wrong)
		}
	}
	if wrong := (CheckoutAnswers{}).Problems(session); len(wrong) != 9 {
		t.Errorf("an empty page says %d things: %v", len(wrong), wrong)
	}
}

func TestCustomerUpdateDecidesWhatAKnownCustomerTakesOver(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	price := s.price("Premium", 2000)
	for _, c := range []struct {
		update     CheckoutCustomerUpdate
		city, name string
	}{
		{CheckoutCustomerUpdate{Name: Some("auto"), Address: Some("never")}, "", "Engines Ltd"},
		{CheckoutCustomerUpdate{Name: Some("auto"), Address: Some("auto")}, "London", "Engines Ltd"},
	} {
		cus := s.customer("pm_card_visa")
		session := s.do(checkout(price, func(p *CreateCheckoutSession) {
			p.CheckoutAskParams, p.Customer = asksAll(), Some(cus)
			p.Names, p.CustomerUpdate = Opt[CheckoutNameParams]{}, Some(c.update)
		})).(*CheckoutSession)
		answers := answersAll()
		answers.BusinessName = "Engines Ltd"
		s.do(SubmitCheckout{Session: session.ID, Email: "ada@example.com", Card: card(goodCard), CheckoutAnswers: answers})
		got, city := get[Customer](s, cus), ""
		if got.Address != nil {
			city = got.Address.City
		}
		if got.Name != c.name || city != c.city {
			t.Errorf("%+v: %+v", c.update, got)
		}
	}
}

func TestQuestionsThatCannotBeAskedAreRefused(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	price := s.price("Premium", 2000)
	ask := func(fields ...CheckoutField) CheckoutAskParams { return CheckoutAskParams{CustomFields: Some(fields)} }
	field := CheckoutField{Key: "team", Label: CheckoutLabel{"custom", "Team"}, Type: "text"}
	with := func(change func(*CheckoutField)) CheckoutField { f := field; change(&f); return f }
	for name, c := range map[string]struct {
		asks  CheckoutAskParams
		param string
	}{
		"four fields":         {ask(field, field, field, field), "custom_fields"},
		"a key twice":         {ask(field, field), "custom_fields[1][key]"},
		"a key with a dash":   {ask(with(func(f *CheckoutField) { f.Key = "a-b" })), "custom_fields[0][key]"},
		"no label":            {ask(with(func(f *CheckoutField) { f.Label.Custom = "" })), "custom_fields[0][label][custom]"},
		"a long label":        {ask(with(func(f *CheckoutField) { f.Label.Custom = strings.Repeat("x", 51) })), "custom_fields[0][label][custom]"},
		"another type":        {ask(with(func(f *CheckoutField) { f.Numeric = Some(CheckoutEntry{}) })), "custom_fields[0][numeric]"},
		"an unknown type":     {ask(with(func(f *CheckoutField) { f.Type = "date" })), "custom_fields[0][type]"},
		"bounds turned round": {ask(with(func(f *CheckoutField) { f.Text = Some(CheckoutEntry{Least: 3, Longest: 2}) })), "custom_fields[0][text][minimum_length]"},
		"too long":            {ask(with(func(f *CheckoutField) { f.Text = Some(CheckoutEntry{Longest: 256}) })), "custom_fields[0][text][maximum_length]"},
		"a default too long":  {ask(with(func(f *CheckoutField) { f.Text = Some(CheckoutEntry{Longest: 2, Default: "abc"}) })), "custom_fields[0][text][default_value]"},
		"no options":          {ask(with(func(f *CheckoutField) { f.Type = "dropdown" })), "custom_fields[0][dropdown][options]"},
		"an option twice": {ask(with(func(f *CheckoutField) {
			f.Type, f.Dropdown = "dropdown", Some(CheckoutSelect{Options: []CheckoutOption{{"A", "a"}, {"B", "a"}}})
		})), "custom_fields[0][dropdown][options][1][value]"},
		"a default that is no option": {ask(with(func(f *CheckoutField) {
			f.Type, f.Dropdown = "dropdown", Some(CheckoutSelect{Default: "x", Options: []CheckoutOption{{"A", "a"}}})
		})), "custom_fields[0][dropdown][default_value]"},
		"terms that nobody asks of": {CheckoutAskParams{CustomText: Some(CheckoutTextParams{TermsOfService: Some(CheckoutMessage{"Yes"})})}, "custom_text[terms_of_service_acceptance]"},
	} {
		if e := s.refuse(checkout(price, func(p *CreateCheckoutSession) { p.CheckoutAskParams = c.asks })); e.Param != c.param {
			t.Errorf("%s: %+v", name, e)
		}
	}
	if e := s.refuse(checkout(price, func(p *CreateCheckoutSession) { p.CustomerUpdate = Some(CheckoutCustomerUpdate{Name: Some("auto")}) })); e.Param != "customer_update" {
		t.Errorf("an update of nobody: %v", e)
	}
	if e := s.refuse(checkout(price, func(p *CreateCheckoutSession) {
		p.TaxIDs, p.Customer = Some(CheckoutTaxIDsParams{Enabled: true}), Some(s.customer("pm_card_visa"))
	})); e.Param != "tax_id_collection[enabled]" {
		t.Errorf("tax ids of a customer whose name may not change: %v", e)
	}
}
