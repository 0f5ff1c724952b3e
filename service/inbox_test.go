package service_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// Rows: C23.
func TestAnEventAboutNobodyIsKeptAndSaidToBeIgnored(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		body := `{"id":"evt_d","object":"event","type":"charge.dispute.created","created":1769853600,"data":{"object":{"id":"dp_1","object":"dispute","charge":"ch_1"}}}`
		w.deliver(s, event{ID: "evt_d", body: []byte(body)})
		w.drain(s)
		events, _, err := s.Events(t.Context(), service.EventFilter{}, service.Page{Limit: 10})
		if err != nil || len(events) != 1 || events[0].State != "ignored" || events[0].Type != "charge.dispute.created" {
			t.Errorf("the inbox shows %+v, %v; want the dispute, ignored", events, err)
		}
	})
}

func TestAnEventThatChangesNothingIsDoneWhenItIsTakenIn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		account := w.signUp(s)
		w.settle(s)
		since := w.watched()
		body := fmt.Sprintf(`{"id":"evt_u","object":"event","type":"invoice.upcoming","created":1769853600,"data":{"object":{"object":"invoice","customer":%q}}}`, account.Customer)
		w.deliver(s, event{ID: "evt_u", body: []byte(body)})
		e, err := s.Event(t.Context(), "", "evt_u")
		if err != nil || e.State != "done" || e.DoneAt.IsZero() || e.Customer != account.Customer {
			t.Errorf("the inbox shows %+v, %v; want it done", e, err)
		}
		w.drain(s)
		if asked := since(); len(asked) > 0 {
			t.Errorf("it cost %q", asked)
		}
	})
}

func TestADetachedCardIsNoLongerSaved(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		account := w.signUp(s)
		w.saveCard(account.Customer, "pm_card_visa")
		w.settle(s)
		method := w.status(s).Method
		if method == nil {
			t.Fatal("no card is saved")
		}
		if _, err := w.stripe.Client().V1PaymentMethods.Detach(t.Context(), string(method.ID), nil); err != nil {
			t.Fatal(err)
		}
		// Stripe promises no order, nor that every event arrives: the one about the card itself has to be enough.
		for _, e := range w.newEvents() {
			if strings.HasPrefix(e.Type, "payment_method.") {
				w.deliver(s, e)
			}
		}
		w.drain(s)
		if got := w.status(s).Method; got != nil {
			t.Errorf("the card %s is still shown as saved", got.ID)
		}
	})
}

// Rows: D7.
func TestIDsThatNoDatabaseCanHoldAreNotFound(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		ctx := t.Context()
		for _, id := range []string{"a\x00b", "a\xffb"} {
			_, account := s.Account(ctx, billing.AccountID(id))
			_, byCustomer := s.AccountByCustomer(ctx, billing.CustomerID(id))
			_, returned := s.CompleteReturn(ctx, billing.PurchaseID(id))
			_, portal := s.CompletePortal(ctx, id)
			for what, err := range map[string]error{"account": account, "customer": byCustomer, "purchase": returned, "visit": portal} {
				if billing.CodeOf(err) != billing.NotFound {
					t.Errorf("%s %q: %v, want not_found", what, id, err)
				}
			}
			if found, err := s.Accounts(ctx, id, 10); err != nil || len(found) != 0 {
				t.Errorf("searching for %q: %v, %v; want nobody", id, found, err)
			}
		}
	})
}

func TestAFailureIsNotedWhateverItsWords(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.mails.refuse(errors.New("\xff\x00" + strings.Repeat("ö", 400)))
		w.signUp(s)
		w.drain(s)
		effects, _, err := s.Effects(t.Context(), service.EffectFilter{Account: "ada"}, service.Page{Limit: 1})
		if err != nil || len(effects) != 1 || !strings.Contains(effects[0].Error, "öö") || effects[0].Attempts != 1 {
			t.Errorf("effects %+v, %v; want the mail with its error", effects, err)
		}
	})
}
