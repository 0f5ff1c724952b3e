package stripeprovider

import (
	"cmp"
	"context"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
	"github.com/dues-billing/dues/service"
)

// snapshot writes the state in our words.
func (c *Client) snapshot(ctx context.Context, s state) (service.Snapshot, error) {
	snap := service.Snapshot{
		Customer: billing.CustomerID(s.customer.ID),
		Deleted:  s.customer.Deleted,
		Email:    s.customer.Email,
		Name:     s.customer.Name,
		Account:  billing.AccountID(cmp.Or(s.customer.Metadata[accountKey], s.customer.Metadata[c.foreign])),

		OwnMethod: ownMethod(s.customer),
	}
	snap.Objects = append(snap.Objects, original(billing.CustomerObject, s.customer.ID, s.customer.LastResponse, noFold))
	for _, sub := range s.subscriptions {
		mirrored, err := c.subscription(ctx, sub)
		if err != nil {
			return service.Snapshot{}, err
		}
		snap.Subscriptions = append(snap.Subscriptions, mirrored)
		snap.Objects = append(snap.Objects, original(billing.SubscriptionObject, sub.ID, sub.LastResponse, noFold))
	}
	for _, invoice := range s.invoices {
		mirrored, err := c.invoice(ctx, invoice, s.intents)
		if err != nil {
			return service.Snapshot{}, err
		}
		snap.Invoices = append(snap.Invoices, mirrored)
		snap.Objects = append(snap.Objects, original(billing.InvoiceObject, invoice.ID, invoice.LastResponse, invoiceFold))
	}
	for _, method := range s.methods {
		snap.Methods = append(snap.Methods, paymentMethod(method))
		snap.Objects = append(snap.Objects, original(billing.PaymentMethodObject, method.ID, method.LastResponse, noFold))
	}
	snap.State(snap.Customer).MarkDefault()
	for _, session := range s.checkouts {
		snap.Checkouts = append(snap.Checkouts, checkoutState(session, s))
	}
	for _, charged := range s.charges {
		charged.addTo(&snap.Record)
	}
	return snap, nil
}

func (c *Client) subscription(ctx context.Context, s *stripe.Subscription) (billing.Subscription, error) {
	out := billing.Subscription{
		ID:                billing.SubscriptionID(s.ID),
		Status:            billing.Status(s.Status),
		StartedAt:         at(s.StartDate),
		CreatedAt:         at(s.Created),
		TrialEnd:          at(s.TrialEnd),
		CancelAt:          at(s.CancelAt),
		CanceledAt:        at(s.CanceledAt),
		EndedAt:           at(s.EndedAt),
		CancelAtPeriodEnd: s.CancelAtPeriodEnd,
		Suspended:         s.PauseCollection != nil,
		Currency:          money.Currency(s.Currency),
		PaymentMethod:     billing.PaymentMethodID(methodID(s.DefaultPaymentMethod)),
	}
	if s.Customer != nil {
		out.Customer = billing.CustomerID(s.Customer.ID)
	}
	if s.CancellationDetails != nil {
		out.CancelReason = string(s.CancellationDetails.Reason)
	}
	if s.LatestInvoice != nil {
		out.LatestInvoice = billing.InvoiceID(s.LatestInvoice.ID)
	}
	if s.PendingUpdate != nil {
		out.WaitsUntil = at(s.PendingUpdate.ExpiresAt)
	}
	for _, i := range itemsOf(s) {
		item := billing.Item{ID: i.ID, Quantity: i.Quantity, Period: billing.Period{Start: at(i.CurrentPeriodStart), End: at(i.CurrentPeriodEnd)}}
		if i.Price != nil {
			c.remember(i.Price)
			item.Price, item.PriceKey = billing.PriceID(i.Price.ID), keyOf(i.Price)
			item.Amount = money.New(i.Price.UnitAmount, money.Currency(i.Price.Currency))
		}
		out.Items = append(out.Items, item)
	}
	var err error
	out.Next, out.Later, err = c.next(ctx, s)
	return out, err
}

func (c *Client) invoice(ctx context.Context, i *stripe.Invoice, intents map[string]*stripe.PaymentIntent) (billing.Invoice, error) {
	currency := money.Currency(i.Currency)
	out := billing.Invoice{
		ID:            billing.InvoiceID(i.ID),
		Number:        i.Number,
		Status:        billing.InvoiceStatus(i.Status),
		Reason:        string(i.BillingReason),
		Total:         money.New(i.Total, currency),
		AmountDue:     money.New(i.AmountDue, currency),
		AmountPaid:    money.New(i.AmountPaid, currency),
		Attempts:      int(i.AttemptCount),
		CreatedAt:     at(i.Created),
		HostedURL:     i.HostedInvoiceURL,
		PDF:           i.InvoicePDF,
		PaymentIntent: intentOf(i),
		Key:           i.Metadata[invoiceKey],
		ByMail:        i.CollectionMethod == stripe.InvoiceCollectionMethodSendInvoice,
		DueAt:         at(i.DueDate),
		Held:          i.Status == stripe.InvoiceStatusDraft && !i.AutoAdvance,
	}
	if i.Customer != nil {
		out.Customer = billing.CustomerID(i.Customer.ID)
	}
	if i.Parent != nil && i.Parent.SubscriptionDetails != nil && i.Parent.SubscriptionDetails.Subscription != nil {
		out.Subscription = billing.SubscriptionID(i.Parent.SubscriptionDetails.Subscription.ID)
	}
	if i.StatusTransitions != nil {
		out.PaidAt = at(i.StatusTransitions.PaidAt)
	}
	intent := intents[out.PaymentIntent]
	if intent != nil {
		out.PaymentMethod = billing.PaymentMethodID(methodID(intent.PaymentMethod))
		if intent.LatestCharge != nil {
			out.Charge = billing.ChargeID(intent.LatestCharge.ID)
		}
	}
	if i.Status == stripe.InvoiceStatusOpen { // a draft's next attempt is its finalization, not a retry
		out.NextAttempt = at(i.NextPaymentAttempt)
		out.NeedsConfirmation = waitsForCustomer(intent)
	}
	if i.Lines == nil {
		return out, nil
	}
	for _, line := range i.Lines.Data {
		mirrored, err := c.line(ctx, line)
		if err != nil {
			return billing.Invoice{}, err
		}
		out.Lines = append(out.Lines, mirrored)
	}
	return out, nil
}

func (c *Client) line(ctx context.Context, l *stripe.InvoiceLineItem) (billing.InvoiceLine, error) {
	out := billing.InvoiceLine{
		ID:          l.ID,
		Description: l.Description,
		Amount:      money.New(l.Amount, money.Currency(l.Currency)),
		Quantity:    l.Quantity,
	}
	if l.Period != nil {
		out.Period = billing.Period{Start: at(l.Period.Start), End: at(l.Period.End)}
	}
	if parent := l.Parent; parent != nil {
		out.Proration = parent.SubscriptionItemDetails != nil && parent.SubscriptionItemDetails.Proration ||
			parent.InvoiceItemDetails != nil && parent.InvoiceItemDetails.Proration
	}
	if l.Pricing == nil || l.Pricing.PriceDetails == nil || l.Pricing.PriceDetails.Price == nil {
		return out, nil
	}
	id := l.Pricing.PriceDetails.Price.ID
	key, err := c.priceKeyByID(ctx, id)
	out.Price, out.PriceKey = billing.PriceID(id), key
	return out, err
}

// intentOf returns the id of the payment that pays an invoice: the paid one, else the default one, else any.
func intentOf(i *stripe.Invoice) string {
	if i.Payments == nil {
		return ""
	}
	best, rank := "", -1
	for _, p := range i.Payments.Data {
		if p.Payment == nil || p.Payment.PaymentIntent == nil {
			continue
		}
		r := 0
		switch {
		case p.Status == "paid":
			r = 2
		case p.IsDefault:
			r = 1
		}
		if r > rank {
			best, rank = p.Payment.PaymentIntent.ID, r
		}
	}
	return best
}

// waitsForCustomer reports that a payment needs 3-D Secure. Off session, Stripe says so either by the status or, after a
// refusal of the bank, only by the last error.
func waitsForCustomer(p *stripe.PaymentIntent) bool {
	if p == nil {
		return false
	}
	return p.Status == stripe.PaymentIntentStatusRequiresAction ||
		p.Status == stripe.PaymentIntentStatusRequiresPaymentMethod && p.LastPaymentError != nil &&
			p.LastPaymentError.Code == stripe.ErrorCodeAuthenticationRequired
}

// ownMethod is the customer's own default.
func ownMethod(customer *stripe.Customer) billing.PaymentMethodID {
	if customer.InvoiceSettings == nil {
		return ""
	}
	return billing.PaymentMethodID(methodID(customer.InvoiceSettings.DefaultPaymentMethod))
}

func paymentMethod(m *stripe.PaymentMethod) billing.PaymentMethod {
	out := billing.PaymentMethod{ID: billing.PaymentMethodID(m.ID), Type: string(m.Type)}
	if m.Card == nil {
		return out
	}
	out.Brand, out.Last4 = string(m.Card.Brand), m.Card.Last4
	out.Fingerprint = m.Card.Fingerprint
	out.ExpMonth, out.ExpYear = int(m.Card.ExpMonth), int(m.Card.ExpYear)
	if m.Card.Wallet != nil {
		out.Wallet = string(m.Card.Wallet.Type)
	}
	return out
}

// checkoutState finds payment and method through the invoice: in subscription mode the session itself has neither.
func checkoutState(cs *stripe.CheckoutSession, s state) service.CheckoutState {
	out := service.CheckoutState{ID: cs.ID, Purchase: billing.PurchaseID(cs.ClientReferenceID), Status: string(cs.Status)}
	if cs.Subscription != nil {
		out.Subscription = billing.SubscriptionID(cs.Subscription.ID)
	}
	if cs.PaymentIntent != nil {
		out.PaymentIntent = cs.PaymentIntent.ID
	}
	if cs.Invoice != nil && cs.Subscription == nil {
		out.Invoice = billing.InvoiceID(cs.Invoice.ID)
	}
	if cs.CustomerDetails != nil {
		out.Email = cs.CustomerDetails.Email
	}
	for _, invoice := range s.invoices {
		if cs.Invoice != nil && cs.Invoice.ID == invoice.ID {
			out.PaymentIntent = intentOf(invoice)
		}
	}
	if intent := s.intents[out.PaymentIntent]; intent != nil {
		out.PaymentMethod = billing.PaymentMethodID(methodID(intent.PaymentMethod))
	}
	return out
}

func methodID(m *stripe.PaymentMethod) string {
	if m == nil {
		return ""
	}
	return m.ID
}

// at reads Stripe's seconds; 0, which stands for null, is the zero time.
func at(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}
