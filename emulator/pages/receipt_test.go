package pages

import (
	"net/http"
	"testing"

	"github.com/dues-billing/dues/emulator/engine"
)

func TestAReceiptShowsWhatWasPaidAndRefunded(t *testing.T) {
	t.Parallel()
	s := newSubscriber(t, nil)
	inv := see[engine.Invoice](s.bench, s.now().LatestInvoice)
	charge := see[engine.PaymentIntent](s.bench, inv.PaymentIntent).LatestCharge
	s.get("/receipts/invoices/"+charge).says(http.StatusOK, "Receipt from", "€12.00 was paid on", "View invoice "+inv.Number)
	if _, err := s.Apply(&engine.CreateRefund{Charge: engine.Some(charge), Amount: engine.Some[int64](500)}); err != nil {
		t.Fatal(err)
	}
	s.get("/receipts/invoices/"+charge).says(http.StatusOK, "€5.00 was refunded.")

	paid, err := s.Apply(&engine.CreatePaymentIntent{
		Amount: engine.Some[int64](700), Currency: engine.Some("eur"), Confirm: engine.Some(true),
		PaymentIntentParams: engine.PaymentIntentParams{PaymentMethod: engine.Some("pm_card_visa"), Types: engine.Some([]string{"card"})},
	})
	if err != nil {
		t.Fatal(err)
	}
	own := paid.(*engine.PaymentIntent).LatestCharge
	s.get("/receipts/payment/"+own).says(http.StatusOK, "€7.00 was paid on", "Visa ending in 4242")
	for _, wrong := range []string{"/receipts/invoices/" + own, "/receipts/payment/" + charge, "/receipts/other/" + own, "/receipts/payment/ch_unknown"} {
		s.get(wrong).says(http.StatusNotFound, "Nothing is here")
	}
}
