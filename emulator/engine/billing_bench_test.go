package engine

import "testing"

// BenchmarkRenewals is one renewal of one subscription among a thousand: period end, draft, finalization, charge, and all
// of its events.
func BenchmarkRenewals(b *testing.B) {
	s := &shop{TB: b, World: New("bench", DefaultSettings()), now: unix(b, opening), names: map[string]string{}}
	apply := func(cmd Command) Result {
		got, err := s.Apply(cmd, Request{}, s.now)
		if err != nil {
			b.Fatal(err)
		}
		return got
	}
	price := apply(CreatePrice{
		Currency: Some("usd"), ProductData: Some(ProductData{Name: Some("Pro")}), UnitAmount: Some[int64](2000), Recurring: Some(RecurringParam{Interval: Some("month")}),
	}).(*Price).ID
	const subscriptions = 1000
	for range subscriptions {
		customer := apply(CreateCustomer{
			PaymentMethod: Some("pm_card_visa"), CustomerParams: CustomerParams{InvoiceSettings: Some(CustomerInvoiceSettingsParams{DefaultPaymentMethod: Some("pm_card_visa")})},
		}).(*Customer).ID
		apply(CreateSubscription{Customer: Some(customer), Items: items(price)})
	}
	b.ReportAllocs()
	for renewed := 0; b.Loop(); renewed++ {
		if renewed%subscriptions == 0 {
			s.now += 31 * secondsPerDay
			apply(Tick{})
		}
	}
}
