package service_test

import (
	"strings"
	"testing"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/service"
)

// live is a view of the account's live mode, beside the world, which is its test mode.
func (w *world) live() *world {
	other := *w
	other.stripe = emulator.Start(w.t, func(o *emulator.Options) { o.Now, o.LiveKeys = w.now.Now, true })
	other.stripe.Key = "sk_live_emulated"
	other.taken = map[string]bool{}
	return &other
}

// Features: 78.
func TestTestModeAndLiveModeAreBilledSideBySide(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		live := w.live()
		s := w.both(live)
		ada, bob := w.signUp(s), w.signUpSecond(s)
		w.saveCard(ada.Customer, "pm_card_visa")
		live.saveCard(bob.Customer, "pm_card_visa")
		w.settle(s)
		if live.deliverSecond(s, live) == 0 {
			t.Error("live mode said nothing")
		}
		w.drain(s)
		for _, id := range []billing.AccountID{"ada", "bob"} {
			if got, err := s.Upgrade(t.Context(), id, service.Upgrade{PriceKey: "premium-monthly", SuccessURL: success, CancelURL: cancel}); err != nil || !got.Changed {
				t.Fatalf("%s: %+v, %v", id, got, err)
			}
		}
		w.move(start.AddDate(0, 1, 1)) // both renew
		w.settle(s)
		for live.deliverSecond(s, live) > 0 {
			w.drain(s)
		}
		w.access(s, "ada", "premium", billing.Active)
		w.access(s, "bob", "premium", billing.Active)
		if sum, found := w.reconcile(s, service.Reconciling{}); sum.Customers != 2 || sum.Drifted+sum.Failed+sum.Late > 0 {
			t.Errorf("the comparison says %+v %q, want both customers as they are", sum, found)
		}
	})
}

func TestAnEventOfTheOtherModeIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		live := w.live()
		s := w.both(live)
		w.signUp(s)
		w.signUpSecond(s)
		for _, c := range []struct {
			events   []event
			to       billing.ProviderAccount
			secret   string
			mistaken string
		}{
			{live.newEvents(), "", secret, "live mode"},
			{w.newEvents(), "second", secondSecret, "test mode"},
		} {
			body := c.events[0].body
			err := s.Receive(t.Context(), c.to, w.signed(body, c.secret, w.now.Now()), body)
			if billing.CodeOf(err) != billing.Invalid || !strings.Contains(err.Error(), c.mistaken) {
				t.Errorf("an event of %s was taken in by the other: %v", c.mistaken, err)
			}
		}
	})
}
