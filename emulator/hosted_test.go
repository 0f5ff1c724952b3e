package emulator_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/emulator"
)

func TestTheLinksOfTheAPILeadToThePages(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	client := server.Client()
	customer, err := client.V1Customers.Create(t.Context(), &stripe.CustomerCreateParams{Email: stripe.String("ada@example.com")})
	if err != nil {
		t.Fatal(err)
	}
	session, err := client.V1CheckoutSessions.Create(t.Context(), &stripe.CheckoutSessionCreateParams{
		Mode: stripe.String("subscription"), Customer: stripe.String(customer.ID), SuccessURL: stripe.String("https://app.example/done"),
		LineItems: []*stripe.CheckoutSessionCreateLineItemParams{{
			Quantity: stripe.Int64(1),
			PriceData: &stripe.CheckoutSessionCreateLineItemPriceDataParams{
				Currency: stripe.String("eur"), UnitAmount: stripe.Int64(1200),
				ProductData: &stripe.CheckoutSessionCreateLineItemPriceDataProductDataParams{Name: stripe.String("Premium")},
				Recurring:   &stripe.CheckoutSessionCreateLineItemPriceDataRecurringParams{Interval: stripe.String("month")},
			},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := browser.PostForm(session.URL, url.Values{
		"cardNumber": {"4242424242424242"}, "cardExpiry": {"12/34"}, "cardCvc": {"123"}, "billingName": {"Ada"},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusSeeOther || answer.Header.Get("Location") != "https://app.example/done" {
		t.Fatalf("paying answered %s to %s", answer.Status, answer.Header.Get("Location"))
	}
	portal, err := client.V1BillingPortalSessions.Create(t.Context(), &stripe.BillingPortalSessionCreateParams{Customer: stripe.String(customer.ID)})
	if err != nil {
		t.Fatal(err)
	}
	invoice := ""
	for found, err := range client.V1Invoices.List(t.Context(), &stripe.InvoiceListParams{Customer: stripe.String(customer.ID)}).All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		invoice = found.HostedInvoiceURL
	}
	for name, link := range map[string]string{"portal": portal.URL, "invoice": invoice, "dashboard": server.URL + "/_emulator"} {
		page, err := browser.Get(link)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		_ = page.Body.Close()
		if page.StatusCode != http.StatusOK || !strings.HasPrefix(page.Header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: %s answers %s, %s", name, link, page.Status, page.Header.Get("Content-Type"))
		}
	}
}
