package billing

// SetDefaultMethodCall makes a method the one that is charged next, unless one is by then. Effect.Method says which.
const SetDefaultMethodCall = "set_default_method"

// Method returns the saved method with that id, or an error of code not_found: a method of somebody else is none.
func (s State) Method(id PaymentMethodID) (PaymentMethod, error) {
	for _, m := range s.Methods {
		if m.ID == id {
			return m, nil
		}
	}
	return PaymentMethod{}, Errorf(NotFound, "there is no saved payment method %q", string(id)).In("method")
}

// MethodToDefault decides whether a saved method has to be made the one that is charged next, and returns the running subscriptions that
// would go on charging another one: a subscription's own method counts before the customer's.
func (s State) MethodToDefault(id PaymentMethodID) (needed bool, own []SubscriptionID, err error) {
	if _, err := s.Method(id); err != nil {
		return false, nil, err
	}
	for _, sub := range s.Subscriptions {
		if !sub.Status.Ended() && sub.PaymentMethod != "" && sub.PaymentMethod != id {
			own = append(own, sub.ID)
		}
	}
	return s.OwnMethod != id || len(own) > 0, own, nil
}

// MethodToRemove checks that a saved method may be forgotten. The one by which a running paid subscription is charged may not, an error of code
// conflict: the next renewal would fail, and nobody would have meant that.
func (c Catalog) MethodToRemove(s State, id PaymentMethodID) error {
	if _, err := s.Method(id); err != nil {
		return err
	}
	for _, sub := range s.Subscriptions {
		if !c.pays(sub) || sub.PaymentMethod != id && (sub.PaymentMethod != "" || s.OwnMethod != id) {
			continue
		}
		if !sub.CancelAt.IsZero() && !sub.CancelAt.After(sub.PeriodEnd()) && sub.Status == Active {
			continue // nothing will be charged any more
		}
		return Errorf(Conflict, "this method pays for the running subscription; make another one the default first, or cancel").In("method")
	}
	return nil
}

// adopted is the call for a method that was saved while none would be charged: Stripe keeps it without making it the default, and the next
// renewal would fail beside a good card.
func adopted(mirror, now State) []Effect {
	for _, m := range now.Methods {
		if m.Default {
			return nil
		}
	}
	for _, m := range now.Methods { // newest first
		if _, err := mirror.Method(m.ID); err != nil {
			return []Effect{{Key: "default-method:" + string(m.ID), Kind: CallEffect, Name: SetDefaultMethodCall, Method: m.ID}}
		}
	}
	return nil
}
