package stripeprovider

import (
	"cmp"
	"context"
	"slices"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// ChangeAtEnd implements service.Changer, by a schedule of two phases: the running period as it is, and one period at the new price, after
// which Stripe lets go of the subscription.
func (c *Client) ChangeAtEnd(ctx context.Context, req service.ChangeRequest) error {
	sub, err := c.sc.V1Subscriptions.Retrieve(ctx, string(req.Subscription), nil)
	if err != nil {
		return failure("retrieve subscription", err)
	}
	item := itemOf(sub, req.Item)
	if item == nil || billing.Status(sub.Status).Ended() {
		return billing.Errorf(billing.Conflict, "the subscription has changed meanwhile; try again")
	}
	addOns, err := addOnsAsked(sub, req.AddOns)
	if err != nil {
		return err
	}
	if err := c.waitNoMore(ctx, sub); err != nil {
		return err
	}
	schedule, err := c.scheduleOf(ctx, sub, req.Key)
	if err != nil {
		return err
	}
	running := runningPhase(schedule)
	if running == nil {
		return billing.Errorf(billing.Conflict, "another change of this subscription begins at this moment; try again")
	}
	params := &stripe.SubscriptionScheduleUpdateParams{
		EndBehavior: stripe.String("release"), ProrationBehavior: stripe.String("none"),
		Phases: []*stripe.SubscriptionScheduleUpdatePhaseParams{again(running), again(running)},
	}
	now, next := params.Phases[0], params.Phases[1]
	now.StartDate, now.EndDate = stripe.Int64(running.StartDate), stripe.Int64(item.CurrentPeriodEnd)
	if running.TrialEnd != 0 {
		now.TrialEnd = stripe.Int64(running.TrialEnd)
	}
	next.ProrationBehavior = stripe.String("none")
	price, err := c.sc.V1Prices.Retrieve(ctx, string(req.Price), nil)
	if err != nil {
		return failure("retrieve price", err)
	}
	if price.Recurring == nil {
		return billing.Errorf(billing.Conflict, "a subscription cannot change to a price that is paid once")
	}
	next.Duration = &stripe.SubscriptionScheduleUpdatePhaseDurationParams{
		Interval: stripe.String(string(price.Recurring.Interval)), IntervalCount: stripe.Int64(price.Recurring.IntervalCount),
	}
	for i, it := range next.Items {
		if *it.Price != item.Price.ID {
			continue
		}
		next.Items[i] = &stripe.SubscriptionScheduleUpdatePhaseItemParams{Price: stripe.String(price.ID)}
		if !metered(price) {
			next.Items[i].Quantity = stripe.Int64(cmp.Or(req.Quantity, item.Quantity))
		}
	}
	next.Items = inPhase(next.Items, addOns)
	params.SetIdempotencyKey(req.Key + ":phases")
	_, err = c.sc.V1SubscriptionSchedules.Update(ctx, schedule.ID, params)
	return failure("schedule a change", err)
}

// otherPeriod returns the price of a change that is billed for another period than the present one, nil for one that is not.
func (c *Client) otherPeriod(ctx context.Context, a asked) (*stripe.Price, error) {
	price, err := c.sc.V1Prices.Retrieve(ctx, a.price, nil)
	if err != nil {
		return nil, failure("retrieve price", err)
	}
	if is, was := price.Recurring, a.item.Price.Recurring; is == nil || was == nil || is.Interval == was.Interval && is.IntervalCount == was.IntervalCount {
		return nil, nil
	}
	return price, nil
}

// previewStart previews a period that another one follows. Asked of the subscription, Stripe would show the new period as if it had begun with the running one, so
// it is asked of a schedule that would begin then, with what the subscription has off.
func (c *Client) previewStart(ctx context.Context, req service.ChangeRequest, a asked, price *stripe.Price) (billing.Preview, error) {
	sub, err := c.sc.V1Subscriptions.Retrieve(ctx, string(req.Subscription), &stripe.SubscriptionRetrieveParams{Expand: stripe.StringSlice([]string{"discounts"})})
	if err != nil {
		return billing.Preview{}, failure("retrieve subscription", err)
	}
	phase := &stripe.InvoiceCreatePreviewScheduleDetailsPhaseParams{
		StartDate: stripe.Int64(a.item.CurrentPeriodEnd),
		Duration: &stripe.InvoiceCreatePreviewScheduleDetailsPhaseDurationParams{
			Interval: stripe.String(string(price.Recurring.Interval)), IntervalCount: stripe.Int64(price.Recurring.IntervalCount),
		},
	}
	add := func(price string, quantity int64, usage bool) {
		item := &stripe.InvoiceCreatePreviewScheduleDetailsPhaseItemParams{Price: stripe.String(price)}
		if !usage {
			item.Quantity = stripe.Int64(quantity)
		}
		phase.Items = append(phase.Items, item)
	}
	add(price.ID, a.quantity, metered(price))
	for _, item := range a.others {
		add(item.Price.ID, item.Quantity, metered(item.Price))
	}
	for _, item := range a.addOns {
		if !item.Drop {
			add(string(item.Price), item.Quantity, item.Usage)
		}
	}
	for _, d := range sub.Discounts {
		if d.Source != nil && d.Source.Coupon != nil {
			phase.Discounts = append(phase.Discounts, &stripe.InvoiceCreatePreviewScheduleDetailsPhaseDiscountParams{Coupon: stripe.String(d.Source.Coupon.ID)})
		}
	}
	return c.preview(ctx, &stripe.InvoiceCreatePreviewParams{
		Customer:        stripe.String(sub.Customer.ID),
		ScheduleDetails: &stripe.InvoiceCreatePreviewScheduleDetailsParams{Phases: []*stripe.InvoiceCreatePreviewScheduleDetailsPhaseParams{phase}},
	})
}

// scheduleOf returns the schedule of a subscription, which is made when there is none.
func (c *Client) scheduleOf(ctx context.Context, sub *stripe.Subscription, key string) (*stripe.SubscriptionSchedule, error) {
	if sub.Schedule != nil {
		schedule, err := c.sc.V1SubscriptionSchedules.Retrieve(ctx, sub.Schedule.ID, nil)
		return schedule, failure("retrieve schedule", err)
	}
	params := &stripe.SubscriptionScheduleCreateParams{FromSubscription: stripe.String(sub.ID)}
	params.SetIdempotencyKey(key)
	schedule, err := c.sc.V1SubscriptionSchedules.Create(ctx, params)
	return schedule, failure("make a schedule", err)
}

// runningPhase is the phase of a schedule that is on, nil between two.
func runningPhase(s *stripe.SubscriptionSchedule) *stripe.SubscriptionSchedulePhase {
	if s.CurrentPhase == nil {
		return nil
	}
	for _, phase := range s.Phases {
		if phase.StartDate == s.CurrentPhase.StartDate {
			return phase
		}
	}
	return nil
}

// again is a phase as it has to be sent once more: Stripe takes the phases of an update for all that there is.
func again(phase *stripe.SubscriptionSchedulePhase) *stripe.SubscriptionScheduleUpdatePhaseParams {
	out := &stripe.SubscriptionScheduleUpdatePhaseParams{Metadata: phase.Metadata}
	if phase.DefaultPaymentMethod != nil {
		out.DefaultPaymentMethod = stripe.String(phase.DefaultPaymentMethod.ID)
	}
	for _, rate := range phase.DefaultTaxRates {
		out.DefaultTaxRates = append(out.DefaultTaxRates, stripe.String(rate.ID))
	}
	for _, d := range phase.Discounts {
		given := &stripe.SubscriptionScheduleUpdatePhaseDiscountParams{}
		switch {
		case d.Discount != nil:
			given.Discount = stripe.String(d.Discount.ID)
		case d.PromotionCode != nil:
			given.PromotionCode = stripe.String(d.PromotionCode.ID)
		case d.Coupon != nil:
			given.Coupon = stripe.String(d.Coupon.ID)
		}
		out.Discounts = append(out.Discounts, given)
	}
	for _, item := range phase.Items {
		given := &stripe.SubscriptionScheduleUpdatePhaseItemParams{Price: stripe.String(item.Price.ID)}
		if item.Quantity != 0 {
			given.Quantity = stripe.Int64(item.Quantity)
		}
		out.Items = append(out.Items, given)
	}
	return out
}

// KeepPlan implements service.Changer.
func (c *Client) KeepPlan(ctx context.Context, sub billing.SubscriptionID, key string) error {
	return c.release(ctx, sub, key)
}

// release ends the schedule of a subscription and leaves the subscription as it is.
func (c *Client) release(ctx context.Context, id billing.SubscriptionID, key string) error {
	sub, err := c.sc.V1Subscriptions.Retrieve(ctx, string(id), nil)
	if err != nil {
		return failure("retrieve subscription", err)
	}
	if sub.Schedule == nil {
		return nil
	}
	params := &stripe.SubscriptionScheduleReleaseParams{}
	params.SetIdempotencyKey(key + ":release")
	_, err = c.sc.V1SubscriptionSchedules.Release(ctx, sub.Schedule.ID, params)
	return failure("release the schedule", err)
}

// next reads what a subscription changes to: the item that is new, or else another, and all that it has then. Only one that is under a schedule has such a
// thing, and few are: it is read by a request of its own.
func (c *Client) next(ctx context.Context, sub *stripe.Subscription) (next billing.NextPlan, later billing.LaterItems, err error) {
	if sub.Schedule == nil || billing.Status(sub.Status).Ended() {
		return next, later, nil
	}
	schedule, err := c.sc.V1SubscriptionSchedules.Retrieve(ctx, sub.Schedule.ID, nil)
	if err != nil {
		return next, later, failure("retrieve schedule", err)
	}
	if schedule.CurrentPhase == nil {
		return next, later, nil
	}
	upcoming := slices.IndexFunc(schedule.Phases, func(p *stripe.SubscriptionSchedulePhase) bool { return p.StartDate >= schedule.CurrentPhase.EndDate })
	if upcoming < 0 || len(schedule.Phases[upcoming].Items) == 0 {
		return next, later, nil
	}
	phase := schedule.Phases[upcoming]
	changes := len(phase.Items) != len(itemsOf(sub))
	for _, item := range phase.Items {
		key, err := c.priceKeyByID(ctx, item.Price.ID)
		if err != nil {
			return next, later, err
		}
		then := billing.LaterItem{Price: billing.PriceID(item.Price.ID), PriceKey: key, Quantity: item.Quantity}
		later.Items = append(later.Items, then)
		if stays(sub, item) {
			continue
		}
		changes = true
		if next.At.IsZero() {
			next = billing.NextPlan{Price: then.Price, PriceKey: then.PriceKey, Quantity: then.Quantity, At: at(phase.StartDate)}
		}
	}
	if !changes {
		return next, billing.LaterItems{}, nil
	}
	later.At = at(phase.StartDate)
	return next, later, nil
}

// stays reports whether an item of a phase is on the subscription already.
func stays(sub *stripe.Subscription, planned *stripe.SubscriptionSchedulePhaseItem) bool {
	return slices.ContainsFunc(itemsOf(sub), func(item *stripe.SubscriptionItem) bool {
		return item.Price != nil && item.Price.ID == planned.Price.ID && item.Quantity == planned.Quantity
	})
}
