package wire

import "github.com/dues-billing/dues/emulator/engine"

// customerSubscriptionRoutes are the older paths of subscriptions, below their customer: the same operations as below /v1/subscriptions.
var customerSubscriptionRoutes = []*route{
	below("", post("/v1/customers/{customer}/subscriptions", "CreateSubscription")),
	below("", list("/v1/customers/{customer}/subscriptions", engine.ListSubscriptions{})),
	below(theirs, retrieve[engine.Subscription](theirs, "subscription", "id")),
	below(theirs, post(theirs, "UpdateSubscription")),
	below(theirs, remove(theirs, "CancelSubscription")),
	below(theirs, read(theirs+"/discount", func(w *engine.World, ids []string) (any, error) { return w.DiscountOfSubscription(ids[1]) })),
	below(theirs, remove(theirs+"/discount", "DeleteSubscriptionDiscount")),
}

const theirs = "/v1/customers/{customer}/subscriptions/{subscription_exposed_id}"

// below makes a route stand below the customer of its path: either it is about a subscription, which must be that customer's, or the
// customer is a parameter of its command or query.
func below(subscription string, r *route) *route {
	r.customer = &placement{param: subscription == ""}
	return r
}

// placement is how the customer in the path of a route takes part.
type placement struct {
	param bool // as the parameter customer; else as the owner of the subscription
}

// place checks the owner and returns the ids that are left for the command. The world is locked.
func (c *call) place() ([]string, *engine.Error) {
	p := c.route.customer
	if p == nil {
		return c.ids, nil
	}
	if p.param {
		return nil, nil
	}
	if sub, ok := engine.Get[engine.Subscription](c.account.world, c.ids[1]); !ok || sub.Customer != c.ids[0] {
		return nil, engine.NotFound("subscription", c.ids[1], "id")
	}
	return c.ids[1:], nil
}

// placeParam gives the command or the query the customer of the path.
func (c *call) placeParam() {
	if p := c.route.customer; p != nil && p.param {
		c.form.setText(c.ids[0], "customer")
	}
}
