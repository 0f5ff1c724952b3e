package catalog

import "github.com/dues-billing/dues/billing"

// readRefunds reads the rules by which payments are given back, in the order of the file.
func readRefunds(list node, c billing.Catalog) []billing.RefundRule {
	var rules []billing.RefundRule
	for _, n := range list.list(rulesMax) {
		key := n.keys("plans", "assets", "within", "consumed", "count", "renewals", "keeps_plan")
		rule := billing.RefundRule{
			Within: duration(key("within")), Consumed: 100, Renewals: key("renewals").flag(), KeepsPlan: key("keeps_plan").flag(),
		}
		for _, plan := range key("plans").list(plansMax) {
			id := billing.PlanID(plan.text(idBytesMax))
			if _, ok := c.Plan(id); !ok {
				plan.problem("there is no plan %q", id)
			}
			rule.Plans = append(rule.Plans, id)
		}
		rule.Assets = readAssetIDs(key("assets"), c)
		if at := key("consumed"); at.given() {
			rule.Consumed = within(at, 0, 100)
		}
		if at := key("count"); at.given() {
			rule.Count = within(at, 1, 1000)
		}
		rules = append(rules, rule)
	}
	return rules
}

// within reads a whole number between two.
func within(n node, least, most int64) int {
	number := n.number()
	if number < least || number > most {
		n.problem("a whole number from %d to %d is needed here", least, most)
	}
	return int(number)
}
