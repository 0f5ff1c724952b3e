package providertest

import (
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

func (c *scene) makeInvoice(wish billing.InvoiceWish) billing.InvoiceID {
	c.Helper()
	id, err := c.Provider.MakeInvoice(c.ctx, c.ada.Customer, wish)
	c.must(err)
	return id
}

func (c *scene) invoiceNow(id billing.InvoiceID) billing.Invoice {
	c.Helper()
	for _, invoice := range c.fetch().Invoices {
		if invoice.ID == id {
			return invoice
		}
	}
	return billing.Invoice{}
}

func invoiceMade(c *scene) {
	c.buy(basicKey, Good)
	c.must(c.Provider.AddLine(c.ctx, c.ada.Customer, billing.LineWish{Unit: eur(300), Quantity: 1, Description: "Waits", Key: "waits"}))
	wish := billing.InvoiceWish{Pending: true, Memo: "Thank you", Key: "workshop", Lines: []billing.LineWish{{Unit: eur(500), Quantity: 1, Description: "A workshop"}}}
	id := c.makeInvoice(wish)
	if again := c.makeInvoice(wish); again != id {
		c.Errorf("two invoices: %s and %s", id, again)
	}
	line := wish.Lines[0]
	line.Invoice, line.Key = id, "invoice:workshop:1"
	c.must(c.Provider.AddLine(c.ctx, c.ada.Customer, line))
	c.World.Pass(c.T, 3*time.Hour)
	if got := c.invoiceNow(id); got.Status != billing.InvoiceDraft || got.Key != wish.Key || !got.Held || got.Total != eur(800) || got.ByMail {
		c.Errorf("the draft waits: %+v", got)
	}
	for range 2 {
		c.must(c.Provider.FinalizeInvoice(c.ctx, id))
	}
	c.must(c.Provider.PayInvoice(c.ctx, service.PayInvoiceRequest{Invoice: id, Method: c.fetch().Methods[0].ID, Key: "pay-workshop"}))
	if got := c.invoiceNow(id); got.Status != billing.InvoicePaid || got.AmountPaid != eur(800) || got.Held || got.Subscription != "" {
		c.Errorf("paid: %+v", got)
	}
	gone := c.makeInvoice(billing.InvoiceWish{Pending: true, Key: "slip"})
	for range 2 {
		c.must(c.Provider.EndInvoice(c.ctx, gone, billing.EndDiscarded))
	}
	if _, err := c.Provider.MakeInvoice(c.ctx, c.ada.Customer, billing.InvoiceWish{Pending: true, Key: "slip"}); billing.CodeOf(err) != billing.Conflict {
		c.Errorf("the key of a deleted draft: %v", err)
	}
}

func invoiceSent(c *scene) {
	c.buy(basicKey, Good)
	var sent []billing.InvoiceID
	for _, key := range []string{"void", "write-off"} {
		c.must(c.Provider.AddLine(c.ctx, c.ada.Customer, billing.LineWish{Unit: eur(300), Quantity: 1, Description: "Hours", Key: key}))
		id := c.makeInvoice(billing.InvoiceWish{Pending: true, DueDays: 14, Key: key})
		for range 2 {
			c.must(c.Provider.SendInvoice(c.ctx, id))
		}
		if got := c.invoiceNow(id); got.Status != billing.InvoiceOpen || !got.ByMail || !got.DueAt.Equal(got.CreatedAt.Add(14*24*time.Hour)) || got.HostedURL == "" {
			c.Errorf("sent: %+v", got)
		}
		sent = append(sent, id)
	}
	for range 2 {
		c.must(c.Provider.EndInvoice(c.ctx, sent[0], billing.EndVoided))
		c.must(c.Provider.EndInvoice(c.ctx, sent[1], billing.EndWrittenOff))
	}
	if void, off := c.invoiceNow(sent[0]), c.invoiceNow(sent[1]); void.Status != billing.InvoiceVoid || off.Status != billing.InvoiceUncollectible {
		c.Errorf("ended: %s and %s", void.Status, off.Status)
	}
}

func invoiceHeld(c *scene) {
	sub := c.buy(basicKey, Good)
	c.World.Pass(c.T, sub.Items[0].Period.End.Sub(sub.Items[0].Period.Start)+time.Minute)
	draft := c.fetch().Invoices[0]
	if draft.Status != billing.InvoiceDraft || draft.Held {
		c.Fatalf("the renewal: %+v", draft)
	}
	for range 2 {
		c.must(c.Provider.HoldInvoice(c.ctx, draft.ID, true))
	}
	c.World.Pass(c.T, 5*24*time.Hour)
	if got := c.invoiceNow(draft.ID); got.Status != billing.InvoiceDraft || !got.Held {
		c.Errorf("held: %+v", got)
	}
	for range 2 {
		c.must(c.Provider.HoldInvoice(c.ctx, draft.ID, false))
	}
	c.World.Pass(c.T, 2*time.Hour)
	if got := c.invoiceNow(draft.ID); got.Status != billing.InvoicePaid || got.Held {
		c.Errorf("released: %+v", got)
	}
	if err := c.Provider.HoldInvoice(c.ctx, draft.ID, true); billing.CodeOf(err) != billing.Conflict {
		c.Errorf("a paid invoice is held: %v", err)
	}
}
