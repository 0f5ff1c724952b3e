package pages

import (
	"bytes"
	"net/http"
	"slices"
	"testing"

	"github.com/dues-billing/dues/emulator/engine"
)

// taxed is a finalized invoice of 100.00 and 20.00 with a coupon on one line, another on the whole, and two taxes.
func taxed(b *bench, change func(*engine.CreateCustomer)) *engine.Invoice {
	rate := func(percentage string, inclusive bool) string {
		p, err := engine.ParseDecimal(percentage)
		if err != nil {
			b.t.Fatal(err)
		}
		return do[engine.TaxRate](b, &engine.CreateTaxRate{
			TaxRateParams: engine.TaxRateParams{DisplayName: engine.Some("VAT"), Jurisdiction: engine.Some("DE")},
			Percentage:    engine.Some(p), Inclusive: engine.Some(inclusive),
		}).ID
	}
	coupon := func(name, off string) engine.Opt[[]engine.DiscountParams] {
		p, _ := engine.ParseDecimal(off)
		made := do[engine.Coupon](b, &engine.CreateCoupon{Name: engine.Some(name), PercentOff: engine.Some(p), Duration: engine.Some("forever")})
		return engine.Some([]engine.DiscountParams{{Coupon: engine.Some(made.ID)}})
	}
	cmd := &engine.CreateCustomer{TaxIDs: engine.Some([]engine.NamedTaxID{{Type: "gb_vat", Value: "GB123456789"}})}
	change(cmd)
	cus := do[engine.Customer](b, cmd).ID
	do[engine.InvoiceItem](b, &engine.CreateInvoiceItem{Customer: engine.Some(cus), Amount: engine.Some[int64](10000), Currency: engine.Some("eur")})
	do[engine.InvoiceItem](b, &engine.CreateInvoiceItem{Customer: engine.Some(cus), Amount: engine.Some[int64](2000), Currency: engine.Some("eur"),
		TaxRates: engine.Some([]string{rate("25", true)}), Discounts: coupon("Spring", "50")})
	draft := do[engine.Invoice](b, &engine.CreateInvoice{Customer: engine.Some(cus), PendingInvoiceItemsBehavior: engine.Some("include"),
		InvoiceParams: engine.InvoiceParams{DefaultTaxRates: engine.Some([]string{rate("19", false)}), Discounts: coupon("Launch", "10")}})
	return do[engine.Invoice](b, &engine.FinalizeInvoice{ID: draft.ID})
}

func TestAnInvoiceShowsItsDiscountsAndTaxes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	inv := taxed(b, func(*engine.CreateCustomer) {})
	b.get(invoicePath(b.eng.AccountID(), inv.HostedToken)).says(http.StatusOK, "Spring (50% off) -€10.00", "Subtotal €110.00", "Launch (10% off) -€11.00",
		"VAT DE 25% inclusive €1.80", "VAT DE 19% €17.10", "Total €116.10", "GB VAT GB123456789")
	v := invoiceViewOf(b.eng, inv)
	whole, err := pdfOf(v)
	if err != nil {
		t.Fatal(err)
	}
	soundPDF(t, whole, 1)
	v.Sums = slices.DeleteFunc(v.Sums, func(s summarySum) bool { return s.Name == "VAT DE 19%" })
	if without, err := pdfOf(v); err != nil || bytes.Equal(without, whole) {
		t.Errorf("the file does not show the tax (%v)", err)
	}
}

func TestAnInvoiceUnderReverseChargeSaysSo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	inv := taxed(b, func(c *engine.CreateCustomer) { c.TaxExempt = engine.Some("reverse") })
	b.get(invoicePath(b.eng.AccountID(), inv.HostedToken)).says(http.StatusOK, "Reverse charge", "Tax inside prices, not charged -€1.80", "Total €97.20").
		hides("VAT DE 19%")
}
