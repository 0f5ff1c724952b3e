package wire

import "github.com/dues-billing/dues/emulator/engine"

// thresholdChanges make a change of every parameter that sets a billing threshold.
func thresholdChanges(change func(path, kind string) paramChange) []paramChange {
	const amount, usage = "({amount_gte:i;reset_billing_cycle_anchor:b}/<>)", "({usage_gte!:i}/<>)"
	var out []paramChange
	for _, at := range []struct{ op, path, kind string }{
		{createSubscription, "billing_thresholds", amount}, {createSubscription, "items.billing_thresholds", usage},
		{updateSubscription, "billing_thresholds", amount}, {updateSubscription, "items.billing_thresholds", usage},
		{createTheirs, "billing_thresholds", amount}, {createTheirs, "items.billing_thresholds", usage},
		{updateTheirs, "billing_thresholds", amount}, {updateTheirs, "items.billing_thresholds", usage},
		{createItem, "billing_thresholds", usage}, {updateItem, "billing_thresholds", usage},
		{createSchedule, "default_settings.billing_thresholds", amount}, {updateSchedule, "default_settings.billing_thresholds", amount},
		{createSchedule, "phases.billing_thresholds", amount}, {createSchedule, "phases.items.billing_thresholds", usage},
		{updateSchedule, "phases.billing_thresholds", amount}, {updateSchedule, "phases.items.billing_thresholds", usage},
	} {
		p := change(at.path, at.kind)
		p.op = at.op
		out = append(out, p)
	}
	return out
}

const (
	createTheirs = "POST /v1/customers/{customer}/subscriptions"
	updateTheirs = "POST " + theirs
)

// thresholdsBefore shows the thresholds that the versions between have no word for.
func (v *view) thresholdsBefore(o object) {
	o["billing_thresholds"] = nil
	if s, ok := engine.Get[engine.Subscription](v.world, text(o["id"])); ok {
		o["billing_thresholds"] = thresholds(s.Thresholds)
	}
}

func (v *view) itemThresholdBefore(o object) {
	o["billing_thresholds"] = nil
	if item, ok := engine.Get[engine.SubscriptionItem](v.world, text(o["id"])); ok {
		o["billing_thresholds"] = itemThreshold(item.UsageGTE)
	}
}
