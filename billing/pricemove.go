package billing

import (
	"fmt"
	"strings"
	"time"
)

// PriceMoveID names one attempt to move a subscription to a newer price.
type PriceMoveID string

// PriceMoveStatus is what became of it.
type PriceMoveStatus string

// A move is pending from before the provider is asked until its answer is known. A skipped one is tried again by the next run, and so is a failed one.
const (
	MovePending PriceMoveStatus = "pending"
	Moved       PriceMoveStatus = "moved"
	MoveSkipped PriceMoveStatus = "skipped"
	MoveFailed  PriceMoveStatus = "failed"
)

// PriceMove is a row of the ledger: who was moved from which price to which, or why not.
type PriceMove struct {
	ID           PriceMoveID
	Account      AccountID
	Subscription SubscriptionID
	From, To     string // the catalogue's keys
	Status       PriceMoveStatus
	Why          string // skipped or failed
	CreatedAt    time.Time
	DoneAt       time.Time // zero while pending
}

// MovablePrices returns the archived prices whose subscribers are to move, with what they move to.
func (c Catalog) MovablePrices() map[string]string {
	to := map[string]string{}
	for _, plan := range c.Plans {
		for _, price := range plan.Prices {
			if price.MoveTo != "" {
				to[price.Key] = price.MoveTo
			}
		}
	}
	for _, addOn := range c.AddOns {
		for _, price := range addOn.Prices {
			if price.MoveTo != "" {
				to[price.Key] = price.MoveTo
			}
		}
	}
	return to
}

// Movable decides whether a subscription moves from a price to a newer one, from its next period, with nothing charged or credited now. why says
// what speaks against it; the item is the one to be moved.
func (c Catalog) Movable(s Subscription, from, to string) (item Item, why string) {
	for _, it := range s.Items {
		if it.PriceKey == from {
			item = it
		}
	}
	price, known := c.price(to)
	_, sold := price.In(s.BilledIn())
	switch {
	case item.ID == "":
		return item, "it is not on " + from
	case !known:
		return item, "the catalogue has no price " + to
	case s.Status.Ended():
		return item, "it has ended"
	case s.Status == Incomplete:
		return item, "its first payment is not made"
	case s.Status == Paused || s.Status == Unpaid:
		return item, fmt.Sprintf("it is %s, and not billed", s.Status)
	case s.Status == PastDue:
		return item, "a payment is overdue"
	case !s.CancelAt.IsZero() && !s.CancelAt.After(s.PeriodEnd()):
		return item, "it ends with its period"
	case !sold:
		return item, fmt.Sprintf("it is billed in %s, in which %s is not sold", strings.ToUpper(string(s.BilledIn())), to)
	}
	return item, ""
}

// price returns the price with that key, of a plan or an add-on, or false.
func (c Catalog) price(key string) (Price, bool) {
	if _, price, ok := c.PlanOfPrice(key); ok {
		return price, true
	}
	_, price, ok := c.AddOnOfPrice(key)
	return price, ok
}
