package engine

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

// awaitSetup gives a trial that has no payment method an intent to collect one with, where the account decided so (point 32).
func (t *tx) awaitSetup(s *Subscription) *Subscription {
	charged := s.CollectionMethod == ChargeAutomatically && s.DefaultPaymentMethod == "" && must[Customer](t, s.Customer).paysWith() == ""
	if !t.decided().TrialSetupIntent || s.Status != SubTrialing || !charged {
		return s
	}
	next := *s
	next.PendingSetupIntent = t.storeSetup(&SetupIntent{
		TestClock: s.TestClock, Status: RequiresPaymentMethod, Customer: s.Customer, PaymentMethodTypes: byCard, Usage: "off_session",
	}).ID
	put(t, &next)
	return &next
}

// endSetup lets the subscription that waited for a SetupIntent go on with its card.
func (t *tx) endSetup(si *SetupIntent) {
	for _, s := range t.world.tables.subscriptions.all("customer", si.Customer) {
		if s.PendingSetupIntent == si.ID && s.live() {
			next := *s
			next.PendingSetupIntent, next.DefaultPaymentMethod = "", si.PaymentMethod
			t.putSubscription(s, &next)
		}
	}
}
