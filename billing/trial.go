package billing

import (
	"fmt"
	"time"
)

const (
	// TrialMax is how far from now a trial may end: as far as Stripe goes.
	TrialMax = 730 * 24 * time.Hour
	// TrialNotice is how long before a trial ends its customer is told. Stripe's event comes then.
	TrialNotice = 72 * time.Hour
)

// Trial returns how an account may try a price, or no days when it may not: it pays already, or has tried something before, of the catalogue's group. The card it tries with is another matter:
// see TrialCards.
func (c Catalog) Trial(s State, price Price) TrialTerms {
	for _, sub := range s.Subscriptions { // those that ended, too
		if c.holds(sub) && (!sub.TrialEnd.IsZero() || c.pays(sub)) {
			return TrialTerms{}
		}
	}
	return price.Trial
}

// TrialCard is a card with which a subscription is tried.
type TrialCard struct {
	Subscription SubscriptionID
	Fingerprint  string // the provider's: the same card has the same, whoever enters it
	Asked        bool   // without a card there would be no trial
}

// TrialCards are the cards with which a customer tries something now. A card opens one trial, whoever it belongs to.
func (c Catalog) TrialCards(s State) []TrialCard {
	var cards []TrialCard
	for _, sub := range s.Subscriptions {
		if sub.Status != Trialing || !c.Paid(sub) {
			continue
		}
		method, saved := s.method(sub.PaymentMethod)
		if !saved {
			method, saved = s.DefaultMethod()
		}
		_, price := c.Sold(sub)
		if saved && method.Fingerprint != "" {
			cards = append(cards, TrialCard{sub.ID, method.Fingerprint, !price.Trial.WithoutCard})
		}
	}
	return cards
}

func (s State) method(id PaymentMethodID) (PaymentMethod, bool) {
	for _, m := range s.Methods {
		if m.ID == id {
			return m, true
		}
	}
	return PaymentMethod{}, false
}

// Trying returns the subscription that a customer is trying, or an error of code conflict.
func (c Catalog) Trying(s State) (Subscription, error) {
	best, ok := Best(c, s)
	if !ok || best.Status != Trialing {
		return best, Errorf(Conflict, "the account is in no trial")
	}
	return best, nil
}

// MoveTrial decides on a new end of a customer's trial. A trial is only made longer: to end it is another thing, for then it is paid.
func (c Catalog) MoveTrial(s State, end, now time.Time) (sub Subscription, needed bool, err error) {
	if end.IsZero() {
		return sub, false, Errorf(Invalid, "end is missing: when shall the trial end?").In("end")
	}
	if sub, err = c.Trying(s); err != nil {
		return sub, false, err
	}
	switch {
	case end.Equal(sub.TrialEnd):
		return sub, false, nil
	case end.Before(sub.TrialEnd):
		return sub, false, Errorf(Invalid, "the trial runs until %s; it can be made longer, or ended", sub.TrialEnd.UTC().Format(time.RFC3339)).In("end")
	case end.Sub(now) > TrialMax:
		return sub, false, Errorf(Invalid, "a trial ends within %d days from now", TrialMax/(24*time.Hour)).In("end")
	}
	return sub, true, nil
}

// TrialNews are the mails about trials that end soon. They follow from the state and the time, so that the sync that Stripe's event
// brings, a later one and a repeated one find the same. A trial that was made longer ends anew.
func (c Catalog) TrialNews(s State, now time.Time) []Effect {
	var news []Effect
	if s.Deleted {
		return nil
	}
	for _, sub := range s.Subscriptions {
		if sub.Status != Trialing || !c.Paid(sub) || !sub.CancelAt.IsZero() || !sub.TrialEnd.After(now) || sub.TrialEnd.Sub(now) > TrialNotice {
			continue
		}
		_, price := c.Sold(sub)
		news = append(news, Effect{
			Key: fmt.Sprintf("trial-ending:%s:%d", sub.ID, sub.TrialEnd.Unix()), Kind: MailEffect, Name: TrialEndingMail,
			Subscription: sub.ID, Price: price.Key,
		})
	}
	return news
}
