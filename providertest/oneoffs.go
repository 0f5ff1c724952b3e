package providertest

import (
	"errors"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// mapKey is the price of an asset that is paid once.
const mapKey = "map"

// sale asks for the map, which is sold beside the plans.
func (c *scene) sale(customer billing.CustomerID) service.SellRequest {
	c.Helper()
	more := catalogue()
	more.Assets = []billing.Asset{{ID: "map", Name: "The map", Perpetual: true, Prices: []billing.Price{{Key: mapKey, Amount: eur(3000)}}}}
	var err error
	c.prices, err = c.Prices.EnsurePrices(c.ctx, more)
	c.must(err)
	return service.SellRequest{
		Customer: customer, Account: c.ada.ID, Purchase: "one-1", Price: c.prices[mapKey], Amount: eur(3000),
		SuccessURL: "https://app.example/thanks?session={CHECKOUT_SESSION_ID}", CancelURL: "https://app.example/map", Key: "one-1",
	}
}

// checkSold wants one paid invoice for the map, that a completed page names.
func (c *scene) checkSold(snap service.Snapshot) billing.Invoice {
	c.Helper()
	invoice := c.onlyInvoice(snap)
	line := invoice.Lines[0]
	if invoice.Status != billing.InvoicePaid || invoice.AmountPaid != eur(3000) || invoice.Subscription != "" || invoice.PaymentIntent == "" || invoice.PaymentMethod == "" ||
		line.PriceKey != mapKey || line.Amount != eur(3000) || invoice.PaidAt.IsZero() {
		c.Errorf("invoice: %+v", invoice)
	}
	return invoice
}

func soldOnce(c *scene) {
	for range 2 {
		if page, err := c.Provider.SellOnce(c.ctx, c.sale(c.ada.Customer)); err != nil || page.ExpiresAt.IsZero() {
			c.Fatalf("%+v, %v", page, err)
		}
	}
	page, err := c.Provider.SellOnce(c.ctx, c.sale(c.ada.Customer))
	c.must(err)
	if snap := c.fetch(); len(snap.Checkouts) != 1 || snap.Checkouts[0].Status != "open" || len(snap.Invoices) != 0 {
		c.Errorf("asked for thrice: %+v", snap.Checkouts)
	}
	if !c.World.Pay(c.T, page.URL, Good) {
		c.Fatal("the page did not take the card")
	}
	snap := c.fetch()
	invoice := c.checkSold(snap)
	if state := snap.Checkouts[0]; state.Status != "complete" || state.Purchase != "one-1" || state.Invoice != invoice.ID || state.PaymentIntent != invoice.PaymentIntent {
		c.Errorf("checkout: %+v", state)
	}
	made, err := c.Provider.Refund(c.ctx, service.RefundRequest{Invoice: invoice.ID, Amount: eur(3000), Key: "refund-1"})
	if err != nil || made.Refund == "" {
		c.Errorf("giving it back: %+v, %v", made, err)
	}
}

func soldToGuest(c *scene) {
	req := c.sale("")
	req.Account, req.Email = "", "gus@example.com"
	page, err := c.Provider.SellOnce(c.ctx, req)
	c.must(err)
	if buyer, err := c.Provider.Buyer(c.ctx, page.ID); err != nil || buyer != "" {
		c.Errorf("before the payment the buyer is %q, %v", buyer, err)
	}
	if !c.World.Pay(c.T, page.URL, Good) {
		c.Fatal("the page did not take the card")
	}
	buyer, err := c.Provider.Buyer(c.ctx, page.ID)
	if err != nil || buyer == "" || buyer == c.ada.Customer {
		c.Fatalf("the buyer is %q, %v", buyer, err)
	}
	snap, err := c.Provider.Fetch(c.ctx, buyer)
	c.must(err)
	c.checkSold(snap)
	if snap.Checkouts[0].Email != "gus@example.com" || snap.Account != "" {
		c.Errorf("the guest: %+v", snap)
	}
}

func chargedOnce(c *scene) {
	c.World.SaveCard(c.T, c.ada.Customer, Good)
	req := c.sale(c.ada.Customer)
	req.Method = c.fetch().OwnMethod
	for i, key := range []string{"one-1", "one-1", "after Stripe forgot the key"} {
		req.Key = key
		if made, err := c.Provider.ChargeOnce(c.ctx, req); err != nil || made.ID == "" {
			c.Fatalf("call %d: %+v, %v", i, made, err)
		}
	}
	snap := c.fetch()
	c.checkSold(snap)
	if len(snap.Charges) != 1 {
		c.Errorf("%d charges, want 1", len(snap.Charges))
	}
}

func chargeUnpaid(c *scene) {
	for card, want := range map[Card]error{Failing: service.ErrDeclined, Challenged: service.ErrNeedsConfirmation} {
		c.World.SaveCard(c.T, c.ada.Customer, card)
		req := c.sale(c.ada.Customer)
		req.Method, req.Purchase, req.Key = c.fetch().OwnMethod, billing.PurchaseID(card), string(card)
		made, err := c.Provider.ChargeOnce(c.ctx, req)
		var declined service.Declined
		if !errors.Is(err, want) || made.ID == "" || made.URL == "" || !errors.As(err, &declined) || declined.DeclineCode() == "" {
			c.Errorf("%s: %+v, %v; want %v and an invoice", card, made, err, want)
		}
		for range 2 {
			c.must(c.Provider.VoidInvoice(c.ctx, made.ID))
		}
	}
	for _, invoice := range c.fetch().Invoices {
		if invoice.Status != billing.InvoiceVoid {
			c.Errorf("invoice: %+v", invoice)
		}
	}
	c.World.SaveCard(c.T, c.ada.Customer, Good)
	req := c.sale(c.ada.Customer)
	req.Method = c.fetch().OwnMethod
	made, err := c.Provider.ChargeOnce(c.ctx, req)
	c.must(err)
	if err := c.Provider.VoidInvoice(c.ctx, made.ID); billing.CodeOf(err) != billing.Conflict {
		c.Errorf("to void what is paid: %v, want a conflict", err)
	}
}

// reserved has the bank keep 30.00 ready, and returns what the provider tells of it.
func (c *scene) reserved(purchase billing.PurchaseID) (service.SellRequest, billing.Authorization) {
	c.Helper()
	c.World.SaveCard(c.T, c.ada.Customer, Good)
	req := c.sale(c.ada.Customer)
	req.Method, req.Purchase, req.Price, req.Description = c.fetch().OwnMethod, purchase, "", "Two hours of help"
	for _, key := range []string{"one", "one", "after Stripe forgot the key"} {
		req.Key = string(purchase) + key
		c.must(c.Provider.Authorize(c.ctx, req))
	}
	return req, c.authorization(purchase)
}

// authorization is the only one of a purchase.
func (c *scene) authorization(purchase billing.PurchaseID) (made billing.Authorization) {
	c.Helper()
	n := 0
	for _, a := range c.fetch().Authorizations {
		if a.Purchase == purchase {
			made, n = a, n+1
		}
	}
	if n != 1 || made.PaymentIntent == "" || made.PaymentMethod == "" || made.Amount != eur(3000) || made.Captured.Minor == 0 && made.Until.IsZero() {
		c.Fatalf("%d authorizations: %+v", n, made)
	}
	return made
}

func captured(c *scene) {
	req, ready := c.reserved("one-1")
	if ready.Captured.Minor != 0 || ready.Released {
		c.Errorf("before: %+v", ready)
	}
	c.must(c.Provider.Capture(c.ctx, service.CaptureRequest{PaymentIntent: ready.PaymentIntent, Amount: eur(2000), Key: "capture-1"}))
	again := service.CaptureRequest{PaymentIntent: ready.PaymentIntent, Amount: eur(1000), Key: "capture-2"}
	if err := c.Provider.Capture(c.ctx, again); billing.CodeOf(err) != billing.Conflict {
		c.Errorf("the rest: %v, want a conflict", err)
	}
	if err := c.Provider.Release(c.ctx, ready.PaymentIntent); billing.CodeOf(err) != billing.Conflict {
		c.Errorf("letting go of what was captured: %v, want a conflict", err)
	}
	if made := c.authorization("one-1"); made.Captured != eur(2000) || made.Released {
		c.Errorf("captured: %+v", made)
	}
	req.Amount = eur(2000)
	for _, key := range []string{"one-1", "one-1", "after Stripe forgot the key"} {
		req.Key = key
		id, err := c.Provider.BillCaptured(c.ctx, service.BillCapturedRequest{SellRequest: req, PaymentIntent: ready.PaymentIntent})
		c.must(err)
		invoice := c.onlyInvoice(c.fetch())
		if invoice.ID != id || invoice.Status != billing.InvoicePaid || invoice.AmountPaid != eur(2000) || invoice.PaymentIntent != ready.PaymentIntent {
			c.Errorf("invoice: %+v", invoice)
		}
	}
	if charge := c.fetch().Charges[0]; charge.Captured != eur(2000) || charge.Refunded.Minor != 0 {
		c.Errorf("what was let go is no refund: %+v", charge)
	}
}

func released(c *scene) {
	_, ready := c.reserved("one-1")
	for range 2 {
		c.must(c.Provider.Release(c.ctx, ready.PaymentIntent))
	}
	if made := c.authorization("one-1"); !made.Released || made.Captured.Minor != 0 {
		c.Errorf("let go: %+v", made)
	}
	if err := c.Provider.Capture(c.ctx, service.CaptureRequest{PaymentIntent: ready.PaymentIntent, Amount: eur(3000), Key: "capture-1"}); billing.CodeOf(err) != billing.Conflict {
		c.Errorf("captured afterwards: %v, want a conflict", err)
	}
}
