package catalog

import (
	"time"

	"github.com/dues-billing/dues/billing"
)

// defaultLeeway covers a provider that is late with its news: the invoice of a renewal is charged an hour or more after the
// period's end, and webhooks may be late for days.
const defaultLeeway = 48 * time.Hour

// defaultRules keep a paying customer in while Stripe retries. Cutting off at the first failed charge is the mistake that
// most shops regret.
var defaultRules = []billing.PolicyRule{
	{Status: billing.Active, Level: billing.Full},
	{Status: billing.Trialing, Level: billing.Full},
	{Status: billing.PastDue, Level: billing.Full},
	{Status: billing.Unpaid, Level: billing.FreeOnly},
	{Status: billing.Incomplete, Level: billing.FreeOnly},
	{Status: billing.Paused, Level: billing.FreeOnly},
	{Status: billing.Canceled, Level: billing.FreeOnly},
	{Status: billing.IncompleteExpired, Level: billing.FreeOnly},
}

// readPolicy reads the leeway and the table. The file's rules come first, so a rule without end replaces the default.
func readPolicy(leeway, table node) billing.AccessPolicy {
	p := billing.AccessPolicy{Leeway: defaultLeeway}
	if leeway.given() {
		p.Leeway = duration(leeway)
	}
	for _, n := range table.list(rulesMax) {
		key := n.keys("status", "within", "level")
		p.Rules = append(p.Rules, billing.PolicyRule{
			Status: oneOf(key("status"), billing.Active, billing.Trialing, billing.PastDue, billing.Unpaid, billing.Incomplete,
				billing.Paused, billing.Canceled, billing.IncompleteExpired),
			Within: duration(key("within")),
			Level:  oneOf(key("level"), billing.Full, billing.Limited, billing.FreeOnly, billing.None),
		})
	}
	p.Rules = append(p.Rules, defaultRules...)
	return p
}
