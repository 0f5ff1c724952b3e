package wire

import "github.com/dues-billing/dues/emulator/engine"

func thresholds(t *engine.BillingThresholds) any {
	if t == nil {
		return nil
	}
	return object{"amount_gte": orNull(t.AmountGTE), "reset_billing_cycle_anchor": t.ResetAnchor}
}

func itemThreshold(gte int64) any {
	if gte == 0 {
		return nil
	}
	return object{"usage_gte": gte}
}

// thresholdReason tells which thresholds an invoice was made for, and which of its lines they are about.
func thresholdReason(i *engine.Invoice) object {
	items := make([]any, len(i.Threshold.Items))
	for k, reason := range i.Threshold.Items {
		ids := []string{}
		for _, line := range i.Lines {
			if line.SubscriptionItem == reason.Item && line.Used != nil {
				ids = append(ids, line.ID)
			}
		}
		items[k] = object{"line_item_ids": ids, "usage_gte": reason.UsageGTE}
	}
	return object{"amount_gte": orNull(i.Threshold.AmountGTE), "item_reasons": items}
}
