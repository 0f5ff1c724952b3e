package catalog

import (
	"slices"

	"github.com/dues-billing/dues/billing"
)

func readFreePlans(list node) []billing.PlanID {
	var ids []billing.PlanID
	for _, n := range list.list(plansMax) {
		ids = append(ids, billing.PlanID(n.text(idBytesMax)))
	}
	return ids
}

// checkGroups looks whether there is a default group, and which plans are free in which group.
func checkGroups(key func(string) node, c billing.Catalog) {
	named := func(plan billing.Plan) bool { return plan.Group != "" }
	if len(c.Plans) > 0 && !slices.ContainsFunc(c.Plans, func(plan billing.Plan) bool { return !named(plan) }) {
		key("plans").problem("every plan names a group; leave group out of those that an account is on first of all: they are the default group")
	}
	if at := key("free_plan"); c.FreePlan != "" && checkFree(at, c, c.FreePlan) {
		if plan, _ := c.Plan(c.FreePlan); named(plan) {
			at.problem("plan %q is of the group %q and not of the default one; list it in free_plans", plan.ID, plan.Group)
		}
	}
	seen := map[billing.Group]billing.PlanID{}
	for i, n := range key("free_plans").list(plansMax) {
		id := c.FreePlans[i]
		if !checkFree(n, c, id) {
			continue
		}
		plan, _ := c.Plan(id)
		if other, taken := seen[plan.Group]; !named(plan) {
			n.problem("plan %q is of the default group; the free plan of that is free_plan", id)
		} else if taken {
			n.problem("%q is the free plan of the group %q already", other, plan.Group)
		}
		seen[plan.Group] = id
	}
}

// checkFree reports whether a plan costs nothing.
func checkFree(at node, c billing.Catalog, id billing.PlanID) bool {
	plan, ok := c.Plan(id)
	switch {
	case !ok:
		at.problem("there is no plan %q", id)
	case !slices.ContainsFunc(plan.Prices, func(price billing.Price) bool { return price.Free() && !price.Archived }):
		at.problem("plan %q has no price with amount 0", id)
	default:
		return true
	}
	return false
}
