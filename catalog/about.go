package catalog

import (
	"fmt"

	"github.com/dues-billing/dues/billing"
)

// About says what a change is about where no field of it differs.
func About(change billing.StockChange) (f billing.StockField) {
	text := change.ID
	switch change.Kind {
	case billing.MeterStock:
		text = fmt.Sprintf("%s of %s", change.Meter.Aggregate, change.Meter.Event)
	case billing.ProductStock:
		text = change.Product.Name
	case billing.PriceStock:
		text = Describe(change.Price.Price)
	case billing.CouponStock:
		text = change.Coupon.Name
	case billing.CodeStock:
		text = change.Code.PromotionCode.Code
	}
	switch change.Action {
	case billing.CreateStock:
		f.Wanted = text
	case billing.ArchiveStock:
		f.AtProvider, f.Wanted = text, "archived"
	case billing.RestoreStock:
		f.AtProvider, f.Wanted = "archived", text
	default:
		f.AtProvider = text
	}
	return f
}
