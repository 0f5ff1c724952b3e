package engine

import (
	"slices"
	"strings"
)

// CheckoutAnswers are what a payer tells on the page beside the card.
type CheckoutAnswers struct {
	Phone          string            `form:"phone"`
	Address        Opt[Address]      `form:"address"`
	BusinessName   string            `form:"business_name"`
	IndividualName string            `form:"individual_name"`
	TaxIDType      string            `form:"tax_id_type"`
	TaxID          string            `form:"tax_id"`
	Terms          bool              `form:"terms_of_service"`
	Promotions     bool              `form:"promotions"`
	Fields         map[string]string `form:"custom_fields"`
}

// take writes the answers into a session. What is missing or cannot be is refused, by the name of the answer.
func (a CheckoutAnswers) take(s *CheckoutSession) error {
	if refused := a.fill(s); len(refused) > 0 {
		return refused[0]
	}
	return nil
}

// Problems are all that is wrong with the answers to a session, in the order of its page.
func (a CheckoutAnswers) Problems(s *CheckoutSession) []*Error {
	tried := *s
	details := CheckoutDetails{}
	if s.CustomerDetails != nil {
		details = *s.CustomerDetails
	}
	tried.CustomerDetails = &details
	return a.fill(&tried)
}

func (a CheckoutAnswers) fill(s *CheckoutSession) []*Error {
	return slices.Concat(a.contact(s), a.address(s), a.taxID(s), a.fields(s), a.consent(s))
}

// unanswered refuses a page that was left incomplete.
func unanswered(answer, format string, args ...any) *Error {
	return invalid(answer, "checkout_incomplete", format, args...)
}

func (a CheckoutAnswers) contact(s *CheckoutSession) (refused []*Error) {
	d := s.CustomerDetails
	if s.Asks.Phone {
		if d.Phone = firstText(a.Phone, d.Phone); len(strings.Trim(d.Phone, "+-() ")) < phoneDigitsMin {
			refused = append(refused, unanswered("phone", "Enter your phone number."))
		}
	}
	for _, name := range []struct {
		ask         *CheckoutName
		answer      string
		field       *string
		param, text string
	}{
		{s.Asks.Individual, a.IndividualName, &d.IndividualName, "individual_name", "Enter your name."},
		{s.Asks.Business, a.BusinessName, &d.BusinessName, "business_name", "Enter the name of your business."},
	} {
		if name.ask == nil || !name.ask.Enabled {
			continue
		}
		if *name.field = firstText(name.answer, *name.field); *name.field == "" && !name.ask.Optional {
			refused = append(refused, unanswered(name.param, "%s", name.text))
		}
	}
	return refused
}

// phoneDigitsMin is how short a phone number can be.
const phoneDigitsMin = 5

func firstText(texts ...string) string {
	for _, text := range texts {
		if text = strings.TrimSpace(text); text != "" {
			return text
		}
	}
	return ""
}

func (a CheckoutAnswers) address(s *CheckoutSession) (refused []*Error) {
	if s.Asks.BillingAddress != "required" {
		return nil
	}
	if told, ok := a.Address.Get(); ok {
		s.CustomerDetails.Address = &told
	}
	known := Address{}
	if s.CustomerDetails.Address != nil {
		known = *s.CustomerDetails.Address
	}
	for _, part := range []struct{ value, param, text string }{
		{known.Country, "country", "Choose your country."}, {known.Line1, "line1", "Enter your address."},
		{known.City + known.PostalCode, "city", "Enter your city."},
	} {
		if strings.TrimSpace(part.value) == "" {
			refused = append(refused, unanswered(part.param, "%s", part.text))
		}
	}
	return refused
}

func (a CheckoutAnswers) taxID(s *CheckoutSession) []*Error {
	if !s.Asks.TaxIDs {
		return nil
	}
	s.CustomerDetails.TaxIDs = nil
	value := strings.TrimSpace(a.TaxID)
	switch {
	case value == "" && s.Asks.TaxIDRequired == "if_supported":
		return []*Error{unanswered("tax_id", "Enter your tax ID.")}
	case value == "":
		return nil
	case a.TaxIDType == "":
		return []*Error{unanswered("tax_id_type", "Choose what kind of tax ID it is.")}
	case !taxIDFits(a.TaxIDType, value):
		return []*Error{unanswered("tax_id", "This is no %s.", strings.ToUpper(strings.ReplaceAll(a.TaxIDType, "_", " ")))}
	}
	s.CustomerDetails.TaxIDs = []NamedTaxID{{a.TaxIDType, value}}
	if a.BusinessName != "" { // an invoice with a tax id is made out to the business
		s.CustomerDetails.Name = strings.TrimSpace(a.BusinessName)
	}
	return nil
}

func (a CheckoutAnswers) consent(s *CheckoutSession) []*Error {
	asked := s.Asks.Consent
	if asked == nil {
		return nil
	}
	s.Consent = &CheckoutConsent{}
	if asked.Promotions == "auto" {
		if s.Consent.Promotions = "opt_out"; a.Promotions {
			s.Consent.Promotions = "opt_in"
		}
	}
	if !s.Asks.wantsTerms() {
		return nil
	}
	if !a.Terms {
		return []*Error{unanswered("terms_of_service", "Agree to the terms of service to go on.")}
	}
	s.Consent.TermsOfService = "accepted"
	return nil
}

func (a CheckoutAnswers) fields(s *CheckoutSession) (refused []*Error) {
	if len(s.Asks.Fields) == 0 {
		return nil
	}
	answered := make([]CheckoutField, len(s.Asks.Fields))
	for i, f := range s.Asks.Fields {
		f.Answer = strings.TrimSpace(a.Fields[f.Key])
		answered[i] = f
		if err := f.checkAnswer(); err != nil {
			refused = append(refused, err)
		}
	}
	s.Asks.Fields = answered
	return refused
}

// checkAnswer refuses an answer that the question does not take.
func (f CheckoutField) checkAnswer() *Error {
	param := "custom_fields[" + f.Key + "]"
	if f.Answer == "" {
		if f.Optional {
			return nil
		}
		return unanswered(param, "%s is required.", f.Label.Custom)
	}
	entry, only := f.Text.Or(CheckoutEntry{}), ""
	switch f.Type {
	case "dropdown":
		if !f.Dropdown.Or(CheckoutSelect{}).offers(f.Answer) {
			return unanswered(param, "Choose one of the answers.")
		}
		return nil
	case "numeric":
		entry, only = f.Numeric.Or(CheckoutEntry{}), decimalDigits
	}
	if entry.takes(f.Answer, only) {
		return nil
	}
	if only != "" && strings.Trim(f.Answer, only) != "" {
		return unanswered(param, "Enter digits only.")
	}
	if entry.Longest == 0 {
		entry.Longest = customTextMax
	}
	return unanswered(param, "Enter between %d and %d characters.", max(entry.Least, 1), entry.Longest)
}

// makesCustomer says whether a payer who is no customer yet becomes one.
func (s *CheckoutSession) makesCustomer() bool {
	return s.Mode == ModeSubscription || s.Mode == ModePayment && (s.CustomerCreation == CollectAlways || s.InvoiceCreation.Enabled || s.PaymentData.SetupFutureUsage != "")
}

// checkoutCustomer makes the customer of a payer who was none, where the session asks for one.
func (t *tx) checkoutCustomer(s *CheckoutSession) error {
	if s.Customer != "" || !s.makesCustomer() {
		return nil
	}
	d := s.CustomerDetails
	told := CustomerParams{Email: Some(d.Email), Name: Some(d.Name), Phone: Some(d.Phone)}
	if d.Address != nil {
		told.Address = Some(*d.Address)
	}
	if d.BusinessName != "" {
		told.BusinessName = Some(d.BusinessName)
	}
	if d.IndividualName != "" {
		told.IndividualName = Some(d.IndividualName)
	}
	made, err := CreateCustomer{CustomerParams: told}.apply(t)
	if err != nil {
		return err
	}
	s.Customer = made.(*Customer).ID
	stored := *s // the caller goes on changing its own
	put(t, &stored)
	return nil
}

// tellCustomer writes to the session's customer what its payer told and customer_update lets through: name and address where it says so, the
// other answers always.
func (t *tx) tellCustomer(s *CheckoutSession) error {
	before, ok := Get[Customer](t.world, s.Customer)
	if !ok || before.Deleted || s.CustomerDetails == nil {
		return nil
	}
	after, d := *before, s.CustomerDetails
	if s.Asks.Phone {
		after.Phone = d.Phone
	}
	if s.Asks.Business != nil {
		after.BusinessName = d.BusinessName
	}
	if s.Asks.Individual != nil {
		after.IndividualName = d.IndividualName
	}
	if s.Asks.UpdateName && d.Name != "" {
		after.Name = d.Name
	}
	if s.Asks.UpdateAddress && d.Address != nil {
		after.Address = d.Address
	}
	customer := update(t, "customer.updated", before, &after)
	for _, id := range d.TaxIDs {
		if t.hasTaxID(customer.ID, id) {
			continue
		}
		if _, err := t.newTaxID(customer, id.Type, id.Value, "tax_id"); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) hasTaxID(customer string, id NamedTaxID) bool {
	for _, has := range t.namedTaxIDs(customer) {
		if has == id {
			return true
		}
	}
	return false
}
