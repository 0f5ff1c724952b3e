package billing

// Deciding returns what of the state decides about access, now and at any later time, and no more: the subscription of each
// group that counts, its oldest debt, and the default method, each without what no rule of access reads. AccessOf and DefaultMethod answer the same for it as for
// the whole. It is what a cache keeps, for the answer itself changes as time passes.
func (s State) Deciding(c Catalog) State {
	short := State{Customer: s.Customer, Known: s.Known, Deleted: s.Deleted, SyncedAt: s.SyncedAt}
	if method, ok := s.DefaultMethod(); ok {
		method.Fingerprint = ""
		short.Methods = []PaymentMethod{method}
	}
	for _, group := range c.Groups() {
		if best, ok := Best(c.In(group), s); ok {
			short.keep(s, best)
		}
	}
	return short
}

// keep adds what decides of one subscription of the whole state.
func (short *State) keep(s State, best Subscription) {
	items := make([]Item, len(best.Items))
	for i, item := range best.Items {
		items[i] = Item{PriceKey: item.PriceKey, Quantity: item.Quantity, Period: item.Period, Amount: item.Amount}
	}
	short.Subscriptions = append(short.Subscriptions, Subscription{
		ID: best.ID, Status: best.Status, Items: items, CreatedAt: best.CreatedAt, CancelAt: best.CancelAt, TakenBack: best.TakenBack, Next: best.Next,
		Suspended: best.Suspended, Later: best.Later, Currency: best.Currency,
	})
	if debt := oldestDebt(s, best.ID); debt != nil {
		short.Invoices = append(short.Invoices, Invoice{
			ID: debt.ID, Subscription: debt.Subscription, Status: debt.Status, AmountDue: debt.AmountDue, Attempts: debt.Attempts,
			NextAttempt: debt.NextAttempt, NeedsConfirmation: debt.NeedsConfirmation, CreatedAt: debt.CreatedAt, HostedURL: debt.HostedURL,
			FailedAt: debt.FailedAt,
		})
	}
	if s.idle(best) {
		latest, _ := s.latest(best)
		short.Subscriptions[len(short.Subscriptions)-1].LatestInvoice = latest.ID
		short.Invoices = append(short.Invoices, Invoice{ID: latest.ID, Status: latest.Status})
	}
}
