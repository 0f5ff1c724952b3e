package emulator_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"github.com/stripe/stripe-go/v86"
)

// press sends a form of a hosted page and answers where it leads, "" where it shows a page.
func press(t *testing.T, address string, form url.Values) (status int, location string) {
	t.Helper()
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := browser.PostForm(address, form)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode, answer.Header.Get("Location")
}

// paying is a filled card form.
func paying(more url.Values) url.Values {
	form := url.Values{"cardNumber": {"4242424242424242"}, "cardExpiry": {"12/34"}, "cardCvc": {"123"}, "billingName": {"Ada"}, "billingPostalCode": {"94107"}}
	for name, values := range more {
		form[name] = values
	}
	return form
}

func TestASessionTellsWhatItsPageAskedAndWhatThePayerAnswered(t *testing.T) {
	t.Parallel()
	shop := openShop(t, start(t), "")
	ctx := t.Context()
	if _, err := shop.sc.V1Coupons.Create(ctx, &stripe.CouponCreateParams{ID: stripe.String("Q"), PercentOff: stripe.Float64(25), Duration: stripe.String("once")}); err != nil {
		t.Fatal(err)
	}
	code, err := shop.sc.V1PromotionCodes.Create(ctx, &stripe.PromotionCodeCreateParams{Code: stripe.String("QUARTER"),
		Promotion: &stripe.PromotionCodeCreatePromotionParams{Type: stripe.String("coupon"), Coupon: stripe.String("Q")}})
	if err != nil {
		t.Fatal(err)
	}
	session, err := shop.sc.V1CheckoutSessions.Create(ctx, &stripe.CheckoutSessionCreateParams{
		Mode: stripe.String("subscription"), SuccessURL: stripe.String("https://app.example/done"), AllowPromotionCodes: stripe.Bool(true),
		LineItems: []*stripe.CheckoutSessionCreateLineItemParams{{Price: &shop.price.ID, Quantity: stripe.Int64(3),
			AdjustableQuantity: &stripe.CheckoutSessionCreateLineItemAdjustableQuantityParams{Enabled: stripe.Bool(true), Maximum: stripe.Int64(4)}}},
		OptionalItems:            []*stripe.CheckoutSessionCreateOptionalItemParams{{Price: &shop.price.ID, Quantity: stripe.Int64(1)}},
		BillingAddressCollection: stripe.String("required"),
		ConsentCollection: &stripe.CheckoutSessionCreateConsentCollectionParams{
			Promotions: stripe.String("auto"), TermsOfService: stripe.String("required")},
		CustomFields: []*stripe.CheckoutSessionCreateCustomFieldParams{
			{Key: stripe.String("team"), Label: &stripe.CheckoutSessionCreateCustomFieldLabelParams{Type: stripe.String("custom"), Custom: stripe.String("Team")},
				Type: stripe.String("text"), Text: &stripe.CheckoutSessionCreateCustomFieldTextParams{MaximumLength: stripe.Int64(10)}},
			{Key: stripe.String("size"), Label: &stripe.CheckoutSessionCreateCustomFieldLabelParams{Type: stripe.String("custom"), Custom: stripe.String("Size")},
				Type: stripe.String("dropdown"), Optional: stripe.Bool(true), Dropdown: &stripe.CheckoutSessionCreateCustomFieldDropdownParams{
					Options: []*stripe.CheckoutSessionCreateCustomFieldDropdownOptionParams{{Label: stripe.String("Small"), Value: stripe.String("s")}}}},
		},
		CustomText:            &stripe.CheckoutSessionCreateCustomTextParams{Submit: &stripe.CheckoutSessionCreateCustomTextSubmitParams{Message: stripe.String("It starts at once.")}},
		PhoneNumberCollection: &stripe.CheckoutSessionCreatePhoneNumberCollectionParams{Enabled: stripe.Bool(true)},
		NameCollection: &stripe.CheckoutSessionCreateNameCollectionParams{
			Business: &stripe.CheckoutSessionCreateNameCollectionBusinessParams{Enabled: stripe.Bool(true), Optional: stripe.Bool(true)}},
		TaxIDCollection: &stripe.CheckoutSessionCreateTaxIDCollectionParams{Enabled: stripe.Bool(true)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if session.Consent != nil || session.CustomFields[0].Text.MaximumLength != 10 || session.CustomFields[0].Text.Value != "" ||
		session.CustomText.Submit.Message != "It starts at once." || !session.PhoneNumberCollection.Enabled || session.OptionalItems[0].Quantity != 1 {
		t.Fatalf("opened: %+v", session)
	}
	if status, _ := press(t, session.URL, paying(url.Values{"email": {"ada@example.com"}})); status != http.StatusUnprocessableEntity {
		t.Fatalf("an incomplete page answered %d", status)
	}
	if status, _ := press(t, session.URL+"/basket", url.Values{"promotionCode": {"NOTHING"}}); status != http.StatusUnprocessableEntity {
		t.Errorf("an unknown code answered %d", status)
	}
	if status, _ := press(t, session.URL+"/basket", url.Values{"promotionCode": {"quarter"}}); status != http.StatusSeeOther {
		t.Fatalf("the code answered %d", status)
	}
	lines := shop.sc.V1CheckoutSessions.ListLineItems(ctx, &stripe.CheckoutSessionListLineItemsParams{Session: &session.ID})
	for line, err := range lines.All(ctx) {
		if err != nil || line.AdjustableQuantity.Maximum != 4 {
			t.Fatalf("line %+v, %v", line, err)
		}
		press(t, session.URL+"/basket", url.Values{"item": {line.ID}, "quantity": {"4"}})
	}
	if status, location := press(t, session.URL, paying(url.Values{
		"email": {"ada@example.com"}, "phoneNumber": {"+442079460018"}, "businessName": {"Engines Ltd"}, "billingCountry": {"GB"},
		"billingAddressLine1": {"12 St James's Square"}, "billingLocality": {"London"}, "taxIdType": {"gb_vat"}, "taxId": {"GB123456789"},
		"custom-team": {"Engines"}, "custom-size": {"s"}, "termsOfServiceConsentCheckbox": {"yes"}, "promotionsConsentCheckbox": {"yes"},
	})); location != "https://app.example/done" {
		t.Fatalf("paying answered %d to %s", status, location)
	}
	completed := &stripe.CheckoutSession{}
	for event, err := range shop.sc.V1Events.List(ctx, &stripe.EventListParams{Type: stripe.String("checkout.session.completed")}).All(ctx) {
		if err != nil || json.Unmarshal(event.Data.Raw, completed) != nil {
			t.Fatal(err)
		}
	}
	if completed.Consent.TermsOfService != "accepted" || completed.Consent.Promotions != "opt_in" || completed.CustomFields[0].Text.Value != "Engines" ||
		completed.CustomFields[1].Dropdown.Value != "s" || completed.Discounts[0].PromotionCode.ID != code.ID {
		t.Errorf("the event says %+v", completed)
	}
	if completed.AmountSubtotal != 8000 || completed.AmountTotal != 6000 || completed.TotalDetails.AmountDiscount != 2000 {
		t.Errorf("the event says %d of %d", completed.AmountTotal, completed.AmountSubtotal)
	}
	d := completed.CustomerDetails
	if d.Phone != "+442079460018" || d.Address.City != "London" || d.BusinessName != "Engines Ltd" || len(d.TaxIDs) != 1 || d.TaxIDs[0].Value != "GB123456789" {
		t.Errorf("customer_details: %+v", d)
	}
}
