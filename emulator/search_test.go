package emulator_test

import (
	"errors"
	"testing"

	"github.com/stripe/stripe-go/v86"
)

func TestSearchWalksItsPagesThroughTheSDK(t *testing.T) {
	t.Parallel()
	shop := openShop(t, start(t), "")
	sc, ctx := shop.sc, t.Context()
	shop.subscribe(t)
	for i := range 5 {
		if _, err := sc.V1Customers.Create(ctx, &stripe.CustomerCreateParams{
			Name: stripe.String("Grace Hopper"), Metadata: map[string]string{"rank": string(rune('a' + i))},
		}); err != nil {
			t.Fatal(err)
		}
	}
	found := 0
	params := &stripe.CustomerSearchParams{SearchParams: stripe.SearchParams{Query: `name:"grace" AND -metadata["rank"]:"c"`, Limit: stripe.Int64(2)}}
	for c, err := range sc.V1Customers.Search(ctx, params).All(ctx) {
		if err != nil || c.Metadata["rank"] == "c" {
			t.Fatalf("found %+v, %v", c, err)
		}
		found++
	}
	if found != 4 {
		t.Errorf("found %d customers on all pages, want 4", found)
	}
	counted := &stripe.InvoiceSearchParams{SearchParams: stripe.SearchParams{Query: `total>=2000 AND status:"paid"`}}
	counted.AddExpand("total_count")
	counted.AddExpand("data.customer")
	invoices := sc.V1Invoices.Search(ctx, counted)
	if err := invoices.Err(); err != nil || *invoices.Meta().TotalCount != 1 || invoices.Data()[0].Customer.Email != "ada@example.com" {
		t.Errorf("found %+v, %v", invoices.Data(), err)
	}
	query := func(q string) stripe.SearchParams { return stripe.SearchParams{Query: q} }
	for c, err := range sc.V1Charges.Search(ctx, &stripe.ChargeSearchParams{SearchParams: query(`payment_method_details.card.last4:4242`)}).All(ctx) {
		if err != nil || c.Amount != 2000 {
			t.Errorf("found %+v, %v", c, err)
		}
	}
	for p, err := range sc.V1PaymentIntents.Search(ctx, &stripe.PaymentIntentSearchParams{SearchParams: query(`amount:2000`)}).All(ctx) {
		if err != nil || p.Customer.ID != shop.customer.ID {
			t.Errorf("found %+v, %v", p, err)
		}
	}
	for p, err := range sc.V1Prices.Search(ctx, &stripe.PriceSearchParams{SearchParams: query(`active:"true"`)}).All(ctx) {
		if err != nil || p.ID != shop.price.ID {
			t.Errorf("found %+v, %v", p, err)
		}
	}
	for p, err := range sc.V1Products.Search(ctx, &stripe.ProductSearchParams{SearchParams: query(`name~"prem"`)}).All(ctx) {
		if err != nil || p.ID != shop.product.ID {
			t.Errorf("found %+v, %v", p, err)
		}
	}
	for s, err := range sc.V1Subscriptions.Search(ctx, &stripe.SubscriptionSearchParams{SearchParams: query(`status:"active"`)}).All(ctx) {
		if err != nil || s.Customer.ID != shop.customer.ID {
			t.Errorf("found %+v, %v", s, err)
		}
	}
	var refused *stripe.Error
	if err := sc.V1Products.Search(ctx, &stripe.ProductSearchParams{SearchParams: query(`foo:"bar"`)}).Err(); !errors.As(err, &refused) || refused.HTTPStatusCode != 400 {
		t.Errorf("got %v, want a refusal", err)
	}
}
