package providertest

import (
	"errors"
	"strings"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

func checkoutPaid(c *scene) {
	page := c.open(basicKey)
	if page.ID == "" || !strings.HasPrefix(page.URL, "http") || page.ExpiresAt.IsZero() {
		c.Fatalf("the page is %+v", page)
	}
	if s := c.fetch(); len(s.Checkouts) != 1 || s.Checkouts[0].Status != "open" || s.Checkouts[0].Purchase != "purchase-1" {
		c.Errorf("before the payment the checkouts are %+v", s.Checkouts)
	}
	sub := c.payAndRead(page, Good)
	snap := c.fetch()
	state, invoice := snap.Checkouts[0], c.onlyInvoice(snap)
	switch {
	case sub.Status != billing.Active || sub.Items[0].PriceKey != basicKey || sub.LatestInvoice != invoice.ID:
		c.Errorf("subscription: %+v", sub)
	case invoice.Status != billing.InvoicePaid || invoice.AmountPaid != eur(1000) || invoice.Total != eur(1000) || invoice.AmountDue != eur(1000):
		c.Errorf("invoice: %+v", invoice)
	case invoice.Reason != "subscription_create" || invoice.Subscription != sub.ID || invoice.Number == "" || invoice.Attempts != 1:
		c.Errorf("invoice: %+v", invoice)
	case invoice.PaidAt.IsZero() || !invoice.NextAttempt.IsZero() || invoice.NeedsConfirmation || invoice.HostedURL == "" || invoice.PDF == "":
		c.Errorf("invoice: %+v", invoice)
	case invoice.PaymentIntent == "" || invoice.PaymentMethod == "":
		c.Errorf("the invoice keeps payment %q and method %q", invoice.PaymentIntent, invoice.PaymentMethod)
	case state.Status != "complete" || state.Subscription != sub.ID || state.PaymentIntent != invoice.PaymentIntent || state.PaymentMethod != invoice.PaymentMethod:
		c.Errorf("checkout: %+v", state)
	}
	if line := invoice.Lines[0]; line.PriceKey != basicKey || line.Price != c.prices[basicKey] || line.Period != sub.Items[0].Period || line.Proration ||
		line.Amount != eur(1000) || line.Quantity != 1 || line.ID == "" || line.Description == "" {
		c.Errorf("line: %+v", line)
	}
	c.checkMethod(snap, invoice.PaymentMethod)
}

// payAndRead pays a page and returns the subscription it made.
func (c *scene) payAndRead(page service.CheckoutPage, card Card) billing.Subscription {
	c.Helper()
	if !c.World.Pay(c.T, page.URL, card) {
		c.Fatal("the checkout did not take the card")
	}
	return c.subscription(c.fetch().Checkouts[0].Subscription)
}

func (c *scene) onlyInvoice(s service.Snapshot) billing.Invoice {
	c.Helper()
	if len(s.Invoices) != 1 || len(s.Invoices[0].Lines) != 1 {
		c.Fatalf("want one invoice with one line, got %+v", s.Invoices)
	}
	return s.Invoices[0]
}

// checkMethod wants one saved method, the default, with what may be known of it.
func (c *scene) checkMethod(s service.Snapshot, id billing.PaymentMethodID) {
	c.Helper()
	if len(s.Methods) != 1 {
		c.Fatalf("%d methods are saved, want 1", len(s.Methods))
	}
	m := s.Methods[0]
	if m.ID != id || !m.Default || m.Type != "card" || m.Brand == "" || len(m.Last4) != 4 || m.ExpMonth == 0 || m.ExpYear == 0 || m.Wallet != "" {
		c.Errorf("the saved method is %+v", m)
	}
}

func checkoutChallenged(c *scene) {
	if sub := c.buy(basicKey, Challenged); sub.Status != billing.Active {
		c.Errorf("status is %s", sub.Status)
	}
	if invoice := c.onlyInvoice(c.fetch()); invoice.Status != billing.InvoicePaid || invoice.NeedsConfirmation {
		c.Errorf("invoice: %+v", invoice)
	}
}

func checkoutRefused(c *scene) {
	page := c.open(basicKey)
	if c.World.Pay(c.T, page.URL, Refused) {
		c.Fatal("a refused card was taken")
	}
	s := c.fetch()
	if s.Checkouts[0].Status != "open" || len(s.Subscriptions) != 0 || s.Checkouts[0].Subscription != "" {
		c.Errorf("after a refused card: %+v, %+v", s.Checkouts, s.Subscriptions)
	}
	if sub := c.payAndRead(page, Good); sub.Status != billing.Active {
		c.Errorf("after a good card the status is %s", sub.Status)
	}
}

func checkoutExpired(c *scene) {
	page := c.open(basicKey)
	for range 2 {
		c.must(c.Provider.Expire(c.ctx, page.ID))
	}
	if s := c.fetch().Checkouts[0]; s.Status != "expired" {
		c.Errorf("checkout: %+v", s)
	}
	if c.World.Pay(c.T, page.URL, Good) || len(c.fetch().Subscriptions) != 0 {
		c.Error("a closed page took a payment")
	}
}

func checkoutComplete(c *scene) {
	page := c.open(basicKey)
	c.payAndRead(page, Good)
	err := c.Provider.Expire(c.ctx, page.ID)
	if billing.CodeOf(err) != billing.Conflict || !errors.Is(err, service.ErrCheckoutComplete) {
		c.Errorf("got %v, want a conflict that wraps ErrCheckoutComplete", err)
	}
}

func portalOpens(c *scene) {
	url, err := c.Provider.Portal(c.ctx, service.PortalRequest{Customer: c.ada.Customer, ReturnURL: "https://app.example/account"})
	c.must(err)
	c.World.Visit(c.T, url)
	again, err := c.Provider.Portal(c.ctx, service.PortalRequest{Customer: c.ada.Customer, ReturnURL: "https://app.example/account"})
	if err != nil || again == url {
		c.Errorf("a second visit got %s, %v; each visit is its own", again, err)
	}
}
