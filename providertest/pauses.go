package providertest

import (
	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

func paused(c *scene) {
	sub := c.buy(basicKey, Good)
	c.must(c.Provider.Pause(c.ctx, sub.ID, "pause-1"))
	if got := c.subscription(sub.ID); !got.Suspended || got.Status != billing.Active || !got.PeriodEnd().Equal(sub.PeriodEnd()) {
		c.Errorf("paused: %+v, want the period as it was", got)
	}
	c.World.Pass(c.T, month)
	before := c.fetch()
	if n, status := len(before.Invoices), before.Invoices[0].Status; n != 2 || status != billing.InvoiceVoid {
		c.Errorf("%d invoices, the last one %s, want a void one", n, status)
	}
	c.must(c.Provider.Unpause(c.ctx, service.UnpauseRequest{Subscription: sub.ID, Renews: true, Key: "unpause-1"}))
	after := c.fetch()
	if got := c.subscription(sub.ID); got.Suspended || got.Status != billing.Active || !got.PeriodEnd().After(before.Subscriptions[0].PeriodEnd()) {
		c.Errorf("going on: %+v, want a period from now", got)
	}
	if got, first := after.Invoices[0], after.Invoices[len(after.Invoices)-1]; got.Status != billing.InvoicePaid || got.Total != first.Total || got.Charge == "" {
		c.Errorf("going on cost %+v, want a whole period, paid", got)
	}
}

func pausedShortly(c *scene) {
	sub := c.buy(basicKey, Good)
	c.must(c.Provider.Pause(c.ctx, sub.ID, "pause-1"))
	for range 2 {
		c.must(c.Provider.Unpause(c.ctx, service.UnpauseRequest{Subscription: sub.ID, Key: "unpause-1"}))
	}
	if got := c.subscription(sub.ID); got.Suspended || !got.PeriodEnd().Equal(sub.PeriodEnd()) || len(c.fetch().Invoices) != 1 {
		c.Errorf("going on: %+v, want it as before the pause", got)
	}
}
