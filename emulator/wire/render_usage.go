package wire

import "github.com/dues-billing/dues/emulator/engine"

// usageObject renders what is measured, and the credit that pays for it; nil is another object.
func (v *view) usageObject(o any) object {
	switch o := o.(type) {
	case *engine.Meter:
		return meter(o)
	case *engine.MeterEvent:
		return meterEvent(o)
	case *engine.MeterEventAdjustment:
		return object{
			"object": "billing.meter_event_adjustment", "cancel": object{"identifier": o.Identifier}, "event_name": o.EventName, "livemode": false,
			"status": o.Status, "type": "cancel",
		}
	case *engine.MeterEventSummary:
		return object{
			"id": o.ID, "object": "billing.meter_event_summary", "aggregated_value": number(o.Value.String()), "end_time": o.Span.End,
			"livemode": false, "meter": o.Meter, "start_time": o.Span.Start,
		}
	case *engine.UsageRecord:
		return object{
			"id": o.ID, "object": "usage_record", "livemode": false, "quantity": o.Quantity, "subscription_item": o.Item, "timestamp": o.Timestamp,
		}
	case *engine.UsageRecordSummary:
		return object{
			"id": o.ID, "object": "usage_record_summary", "invoice": orNull(o.Invoice), "livemode": false, "period": period(o.Period),
			"subscription_item": o.Item, "total_usage": o.Total,
		}
	case *engine.CreditGrant:
		return creditGrant(o)
	case *engine.CreditBalanceTransaction:
		return creditMove(o)
	case *engine.CreditBalanceSummary:
		return creditSummary(o)
	case *engine.Alert:
		return alert(o)
	case *engine.AlertTriggered:
		value, _ := o.Value.Int()
		return object{
			"object": "billing.alert_triggered", "alert": alert(o.Alert), "created": o.Created, "customer": o.Customer, "livemode": false, "value": value,
		}
	case *engine.FeedbackOption:
		return object{
			"id": o.ID, "object": "billing.feedback_option", "description": o.Description, "livemode": false, "status": o.Status,
			"status_transitions": object{"deactivated_at": orNull(o.DeactivatedAt)},
		}
	}
	return nil
}

func meter(m *engine.Meter) object {
	return object{
		"id": m.ID, "object": "billing.meter", "created": m.Created, "livemode": false, "updated": m.Updated,
		"customer_mapping":    object{"event_payload_key": m.CustomerKey, "type": "by_id"},
		"default_aggregation": object{"formula": m.Formula}, "display_name": m.DisplayName, "event_name": m.EventName,
		"event_time_window": orNull(m.Window), "status": m.Status, "status_transitions": object{"deactivated_at": orNull(m.DeactivatedAt)},
		"value_settings": object{"event_payload_key": m.ValueKey},
	}
}

// meterEvent has no id: its identifier is what names it.
func meterEvent(e *engine.MeterEvent) object {
	return object{
		"object": "billing.meter_event", "created": e.Created, "event_name": e.EventName, "identifier": e.Identifier, "livemode": false,
		"payload": e.Payload, "timestamp": e.Timestamp,
	}
}

// monetary is an amount of credit.
func monetary(amount int64, currency string) object {
	return object{"monetary": object{"currency": currency, "value": amount}, "type": "monetary"}
}

func creditGrant(g *engine.CreditGrant) object {
	scope := object{"price_type": "metered"}
	if g.Prices != nil {
		prices := make([]any, len(g.Prices))
		for i, id := range g.Prices {
			prices[i] = object{"id": id}
		}
		scope = object{"prices": prices}
	}
	return object{
		"id": g.ID, "object": "billing.credit_grant", "created": g.Created, "livemode": false, "metadata": metadata(g.Metadata), "updated": g.Updated,
		"amount": monetary(g.Amount, g.Currency), "applicability_config": object{"scope": scope}, "category": g.Category, "customer": g.Customer,
		"customer_account": nil, "effective_at": g.EffectiveAt, "expires_at": orNull(g.ExpiresAt), "name": orNull(g.Name), "priority": g.Priority,
		"test_clock": orNull(g.TestClock), "voided_at": orNull(g.VoidedAt),
	}
}

// creditMove has the details of a credit or those of a debit.
func creditMove(m *engine.CreditBalanceTransaction) object {
	o := object{
		"id": m.ID, "object": "billing.credit_balance_transaction", "created": m.Created, "livemode": false, "credit": nil, "credit_grant": m.Grant,
		"debit": nil, "effective_at": m.EffectiveAt, "test_clock": orNull(m.TestClock), "type": "debit",
	}
	var of any
	if m.Invoice != "" {
		of = object{"invoice": m.Invoice, "invoice_line_item": m.Line}
	}
	if m.Adds() {
		o["type"] = "credit"
		o["credit"] = object{"amount": monetary(m.Amount, m.Currency), "credits_application_invoice_voided": of, "type": m.Kind}
	} else {
		o["debit"] = object{"amount": monetary(m.Amount, m.Currency), "credits_applied": of, "type": m.Kind}
	}
	return o
}

func creditSummary(s *engine.CreditBalanceSummary) object {
	balances := make([]any, len(s.Balances))
	for i, b := range s.Balances {
		balances[i] = object{"available_balance": monetary(b.Available, b.Currency), "ledger_balance": monetary(b.Ledger, b.Currency)}
	}
	return object{"object": "billing.credit_balance_summary", "balances": balances, "customer": s.Customer, "customer_account": nil, "livemode": false}
}

func alert(a *engine.Alert) object {
	filters := []any{}
	if a.Customer != "" {
		filters = append(filters, object{"customer": a.Customer, "type": "customer"})
	}
	return object{
		"id": a.ID, "object": "billing.alert", "alert_type": "usage_threshold", "livemode": false, "status": a.Status, "title": a.Title,
		"usage_threshold": object{"filters": filters, "gte": a.GTE, "meter": a.Meter, "recurrence": "one_time"},
	}
}

// creditsOn are the credits that paid something of lines, as pretax credit amounts.
func creditsOn(lines ...*engine.InvoiceLine) []any {
	var out []any
	for _, line := range lines {
		out = append(out, appliedCredits(line.Credits)...)
	}
	return out
}

func appliedCredits(list []engine.AppliedCredit) []any {
	out := make([]any, len(list))
	for i, c := range list {
		out[i] = object{"amount": c.Amount, "credit_balance_transaction": c.Transaction, "type": "credit_balance_transaction"}
	}
	return out
}
