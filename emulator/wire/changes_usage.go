package wire

import "github.com/dues-billing/dues/emulator/engine"

// aggregates are the ways in which a price could make one number of the usage records of a period.
const aggregates = "<last_during_period,last_ever,max,sum>"

// basilMeters took usage records away: since then usage is reported to meters.
var basilMeters = &change{
	version: basil, what: "metered prices have meters; usage records are gone",
	params: []paramChange{
		{op: "POST /v1/prices", went: map[string]string{"recurring.aggregate_usage": aggregates}},
		{op: "POST /v1/plans", went: map[string]string{"aggregate_usage": aggregates}},
	},
	before: map[string]func(*view, object){
		"price": func(v *view, o object) {
			if recurring, ok := o["recurring"].(object); ok {
				recurring["aggregate_usage"] = v.aggregateUsage(o)
			}
		},
		"plan": func(v *view, o object) { o["aggregate_usage"] = v.aggregateUsage(o) },
	},
}

// aggregateUsage is how a price, or the plan that it is too, aggregates usage records: null for one without.
func (v *view) aggregateUsage(o object) any {
	price, ok := v.priceOf(text(o["id"]))
	if !ok || price.Recurring == nil {
		return nil
	}
	return orNull(price.Recurring.AggregateUsage)
}

// recordRoutes are those of usage records.
var recordRoutes = []*route{
	before(basil, "usage_record {action:<increment,set>;expand:[s5000];quantity!:i;timestamp:(t/<now>)}",
		post("/v1/subscription_items/{subscription_item}/usage_records", "CreateUsageRecord")),
	before(basil, "usage_record_summary* {ending_before:s5000;expand:[s5000];limit:i;starting_after:s5000}",
		list("/v1/subscription_items/{subscription_item}/usage_record_summaries", engine.ListUsageRecordSummaries{})),
}
