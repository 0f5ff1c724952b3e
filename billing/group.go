package billing

import (
	"slices"
	"time"
)

// Group names plans that exclude each other: an account has one subscription of each group. "" is the default group, that of the plans that
// name none.
type Group string

// In returns the catalogue as one group sees it. The rules that pick the subscription an account is on (Best, and whatever begins with it) look
// at subscriptions of that group only, so each rule is written once, for one subscription. A catalogue that nobody narrowed is the default
// group's. Plans and prices of all groups are found in each.
func (c Catalog) In(group Group) Catalog {
	c.group = group
	return c
}

// InPriceOf returns the catalogue as the group of that price sees it; a price that is not sold is of the default group.
func (c Catalog) InPriceOf(key string) Catalog {
	plan, _, _ := c.PlanOfPrice(key)
	return c.In(plan.Group)
}

// Groups returns the groups of plans, the default one first.
func (c Catalog) Groups() []Group {
	if c.index != nil {
		return c.index.groups
	}
	groups := []Group{""}
	for i := range c.Plans {
		if !slices.Contains(groups, c.Plans[i].Group) {
			groups = append(groups, c.Plans[i].Group)
		}
	}
	return groups
}

// CheckGroup returns an error of code invalid for a group that no plan is of.
func (c Catalog) CheckGroup(group Group) error {
	if !slices.Contains(c.Groups(), group) {
		return Errorf(Invalid, "the catalogue has no group %q", group).In("group")
	}
	return nil
}

// GroupOf returns the group of a subscription: that of the plan it is on. What is on no plan of the catalogue is of the default group.
func (c Catalog) GroupOf(s Subscription) Group {
	plan, _ := c.Sold(s)
	return plan.Group
}

// holds reports whether a subscription is of the group that the catalogue is seen by.
func (c Catalog) holds(s Subscription) bool { return c.GroupOf(s) == c.group }

// bills reports whether an invoice is of the group that the catalogue is seen by. One of no subscription is of the default group.
func (c Catalog) bills(s State, invoice Invoice) bool {
	sub, _ := s.Subscription(invoice.Subscription)
	return c.holds(sub)
}

// freePlan is the free plan of the group, "" without one.
func (c Catalog) freePlan() PlanID {
	if c.group == "" {
		return c.FreePlan
	}
	for _, id := range c.FreePlans {
		if plan, ok := c.Plan(id); ok && plan.Group == c.group {
			return id
		}
	}
	return ""
}

// AccessesOf is AccessOf for each group, the default one first.
func AccessesOf(c Catalog, s State, now time.Time) []Access {
	groups := c.Groups()
	all := make([]Access, len(groups))
	for i, group := range groups {
		all[i] = AccessOf(c.In(group), s, now)
	}
	return all
}

// FreeFirst are the prices of the free plans that a customer begins with: one in each group of which the customer has no subscription, not even one
// that ended.
func (c Catalog) FreeFirst(s State) []FreeStart {
	var all []FreeStart
	for _, group := range c.Groups() {
		view := c.In(group)
		if free, ok := view.FreePrice(); ok && !slices.ContainsFunc(s.Subscriptions, view.holds) {
			all = append(all, FreeStart{group, free.Key})
		}
	}
	return all
}

// FreeStart is the price of a group's free plan.
type FreeStart struct {
	Group Group
	Key   string
}
