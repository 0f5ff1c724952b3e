package providertest

import (
	"errors"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// owing gives Ada an open invoice: the renewal that her card did not pay.
func (c *scene) owing() billing.Invoice {
	c.Helper()
	sub := c.buy(basicKey, Good)
	c.World.SaveCard(c.T, c.ada.Customer, Failing)
	c.must(c.Provider.SetDefaultMethod(c.ctx, c.ada.Customer, c.fetch().OwnMethod, []billing.SubscriptionID{sub.ID}))
	c.World.Pass(c.T, month)
	invoice := c.fetch().Invoices[0]
	if invoice.Status != billing.InvoiceOpen {
		c.Fatalf("the renewal is %s", invoice.Status)
	}
	return invoice
}

// payNow asks for the payment of an invoice. Each ask has a key of its own, as one of a customer has.
func (c *scene) payNow(invoice billing.InvoiceID, method billing.PaymentMethodID) error {
	c.Helper()
	c.asked++
	return c.Provider.PayInvoice(c.ctx, service.PayInvoiceRequest{Invoice: invoice, Method: method, Key: "pay-" + string(rune('a'+c.asked))})
}

func invoicePaid(c *scene) {
	invoice := c.owing()
	before := len(c.fetch().Charges)
	var good billing.PaymentMethodID
	for _, m := range c.fetch().Methods {
		if !m.Default {
			good = m.ID
		}
	}
	for range 2 {
		c.must(c.payNow(invoice.ID, good))
	}
	snap := c.fetch()
	if got := snap.Invoices[0]; got.Status != billing.InvoicePaid || got.AmountPaid != eur(1000) || len(snap.Charges)-before > 1 {
		c.Errorf("invoice %+v, and %d charges more", got, len(snap.Charges)-before)
	}
}

func invoiceUnpaid(c *scene) {
	invoice := c.owing()
	if err := c.payNow(invoice.ID, ""); !errors.Is(err, service.ErrDeclined) || billing.CodeOf(err) != billing.Conflict {
		c.Errorf("a failing card: %v, want ErrDeclined", err)
	}
	c.World.SaveCard(c.T, c.ada.Customer, Challenged)
	if err := c.payNow(invoice.ID, c.fetch().OwnMethod); !errors.Is(err, service.ErrNeedsConfirmation) {
		c.Errorf("a challenged card: %v, want ErrNeedsConfirmation", err)
	}
	if got := c.fetch().Invoices[0]; got.Status != billing.InvoiceOpen || got.HostedURL == "" {
		c.Errorf("invoice: %+v", got)
	}
}
