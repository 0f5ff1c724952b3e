package catalog_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/catalog"
)

func TestWhatIsWrittenIsReadAsItWas(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]billing.Catalog{"the demo": catalog.Default(), "everything": full(t)} {
		text := catalog.Format(c)
		again, err := catalog.Parse(text)
		if err != nil {
			t.Errorf("%s: %v in\n%s", name, err, text)
			continue
		}
		if diff := cmp.Diff(c, again, plainly); diff != "" {
			t.Errorf("%s (-was +is after writing):\n%s\n%s", name, diff, text)
		}
	}
}

func TestWhatIsPulledDiffersInNothing(t *testing.T) {
	t.Parallel()
	there := shop(t)
	there.Products = append(there.Products, billing.StockProduct{ID: "prod_x", Active: true, Name: "Cups: \"two\", yes", Unit: "cup"})
	there.Prices = append(there.Prices,
		billing.StockPrice{ID: "price_x", Product: "prod_x", Active: true, Price: billing.Price{Key: "Cups", Amount: priceOf(t, full(t), "legacy").Amount, Interval: billing.Week, IntervalCount: 2}},
		billing.StockPrice{ID: "price_y", Product: "prod_x", Price: billing.Price{Amount: priceOf(t, full(t), "legacy").Amount, Interval: billing.Year, IntervalCount: 1}},
	)
	text := catalog.Format(catalog.FromStock(there, func(billing.StockProduct) bool { return true }))
	pulled, err := catalog.Parse(text)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	// What is taken over gets its keys and nothing else.
	if diff := cmp.Diff([]string{
		`update product cups-two-yes plan: "" not "cups-two-yes"`, `update price cups-two-yes-year key: "" not "cups-two-yes-year"`,
		`update price cups key: "Cups" not "cups"`,
	}, words(catalog.Diff(pulled, there))); diff != "" {
		t.Errorf("(-want +got):\n%s\n%s", diff, text)
	}
}
