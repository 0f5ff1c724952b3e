package engine

import (
	"maps"
	"slices"
)

// newTerms are terms to be filled in, for an invoice that is just being made. share gives them back when they say nothing new.
func (t *tx) newTerms() *InvoiceTerms {
	m := &t.world.memory
	terms := m.terms
	if m.terms = nil; terms == nil {
		terms = &InvoiceTerms{}
	}
	return terms
}

// own gives an invoice terms of its own, so that they can be written to.
func (t *tx) own(inv *Invoice) {
	terms := t.newTerms()
	*terms = *inv.InvoiceTerms
	inv.InvoiceTerms = terms
}

// share lets an invoice that was just made or changed have the terms of another one, if they say the same. Nobody else may hold them yet.
func (t *tx) share(inv, other *Invoice) {
	if inv.InvoiceTerms != other.InvoiceTerms && inv.InvoiceTerms.same(other.InvoiceTerms) {
		t.world.memory.terms, inv.InvoiceTerms = inv.InvoiceTerms, other.InvoiceTerms
	}
}

// shareLatest lets a new invoice of a subscription have the terms of the one before.
func (t *tx) shareLatest(inv *Invoice, s *Subscription) {
	if s == nil {
		return
	}
	if latest, ok := Get[Invoice](t.world, s.LatestInvoice); ok {
		t.share(inv, latest)
	}
}

// same says whether two terms are equal, cheaply: most of what they hold are the same texts and pointers.
func (a *InvoiceTerms) same(b *InvoiceTerms) bool {
	return a.TestClock == b.TestClock && a.CollectionMethod == b.CollectionMethod && a.Currency == b.Currency && a.Customer == b.Customer &&
		a.CustomerAddress == b.CustomerAddress && a.CustomerEmail == b.CustomerEmail && a.CustomerName == b.CustomerName &&
		a.CustomerPhone == b.CustomerPhone && a.CustomerShipping == b.CustomerShipping && a.CustomerTaxExempt == b.CustomerTaxExempt &&
		a.Subscription == b.Subscription &&
		sameMap(a.SubscriptionMetadata, b.SubscriptionMetadata) && sameList(a.DefaultTaxRates, b.DefaultTaxRates) &&
		a.DefaultPaymentMethod == b.DefaultPaymentMethod && sameList(a.PaymentMethodTypes, b.PaymentMethodTypes) &&
		a.Description == b.Description && a.Footer == b.Footer && sameList(a.CustomFields, b.CustomFields) &&
		a.StatementDescriptor == b.StatementDescriptor && a.Quote == b.Quote && a.ForPending == b.ForPending && a.Scheduled == b.Scheduled &&
		a.Rendering == b.Rendering && a.ShippingDetails == b.ShippingDetails && a.Uncollectible == b.Uncollectible && sameMap(a.Metadata, b.Metadata)
}

// sameList says whether two lists are equal, and both or neither of them nil.
func sameList[T comparable](a, b []T) bool { return (a == nil) == (b == nil) && slices.Equal(a, b) }

func sameMap(a, b map[string]string) bool { return (a == nil) == (b == nil) && maps.Equal(a, b) }

// Shown is an invoice as it is to be seen now: a draft follows its customer, and the balance that will pay it, until it is finalized.
func (w *World) Shown(inv *Invoice) *Invoice {
	c, ok := Get[Customer](w, inv.Customer)
	if inv.Status != InvoiceDraft || inv.BillingReason == "upcoming" || !ok || c.Deleted {
		return inv
	}
	shown, terms := *inv, *inv.InvoiceTerms
	shown.InvoiceTerms = &terms
	shown.copyCustomer(c)
	shown.StartingBalance = c.Balance
	shown.AmountDue = max(0, shown.Total+c.Balance)
	shown.AmountRemaining = shown.AmountDue
	return &shown
}

// ShownMetadata is what a line says now. A subscription's own line says what its subscription says, until it is told something else.
func (w *World) ShownMetadata(l *InvoiceLine) map[string]string {
	if s, ok := Get[Subscription](w, l.Subscription); ok && l.FromSubscription && l.InvoiceItem == "" && !l.OwnMetadata {
		return s.Metadata
	}
	return l.Metadata
}
