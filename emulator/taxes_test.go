package emulator_test

import (
	"errors"
	"testing"

	"github.com/stripe/stripe-go/v86"
)

func vat(t *testing.T, sc *stripe.Client, percentage float64, inclusive bool) *stripe.TaxRate {
	t.Helper()
	rate, err := sc.V1TaxRates.Create(t.Context(), &stripe.TaxRateCreateParams{
		DisplayName: stripe.String("VAT"), Percentage: stripe.Float64(percentage), Inclusive: stripe.Bool(inclusive), Country: stripe.String("DE"),
		Jurisdiction: stripe.String("DE"), TaxType: stripe.String("vat"), Description: stripe.String("VAT Germany"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return rate
}

func TestTaxRatesAreMadeChangedAndListed(t *testing.T) {
	t.Parallel()
	sc, ctx := start(t).Client(), t.Context()
	rate := vat(t, sc, 19.1234, false)
	vat(t, sc, 7, true)
	if rate.Percentage != 19.1234 || rate.Inclusive || !rate.Active || rate.Country != "DE" || rate.TaxType != "vat" || rate.Description != "VAT Germany" {
		t.Errorf("made %+v", rate)
	}
	params := &stripe.TaxRateUpdateParams{Active: stripe.Bool(false), State: stripe.String("BE"), DisplayName: stripe.String("MwSt.")}
	params.AddMetadata("a", "1")
	rate, err := sc.V1TaxRates.Update(ctx, rate.ID, params)
	if err != nil || rate.Active || rate.State != "BE" || rate.DisplayName != "MwSt." || rate.Metadata["a"] != "1" {
		t.Fatalf("got %+v, %v", rate, err)
	}
	if rate, err = sc.V1TaxRates.Retrieve(ctx, rate.ID, nil); err != nil || rate.Active || rate.Jurisdiction != "DE" {
		t.Errorf("got %+v, %v", rate, err)
	}
	for _, c := range []struct {
		params stripe.TaxRateListParams
		want   int
	}{
		{stripe.TaxRateListParams{}, 2}, {stripe.TaxRateListParams{Active: stripe.Bool(true)}, 1}, {stripe.TaxRateListParams{Inclusive: stripe.Bool(false)}, 1},
		{stripe.TaxRateListParams{Active: stripe.Bool(false), Inclusive: stripe.Bool(true)}, 0},
	} {
		found := 0
		for _, err := range sc.V1TaxRates.List(ctx, &c.params).All(ctx) {
			if err != nil {
				t.Fatal(err)
			}
			found++
		}
		if found != c.want {
			t.Errorf("%+v lists %d rates, want %d", c.params, found, c.want)
		}
	}
	var refused *stripe.Error
	if _, err := sc.V1TaxRates.Retrieve(ctx, "txr_none", nil); !errors.As(err, &refused) || refused.HTTPStatusCode != 404 || refused.Param != "tax_rate" {
		t.Errorf("got %v, want a 404", err)
	}
	if _, err := sc.V1TaxRates.Create(ctx, &stripe.TaxRateCreateParams{DisplayName: stripe.String("VAT"), Inclusive: stripe.Bool(true)}); !errors.As(err, &refused) ||
		refused.Code != stripe.ErrorCodeParameterMissing || refused.Param != "percentage" {
		t.Errorf("got %v, want a refusal of the percentage", err)
	}
}

func TestTaxesShowOnSubscriptionItemInvoiceAndLines(t *testing.T) {
	t.Parallel()
	shop := openShop(t, start(t), "")
	sc, ctx := shop.sc, t.Context()
	on, in := vat(t, sc, 19, false), vat(t, sc, 25, true)
	params := &stripe.SubscriptionCreateParams{
		Customer: stripe.String(shop.customer.ID), DefaultTaxRates: stripe.StringSlice([]string{on.ID}),
		Items: []*stripe.SubscriptionCreateItemParams{{Price: stripe.String(shop.price.ID), TaxRates: stripe.StringSlice([]string{in.ID})}},
		AddInvoiceItems: []*stripe.SubscriptionCreateAddInvoiceItemParams{{
			PriceData: &stripe.InvoiceItemPriceDataParams{
				Currency: stripe.String("usd"), Product: stripe.String(shop.product.ID), UnitAmount: stripe.Int64(1000),
			},
		}},
	}
	params.AddExpand("latest_invoice.total_taxes.tax_rate_details.tax_rate")
	sub, err := sc.V1Subscriptions.Create(ctx, params)
	if err != nil {
		t.Fatal(err)
	}
	if sub.DefaultTaxRates[0].Percentage != 19 || sub.Items.Data[0].TaxRates[0].ID != in.ID {
		t.Errorf("rates %+v and %+v", sub.DefaultTaxRates, sub.Items.Data[0].TaxRates)
	}
	inv := sub.LatestInvoice
	if inv.Subtotal != 3000 || inv.SubtotalExcludingTax != 2600 || inv.Total != 3190 || inv.TotalExcludingTax != 2600 || inv.AmountPaid != 3190 {
		t.Errorf("subtotal %d (%d), total %d (%d), paid %d", inv.Subtotal, inv.SubtotalExcludingTax, inv.Total, inv.TotalExcludingTax, inv.AmountPaid)
	}
	if len(inv.DefaultTaxRates) != 1 || inv.DefaultTaxRates[0].DisplayName != "VAT" || len(inv.TotalTaxes) != 2 {
		t.Errorf("default rates %+v, taxes %+v", inv.DefaultTaxRates, inv.TotalTaxes)
	}
	tax := inv.Lines.Data[1].Taxes[0]
	if tax.Amount != 400 || tax.TaxableAmount != 1600 || tax.TaxBehavior != "inclusive" || tax.TaxabilityReason != "not_available" ||
		tax.TaxRateDetails.TaxRate.ID != in.ID {
		t.Errorf("the plan's tax is %+v", tax)
	}
	preview, err := sc.V1Invoices.CreatePreview(ctx, &stripe.InvoiceCreatePreviewParams{
		Subscription: stripe.String(sub.ID),
		SubscriptionDetails: &stripe.InvoiceCreatePreviewSubscriptionDetailsParams{
			DefaultTaxRates: stripe.StringSlice([]string{in.ID}),
			Items: []*stripe.InvoiceCreatePreviewSubscriptionDetailsItemParams{{
				ID: stripe.String(sub.Items.Data[0].ID), TaxRates: stripe.StringSlice([]string{on.ID}),
			}},
		},
		InvoiceItems: []*stripe.InvoiceCreatePreviewInvoiceItemParams{{
			Amount: stripe.Int64(100), Currency: stripe.String("usd"), TaxRates: stripe.StringSlice([]string{on.ID, in.ID}),
		}},
	})
	if err != nil || preview.Total != 2380+80+20+15 {
		t.Errorf("previewed %+v, %v", preview, err)
	}
}

func TestAnExemptCustomerPaysNoTax(t *testing.T) {
	t.Parallel()
	shop := openShop(t, start(t), "")
	sc, ctx := shop.sc, t.Context()
	rate := vat(t, sc, 20, true)
	if _, err := sc.V1Customers.Update(ctx, shop.customer.ID, &stripe.CustomerUpdateParams{TaxExempt: stripe.String("reverse")}); err != nil {
		t.Fatal(err)
	}
	item, err := sc.V1InvoiceItems.Create(ctx, &stripe.InvoiceItemCreateParams{
		Customer: stripe.String(shop.customer.ID), Amount: stripe.Int64(12000), Currency: stripe.String("usd"),
		TaxRates: stripe.StringSlice([]string{rate.ID}),
	})
	if err != nil || item.TaxRates[0].ID != rate.ID {
		t.Fatalf("got %+v, %v", item, err)
	}
	inv, err := sc.V1Invoices.Create(ctx, &stripe.InvoiceCreateParams{
		Customer: stripe.String(shop.customer.ID), PendingInvoiceItemsBehavior: stripe.String("include"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if inv.Total != 10000 || inv.Subtotal != 12000 || *inv.CustomerTaxExempt != "reverse" || inv.TotalTaxes[0].TaxabilityReason != "reverse_charge" {
		t.Errorf("total %d of %d, %+v", inv.Total, inv.Subtotal, inv.TotalTaxes[0])
	}
	if _, err = sc.V1InvoiceItems.Update(ctx, item.ID, &stripe.InvoiceItemUpdateParams{TaxRates: []*string{}}); err != nil {
		t.Fatal(err)
	}
	if inv, err = sc.V1Invoices.Update(ctx, inv.ID, &stripe.InvoiceUpdateParams{DefaultTaxRates: stripe.StringSlice([]string{vat(t, sc, 10, false).ID})}); err != nil ||
		inv.DefaultTaxRates[0].Percentage != 10 {
		t.Errorf("got %+v, %v", inv, err)
	}
}
