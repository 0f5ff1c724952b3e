package stripeprovider

import (
	"cmp"
	"context"
	"slices"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
	"github.com/dues-billing/dues/service"
)

// behaviors are Stripe's words for how a change is prorated.
var behaviors = map[billing.Proration]string{
	billing.ProrateNow: "always_invoice", billing.ProrateLater: "create_prorations", billing.ProrateNever: "none",
}

// asked is a change as it is asked of Stripe, of the subscription as it is.
type asked struct {
	item     *stripe.SubscriptionItem
	price    string
	quantity int64
	behavior string
	at       *int64 // proration_date
	restarts bool
	addOns   []itemAsked
	others   []*stripe.SubscriptionItem // the items beside that stay as they are
	sub      *stripe.Subscription       // as it is
}

// asks reads the subscription first: one that is so already was changed by an earlier try, and the quantity has to be sent with a price,
// for Stripe takes 1 otherwise.
func (c *Client) asks(ctx context.Context, req service.ChangeRequest) (asked, error) {
	sub, err := c.sc.V1Subscriptions.Retrieve(ctx, string(req.Subscription), nil)
	if err != nil {
		return asked{}, failure("retrieve subscription", err)
	}
	if billing.Status(sub.Status).Ended() {
		return asked{}, billing.Errorf(billing.Conflict, "the subscription has ended")
	}
	item := itemOf(sub, req.Item)
	if item == nil {
		return asked{}, billing.Errorf(billing.Conflict, "the subscription has changed meanwhile; try again")
	}
	a := asked{
		item: item, price: string(req.Price), quantity: cmp.Or(req.Quantity, item.Quantity, 1),
		behavior: behaviors[cmp.Or(req.Proration, billing.ProrateNow)], sub: sub,
	}
	if a.addOns, err = addOnsAsked(sub, req.AddOns); err != nil {
		return asked{}, err
	}
	for _, other := range itemsOf(sub) {
		if other != item && !slices.ContainsFunc(a.addOns, func(i itemAsked) bool { return i.was == other }) {
			a.others = append(a.others, other)
		}
	}
	if a.restarts = costsNothing(item.Price) && !req.AtEnd; a.restarts {
		return a, nil // a whole period from now: there is nothing to prorate
	}
	if a.behavior != behaviors[billing.ProrateNever] && !req.AtEnd && !req.ProratedAt.IsZero() {
		a.at = stripe.Int64(max(req.ProratedAt.Unix(), item.CurrentPeriodStart)) // Stripe's clock may be ahead of ours
	}
	return a, nil
}

// Change implements service.Changer.
func (c *Client) Change(ctx context.Context, req service.ChangeRequest) error {
	a, err := c.asks(ctx, req)
	if err != nil {
		return err
	}
	if a.plansItem(req) != nil || len(a.addOns) > 0 {
		if err := c.update(ctx, req, a); err != nil {
			return err
		}
	}
	// The schedule would put the old price back. It goes after the change, for a change that is not paid leaves what is scheduled as it is.
	return c.release(ctx, req.Subscription, req.Key)
}

func (c *Client) update(ctx context.Context, req service.ChangeRequest, a asked) error {
	if err := c.waitNoMore(ctx, a.sub); err != nil {
		return err
	}
	params := a.updates(req)
	params.DefaultPaymentMethod = optional(string(req.PaymentMethod))
	params.PaymentBehavior = stripe.String("error_if_incomplete") // a declined payment changes nothing
	params.SetIdempotencyKey(req.Key)
	_, err := c.sc.V1Subscriptions.Update(ctx, string(req.Subscription), params)
	return failure("change subscription", err)
}

// updates are the parameters of a change, however it is paid.
func (a asked) updates(req service.ChangeRequest) *stripe.SubscriptionUpdateParams {
	params := &stripe.SubscriptionUpdateParams{ProrationBehavior: stripe.String(a.behavior), ProrationDate: a.at}
	for _, item := range a.all(req) {
		params.Items = append(params.Items, item.update())
	}
	if a.restarts {
		// Leaving the free plan starts the paid period now, for its whole price: what a checkout would do, and what Stripe's
		// classic mode did by itself.
		params.BillingCycleAnchorNow = stripe.Bool(true)
	}
	return params
}

// plansItem is the plan's item as it is to be, nil when it is so.
func (a asked) plansItem(req service.ChangeRequest) *itemAsked {
	if a.item.Price.ID == a.price && (req.Usage || a.item.Quantity == a.quantity) {
		return nil
	}
	return &itemAsked{service.ItemRequest{Price: billing.PriceID(a.price), Quantity: a.quantity, Usage: req.Usage}, a.item}
}

// all are the items that change, the plan's first.
func (a asked) all(req service.ChangeRequest) []itemAsked {
	if plan := a.plansItem(req); plan != nil {
		return append([]itemAsked{*plan}, a.addOns...)
	}
	return a.addOns
}

// PreviewChange implements service.Changer. It asks with the very parameters of Change.
func (c *Client) PreviewChange(ctx context.Context, req service.ChangeRequest) (billing.Preview, error) {
	a, err := c.asks(ctx, req)
	if err != nil {
		return billing.Preview{}, err
	}
	if req.AtEnd {
		price, err := c.otherPeriod(ctx, a)
		if err != nil {
			return billing.Preview{}, err
		}
		if price != nil {
			return c.previewStart(ctx, req, a, price)
		}
	}
	details := &stripe.InvoiceCreatePreviewSubscriptionDetailsParams{ProrationBehavior: stripe.String(a.behavior), ProrationDate: a.at}
	for _, item := range a.all(req) {
		details.Items = append(details.Items, item.preview())
	}
	if req.AtEnd {
		details.ProrationBehavior = stripe.String(behaviors[billing.ProrateNever])
	}
	if a.restarts {
		details.BillingCycleAnchorNow = stripe.Bool(true)
	}
	return c.preview(ctx, &stripe.InvoiceCreatePreviewParams{Subscription: stripe.String(string(req.Subscription)), SubscriptionDetails: details})
}

// Upcoming implements service.Changer.
func (c *Client) Upcoming(ctx context.Context, sub billing.SubscriptionID) (billing.Preview, error) {
	return c.preview(ctx, &stripe.InvoiceCreatePreviewParams{Subscription: stripe.String(string(sub))})
}

func (c *Client) preview(ctx context.Context, params *stripe.InvoiceCreatePreviewParams) (billing.Preview, error) {
	invoice, err := c.sc.V1Invoices.CreatePreview(ctx, params)
	if err != nil {
		return billing.Preview{}, failure("preview invoice", err)
	}
	currency := money.Currency(invoice.Currency)
	out := billing.Preview{
		Subtotal: money.New(invoice.Subtotal, currency), Total: money.New(invoice.Total, currency), AmountDue: money.New(invoice.AmountDue, currency),
		At: at(cmp.Or(invoice.NextPaymentAttempt, invoice.PeriodEnd)),
	}
	if out.Applied, err = out.Total.Sub(out.AmountDue); err != nil {
		return billing.Preview{}, err
	}
	for _, line := range invoice.Lines.Data {
		mirrored, err := c.line(ctx, line)
		if err != nil {
			return billing.Preview{}, err
		}
		out.Lines = append(out.Lines, mirrored)
	}
	return out, nil
}

// metered reports whether a price counts usage: its items have no quantity.
func metered(p *stripe.Price) bool {
	return p.Recurring != nil && p.Recurring.UsageType == stripe.PriceRecurringUsageTypeMetered
}

// costsNothing reports whether a price is 0, and not merely of a kind that has no unit amount, such as tiers or fractions of a cent.
func costsNothing(p *stripe.Price) bool {
	return p.BillingScheme == stripe.PriceBillingSchemePerUnit && p.UnitAmount == 0 && p.UnitAmountDecimal == 0
}

func itemsOf(sub *stripe.Subscription) []*stripe.SubscriptionItem {
	if sub.Items == nil {
		return nil
	}
	return sub.Items.Data
}

func itemOf(sub *stripe.Subscription, id string) *stripe.SubscriptionItem {
	for _, item := range itemsOf(sub) {
		if item.ID == id && item.Price != nil {
			return item
		}
	}
	return nil
}
