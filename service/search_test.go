package service_test

import (
	"testing"

	"github.com/dues-billing/dues/service"
)

// Features: 103.
func TestAnythingOfAnAccountLeadsToIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		account := w.premium(s)
		w.settle(s)
		if _, _, err := s.CreateAccount(t.Context(), service.NewAccount{ID: "bob", Email: "bob@example.com", Name: "Bob 4242"}); err != nil {
			t.Fatal(err)
		}
		invoice := w.newestInvoice(s)
		method, err := s.PaymentMethods(t.Context(), "ada")
		if err != nil || len(method) == 0 || invoice.Number == "" || invoice.PaymentIntent == "" {
			t.Fatalf("%+v, %+v, %v", method, invoice, err)
		}
		bought, err := s.Purchases(t.Context(), "ada")
		if err != nil || len(bought) == 0 {
			t.Fatal(bought, err)
		}
		events, _, err := s.Events(t.Context(), service.EventFilter{Account: "ada"}, service.Page{Limit: 1})
		if err != nil || len(events) == 0 {
			t.Fatal(events, err)
		}
		for _, query := range []string{
			"ada", "ADA@EXAMPLE", string(account.Customer), string(w.status(s).Subscription), string(invoice.ID), invoice.Number, invoice.PaymentIntent, string(invoice.Charge),
			string(method[0].ID), string(bought[0].ID), events[0].ID,
		} {
			if found, err := s.Search(t.Context(), query, 10); err != nil || len(found) != 1 || found[0].ID != "ada" {
				t.Errorf("%q finds %+v, %v", query, found, err)
			}
		}
		if found, err := s.Search(t.Context(), "4242", 10); err != nil || len(found) != 1 || found[0].ID != "bob" {
			t.Errorf("a name goes before the digits of a card: %+v, %v", found, err)
		}
		for _, nothing := range []string{"nobody", "in_doesnotexist", "9999", "ZZZZ-0001", `%"_\`, "%"} {
			if found, err := s.Search(t.Context(), nothing, 10); err != nil || len(found) != 0 {
				t.Errorf("%q finds %+v, %v", nothing, found, err)
			}
		}
	})
}
