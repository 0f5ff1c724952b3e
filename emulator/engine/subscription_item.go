package engine

// CreateSubscriptionItem is POST /v1/subscription_items.
type CreateSubscriptionItem struct {
	SubscriptionItemParams
	PaymentBehavior   Opt[string] `form:"payment_behavior"`
	ProrationBehavior Opt[string] `form:"proration_behavior"`
	ProrationDate     Opt[int64]  `form:"proration_date"`
	Subscription      Opt[string] `form:"subscription"`
}

func (c CreateSubscriptionItem) apply(t *tx) (Result, error) {
	if !c.Subscription.Given() {
		return nil, required("subscription")
	}
	before, ok := Get[Subscription](t.world, c.Subscription.Or(""))
	if !ok {
		return nil, noSuchParam("subscription", c.Subscription.Or(""), "subscription")
	}
	after, err := t.updateItem(before, ItemChange{SubscriptionItemParams: c.SubscriptionItemParams}, UpdateSubscription{
		PaymentBehavior:    c.PaymentBehavior,
		SubscriptionChange: SubscriptionChange{ProrationBehavior: c.ProrationBehavior, ProrationDate: c.ProrationDate},
	})
	if err != nil {
		return nil, outsideItems(err)
	}
	return after.Items[len(after.Items)-1], nil
}

// UpdateSubscriptionItem is POST /v1/subscription_items/{id}.
type UpdateSubscriptionItem struct {
	ID string `form:"-"`
	SubscriptionItemParams
	OffSession        Opt[bool]   `form:"off_session"`
	PaymentBehavior   Opt[string] `form:"payment_behavior"`
	ProrationBehavior Opt[string] `form:"proration_behavior"`
	ProrationDate     Opt[int64]  `form:"proration_date"`
}

func (c UpdateSubscriptionItem) apply(t *tx) (Result, error) {
	before, err := t.ownerOfItem(c.ID)
	if err != nil {
		return nil, err
	}
	p := ItemChange{ID: Some(c.ID), SubscriptionItemParams: c.SubscriptionItemParams}
	after, err := t.updateItem(before, p, UpdateSubscription{
		OffSession: c.OffSession, PaymentBehavior: c.PaymentBehavior,
		SubscriptionChange: SubscriptionChange{ProrationBehavior: c.ProrationBehavior, ProrationDate: c.ProrationDate},
	})
	if err != nil {
		return nil, outsideItems(err)
	}
	item, _ := after.item(c.ID)
	return item, nil
}

// DeleteSubscriptionItem is DELETE /v1/subscription_items/{id}. The last item of a subscription stays.
type DeleteSubscriptionItem struct {
	ID                string      `form:"-"`
	ClearUsage        Opt[bool]   `form:"clear_usage"`
	PaymentBehavior   Opt[string] `form:"payment_behavior"`
	ProrationBehavior Opt[string] `form:"proration_behavior"`
	ProrationDate     Opt[int64]  `form:"proration_date"`
}

func (c DeleteSubscriptionItem) apply(t *tx) (Result, error) {
	before, err := t.ownerOfItem(c.ID)
	if err != nil {
		return nil, err
	}
	p := ItemChange{ID: Some(c.ID), ClearUsage: c.ClearUsage, Deleted: Some(true)}
	_, err = t.updateItem(before, p, UpdateSubscription{
		PaymentBehavior:    c.PaymentBehavior,
		SubscriptionChange: SubscriptionChange{ProrationBehavior: c.ProrationBehavior, ProrationDate: c.ProrationDate},
	})
	if err != nil {
		return nil, outsideItems(err)
	}
	return &Deleted{ID: c.ID, Object: "subscription_item"}, nil
}

// ownerOfItem finds the subscription of an item that a route names.
func (t *tx) ownerOfItem(id string) (*Subscription, error) {
	item, ok := Get[SubscriptionItem](t.world, id)
	if !ok {
		return nil, NotFound("subscription_item", id, "item")
	}
	return must[Subscription](t, item.Subscription), nil
}

// updateItem changes one item by the same path as an update of the subscription, which c carries the rest of.
func (t *tx) updateItem(s *Subscription, p ItemChange, c UpdateSubscription) (*Subscription, error) {
	c.ID, c.Items = s.ID, Some([]ItemChange{p})
	after, err := c.apply(t)
	if err != nil {
		return nil, err
	}
	return after.(*Subscription), nil
}

// outsideItems names a parameter of items[0] as the item's own routes call it.
func outsideItems(err error) error {
	e, ok := err.(*Error)
	const prefix = "items[0]["
	if !ok || len(e.Param) <= len(prefix) || e.Param[:len(prefix)] != prefix {
		return err
	}
	own := *e
	name, rest := e.Param[len(prefix):], ""
	for i, r := range name {
		if r == ']' {
			name, rest = name[:i], name[i+1:]
			break
		}
	}
	own.Param = name + rest
	return &own
}

// ListSubscriptionItems is GET /v1/subscription_items.
type ListSubscriptionItems struct {
	Page
	Subscription Opt[string] `form:"subscription"`
}

func (q ListSubscriptionItems) run(w *World) (*Listing, error) {
	id, ok := q.Subscription.Get()
	if !ok {
		return nil, required("subscription")
	}
	if _, ok := Get[Subscription](w, id); !ok {
		return nil, noSuchParam("subscription", id, "subscription")
	}
	return list(w, q.Page, selection[SubscriptionItem]{index: "subscription", value: id, cursorName: "subscription_item"})
}

// ListSubscriptions is GET /v1/subscriptions. Canceled ones are hidden unless asked for.
type ListSubscriptions struct {
	Page
	CollectionMethod   Opt[string] `form:"collection_method"`
	Created            Range       `form:"created"`
	CurrentPeriodEnd   Range       `form:"current_period_end"`
	CurrentPeriodStart Range       `form:"current_period_start"`
	Customer           Opt[string] `form:"customer"`
	Plan               Opt[string] `form:"plan"`
	Price              Opt[string] `form:"price"`
	Status             Opt[string] `form:"status"`
	TestClock          Opt[string] `form:"test_clock"`
}

func (q ListSubscriptions) run(w *World) (*Listing, error) {
	s := selection[Subscription]{index: "clock", value: q.TestClock.Or(""), cursorName: "subscription"}
	if customer, ok := q.Customer.Get(); ok {
		s.index, s.value = "customer", customer
	}
	price, byPrice := q.Price.Get()
	if !byPrice {
		price, byPrice = q.Plan.Get()
	}
	s.keep = func(sub *Subscription) bool {
		return q.wantsStatus(sub.Status) && q.Created.holds(sub.Created) && q.CurrentPeriodEnd.holds(sub.periodEnd()) &&
			q.CurrentPeriodStart.holds(sub.periodStart()) && q.TestClock.Or(sub.TestClock) == sub.TestClock &&
			q.CollectionMethod.Or(sub.CollectionMethod) == sub.CollectionMethod && (!byPrice || sub.uses(price))
	}
	return list(w, q.Page, s)
}

func (q ListSubscriptions) wantsStatus(status string) bool {
	switch wanted := q.Status.Or(""); wanted {
	case "":
		return status != SubCanceled
	case "all":
		return true
	case "ended":
		return status == SubCanceled || status == SubIncompleteExpired
	default:
		return status == wanted
	}
}

// uses says whether a subscription has an item of a price.
func (s *Subscription) uses(price string) bool {
	for _, item := range s.Items {
		if item.Price == price {
			return true
		}
	}
	return false
}

var _ = register(CreateSubscriptionItem{}, UpdateSubscriptionItem{}, DeleteSubscriptionItem{})
