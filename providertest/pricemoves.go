package providertest

import (
	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// repriced moves Ada, who pays for Basic, to what Pro costs.
func repriced(c *scene) {
	sub := c.buy(basicKey, Good)
	invoices := len(c.fetch().Invoices)
	for range 2 { // a repeat is success
		c.must(c.Prices.Reprice(c.ctx, service.RepriceRequest{Subscription: sub.ID, Item: sub.Items[0].ID, Price: c.prices[proKey], Key: "move-1"}))
	}
	now := c.subscription(sub.ID)
	switch {
	case now.Items[0].PriceKey != proKey || now.Items[0].Quantity != 1:
		c.Errorf("item: %+v", now.Items[0])
	case now.PeriodEnd() != sub.PeriodEnd():
		c.Errorf("the period ends on %s, want %s as before", now.PeriodEnd(), sub.PeriodEnd())
	case len(c.fetch().Invoices) != invoices:
		c.Error("moving made an invoice")
	}
	c.World.Pass(c.T, month)
	if paid := c.fetch().Invoices[0].AmountPaid; paid != eur(2000) {
		c.Errorf("%s was paid for the next period, want 20", paid)
	}
	if err := c.Prices.Reprice(c.ctx, service.RepriceRequest{Subscription: sub.ID, Item: "si_gone", Price: c.prices[basicKey], Key: "move-2"}); billing.CodeOf(err) != billing.Conflict {
		c.Errorf("of an item that is gone: got %v, want code conflict", err)
	}
}
