package engine

import (
	"fmt"
	"runtime"
	"syscall"
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

// BenchmarkYearOfRenewals moves subscriptions through twelve months with their payments: the time of a renewal and the bytes
// it leaves behind must not depend on how many there are.
func BenchmarkYearOfRenewals(b *testing.B) {
	for _, subscriptions := range []int{100, 1000, 10_000} {
		b.Run(fmt.Sprint(subscriptions), func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				b.StopTimer()
				s := openShop(b)
				s.subscribers(subscriptions)
				bytes, invoices := liveBytes(), s.tables.invoices.len()
				cpu := cpuTime(b)
				b.StartTimer()
				if _, err := s.Apply(MoveTime{By: 366 * secondsPerDay}, Request{}, s.now); err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				renewals := int64(s.tables.invoices.len() - invoices)
				perRenewal := func(total int64, unit string) {
					b.ReportMetric(float64(total/renewals), unit+"/renewal") //tidy:allow float a metric of the testing package, no money
				}
				perRenewal(cpuTime(b)-cpu, "cpu-ns")
				perRenewal(liveBytes()-bytes, "live-B")
				runtime.KeepAlive(s)
			}
		})
	}
}

// subscribers sells a monthly subscription to so many new customers.
func (s *shop) subscribers(count int) {
	price := s.price("Pro", 2000)
	for range count {
		customer, err := s.Apply(CreateCustomer{PaymentMethod: Some("pm_card_visa"), CustomerParams: CustomerParams{InvoiceSettings: Some(
			CustomerInvoiceSettingsParams{DefaultPaymentMethod: Some("pm_card_visa")})}}, Request{}, s.now)
		if err != nil {
			s.Fatal(err)
		}
		if _, err := s.Apply(CreateSubscription{Customer: Some(customer.(*Customer).ID), Items: items(price)}, Request{}, s.now); err != nil {
			s.Fatal(err)
		}
	}
}

// cpuTime is what the process has worked so far, on all cores, in nanoseconds: on a shared machine it tells more than the clock.
func cpuTime(tb testing.TB) int64 {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		tb.Fatal(err)
	}
	return used.Utime.Nano() + used.Stime.Nano()
}

// liveBytes is what is left on the heap after a collection.
func liveBytes() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
