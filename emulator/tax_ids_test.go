package emulator_test

import (
	"testing"

	"github.com/stripe/stripe-go/v86"
)

func TestTaxIDsOfCustomersAndOfTheAccount(t *testing.T) {
	t.Parallel()
	sc, ctx := start(t).Client(), t.Context()
	params := &stripe.CustomerCreateParams{TaxIDData: []*stripe.CustomerCreateTaxIDDataParams{{Type: stripe.String("eu_vat"), Value: stripe.String("000000000")}}}
	params.AddExpand("tax_ids")
	customer, err := sc.V1Customers.Create(ctx, params)
	if err != nil || len(customer.TaxIDs.Data) != 1 || customer.TaxIDs.Data[0].Verification.Status != "pending" {
		t.Fatalf("got %+v, %v", customer, err)
	}
	owned := &stripe.TaxIDCreateParams{Type: stripe.String("gb_vat"), Value: stripe.String("GB123456789")}
	owned.AddExtra("owner[type]", "customer") // stripe-go has no field for it
	owned.AddExtra("owner[customer]", customer.ID)
	second, err := sc.V1TaxIDs.Create(ctx, owned)
	if err != nil || second.Country != "GB" || second.Owner.Customer.ID != customer.ID || second.Customer.ID != customer.ID {
		t.Fatalf("got %+v, %v", second, err)
	}
	own, err := sc.V1TaxIDs.Create(ctx, &stripe.TaxIDCreateParams{Type: stripe.String("us_ein"), Value: stripe.String("12-3456789")})
	if err != nil || own.Owner.Type != "self" || own.Customer != nil || own.Verification != nil {
		t.Fatalf("got %+v, %v", own, err)
	}
	count := 0
	for id, err := range sc.V1TaxIDs.List(ctx, &stripe.TaxIDListParams{Customer: stripe.String(customer.ID)}).All(ctx) {
		if count++; err != nil || id.Customer.ID != customer.ID {
			t.Fatalf("listed %+v, %v", id, err)
		}
	}
	if got, err := sc.V1TaxIDs.Retrieve(ctx, own.ID, nil); err != nil || got.Value != "12-3456789" || count != 2 {
		t.Errorf("got %+v of %d, %v", got, count, err)
	}
	if gone, err := sc.V1TaxIDs.Delete(ctx, own.ID, nil); err != nil || !gone.Deleted {
		t.Errorf("got %+v, %v", gone, err)
	}
	if gone, err := sc.V1TaxIDs.Delete(ctx, second.ID, &stripe.TaxIDDeleteParams{Customer: stripe.String(customer.ID)}); err != nil || !gone.Deleted {
		t.Errorf("got %+v, %v", gone, err)
	}
}

func TestTaxIDsBelowTheirCustomer(t *testing.T) {
	t.Parallel()
	shop := openShop(t, start(t), "")
	ctx := t.Context()
	made, err := shop.sc.V1TaxIDs.Create(ctx, &stripe.TaxIDCreateParams{Type: stripe.String("us_ein"), Value: stripe.String("12-3456789"),
		Customer: stripe.String(shop.customer.ID)})
	if err != nil {
		t.Fatal(err)
	}
	inv, err := shop.sc.V1Invoices.Create(ctx, &stripe.InvoiceCreateParams{Customer: stripe.String(shop.customer.ID)})
	if err != nil || len(inv.CustomerTaxIDs) != 1 || inv.CustomerTaxIDs[0].Value != "12-3456789" {
		t.Errorf("the draft shows %+v, %v", inv.CustomerTaxIDs, err)
	}
	params := &stripe.CustomerRetrieveParams{}
	params.AddExpand("tax_ids")
	if got, err := shop.sc.V1TaxIDs.Retrieve(ctx, made.ID, &stripe.TaxIDRetrieveParams{Customer: stripe.String(shop.customer.ID)}); err != nil || got.Type != "us_ein" {
		t.Errorf("got %+v, %v", got, err)
	}
	customer, err := shop.sc.V1Customers.Retrieve(ctx, shop.customer.ID, params)
	if err != nil || len(customer.TaxIDs.Data) != 1 || customer.TaxIDs.Data[0].ID != made.ID {
		t.Errorf("got %+v, %v", customer, err)
	}
}
