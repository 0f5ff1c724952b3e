package pages

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/internal/design"
)

// What the Checkout page asks beside the card. Names and ids are those of Stripe's own Checkout where it has the same question.

// checkoutQuestions are the fields that a session asks for, by where they stand on the page.
type checkoutQuestions struct {
	Contact []design.Field
	Address []design.Field
	Tax     []design.Field
	Own     []design.Field // custom_fields
	Checks  []checkoutCheck
	Submit  string // the application's text beside the button
	After   string // and below it
}

// checkoutCheck is a box to tick.
type checkoutCheck struct {
	Name, Text, Error string
	Ticked            bool
}

// customPrefix begins the names of the application's own questions.
const customPrefix = "custom-"

// answerFields say beside which field the page shows what is wrong with an answer.
var answerFields = map[string]string{
	"phone": "phoneNumber", "individual_name": "individualName", "business_name": "businessName", "country": "billingCountry",
	"line1": "billingAddressLine1", "city": "billingLocality", "tax_id": "taxId", "tax_id_type": "taxIdType",
	"terms_of_service": "termsOfServiceConsentCheckbox", "promotion_code": "promotionCode",
}

// answerField is the name of the field of an answer, "" where the page has none.
func answerField(param string) string {
	if key, ok := strings.CutPrefix(param, "custom_fields["); ok {
		return customPrefix + strings.TrimSuffix(key, "]")
	}
	return answerFields[param]
}

// answersOf are the answers of a form that was sent.
func answersOf(r *http.Request, s *engine.CheckoutSession) engine.CheckoutAnswers {
	typed := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	a := engine.CheckoutAnswers{
		Phone: typed("phoneNumber"), BusinessName: typed("businessName"), IndividualName: typed("individualName"),
		TaxIDType: typed("taxIdType"), TaxID: typed("taxId"),
		Terms: typed("termsOfServiceConsentCheckbox") != "", Promotions: typed("promotionsConsentCheckbox") != "",
	}
	if s.Asks.BillingAddress == "required" {
		a.Address = engine.Some(engine.Address{
			City: typed("billingLocality"), Country: typed("billingCountry"), Line1: typed("billingAddressLine1"), Line2: typed("billingAddressLine2"),
			PostalCode: typed("billingPostalCode"), State: typed("billingAdministrativeArea"),
		})
	}
	for _, f := range s.Asks.Fields {
		if a.Fields == nil {
			a.Fields = map[string]string{}
		}
		a.Fields[f.Key] = typed(customPrefix + f.Key)
	}
	return a
}

// questionsOf are the questions of a session: answered as typed in the form that was sent, else with what is known.
func questionsOf(w *engine.World, s *engine.CheckoutSession, r *http.Request, wrong problems) checkoutQuestions {
	sent := r.Method == http.MethodPost || r.URL.Query().Has("card") // a test card was filled into a form half typed
	field := func(f design.Field, known string) design.Field {
		f.ID, f.Error, f.Value = f.Name, wrong[f.Name], known
		if sent {
			f.Value = r.FormValue(f.Name)
		}
		return f
	}
	known := engine.Customer{}
	if c, ok := engine.Get[engine.Customer](w, s.Customer); ok {
		known = *c
	}
	q := checkoutQuestions{Submit: s.Asks.Submit, After: s.Asks.AfterSubmit}
	if s.Asks.Phone {
		q.Contact = append(q.Contact, field(design.Field{Name: "phoneNumber", Label: "Phone", Type: "tel", Autocomplete: "tel", MaxLength: 20}, known.Phone))
	}
	if ask := s.Asks.Individual; ask != nil && ask.Enabled {
		q.Contact = append(q.Contact, field(design.Field{Name: "individualName", Label: optionally("Full name", ask.Optional), Autocomplete: "name", MaxLength: 150}, known.IndividualName))
	}
	business := s.Asks.Business
	if business != nil && business.Enabled {
		q.Contact = append(q.Contact, field(design.Field{Name: "businessName", Label: optionally("Business name", business.Optional), Autocomplete: "organization", MaxLength: 150}, known.BusinessName))
	}
	if s.Asks.BillingAddress == "required" {
		q.Address = addressQuestions(field, known.Address)
	}
	if s.Asks.TaxIDs {
		optional := s.Asks.TaxIDRequired != "if_supported"
		if business == nil {
			q.Tax = append(q.Tax, field(design.Field{Name: "businessName", Label: "Business name (optional)", Autocomplete: "organization", MaxLength: 150}, known.Name))
		}
		q.Tax = append(q.Tax, field(design.Field{Name: "taxIdType", Label: optionally("Kind of tax ID", optional), Options: taxIDOptions}, ""),
			field(design.Field{Name: "taxId", Label: optionally("Tax ID", optional), MaxLength: 50}, ""))
	}
	for _, f := range s.Asks.Fields {
		q.Own = append(q.Own, field(ownQuestion(f), defaultAnswer(f)))
	}
	q.Checks = consentChecks(w, s, r, wrong)
	return q
}

func optionally(label string, optional bool) string {
	if optional {
		return label + " (optional)"
	}
	return label
}

func addressQuestions(field func(design.Field, string) design.Field, known *engine.Address) []design.Field {
	a := engine.Address{}
	if known != nil {
		a = *known
	}
	return []design.Field{
		field(design.Field{Name: "billingCountry", Label: "Country", Options: countryOptions, Autocomplete: "billing country"}, a.Country),
		field(design.Field{Name: "billingAddressLine1", Label: "Address", Autocomplete: "billing address-line1", MaxLength: 200}, a.Line1),
		field(design.Field{Name: "billingAddressLine2", Label: "Flat, floor, … (optional)", Autocomplete: "billing address-line2", MaxLength: 200}, a.Line2),
		field(design.Field{Name: "billingPostalCode", Label: "Postal code", Autocomplete: "billing postal-code", MaxLength: 20}, a.PostalCode),
		field(design.Field{Name: "billingLocality", Label: "City", Autocomplete: "billing address-level2", MaxLength: 200}, a.City),
		field(design.Field{Name: "billingAdministrativeArea", Label: "State or province (optional)", Autocomplete: "billing address-level1", MaxLength: 200}, a.State),
	}
}

// ownQuestion is a question of the application's own.
func ownQuestion(f engine.CheckoutField) design.Field {
	out := design.Field{Name: customPrefix + f.Key, Label: optionally(f.Label.Custom, f.Optional)}
	entry := f.Text.Or(engine.CheckoutEntry{})
	switch f.Type {
	case "dropdown":
		out.Options = []design.Option{{Text: "Choose"}}
		for _, o := range f.Dropdown.Or(engine.CheckoutSelect{}).Options {
			out.Options = append(out.Options, design.Option{Value: o.Value, Text: o.Label})
		}
		return out
	case "numeric":
		out.InputMode = "numeric"
		entry = f.Numeric.Or(engine.CheckoutEntry{})
	}
	if entry.Longest > 0 {
		out.MaxLength = int(entry.Longest)
	}
	if entry.Least > 1 {
		out.Hint = "At least " + strconv.FormatInt(entry.Least, 10) + " characters"
	}
	return out
}

// defaultAnswer is what an own question is answered with before anybody typed.
func defaultAnswer(f engine.CheckoutField) string {
	switch f.Type {
	case "dropdown":
		return f.Dropdown.Or(engine.CheckoutSelect{}).Default
	case "numeric":
		return f.Numeric.Or(engine.CheckoutEntry{}).Default
	}
	return f.Text.Or(engine.CheckoutEntry{}).Default
}

func consentChecks(w *engine.World, s *engine.CheckoutSession, r *http.Request, wrong problems) []checkoutCheck {
	asked := s.Asks.Consent
	if asked == nil {
		return nil
	}
	company := w.Settings().AccountName
	var out []checkoutCheck
	add := func(name, text string) {
		out = append(out, checkoutCheck{Name: name, Text: text, Error: wrong[name], Ticked: r.FormValue(name) != ""})
	}
	if asked.Promotions == "auto" {
		add("promotionsConsentCheckbox", company+" may tell me about news and offers by e-mail.")
	}
	if asked.TermsOfService == "required" {
		text := "I agree to the terms of service of " + company + "."
		if s.Asks.TermsText != "" {
			text = s.Asks.TermsText
		}
		add("termsOfServiceConsentCheckbox", text)
	}
	return out
}

// taxIDOptions are the kinds of tax ids that the page offers.
var taxIDOptions = []design.Option{
	{Text: "Choose"}, {Value: "eu_vat", Text: "EU VAT"}, {Value: "gb_vat", Text: "GB VAT"}, {Value: "us_ein", Text: "US EIN"}, {Value: "ch_vat", Text: "CH VAT"},
	{Value: "no_vat", Text: "NO VAT"}, {Value: "au_abn", Text: "AU ABN"}, {Value: "nz_gst", Text: "NZ GST"}, {Value: "ca_bn", Text: "CA BN"},
	{Value: "in_gst", Text: "IN GST"}, {Value: "jp_trn", Text: "JP TRN"}, {Value: "sg_gst", Text: "SG GST"}, {Value: "br_cnpj", Text: "BR CNPJ"},
	{Value: "mx_rfc", Text: "MX RFC"}, {Value: "za_vat", Text: "ZA VAT"}, {Value: "ae_trn", Text: "AE TRN"},
}

// countryOptions are the countries of a billing address, by name.
var countryOptions = countries(`AR Argentina,AU Australia,AT Austria,BE Belgium,BR Brazil,BG Bulgaria,CA Canada,CL Chile,CN China,CO Colombia,HR Croatia,CY Cyprus,
CZ Czechia,DK Denmark,EG Egypt,EE Estonia,FI Finland,FR France,DE Germany,GR Greece,HK Hong Kong,HU Hungary,IS Iceland,IN India,ID Indonesia,IE Ireland,IL Israel,
IT Italy,JP Japan,KE Kenya,KR South Korea,LV Latvia,LI Liechtenstein,LT Lithuania,LU Luxembourg,MY Malaysia,MT Malta,MX Mexico,NL Netherlands,NZ New Zealand,
NG Nigeria,NO Norway,PH Philippines,PL Poland,PT Portugal,RO Romania,SA Saudi Arabia,RS Serbia,SG Singapore,SK Slovakia,SI Slovenia,ZA South Africa,ES Spain,
SE Sweden,CH Switzerland,TW Taiwan,TH Thailand,TR Türkiye,UA Ukraine,AE United Arab Emirates,GB United Kingdom,US United States,UY Uruguay,VN Vietnam`)

func countries(list string) []design.Option {
	out := []design.Option{{Text: "Choose"}}
	for entry := range strings.SplitSeq(list, ",") {
		code, name, _ := strings.Cut(strings.TrimSpace(entry), " ")
		out = append(out, design.Option{Value: code, Text: name})
	}
	slices.SortStableFunc(out[1:], func(a, b design.Option) int { return strings.Compare(a.Text, b.Text) })
	return out
}
