package events

import (
	"reflect"
	"slices"
	"time"

	"github.com/dues-billing/dues/webhook"
)

// at is when everything in an example happens.
var at = time.Date(2026, time.February, 28, 12, 0, 0, 0, time.UTC)

// texts are what stands in an example's fields, by part and name, and else by name. Fields that are not here are "…".
var texts = map[string]string{
	"account": "ada", "customer": "cus_…", "plan": "premium", "price": "premium-monthly", "level": "full", "action": "", "currency": "eur",
	"subscription.id": "sub_…", "subscription.status": "active", "invoice.id": "in_…", "invoice.number": "A1B2C3D4-0003", "invoice.status": "paid",
	"invoice.reason": "subscription_cycle", "invoice.url": "https://invoice.stripe.com/i/…", "license.asset": "handbook",
	"refund.id": "re_…", "refund.status": "succeeded", "refund.reason": "requested_by_customer",
	"dispute.id": "du_…", "dispute.status": "needs_response", "dispute.reason": "fraudulent",
	"previous.plan": "starter", "previous.price": "starter-monthly", "previous.level": "free", "group": "",
}

// numbers are the amounts that are not the usual one.
var numbers = map[string]int64{"invoice.amount_due": 0}

const usualAmount = 1900

// sample is a notice of a type with every part that can come with it.
func sample(kind string) webhook.Notice {
	n := webhook.Notice{ID: "msg_q5i5fsbl2pkcmqhlg5pqmkj7vm", Type: kind, Created: at, Sequence: 5}
	parts := With(kind)
	fill(reflect.ValueOf(&n.Data).Elem(), "", parts)
	if slices.Contains(parts, "previous") {
		n.Previous = &webhook.Previous{}
		fill(reflect.ValueOf(n.Previous).Elem(), "previous", parts)
	}
	return n
}

// fill puts something into each field, and into the parts that are named.
func fill(v reflect.Value, part string, parts []string) {
	for i := range v.NumField() {
		field, name := v.Field(i), nameOf(v.Type().Field(i))
		if field.Kind() == reflect.Pointer {
			elem := field.Type().Elem()
			if elem.Kind() == reflect.Struct && elem != reflect.TypeFor[time.Time]() && !slices.Contains(parts, name) {
				continue
			}
			if name == "cancel_at" || name == "ended_at" {
				continue
			}
			field.Set(reflect.New(elem))
			field = field.Elem()
		}
		switch {
		case field.Type() == reflect.TypeFor[time.Time]():
			field.Set(reflect.ValueOf(at))
		case field.Kind() == reflect.Struct:
			fill(field, name, parts)
		case field.Kind() == reflect.Int64:
			amount, own := numbers[part+"."+name]
			if !own {
				amount = usualAmount
			}
			field.SetInt(amount)
		case field.Kind() == reflect.String:
			text, own := texts[part+"."+name]
			if !own {
				if text, own = texts[name]; !own {
					text = "…"
				}
			}
			field.SetString(text)
		}
	}
}
