package providertest

import (
	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// refund gives a part of Ada's newest payment back.
func (c *scene) refund(minor int64, key string) (service.RefundMade, error) {
	c.Helper()
	return c.Provider.Refund(c.ctx, service.RefundRequest{
		Invoice: c.fetch().Invoices[0].ID, Amount: eur(minor), Reason: billing.RefundReasons[0], Key: key,
	})
}

func refunded(c *scene) {
	sub := c.buy(basicKey, Good)
	first, err := c.refund(400, "refund-1")
	c.must(err)
	c.World.Pass(c.T, month) // longer than a provider remembers keys
	invoice := c.fetch().Invoices[1]
	again, err := c.Provider.Refund(c.ctx, service.RefundRequest{Invoice: invoice.ID, Amount: eur(400), Reason: billing.RefundReasons[0], Key: "refund-1"})
	if err != nil || again != first || first.Refund == "" || first.CreditNote == "" {
		c.Errorf("got %+v, and again %+v, %v", first, again, err)
	}
	snap := c.fetch()
	if len(snap.Refunds) != 1 || snap.Refunds[0].ID != first.Refund || snap.Refunds[0].Amount != eur(400) {
		c.Errorf("refunds: %+v", snap.Refunds)
	}
	state := snap.State(c.ada.Customer).Marked(catalogue(), billing.State{}, snap.Record)
	if got := state.Invoices[1]; got.Status != billing.InvoicePaid || got.Refunded != eur(400) || state.Invoices[0].Refunded.Minor != 0 {
		c.Errorf("invoice: %+v", got)
	}
	if got := c.subscription(sub.ID); got.Status != billing.Active {
		c.Errorf("the subscription is %s: a refund alone ends nothing", got.Status)
	}
}

func refundedTooMuch(c *scene) {
	c.buy(basicKey, Good)
	if _, err := c.refund(1001, "refund-1"); billing.CodeOf(err) != billing.Conflict {
		c.Errorf("more than was paid: got %v, want code conflict", err)
	}
	_, err := c.refund(600, "refund-2")
	c.must(err)
	if _, err := c.refund(401, "refund-3"); billing.CodeOf(err) != billing.Conflict {
		c.Errorf("more than is left: got %v, want code conflict", err)
	}
	if refunds := c.fetch().Refunds; len(refunds) != 1 {
		c.Errorf("refunds: %+v", refunds)
	}
}
