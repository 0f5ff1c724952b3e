package providertest

import (
	"fmt"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// request asks for a change of a subscription of one item.
func (c *scene) request(sub billing.Subscription, key string, quantity int64) service.ChangeRequest {
	c.asked++
	return service.ChangeRequest{
		Subscription: sub.ID, Item: sub.Items[0].ID, Price: c.prices[key], Quantity: quantity, Key: fmt.Sprintf("request-%d", c.asked),
	}
}

func changePreviewed(c *scene) {
	sub := c.buy(basicKey, Good)
	c.World.Pass(c.T, 10*24*time.Hour)
	req := c.request(sub, proKey, 3)
	req.ProratedAt = sub.Items[0].Period.Start.Add(10 * 24 * time.Hour)
	seen, err := c.Provider.PreviewChange(c.ctx, req)
	c.must(err)
	if n := len(c.fetch().Invoices); n != 1 || c.subscription(sub.ID).Items[0] != sub.Items[0] {
		c.Errorf("a preview changes something: %d invoices, %+v", n, c.subscription(sub.ID))
	}
	c.World.Pass(c.T, 20*time.Minute)
	c.must(c.Provider.Change(c.ctx, req))
	if paid := c.fetch().Invoices[0]; paid.AmountPaid != seen.AmountDue || paid.Total != seen.Total || len(paid.Lines) != len(seen.Lines) {
		c.Errorf("%+v was charged, and %+v was shown", paid, seen)
	}
}

func upcomingShown(c *scene) {
	sub := c.buy(basicKey, Good)
	seen, err := c.Provider.Upcoming(c.ctx, sub.ID)
	c.must(err)
	if seen.AmountDue != eur(1000) || len(seen.Lines) != 1 || seen.Lines[0].PriceKey != basicKey || !seen.Lines[0].Period.Start.Equal(sub.PeriodEnd()) {
		c.Errorf("shown: %+v", seen)
	}
	c.World.Pass(c.T, month)
	if renewed := c.fetch().Invoices[0]; renewed.AmountPaid != seen.AmountDue {
		c.Errorf("%s was paid, and %s was shown", renewed.AmountPaid, seen.AmountDue)
	}
	c.must(c.cancel(sub, billing.CancelAtEnd))
	if _, err := c.Provider.Upcoming(c.ctx, sub.ID); billing.CodeOf(err) != billing.NotFound {
		c.Errorf("of a subscription that ends: got %v, want code not_found", err)
	}
}

func changeQuantity(c *scene) {
	sub := c.buy(basicKey, Good)
	more := c.request(sub, basicKey, 3)
	for range 2 {
		c.must(c.Provider.Change(c.ctx, more))
	}
	if paid := c.fetch().Invoices[0]; paid.AmountPaid != eur(2000) || c.subscription(sub.ID).Items[0].Quantity != 3 {
		c.Errorf("two more at once cost %s, and %+v is held", paid.AmountPaid, c.subscription(sub.ID).Items[0])
	}
	for proration, quantity := range map[billing.Proration]int64{billing.ProrateLater: 4, billing.ProrateNever: 5} {
		req := c.request(sub, basicKey, quantity)
		req.Proration = proration
		c.must(c.Provider.Change(c.ctx, req))
	}
	if n := len(c.fetch().Invoices); n != 2 {
		c.Errorf("%d invoices, want none for what is billed later or never", n)
	}
}

func changeAtEnd(c *scene) {
	sub := c.buy(proKey, Good)
	for _, key := range []string{yearKey, basicKey, basicKey} {
		req := c.request(sub, key, 0)
		c.must(c.Provider.ChangeAtEnd(c.ctx, req))
		req.AtEnd = true
		seen, err := c.Provider.PreviewChange(c.ctx, req)
		c.must(err)
		if len(seen.Lines) != 1 || seen.Lines[0].PriceKey != key || !seen.Lines[0].Period.Start.Equal(sub.PeriodEnd()) || seen.Subtotal != seen.AmountDue {
			c.Errorf("shown for %s: %+v", key, seen)
		}
		next := c.subscription(sub.ID).Next
		if next.PriceKey != key || next.Quantity != 1 || !next.At.Equal(sub.PeriodEnd()) {
			c.Errorf("scheduled: %+v, want %s at %v", next, key, sub.PeriodEnd())
		}
	}
	for range 2 {
		c.must(c.Provider.KeepPlan(c.ctx, sub.ID, "keep"))
	}
	if next := c.subscription(sub.ID).Next; !next.At.IsZero() {
		c.Errorf("taken back: %+v", next)
	}
	c.must(c.Provider.ChangeAtEnd(c.ctx, c.request(sub, basicKey, 2)))
	if n := len(c.fetch().Invoices); n != 1 {
		c.Errorf("%d invoices, want none before the period ends", n)
	}
	c.World.Pass(c.T, month)
	after, paid := c.subscription(sub.ID), c.fetch().Invoices[0]
	if after.Items[0].PriceKey != basicKey || after.Items[0].Quantity != 2 || !after.Next.At.IsZero() || paid.AmountPaid != eur(2000) || len(paid.Lines) != 1 {
		c.Errorf("after the period's end %+v, %+v", after, paid)
	}
	c.must(c.cancel(after, billing.CancelAtEnd))
	if got := c.subscription(sub.ID); got.CancelAt.IsZero() {
		c.Error("what a schedule has changed cannot be cancelled")
	}
}
