package service_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
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

// Features: 69.
func TestWhatCameInCanBeLookedUpWithItsHeadersAndItsError(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		account := w.signUp(s)
		w.settle(s)
		body := fmt.Appendf(nil, `{"id":"evt_h", "object":"event","type":"customer.updated","created":1769853600,"data":{"object":{"id":%q,"object":"customer"}}}`, account.Customer)
		header := w.signed(body, secret, w.now.Now())
		for name, value := range map[string]string{
			"User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)", "X-Forwarded-For": "3.18.12.63, " + strings.Repeat("a", 400), "Cookie": "theirs=alone", "Content-Type": "application/json",
		} {
			header.Set(name, value)
		}
		w.trouble.when(false, func(*http.Request) bool { return true })
		if err := s.Receive(t.Context(), "", header, body); err != nil {
			t.Fatal(err)
		}
		w.drain(s)
		came, err := s.Delivery(t.Context(), "", "evt_h")
		want := map[string]string{"Content-Type": "application/json", "User-Agent": header.Get("User-Agent"), "X-Forwarded-For": header.Get("X-Forwarded-For")[:256]}
		if err != nil || string(came.Body) != string(body) || !maps.Equal(came.Headers, want) {
			t.Errorf("it came as %q %s, %v; want %q and the body to the byte", came.Headers, came.Body, err, want)
		}
		if e, err := s.Event(t.Context(), "", "evt_h"); err != nil || e.State != "pending" || e.Error == "" {
			t.Errorf("it is %s with error %q, %v; want it pending with the provider's outage", e.State, e.Error, err)
		}
		if _, err := s.Delivery(t.Context(), "", "evt_none"); billing.CodeOf(err) != billing.NotFound {
			t.Errorf("of an event that never came: %v", err)
		}
	})
}
