package stripeprovider

import (
	"slices"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// itemAsked is an item beside the plan's as it is asked of Stripe.
type itemAsked struct {
	service.ItemRequest
	was *stripe.SubscriptionItem // nil: it is added
}

// addOnsAsked finds the items that are to change. What is so already, by an earlier try, is left out; an item that is to be added and is there is changed.
func addOnsAsked(sub *stripe.Subscription, wanted []service.ItemRequest) ([]itemAsked, error) {
	var all []itemAsked
	for _, want := range wanted {
		at := slices.IndexFunc(itemsOf(sub), func(i *stripe.SubscriptionItem) bool {
			return i.ID == want.Item || want.Item == "" && i.Price != nil && i.Price.ID == string(want.Price)
		})
		if at < 0 && want.Item != "" {
			if want.Drop {
				continue
			}
			return nil, billing.Errorf(billing.Conflict, "the subscription has changed meanwhile; try again")
		}
		asked := itemAsked{ItemRequest: want}
		if at >= 0 {
			asked.was = sub.Items.Data[at]
		}
		so := asked.was != nil && !want.Drop && asked.was.Price.ID == string(want.Price) && (want.Usage || asked.was.Quantity == want.Quantity)
		if !so {
			all = append(all, asked)
		}
	}
	return all, nil
}

func (i itemAsked) update() *stripe.SubscriptionUpdateItemParams {
	params := &stripe.SubscriptionUpdateItemParams{}
	if i.was != nil {
		params.ID = &i.was.ID
	}
	if i.Drop {
		params.Deleted = stripe.Bool(true)
		return params
	}
	params.Price = stripe.String(string(i.Price))
	if !i.Usage {
		params.Quantity = &i.Quantity
	}
	return params
}

func (i itemAsked) preview() *stripe.InvoiceCreatePreviewSubscriptionDetailsItemParams {
	as := i.update()
	return &stripe.InvoiceCreatePreviewSubscriptionDetailsItemParams{ID: as.ID, Deleted: as.Deleted, Price: as.Price, Quantity: as.Quantity}
}

// inPhase makes a phase's items what they are to be after the changes.
func inPhase(items []*stripe.SubscriptionScheduleUpdatePhaseItemParams, changes []itemAsked) []*stripe.SubscriptionScheduleUpdatePhaseItemParams {
	for _, change := range changes {
		if change.was != nil {
			items = slices.DeleteFunc(items, func(i *stripe.SubscriptionScheduleUpdatePhaseItemParams) bool { return *i.Price == change.was.Price.ID })
		}
		if change.Drop {
			continue
		}
		item := &stripe.SubscriptionScheduleUpdatePhaseItemParams{Price: stripe.String(string(change.Price))}
		if !change.Usage {
			item.Quantity = stripe.Int64(change.Quantity)
		}
		items = append(items, item)
	}
	return items
}
