package providertest

import (
	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// discounted puts Ada on Pro, and takes a discount off it.
func discounted(c *scene) {
	c.restock(c.sold(stockFile))
	sub := c.buy(proKey, Good)
	give := func(key string, d billing.Discount) error {
		return c.Provider.Discount(c.ctx, service.DiscountRequest{Subscription: sub.ID, Discount: d, Key: key})
	}
	if err := give("d1", billing.Discount{Code: "NOBODY"}); billing.CodeOf(err) != billing.Invalid {
		c.Errorf("a code that nobody made: got %v, want code invalid", err)
	}
	c.must(give("d2", billing.Discount{Coupon: "five"}))
	c.World.Pass(c.T, month)
	if paid := c.fetch().Invoices[0].AmountPaid; paid != eur(1500) {
		c.Errorf("with 5 EUR off %s was paid, want 15", paid)
	}
	c.must(give("d3", billing.Discount{}))
	c.World.Pass(c.T, month)
	if paid := c.fetch().Invoices[0].AmountPaid; paid != eur(2000) {
		c.Errorf("after its end %s was paid, want 20", paid)
	}
}
