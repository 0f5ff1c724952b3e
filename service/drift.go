package service

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"

	"github.com/dues-billing/dues/billing"
)

// Drift is one thing in which the mirror differs from the provider.
type Drift struct {
	Account  billing.AccountID  `json:"account,omitempty"`
	Customer billing.CustomerID `json:"customer"`
	Object   string             `json:"object"` // a billing.ObjectKind
	ID       string             `json:"id"`     // of the object
	// Field is what differs in it, "" when one side lacks the whole. "raw.x" is the member x of the object as the provider sent it, where
	// nothing differs that the mirror reads of it.
	Field    string `json:"field,omitempty"`
	Provider string `json:"provider"` // the field as JSON; of a whole object "{…}", or "" when the provider lacks it
	Mirror   string `json:"mirror"`   // the same of the mirror
}

// whole stands for an object that only one side has.
const whole = "{…}"

// driftOf lists what differs. An invoice that only the mirror has is history the provider's page no longer shows, unless it is a
// draft that the page would show: that one was deleted.
func driftOf(mirror, now billing.State) ([]Drift, error) {
	if !mirror.Known {
		return []Drift{{Object: "customer", ID: string(now.Customer), Provider: whole}}, nil
	}
	d := differ{}
	if mirror.Deleted != now.Deleted {
		d.object("customer", string(now.Customer), map[string]bool{"Deleted": mirror.Deleted}, map[string]bool{"Deleted": now.Deleted})
	}
	if mirror.OwnMethod != now.OwnMethod && !mirror.Partly {
		d.object("customer", string(now.Customer), map[string]any{"OwnMethod": mirror.OwnMethod}, map[string]any{"OwnMethod": now.OwnMethod})
	}
	for _, sub := range now.Subscriptions {
		if was, ok := mirror.Subscription(sub.ID); ok {
			d.object("subscription", string(sub.ID), was, sub)
		} else {
			d.object("subscription", string(sub.ID), nil, sub)
		}
	}
	for _, invoice := range now.Invoices {
		if was, ok := mirror.Invoice(invoice.ID); ok {
			d.object("invoice", string(invoice.ID), was, invoice)
		} else {
			d.object("invoice", string(invoice.ID), nil, invoice)
		}
	}
	for _, gone := range mirror.Vanished(now) {
		d.object("invoice", string(gone.ID), gone, nil)
	}
	d.methods(mirror.Methods, now.Methods)
	return d.found, d.err
}

// differ collects differences.
type differ struct {
	found []Drift
	err   error
}

func (d *differ) methods(mirror, now []billing.PaymentMethod) {
	byID := map[billing.PaymentMethodID]billing.PaymentMethod{}
	for _, method := range mirror {
		byID[method.ID] = method
	}
	for _, method := range now {
		if was, ok := byID[method.ID]; ok {
			d.object("payment_method", string(method.ID), was, method)
		} else {
			d.object("payment_method", string(method.ID), nil, method)
		}
		delete(byID, method.ID)
	}
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		d.object("payment_method", string(id), byID[id], nil)
	}
}

// object compares one object by the fields of its JSON; nil is an object that a side lacks.
func (d *differ) object(kind, id string, mirror, now any) {
	was, is := d.fields(mirror), d.fields(now)
	switch {
	case d.err != nil:
	case was == nil || is == nil:
		drift := Drift{Object: kind, ID: id}
		if is != nil {
			drift.Provider = whole
		} else {
			drift.Mirror = whole
		}
		d.found = append(d.found, drift)
	default:
		for _, field := range slices.Sorted(maps.Keys(is)) {
			if !bytes.Equal(was[field], is[field]) {
				d.found = append(d.found, Drift{Object: kind, ID: id, Field: field, Provider: string(is[field]), Mirror: string(was[field])})
			}
		}
	}
}

func (d *differ) fields(object any) map[string]json.RawMessage {
	if object == nil || d.err != nil {
		return nil
	}
	text, err := json.Marshal(object)
	if err == nil {
		fields := map[string]json.RawMessage{}
		if err = json.Unmarshal(text, &fields); err == nil {
			return fields
		}
	}
	d.err = err
	return nil
}
