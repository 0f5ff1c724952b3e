package pages

import "github.com/dues-billing/dues/internal/design"

// galleryQuestions is a Checkout page that asks everything it can ask.
func galleryQuestions(v checkoutView, wrong bool) checkoutView {
	told := func(f design.Field, problem string) design.Field {
		if f.ID = f.Name; wrong {
			f.Value, f.Error = "", problem
		}
		return f
	}
	v.Form.WithAddress = true
	v.Asks = checkoutQuestions{
		Contact: []design.Field{
			told(design.Field{Name: "phoneNumber", Label: "Phone", Value: "+44 20 7946 0018"}, "Enter your phone number."),
			told(design.Field{Name: "individualName", Label: "Full name", Value: "Ada Lovelace"}, "Enter your name."),
		},
		Address: []design.Field{
			told(design.Field{Name: "billingCountry", Label: "Country", Options: countryOptions, Value: "GB"}, "Choose your country."),
			told(design.Field{Name: "billingAddressLine1", Label: "Address", Value: "12 St James's Square"}, "Enter your address."),
			told(design.Field{Name: "billingPostalCode", Label: "Postal code", Value: "SW1Y 4JH"}, ""),
			told(design.Field{Name: "billingLocality", Label: "City", Value: "London"}, "Enter your city."),
		},
		Tax: []design.Field{
			told(design.Field{Name: "businessName", Label: "Business name (optional)", Value: "Analytical Engines Ltd"}, ""),
			told(design.Field{Name: "taxIdType", Label: "Kind of tax ID (optional)", Options: taxIDOptions, Value: "gb_vat"}, ""),
			told(design.Field{Name: "taxId", Label: "Tax ID (optional)", Value: "GB123456789"}, "This is no GB VAT."),
		},
		Own: []design.Field{
			told(design.Field{Name: "custom-team", Label: "Team name", Value: "Engines"}, "Team name is required."),
			told(design.Field{Name: "custom-size", Label: "Team size (optional)", Options: []design.Option{{Text: "Choose"}, {Value: "s", Text: "1 to 10"}, {Value: "l", Text: "11 and more"}}, Value: "s"}, ""),
		},
		Checks: []checkoutCheck{
			{Name: "promotionsConsentCheckbox", Text: "Northwind may tell me about news and offers by e-mail."},
			{Name: "termsOfServiceConsentCheckbox", Text: "I agree to the terms of service of Northwind.", Ticked: !wrong},
		},
		Submit: "Your plan starts as soon as you confirm.",
		After:  "Questions? Write to help@northwind.example.",
	}
	if wrong {
		v.Asks.Checks[1].Error = "Agree to the terms of service to go on."
	}
	return v
}

// galleryBasket is a Checkout page whose order can be changed.
func galleryBasket(v checkoutView, wrong bool) checkoutView {
	quantity := design.Field{Name: "quantity", ID: "quantity-1", Label: "Quantity of Postcard set", Value: "2", Type: "number", HideLabel: true, Hint: "Between 1 and 9"}
	v.Summary.Lines = append([]summaryLine(nil), v.Summary.Lines...)
	v.Summary.Lines[1].Change = &basketLine{Path: "#", Item: "li_1", Quantity: quantity}
	v.Summary.Lines = append(v.Summary.Lines, summaryLine{Name: "Gift wrapping", Detail: "1 × €2.00", Amount: eur(200), Change: &basketLine{Path: "#", Item: "li_2", Removable: true}})
	v.Summary.Basket = &basketView{Path: "#", Given: "WELCOME20", Offers: []basketOffer{{Item: "price_1", Name: "Bird calls, sound files", Detail: "€9.00"}}}
	sums := []summarySum{{Name: "Subtotal", Amount: eur(7090)}, {Name: "Discount", Amount: eur(-1418)}, {Name: "Total due today", Amount: eur(5672), Strong: true}}
	v.Summary.Headline, v.Submit = "€56.72", "Pay €56.72"
	if wrong {
		v.Summary.Basket.Given = ""
		v.Summary.Basket.Code = design.Field{
			Name: "promotionCode", ID: "promotionCode", Label: "Promotion code", Placeholder: "Add promotion code", HideLabel: true, Value: "WELCOM20",
			Error: "This code is not valid.",
		}
		sums = []summarySum{sums[0], {Name: "Total due today", Amount: eur(7090), Strong: true}}
		v.Summary.Headline, v.Submit = "€70.90", "Pay €70.90"
	}
	v.Summary.Sums = sums
	return v
}
