package engine

import (
	"slices"
)

// Stripe's events of one request come in an order that is not the one in which the work is best done: a subscription's
// created event, for example, precedes the charge and yet already says active. So commands do their work, and then put
// what they emitted into the order of the story they tale. Inside one second Stripe itself promises no order; these are
// the orders that were recorded (chapters 7.6 and 14.11).

// mark remembers where the event log stands.
func (t *tx) mark() int { return t.world.tables.events.count }

// tale is what an event tells, and its rank in a story.
type tale struct {
	rank           int
	kind           uint16
	object, before any
}

// arrange reorders the events since the mark by the story. Events of a type that the story does not name stay behind the
// event they followed. Their numbers and ids stay where they are: nobody has seen these events yet, so they only come to tell something
// else, and no savepoint lies between a mark and its arrange.
func (t *tx) arrange(since int, story []string) {
	log := t.world.tables.events
	var few [16]tale
	events, last, ordered := few[:0], -1, true
	for slot := since; slot < log.count; slot++ {
		e, before := log.row(slot), last
		if at := slices.Index(story, log.kinds[e.kind].name); at >= 0 {
			last = at
		}
		ordered = ordered && before <= last
		events = append(events, tale{last, e.kind, e.object, e.before})
	}
	if ordered {
		return
	}
	slices.SortStableFunc(events, func(a, b tale) int { return a.rank - b.rank })
	for i, as := range events {
		e := log.row(since + i)
		e.kind, e.object, e.before = as.kind, as.object, as.before
	}
}

// The stories of chapter 7.6, by its letters.
var (
	// storyCreated is B (paid), C (nothing attempted) and a first invoice of 0.
	storyCreated = []string{
		"customer.updated", "invoiceitem.created", "invoice.created", "invoice.finalized", "customer.subscription.created", "charge.succeeded",
		"payment_intent.created", "payment_intent.succeeded", "invoice.updated", "invoice.paid", "invoice.payment_succeeded", "invoice_payment.paid",
	}
	// storyCreatedFree is a first invoice of 0: there is no payment.
	storyCreatedFree = []string{
		"customer.updated", "invoiceitem.created", "invoice.created", "invoice.updated", "invoice.finalized", "customer.subscription.created",
		"invoice.paid", "invoice.payment_succeeded", "customer.subscription.trial_will_end",
	}
	// storyCreatedUnattempted is C: payment_behavior default_incomplete.
	storyCreatedUnattempted = []string{
		"customer.updated", "customer.subscription.created", "invoiceitem.created", "invoice.created", "invoice.finalized", "payment_intent.created",
	}
	// storyCreatedUnpaid is D (a challenge) and E (a decline).
	storyCreatedUnpaid = []string{
		"customer.updated", "charge.failed", "payment_intent.created", "payment_intent.requires_action", "payment_intent.payment_failed",
		"invoiceitem.created", "invoice.created", "invoice.finalized", "customer.subscription.created", "invoice.updated",
		"invoice.payment_failed", "invoice.payment_action_required",
	}
	// storyInvoiced is J: a change that is invoiced at once.
	storyInvoiced = []string{
		"customer.updated", "invoice.created", "invoice.finalized", "payment_intent.created", "charge.succeeded", "charge.failed",
		"payment_intent.succeeded", "payment_intent.requires_action", "payment_intent.payment_failed", "invoice.updated", "invoice.paid",
		"invoice.payment_succeeded", "invoice.payment_failed", "invoice.payment_action_required", "invoice_payment.paid",
		"customer.subscription.updated", "invoiceitem.created",
	}
	// storyCanceled is K: a subscription that ends at once.
	storyCanceled = []string{"customer.subscription.deleted", "invoiceitem.deleted", "invoiceitem.created", "invoice.updated"}
	// storyInvoicedFree is J with nothing due: a credit, or what the balance pays.
	storyInvoicedFree = []string{
		"customer.updated", "invoice.created", "invoice.updated", "invoice.finalized", "invoice.paid", "invoice.payment_succeeded",
		"customer.subscription.updated", "invoiceitem.created",
	}
)
