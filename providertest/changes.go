package providertest

import (
	"errors"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

func changeFromFree(c *scene) {
	free := c.subscribe()
	c.World.SaveCard(c.T, c.ada.Customer, Good)
	c.World.Pass(c.T, 10*24*time.Hour)
	c.must(c.change(free, basicKey))
	sub := c.subscription(free.ID)
	item := sub.Items[0]
	if sub.Status != billing.Active || item.PriceKey != basicKey || item.ID != free.Items[0].ID {
		c.Errorf("subscription: %+v", sub)
	}
	if !item.Period.Start.After(free.Items[0].Period.Start) || item.Period.End.Sub(item.Period.Start) < 28*24*time.Hour {
		c.Errorf("the period is %v, want a whole one from now", item.Period)
	}
	if paid := c.fetch().Invoices[0]; paid.AmountPaid != eur(1000) || paid.Status != billing.InvoicePaid || paid.PaymentIntent == "" {
		c.Errorf("invoice: %+v", paid)
	}
}

func changeProrated(c *scene) {
	basic := c.buy(basicKey, Good)
	c.World.Pass(c.T, 10*24*time.Hour)
	c.must(c.change(basic, proKey))
	sub := c.subscription(basic.ID)
	if sub.Items[0].PriceKey != proKey || sub.Items[0].Period != basic.Items[0].Period {
		c.Errorf("item: %+v, want the new price in the old period", sub.Items[0])
	}
	invoice := c.fetch().Invoices[0]
	if paid := invoice.AmountPaid.Minor; paid <= 0 || paid >= 1000 || invoice.Status != billing.InvoicePaid {
		c.Errorf("paid %s, want a part of the difference of 10.00", invoice.AmountPaid)
	}
	sum := eur(0)
	for _, line := range invoice.Lines {
		var err error
		sum, err = sum.Add(line.Amount)
		c.must(err)
		if !line.Proration {
			c.Errorf("line %q is no proration", line.Description)
		}
	}
	if len(invoice.Lines) != 2 || sum != invoice.Total {
		c.Errorf("%d lines sum to %s, the total is %s", len(invoice.Lines), sum, invoice.Total)
	}
}

func changeOnce(c *scene) {
	basic := c.buy(basicKey, Good)
	for range 3 {
		c.must(c.change(basic, proKey))
	}
	if n := len(c.fetch().Invoices); n != 2 {
		c.Errorf("%d invoices, want the first and one for the change", n)
	}
}

func changeDeclined(c *scene) {
	c.unchanged(Failing, service.ErrDeclined)
}

func changeChallenged(c *scene) {
	c.unchanged(Challenged, service.ErrNeedsConfirmation)
}

func changeWithoutMethod(c *scene) {
	c.unchanged("", service.ErrDeclined)
}

// unchanged tries to leave the free plan with a card that cannot pay by itself.
func (c *scene) unchanged(card Card, want error) {
	c.Helper()
	free := c.subscribe()
	if card != "" {
		c.World.SaveCard(c.T, c.ada.Customer, card)
	}
	before := c.fetch()
	err := c.change(free, basicKey)
	if billing.CodeOf(err) != billing.Conflict || !errors.Is(err, want) {
		c.Errorf("got %v, want a conflict that wraps %q", err, want)
	}
	after := c.fetch()
	if got := after.Subscriptions[0]; len(after.Subscriptions) != 1 || got.Items[0] != free.Items[0] || got.Status != billing.Active {
		c.Errorf("the subscription is %+v, want it unchanged", got)
	}
	if len(after.Invoices) != len(before.Invoices) {
		c.Errorf("%d invoices, %d before", len(after.Invoices), len(before.Invoices))
	}
}

// waiting is a change to the dearer plan that waits, for the saved card does not pay.
func (c *scene) waiting(card Card, want error) (billing.Subscription, service.ChangeRequest, service.Waiting) {
	c.Helper()
	sub := c.buy(basicKey, Good)
	c.World.SaveCard(c.T, c.ada.Customer, card)
	req := service.ChangeRequest{Subscription: sub.ID, Item: sub.Items[0].ID, Price: c.prices[proKey], PaymentMethod: c.fetch().OwnMethod, Key: "wait-" + string(card)}
	got, err := c.Provider.ChangeOrWait(c.ctx, req)
	if billing.CodeOf(err) != billing.Conflict || !errors.Is(err, want) || got.ID == "" || got.URL == "" || got.Until.IsZero() {
		c.Fatalf("%s: %+v, %v; want an invoice, and a conflict that wraps %q", card, got, err, want)
	}
	now := c.subscription(sub.ID)
	if now.Status != billing.Active || now.Items[0].PriceKey != basicKey || !now.Waits(got.ID) || !now.WaitsUntil.Equal(got.Until) {
		c.Errorf("while it waits the subscription is %+v", now)
	}
	return sub, req, got
}

func changeWaits(c *scene) { c.paidLate(Failing, service.ErrDeclined) }

func changeWaitsForBank(c *scene) { c.paidLate(Challenged, service.ErrNeedsConfirmation) }

func (c *scene) paidLate(card Card, want error) {
	c.Helper()
	sub, req, first := c.waiting(card, want)
	req.Key = "after Stripe forgot the key"
	if again, err := c.Provider.ChangeOrWait(c.ctx, req); !errors.Is(err, want) || again.ID != first.ID || again.URL != first.URL {
		c.Errorf("asked again: %+v, %v; want %+v", again, err, first)
	}
	c.World.SaveCard(c.T, c.ada.Customer, Good)
	c.must(c.Provider.PayInvoice(c.ctx, service.PayInvoiceRequest{Invoice: first.ID, Method: c.fetch().OwnMethod, Key: "pay"}))
	if now := c.subscription(sub.ID); now.Items[0].PriceKey != proKey || now.Waits(first.ID) {
		c.Errorf("paid, the subscription is %+v", now)
	}
	req.Key = "and once more"
	if done, err := c.Provider.ChangeOrWait(c.ctx, req); err != nil || done.URL != "" {
		c.Errorf("what is so already: %+v, %v", done, err)
	}
}

func changeWaitsNoMore(c *scene) {
	sub, _, first := c.waiting(Failing, service.ErrDeclined)
	c.World.SaveCard(c.T, c.ada.Customer, Good)
	c.must(c.change(sub, proKey))
	snap := c.fetch()
	invoice, _ := snap.State(c.ada.Customer).Invoice(first.ID)
	if now := c.subscription(sub.ID); invoice.Status != billing.InvoiceVoid || now.Items[0].PriceKey != proKey || !now.WaitsUntil.IsZero() {
		c.Errorf("%+v, and the invoice is %s", now, invoice.Status)
	}
	if err := c.Provider.PayInvoice(c.ctx, service.PayInvoiceRequest{Invoice: first.ID, Method: snap.OwnMethod, Key: "late"}); err == nil {
		c.Error("what waited was paid beside what took its place")
	}
}

func cancelled(c *scene) {
	sub := c.buy(basicKey, Good)
	for range 2 {
		c.must(c.cancel(sub, billing.CancelNow))
	}
	if got := c.subscription(sub.ID); got.Status != billing.Canceled || got.EndedAt.IsZero() || got.CanceledAt.IsZero() {
		c.Errorf("subscription: %+v", got)
	}
	if err := c.change(sub, proKey); billing.CodeOf(err) != billing.Conflict {
		c.Errorf("a change of an ended subscription: got %v, want code conflict", err)
	}
	c.checkMethod(c.fetch(), c.fetch().Invoices[0].PaymentMethod) // the card outlives it, for the next purchase
}

func cancelledAtEnd(c *scene) {
	sub := c.buy(basicKey, Good)
	end := sub.PeriodEnd()
	for range 2 {
		c.must(c.cancel(sub, billing.CancelAtEnd))
	}
	if got := c.subscription(sub.ID); got.Status != billing.Active || !got.CancelAt.Equal(end) {
		c.Errorf("%s, ends at %v, want at the period's end %v", got.Status, got.CancelAt, end)
	}
	for range 2 {
		c.must(c.cancel(sub, billing.CancelNever))
	}
	if got := c.subscription(sub.ID); got.Status != billing.Active || !got.CancelAt.IsZero() {
		c.Errorf("%s, ends at %v, want no end", got.Status, got.CancelAt)
	}
	c.must(c.cancel(sub, billing.CancelAtEnd))
	c.World.Pass(c.T, month)
	if got := c.subscription(sub.ID); got.Status != billing.Canceled || !got.EndedAt.Equal(end) {
		c.Errorf("%s, ended at %v, want at %v", got.Status, got.EndedAt, end)
	}
	if n := len(c.fetch().Invoices); n != 1 {
		c.Errorf("%d invoices, want none for the time after", n)
	}
	if err := c.cancel(sub, billing.CancelNever); billing.CodeOf(err) != billing.Conflict {
		c.Errorf("taking back an end that has come: got %v, want code conflict", err)
	}
}

func cancelledOnDate(c *scene) {
	sub := c.buy(basicKey, Good)
	end := sub.PeriodEnd().Add(14 * 24 * time.Hour)
	c.must(c.cancel(sub, billing.CancelAtEnd))
	for range 2 {
		c.must(c.cancel(sub, billing.CancelOn, end))
	}
	if got := c.subscription(sub.ID); got.Status != billing.Active || !got.CancelAt.Equal(end) || got.PeriodEnd() != sub.PeriodEnd() {
		c.Errorf("%s until %v, ends at %v, want at %v and the running period as it was", got.Status, got.PeriodEnd(), got.CancelAt, end)
	}
	c.must(c.cancel(sub, billing.CancelNever))
	if got := c.subscription(sub.ID); !got.CancelAt.IsZero() {
		c.Errorf("ends at %v, want no end", got.CancelAt)
	}
	c.must(c.cancel(sub, billing.CancelOn, end))
	c.World.Pass(c.T, 2*month)
	invoices := c.fetch().Invoices
	if got := c.subscription(sub.ID); got.Status != billing.Canceled || !got.EndedAt.Equal(end) || len(invoices) != 2 {
		c.Fatalf("%s, ended at %v, %d invoices; want an end at %v and two", got.Status, got.EndedAt, len(invoices), end)
	}
	if paid := invoices[0].AmountPaid.Minor; paid <= 0 || paid >= 1000 || !invoices[0].Lines[0].Period.End.Equal(end) {
		c.Errorf("%s paid until %v, want a part of 10.00 until %v", invoices[0].AmountPaid, invoices[0].Lines[0].Period.End, end)
	}
}

func renewed(c *scene) {
	first := c.buy(basicKey, Good)
	c.World.Pass(c.T, month)
	sub, invoice := c.subscription(first.ID), c.fetch().Invoices[0]
	period := sub.Items[0].Period
	if sub.Status != billing.Active || !period.Start.Equal(first.Items[0].Period.End) {
		c.Errorf("status %s, period %v after %v", sub.Status, period, first.Items[0].Period)
	}
	if invoice.Reason != "subscription_cycle" || invoice.Status != billing.InvoicePaid || invoice.AmountPaid != eur(1000) || sub.LatestInvoice != invoice.ID {
		c.Errorf("invoice: %+v", invoice)
	}
	if line := invoice.Lines[0]; line.Period != period || line.PriceKey != basicKey {
		c.Errorf("line: %+v", line)
	}
	if first := c.fetch().Invoices[1]; invoice.PaymentIntent == "" || invoice.PaymentIntent == first.PaymentIntent || invoice.PaymentMethod != first.PaymentMethod {
		c.Errorf("payments %q and %q, methods %q and %q", first.PaymentIntent, invoice.PaymentIntent, first.PaymentMethod, invoice.PaymentMethod)
	}
}

func renewalFails(c *scene) {
	free := c.subscribe()
	c.World.SaveCard(c.T, c.ada.Customer, Good)
	c.must(c.change(free, basicKey))
	first := c.subscription(free.ID)
	c.failing(first)
	late := c.fetch().Invoices[0]
	for range 12 { // weeks: longer than any plan of retries
		c.World.Pass(c.T, 7*24*time.Hour)
		if c.subscription(first.ID).Status.Ended() {
			break
		}
	}
	ended, invoice := c.subscription(first.ID), c.invoice(late.ID)
	if ended.Status != billing.Canceled || ended.CancelReason != "payment_failed" || ended.EndedAt.IsZero() {
		c.Errorf("after the last retry: %+v", ended)
	}
	if invoice.Attempts <= late.Attempts || !invoice.NextAttempt.IsZero() || invoice.Status == billing.InvoicePaid {
		c.Errorf("after the last retry the invoice is %+v", invoice)
	}
}

// failing lets the next renewal of a subscription be declined.
func (c *scene) failing(sub billing.Subscription) {
	c.Helper()
	c.World.SaveCard(c.T, c.ada.Customer, Failing)
	c.World.Pass(c.T, month)
	got, invoice := c.subscription(sub.ID), c.fetch().Invoices[0]
	if got.Status != billing.PastDue {
		c.Fatalf("after a declined renewal the status is %s", got.Status)
	}
	if invoice.Status != billing.InvoiceOpen || invoice.Attempts != 1 || invoice.NextAttempt.IsZero() || invoice.NeedsConfirmation || invoice.HostedURL == "" {
		c.Fatalf("invoice: %+v", invoice)
	}
}

func (c *scene) invoice(id billing.InvoiceID) billing.Invoice {
	c.Helper()
	for _, invoice := range c.fetch().Invoices {
		if invoice.ID == id {
			return invoice
		}
	}
	c.Fatalf("there is no invoice %s", id)
	return billing.Invoice{}
}

func renewalRecovers(c *scene) {
	free := c.subscribe()
	c.World.SaveCard(c.T, c.ada.Customer, Good)
	c.must(c.change(free, basicKey))
	sub := c.subscription(free.ID)
	c.failing(sub)
	late := c.fetch().Invoices[0]
	c.World.SaveCard(c.T, c.ada.Customer, Good)
	c.World.Pass(c.T, late.NextAttempt.Sub(late.CreatedAt))
	if got, paid := c.subscription(sub.ID), c.invoice(late.ID); got.Status != billing.Active || paid.Status != billing.InvoicePaid {
		c.Errorf("after the next try the subscription is %s, the invoice %s", got.Status, paid.Status)
	}
}

func renewalChallenged(c *scene) {
	sub := c.buy(basicKey, Challenged)
	c.World.Pass(c.T, month)
	got, invoice := c.subscription(sub.ID), c.fetch().Invoices[0]
	if got.Status != billing.PastDue || invoice.Status != billing.InvoiceOpen || !invoice.NeedsConfirmation || invoice.HostedURL == "" {
		c.Errorf("after a renewal that the bank challenged: %s, %+v", got.Status, invoice)
	}
}
