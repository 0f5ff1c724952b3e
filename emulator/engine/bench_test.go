package engine

import (
	"fmt"
	"testing"
)

// BenchmarkCreateCustomer is the engine's part of the cheapest write.
func BenchmarkCreateCustomer(b *testing.B) {
	w := New("bench", DefaultSettings())
	for i := range b.N {
		cmd := CreateCustomer{CustomerParams: CustomerParams{Email: Some(fmt.Sprint("user", i, "@example.com"))}}
		if _, err := w.Apply(cmd, Request{ID: "req_1"}, 1_800_000_000+int64(i/1000)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSubscribe is a whole first payment: subscription, invoice, intent, charge and their events.
func BenchmarkSubscribe(b *testing.B) {
	s := openShop(b)
	price := s.price("Pro", 2000)
	for range b.N {
		customer, err := s.Apply(CreateCustomer{PaymentMethod: Some("pm_card_visa"), CustomerParams: CustomerParams{InvoiceSettings: Some(
			CustomerInvoiceSettingsParams{DefaultPaymentMethod: Some("pm_card_visa")})}}, Request{}, s.now)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.Apply(CreateSubscription{Customer: Some(customer.(*Customer).ID), Items: items(price)}, Request{}, s.now); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkListAmongMany lists one page of the newest of 200,000 customers.
func BenchmarkListAmongMany(b *testing.B) {
	w := New("bench", DefaultSettings())
	for range 200_000 {
		if _, err := w.Apply(CreateCustomer{}, Request{}, 1_800_000_000); err != nil {
			b.Fatal(err)
		}
	}
	b.ResetTimer()
	for range b.N {
		if page, err := w.Query(ListCustomers{}); err != nil || len(page.Data) != 10 {
			b.Fatal(err)
		}
	}
}

// BenchmarkYearOfRenewals moves a thousand subscriptions through a year: fourteen invoices each, with their payments.
func BenchmarkYearOfRenewals(b *testing.B) {
	for range b.N {
		s := openShop(b)
		price := s.price("Pro", 2000)
		for range 1000 {
			customer, _ := s.Apply(CreateCustomer{PaymentMethod: Some("pm_card_visa"), CustomerParams: CustomerParams{InvoiceSettings: Some(
				CustomerInvoiceSettingsParams{DefaultPaymentMethod: Some("pm_card_visa")})}}, Request{}, s.now)
			_, _ = s.Apply(CreateSubscription{Customer: Some(customer.(*Customer).ID), Items: items(price)}, Request{}, s.now)
		}
		if _, err := s.Apply(MoveTime{By: 426 * secondsPerDay}, Request{}, s.now); err != nil {
			b.Fatal(err)
		}
	}
}
