package billing

import (
	"slices"
	"time"
)

// News is what was read of a customer beside what its mirror holds: objects that events named, as they are now.
type News struct {
	Methods       *Methods       // nil when nothing was read of how the customer pays
	Subscriptions []Subscription // in any order
	Invoices      []Invoice      // in any order
	Gone          []InvoiceID    // drafts that were deleted
	Record                       // of what was read
}

// Methods is how a customer pays.
type Methods struct {
	Saved   []PaymentMethod
	Default PaymentMethodID // the customer's own default, "" without one
}

// With returns the state with the news in place of what it held of them. ok is false when their order cannot be told: the provider's
// times have seconds, so two objects of one second have to be read in a list.
func (s State) With(n News) (now State, ok bool) {
	now = s
	now.Subscriptions, ok = taken(s.Subscriptions, n.Subscriptions,
		func(a, b Subscription) bool { return a.ID == b.ID }, func(sub Subscription) time.Time { return sub.CreatedAt })
	if !ok {
		return s, false
	}
	now.Invoices, ok = taken(s.Invoices, n.Invoices,
		func(a, b Invoice) bool { return a.ID == b.ID }, func(invoice Invoice) time.Time { return invoice.CreatedAt })
	if !ok {
		return s, false
	}
	now.Invoices = slices.DeleteFunc(now.Invoices, func(invoice Invoice) bool { return slices.Contains(n.Gone, invoice.ID) })
	if n.Methods != nil {
		now.Methods, now.OwnMethod = n.Methods.Saved, n.Methods.Default
	}
	now.Methods = slices.Clone(now.Methods)
	now.MarkDefault()
	return now, true
}

// taken is a list that begins with the newest, with the news in their places.
func taken[T any](held, news []T, same func(a, b T) bool, created func(T) time.Time) ([]T, bool) {
	out := slices.Clone(held)
	for _, one := range news {
		if at := slices.IndexFunc(out, func(old T) bool { return same(old, one) }); at >= 0 {
			out[at] = one
			continue
		}
		at := slices.IndexFunc(out, func(old T) bool { return !created(old).After(created(one)) })
		switch {
		case at < 0:
			out = append(out, one)
		case created(out[at]).Equal(created(one)):
			return nil, false
		default:
			out = slices.Insert(out, at, one)
		}
	}
	return out, true
}

// MarkDefault marks the method that the provider would charge next: a live subscription's own, else the customer's. When neither names
// one, it is the one that last paid for a subscription, so that an upgrade can use it again.
func (s State) MarkDefault() {
	var live, ended []PaymentMethodID
	for _, sub := range s.Subscriptions { // newest first
		if sub.Status.Ended() {
			ended = append(ended, sub.PaymentMethod)
		} else {
			live = append(live, sub.PaymentMethod)
		}
	}
	for i := range s.Methods {
		s.Methods[i].Default = false
	}
	for _, id := range slices.Concat(live, []PaymentMethodID{s.OwnMethod}, ended) {
		if at := slices.IndexFunc(s.Methods, func(m PaymentMethod) bool { return m.ID == id }); at >= 0 {
			s.Methods[at].Default = true
			return
		}
	}
}
