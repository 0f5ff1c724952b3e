package billing

import "time"

// State is what the provider said about one customer at the last fetch. It is the whole input of the rules.
type State struct {
	Customer      CustomerID
	Known         bool // false: the customer was never fetched, and the rest is empty
	Deleted       bool // at the provider
	Subscriptions []Subscription
	Invoices      []Invoice // newest first
	Methods       []PaymentMethod
	OwnMethod     PaymentMethodID // the customer's own default, "" without one; which one is charged next is marked in Methods
	SyncedAt      time.Time       // wall clock
	// Partly says that not everything was read: the mirror is an older version's, and has to be read whole once.
	Partly bool
}

// DefaultMethod returns the saved method that a payment uses: the customer's default, else the newest.
func (s State) DefaultMethod() (PaymentMethod, bool) {
	for _, m := range s.Methods {
		if m.Default {
			return m, true
		}
	}
	if len(s.Methods) > 0 {
		return s.Methods[0], true
	}
	return PaymentMethod{}, false
}

// Subscription returns the subscription with that id, or false.
func (s State) Subscription(id SubscriptionID) (Subscription, bool) {
	for _, sub := range s.Subscriptions {
		if sub.ID == id {
			return sub, true
		}
	}
	return Subscription{}, false
}

// Invoice returns the invoice with that id, or false.
func (s State) Invoice(id InvoiceID) (Invoice, bool) {
	for _, invoice := range s.Invoices {
		if invoice.ID == id {
			return invoice, true
		}
	}
	return Invoice{}, false
}

// Vanished returns the drafts of the mirror that are gone, although now would show them: they were deleted at the provider. now holds
// the newest invoices only, so what is older than all of them says nothing.
func (s State) Vanished(now State) []Invoice {
	var gone []Invoice
	for _, invoice := range s.Invoices {
		_, there := now.Invoice(invoice.ID)
		if there || invoice.Status != InvoiceDraft {
			continue
		}
		if len(now.Invoices) < InvoicesFetched || !invoice.CreatedAt.Before(now.Invoices[len(now.Invoices)-1].CreatedAt) {
			gone = append(gone, invoice)
		}
	}
	return gone
}
