package engine

import (
	"fmt"
	"slices"
	"strings"
)

// What the page of a Checkout session asks of the payer beside the card, as the application wants it. Payment links ask the same.

// CheckoutAskParams are the parameters by which a session or a payment link asks for something.
type CheckoutAskParams struct {
	BillingAddress Opt[string]                `form:"billing_address_collection"`
	Consent        Opt[CheckoutConsentParams] `form:"consent_collection"`
	CustomFields   Opt[[]CheckoutField]       `form:"custom_fields"`
	CustomText     Opt[CheckoutTextParams]    `form:"custom_text"`
	Names          Opt[CheckoutNameParams]    `form:"name_collection"`
	Phone          Opt[CheckoutPhoneParams]   `form:"phone_number_collection"`
	TaxIDs         Opt[CheckoutTaxIDsParams]  `form:"tax_id_collection"`
}

// CheckoutConsentParams are consent_collection.
type CheckoutConsentParams struct {
	Promotions     Opt[string]              `form:"promotions"`
	Reuse          Opt[CheckoutReuseParams] `form:"payment_method_reuse_agreement"`
	TermsOfService Opt[string]              `form:"terms_of_service"`
}

// CheckoutReuseParams say where the text about a saved card stands.
type CheckoutReuseParams struct {
	Position string `form:"position"`
}

// CheckoutField is one question of the application's own, with its answer.
type CheckoutField struct {
	Key      string              `form:"key"`
	Label    CheckoutLabel       `form:"label"`
	Type     string              `form:"type"`
	Optional bool                `form:"optional"`
	Dropdown Opt[CheckoutSelect] `form:"dropdown"`
	Numeric  Opt[CheckoutEntry]  `form:"numeric"`
	Text     Opt[CheckoutEntry]  `form:"text"`
	Answer   string
}

// CheckoutLabel is what a question is called.
type CheckoutLabel struct {
	Type   string `form:"type"`
	Custom string `form:"custom"`
}

// CheckoutSelect is a question with given answers.
type CheckoutSelect struct {
	Default string           `form:"default_value"`
	Options []CheckoutOption `form:"options"`
}

// CheckoutOption is one of them.
type CheckoutOption struct {
	Label string `form:"label"`
	Value string `form:"value"`
}

// CheckoutEntry is a question that is answered by typing.
type CheckoutEntry struct {
	Default string `form:"default_value"`
	Longest int64  `form:"maximum_length"`
	Least   int64  `form:"minimum_length"`
}

// CheckoutTextParams are custom_text.
type CheckoutTextParams struct {
	AfterSubmit    Opt[CheckoutMessage] `form:"after_submit"`
	Submit         Opt[CheckoutMessage] `form:"submit"`
	TermsOfService Opt[CheckoutMessage] `form:"terms_of_service_acceptance"`
}

// CheckoutMessage is one text of the application on the page.
type CheckoutMessage struct {
	Message string `form:"message"`
}

// CheckoutNameParams are name_collection.
type CheckoutNameParams struct {
	Business   Opt[CheckoutName] `form:"business"`
	Individual Opt[CheckoutName] `form:"individual"`
}

// CheckoutName says whether a name is asked for, and whether it may stay empty.
type CheckoutName struct {
	Enabled  bool `form:"enabled"`
	Optional bool `form:"optional"`
}

// CheckoutPhoneParams are phone_number_collection.
type CheckoutPhoneParams struct {
	Enabled bool `form:"enabled"`
}

// CheckoutTaxIDsParams are tax_id_collection.
type CheckoutTaxIDsParams struct {
	Enabled  bool        `form:"enabled"`
	Required Opt[string] `form:"required"`
}

// CheckoutCustomerUpdate are customer_update: what of the answers is written to the customer.
type CheckoutCustomerUpdate struct {
	Address  Opt[string] `form:"address"`
	Name     Opt[string] `form:"name"`
	Shipping Opt[string] `form:"shipping"`
}

// CheckoutAsks are what a page asks for.
type CheckoutAsks struct {
	BillingAddress string // billing_address_collection
	Consent        *CheckoutConsents
	Fields         []CheckoutField
	AfterSubmit    string
	Submit         string
	TermsText      string
	Business       *CheckoutName
	Individual     *CheckoutName
	Phone          bool
	TaxIDs         bool
	TaxIDRequired  string
	UpdateAddress  bool
	UpdateName     bool
}

// CheckoutConsents are the consents that are asked for (consent_collection).
type CheckoutConsents struct {
	Promotions     string
	TermsOfService string
	Reuse          string // the position of payment_method_reuse_agreement
}

// CheckoutConsent is what the payer consented to.
type CheckoutConsent struct {
	Promotions     string
	TermsOfService string
}

// Limits of custom fields.
const (
	customFieldsMax  = 3
	customOptionsMax = 200
	customLabelMax   = 50
	customTextMax    = 255
)

// fill reads the parameters into what is asked so far: for an update an absent one leaves its question.
func (p CheckoutAskParams) fill(asks *CheckoutAsks) error {
	p.BillingAddress.Set(&asks.BillingAddress)
	if v := asks.BillingAddress; v != "" {
		if err := oneOf("billing_address_collection", v, "auto", "required"); err != nil {
			return err
		}
	}
	if c, ok := p.Consent.Get(); ok {
		asks.Consent = &CheckoutConsents{
			Promotions: c.Promotions.Or(""), TermsOfService: c.TermsOfService.Or(""), Reuse: c.Reuse.Or(CheckoutReuseParams{}).Position,
		}
	}
	if fields, ok := p.CustomFields.Get(); ok {
		if err := checkFields(fields); err != nil {
			return err
		}
		asks.Fields = fields
	} else if p.CustomFields.Cleared() {
		asks.Fields = nil
	}
	asks.Phone = p.Phone.Or(CheckoutPhoneParams{asks.Phone}).Enabled
	if names, ok := p.Names.Get(); ok {
		asks.Business, asks.Individual = pointer(names.Business), pointer(names.Individual)
	} else if p.Names.Cleared() {
		asks.Business, asks.Individual = nil, nil
	}
	if ids, ok := p.TaxIDs.Get(); ok {
		asks.TaxIDs, asks.TaxIDRequired = ids.Enabled, ids.Required.Or("never")
	}
	return p.CustomText.Or(CheckoutTextParams{}).fill(asks)
}

func (p CheckoutTextParams) fill(asks *CheckoutAsks) error {
	for _, text := range []struct {
		given Opt[CheckoutMessage]
		field *string
	}{{p.AfterSubmit, &asks.AfterSubmit}, {p.Submit, &asks.Submit}, {p.TermsOfService, &asks.TermsText}} {
		if text.given.Given() {
			*text.field = text.given.Or(CheckoutMessage{}).Message
		}
	}
	if asks.TermsText != "" && !asks.wantsTerms() {
		return invalid("custom_text[terms_of_service_acceptance]", "",
			"`custom_text[terms_of_service_acceptance]` can only be used when `consent_collection[terms_of_service]` is `required`.")
	}
	return nil
}

// fill reads what of the answers is written to the customer.
func (p CheckoutCustomerUpdate) fill(asks *CheckoutAsks) error {
	if p.Shipping.Or("never") != "never" {
		return unsupported("customer_update[shipping]", p.Shipping.Or(""))
	}
	asks.UpdateAddress, asks.UpdateName = p.Address.Or("never") == "auto", p.Name.Or("never") == "auto"
	return nil
}

// wantsTerms says whether the payer must agree to the terms of service.
func (a *CheckoutAsks) wantsTerms() bool {
	return a.Consent != nil && a.Consent.TermsOfService == "required"
}

// checkFields refuses questions that cannot be asked.
func checkFields(fields []CheckoutField) error {
	if len(fields) > customFieldsMax {
		return invalid("custom_fields", "", "You can specify at most %d custom fields.", customFieldsMax)
	}
	for i, f := range fields {
		at := element("custom_fields", i)
		switch {
		case f.Key == "" || strings.Trim(f.Key, alphabet) != "":
			return invalid(at+"[key]", "", "The key of a custom field must be alphanumeric.")
		case slices.ContainsFunc(fields[:i], func(other CheckoutField) bool { return other.Key == f.Key }):
			return invalid(at+"[key]", "", "The keys of custom fields must be unique: %s is there more than once.", f.Key)
		case f.Label.Type != "custom":
			return invalid(at+"[label][type]", "", "Invalid %s[label][type]: must be custom", at)
		case f.Label.Custom == "":
			return required(at + "[label][custom]")
		case len([]rune(f.Label.Custom)) > customLabelMax:
			return invalid(at+"[label][custom]", "", "The label of a custom field can have at most %d characters.", customLabelMax)
		}
		if err := f.checkType(at); err != nil {
			return err
		}
	}
	return nil
}

// checkType holds the settings of a question against its type.
func (f CheckoutField) checkType(at string) error {
	for _, part := range []struct {
		kind  string
		given bool
	}{{"dropdown", f.Dropdown.Given()}, {"numeric", f.Numeric.Given()}, {"text", f.Text.Given()}} {
		if part.given && part.kind != f.Type {
			return invalid(fmt.Sprintf("%s[%s]", at, part.kind), "", "`%s` can only be set on a custom field of that type.", part.kind)
		}
	}
	switch f.Type {
	case "dropdown":
		return f.Dropdown.Or(CheckoutSelect{}).check(at + "[dropdown]")
	case "numeric":
		return f.Numeric.Or(CheckoutEntry{}).check(at+"[numeric]", decimalDigits)
	case "text":
		return f.Text.Or(CheckoutEntry{}).check(at+"[text]", "")
	}
	return oneOf(at+"[type]", f.Type, "dropdown", "numeric", "text")
}

const decimalDigits = "0123456789"

func (d CheckoutSelect) check(at string) error {
	if len(d.Options) == 0 {
		return required(at + "[options]")
	}
	if len(d.Options) > customOptionsMax {
		return invalid(at+"[options]", "", "A dropdown can have at most %d options.", customOptionsMax)
	}
	for i, o := range d.Options {
		value := fmt.Sprintf("%s[options][%d][value]", at, i)
		switch {
		case o.Value == "" || strings.Trim(o.Value, alphabet) != "":
			return invalid(value, "", "The value of an option must be alphanumeric.")
		case slices.ContainsFunc(d.Options[:i], func(other CheckoutOption) bool { return other.Value == o.Value }):
			return invalid(value, "", "The values of options must be unique: %s is there more than once.", o.Value)
		}
	}
	if d.Default != "" && !d.offers(d.Default) {
		return invalid(at+"[default_value]", "", "The default value must be the value of one of the options.")
	}
	return nil
}

func (d CheckoutSelect) offers(value string) bool {
	return slices.ContainsFunc(d.Options, func(o CheckoutOption) bool { return o.Value == value })
}

// check holds the bounds of an entry against each other; only names the characters that its answers are made of, "" for any.
func (e CheckoutEntry) check(at, only string) error {
	if e.Longest < 0 || e.Longest > customTextMax {
		return invalid(at+"[maximum_length]", "", "The maximum length must be between 1 and %d.", customTextMax)
	}
	if e.Least < 0 || e.Longest != 0 && e.Least > e.Longest || e.Least > customTextMax {
		return invalid(at+"[minimum_length]", "", "The minimum length must not be above the maximum length.")
	}
	if e.Default != "" && !e.takes(e.Default, only) {
		return invalid(at+"[default_value]", "", "The default value must be one that the field takes.")
	}
	return nil
}

// takes says whether a text can be the answer.
func (e CheckoutEntry) takes(text, only string) bool {
	n, most := int64(len([]rune(text))), e.Longest
	if most == 0 {
		most = customTextMax
	}
	return n >= e.Least && n <= most && (only == "" || strings.Trim(text, only) == "")
}
