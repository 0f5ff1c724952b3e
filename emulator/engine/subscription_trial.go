package engine

import "cmp"

// A trial that ends without a payment method, by itself or by trial_end=now.

// trialEndsUnpaid does to s, the next state of before, what trial_settings say about a trial that ends without a payment method; false goes
// on to bill.
func (t *tx) trialEndsUnpaid(before, s *Subscription) bool {
	switch s.MissingPaymentMethod {
	case "cancel":
		t.end(s, ending{})
		return true
	case "pause":
		s.Status, s.Pausing = SubPaused, &Pausing{At: t.now, Why: PausedWithoutMethod}
		t.storeSubscription(before, s)
		t.emit("customer.subscription.paused", s)
		t.emitChange("customer.subscription.updated", before, s)
		return true
	}
	return false
}

// trialCutShort ends the trial now; false when that bills.
func (t *tx) trialCutShort(before, s *Subscription) bool {
	next := s.clone()
	next.TrialEnd = t.now
	for _, item := range next.Items {
		item.CurrentPeriodEnd = t.now
	}
	return t.trialEndsUnpaid(before, next)
}

// endsTrialOnly says whether an update is trial_end=now and nothing else that moves periods or money.
func (c UpdateSubscription) endsTrialOnly() bool {
	end, _ := c.TrialEnd.Get()
	return end.Word == "now" && !c.Items.Given() && !c.AddInvoiceItems.Given() && !c.BillingCycleAnchor.Given() && !c.CancelAt.Given() &&
		!c.CancelAtPeriodEnd.Given() && !c.ProrationDate.Given()
}

// awaitSetup gives a subscription that begins without a payment, and whose card asks for 3-D Secure, an intent to authenticate that card
// with; and a trial that has no payment method one to collect it with, where the account decided so (point 32).
func (t *tx) awaitSetup(s *Subscription) *Subscription {
	if s.CollectionMethod != ChargeAutomatically {
		return s
	}
	if method := cmp.Or(s.DefaultPaymentMethod, must[Customer](t, s.Customer).paysWith()); method != "" {
		return t.authenticateLater(s, must[PaymentMethod](t, method))
	}
	if !t.decided().TrialSetupIntent || s.Status != SubTrialing {
		return s
	}
	next := *s
	next.PendingSetupIntent = t.storeSetup(&SetupIntent{
		TestClock: s.TestClock, Status: RequiresPaymentMethod, Customer: s.Customer, PaymentMethodTypes: byCard, Usage: "off_session",
	}).ID
	put(t, &next)
	return &next
}

// authenticateLater lets the payer of a subscription that is free at first pass the challenge of a later charge now, while there is somebody
// to pass it.
func (t *tx) authenticateLater(s *Subscription, pm *PaymentMethod) *Subscription {
	first, billed := Get[Invoice](t.world, s.LatestInvoice)
	if !pm.Card.wantsSetup() || s.Status != SubTrialing && s.Status != SubActive || billed && first.AmountDue > 0 {
		return s
	}
	si := t.storeSetup(&SetupIntent{
		TestClock: s.TestClock, Status: RequiresConfirmation, Customer: s.Customer, PaymentMethod: pm.ID, PaymentMethodTypes: byCard, Usage: "off_session",
	})
	next := *s
	next.PendingSetupIntent = si.ID
	put(t, &next)
	_, _ = t.trySetup(si, pm, onSession, "") // a card that wants to be set up asks, and is not refused
	return &next
}

// endSetup lets the subscription that waited for a SetupIntent go on with its card.
func (t *tx) endSetup(si *SetupIntent) {
	for _, s := range t.world.tables.subscriptions.all("customer", si.Customer) {
		if s.PendingSetupIntent == si.ID && s.live() {
			next := *s
			next.PendingSetupIntent = ""
			if must[Customer](t, s.Customer).paysWith() != si.PaymentMethod { // else it goes on with the customer's card, whichever that is
				next.DefaultPaymentMethod = si.PaymentMethod
			}
			t.putSubscription(s, &next)
		}
	}
}
