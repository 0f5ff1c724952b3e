package wire

import (
	"bytes"
	"slices"

	"github.com/dues-billing/dues/emulator/engine"
)

// event renders in the version of the event, whatever version a request asks for: what an event says is fixed.
func (v *view) event(e *engine.Event) object {
	v.seq, v.at = e.Seq, e.Created
	asked := v.era
	v.era = v.events(e.APIVersion)
	defer func() { v.seq, v.at, v.era = 0, 0, asked }()
	data := object{"object": v.render(wholeCustomer(e.Object))}
	if e.Before != nil {
		data["previous_attributes"] = difference(v.render(e.Before), v.render(e.Object))
	}
	return object{
		"id": e.ID, "object": "event", "api_version": v.era.version, "created": e.Created, "data": data, "livemode": false,
		"pending_webhooks": v.pending[e.ID], "type": e.Type,
		"request": object{"id": orNull(e.Request.ID), "idempotency_key": orNull(e.Request.IdempotencyKey)},
	}
}

// alwaysIn is for events that go to an endpoint with a version of its own.
func alwaysIn(version string) func(string) *era {
	return func(string) *era { return eraOf(version) }
}

// wholeCustomer makes customer.deleted carry the customer, not the stub that a retrieve answers from then on.
func wholeCustomer(o any) any {
	if c, ok := o.(*engine.Customer); ok && c.Deleted {
		alive := *c
		alive.Deleted = false
		return &alive
	}
	return o
}

// pastPrices are the states that prices had, oldest first, by id. Subscriptions, invoices and items show prices inside themselves, and a
// later change of a price must not change what an earlier event says of them. Objects of the engine never change, so a state costs a pointer.
type pastPrices map[string][]pastPrice

// pastPrice is what a price was for the events before a number.
type pastPrice struct {
	until int64
	price *engine.Price
}

// note learns from the events after a number what prices were until then.
func (p pastPrices) note(w *engine.World, seq int64) {
	for price := range engine.ReplacedAfter[engine.Price](w, seq) {
		if states := p[price.ID]; len(states) == 0 || states[len(states)-1].until <= seq { // of a command's changes the first counts
			p[price.ID] = append(slices.Clip(states), pastPrice{seq + 1, price})
		}
	}
}

// difference is what previous_attributes tells: of every key that changed, its value before. Objects inside are reduced to their changed
// keys, lists of objects to the data before, anything else stands whole.
func difference(before, after object) object {
	changed := object{}
	for key, was := range before {
		is, there := after[key]
		if there && equal(was, is) {
			continue
		}
		wasObject, isObject := inner(was), inner(is)
		switch {
		case wasObject != nil && isObject != nil && wasObject["object"] == "list":
			old := object{"data": wasObject["data"]}
			if count, ok := wasObject["total_count"]; ok {
				old["total_count"] = count
			}
			changed[key] = old
		case wasObject != nil && isObject != nil:
			changed[key] = difference(wasObject, isObject)
		default:
			changed[key] = was
		}
	}
	for key := range after {
		if _, there := before[key]; !there {
			changed[key] = nil
		}
	}
	return changed
}

// inner is a value as an object; metadata counts as one.
func inner(v any) object {
	switch v := v.(type) {
	case object:
		return v
	case map[string]string:
		o := object{}
		for key, value := range v {
			o[key] = value
		}
		return o
	}
	return nil
}

func equal(a, b any) bool { return bytes.Equal(encode(a), encode(b)) }
