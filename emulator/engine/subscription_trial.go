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
		s.Status = SubPaused
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
