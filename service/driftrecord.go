package service

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/dues-billing/dues/billing"
)

// driftOfRecord adds to what differs in a customer's state what differs in the rest. What only the mirror has is history that the
// provider's page no longer shows.
func driftOfRecord(found []Drift, mirror, now billing.Record) ([]Drift, error) {
	d := differ{found: found}
	driftOfEach(&d, billing.ChargeObject, mirror.Charges, now.Charges, func(c billing.Charge) string { return string(c.ID) })
	driftOfEach(&d, billing.RefundObject, mirror.Refunds, now.Refunds, func(r billing.Refund) string { return string(r.ID) })
	driftOfEach(&d, billing.DisputeObject, mirror.Disputes, now.Disputes, func(p billing.Dispute) string { return string(p.ID) })
	d.originals(mirror.Objects, now.Objects)
	return d.found, d.err
}

func driftOfEach[T any](d *differ, kind billing.ObjectKind, mirror, now []T, id func(T) string) {
	for _, is := range now {
		if was, known := byID(mirror, id(is), id); known {
			d.object(string(kind), id(is), was, is)
		} else {
			d.object(string(kind), id(is), nil, is)
		}
	}
}

func byID[T any](all []T, id string, idOf func(T) string) (one T, found bool) {
	at := slices.IndexFunc(all, func(other T) bool { return idOf(other) == id })
	if at < 0 {
		return one, false
	}
	return all[at], true
}

// renewed are members that the provider makes anew without saying so by an event: links that end by themselves, a counter, and the
// moment at which the last endpoint took an invoice's events.
var renewed = []string{"hosted_invoice_url", "invoice_pdf", "receipt_url", "next_invoice_sequence", "webhooks_delivered_at"}

// followed are members that a draft of an invoice takes from its customer whenever it is read, without an event of its own.
var followed = []string{
	"amount_due", "amount_remaining", "customer_address", "customer_email", "customer_name", "customer_phone", "customer_shipping",
	"customer_tax_exempt", "customer_tax_ids", "starting_balance",
}

// originals compares the objects as the provider sent them. Of one in which something differs already, that is enough.
func (d *differ) originals(mirror, now []billing.Object) {
	texts := make(map[string]string, len(mirror))
	for _, was := range mirror {
		texts[was.ID] = was.Raw
	}
	told := map[string]bool{}
	for _, drift := range d.found {
		told[drift.ID] = true
	}
	for _, is := range now {
		was, known := texts[is.ID]
		switch {
		case told[is.ID] || was == is.Raw:
		case !known:
			d.found = append(d.found, Drift{Object: string(is.Kind), ID: is.ID, Field: "raw", Provider: whole})
		default:
			d.raw(is, was)
		}
	}
}

// raw compares the members of an object as it was sent.
func (d *differ) raw(is billing.Object, was string) {
	before := len(d.found)
	d.object(string(is.Kind), is.ID, json.RawMessage(was), json.RawMessage(is.Raw))
	draft := is.Kind == billing.InvoiceObject && string(d.fields(json.RawMessage(is.Raw))["status"]) == `"draft"`
	d.found = slices.DeleteFunc(d.found, func(drift Drift) bool {
		return drift.ID == is.ID && (slices.Contains(renewed, drift.Field) || draft && slices.Contains(followed, drift.Field))
	})
	for i := before; i < len(d.found); i++ {
		d.found[i].Field = strings.TrimSuffix("raw."+d.found[i].Field, ".")
	}
}
