package pages

import (
	"net/http"
	"testing"

	"github.com/dues-billing/dues/emulator/engine"
)

// late is a subscriber whose renewal was declined: an open invoice.
func late(t *testing.T) (subscriber, *engine.Invoice) {
	t.Helper()
	s := newSubscriber(t, nil)
	s.post(s.path+"/cards/new", card("4000000000000341")...).leads(s.path)
	if _, err := s.Apply(&engine.MoveTime{By: 31*24*3600 + 2*3600}); err != nil {
		t.Fatal(err)
	}
	if got := s.now().Status; got != engine.SubPastDue {
		t.Fatalf("subscription is %s, want past_due", got)
	}
	return s, see[engine.Invoice](s.bench, s.now().LatestInvoice)
}

// Rows: A8 B6.
func TestALateInvoiceIsPaidOnItsPage(t *testing.T) {
	t.Parallel()
	s, inv := late(t)
	path := invoicePath(s.eng.AccountID(), inv.HostedToken)
	s.get(s.open(nil)).says(http.StatusOK, "Past due", "€12.00 could not be collected", "Pay it now")
	s.get(path).says(http.StatusOK, "Invoice "+inv.Number, "Open", "Premium", "Amount due", "Pay €12.00", "Visa ending in 0341", "Another card")

	saved := s.now().DefaultPaymentMethod
	s.post(path, "payment_method", saved).says(http.StatusPaymentRequired, "Your card was declined.")
	s.post(path, "payment_method", "").says(http.StatusUnprocessableEntity).beside("cardNumber", "Your card number is incomplete.")
	s.post(path, card("4242424242424242")...).leads(path)
	s.post(path, card("4242424242424242")...).leads(path) // pressed twice
	s.get(path).says(http.StatusOK, "Paid on", "Thank you", "Amount paid").hides("Pay with")
	if got := see[engine.Invoice](s.bench, inv.ID); got.Status != engine.InvoicePaid || got.AmountPaid != 1200 {
		t.Errorf("invoice is %s with %d paid", got.Status, got.AmountPaid)
	}
	if got := s.now().Status; got != engine.SubActive {
		t.Errorf("subscription is %s, want active", got)
	}
}

func TestAnInvoiceChallengeMayFailAndThenSucceed(t *testing.T) {
	t.Parallel()
	s, inv := late(t)
	path := invoicePath(s.eng.AccountID(), inv.HostedToken)
	challenge := s.post(path, card("4000002760003184")...).leads("/3ds/pi_")
	s.get(path).says(http.StatusOK, "Your bank wants a confirmation", "Confirm it now")
	s.get(s.post(challenge, "outcome", "fail").leads(path)).says(http.StatusOK, authenticationFailed)
	challenge = s.post(path, card("4000002760003184")...).leads("/3ds/pi_")
	s.post(challenge, "outcome", "succeed").leads(path)
	s.get(path).says(http.StatusOK, "Paid on")
}

func TestAVoidInvoiceTakesNoMoney(t *testing.T) {
	t.Parallel()
	s, inv := late(t)
	path := invoicePath(s.eng.AccountID(), inv.HostedToken)
	do[engine.Invoice](s.bench, &engine.VoidInvoice{ID: inv.ID})
	s.get(path).says(http.StatusOK, "Void", "Nothing is owed on it").hides("Card number")
	s.post(path, card("4242424242424242")...).leads(path)
	if got := see[engine.Invoice](s.bench, inv.ID); got.Status != engine.InvoiceVoid {
		t.Errorf("invoice is %s", got.Status)
	}
}

func TestAnInvoiceIsFoundByItsTokenOnly(t *testing.T) {
	t.Parallel()
	s, inv := late(t)
	s.get(invoicePath(s.eng.AccountID(), inv.ID)).says(http.StatusNotFound)
	s.get(invoicePath("acct_other", inv.HostedToken)).says(http.StatusNotFound)
	s.get(invoicePath(s.eng.AccountID(), "")).says(http.StatusNotFound)
}

func TestAnAPIPaymentReturnsToItsReturnURLAfterTheChallenge(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	result, err := b.Apply(&engine.CreatePaymentIntent{
		Amount: engine.Some[int64](4900), Currency: engine.Some("eur"), Confirm: engine.Some(true), ReturnURL: engine.Some("https://app.example/paid?order=7"),
		PaymentIntentParams: engine.PaymentIntentParams{PaymentMethod: engine.Some("pm_card_authenticationRequired")},
	})
	if err != nil {
		t.Fatal(err)
	}
	pi := result.(*engine.PaymentIntent)
	b.get(challengePath(pi.ID)).says(http.StatusOK, "Is it you?", "€49.00")
	back := b.post(challengePath(pi.ID), "outcome", "succeed").leads("https://app.example/paid?")
	want := "https://app.example/paid?order=7&payment_intent=" + pi.ID + "&payment_intent_client_secret=" + pi.ClientSecret + "&redirect_status=succeeded"
	if back != want {
		t.Errorf("got %s\nwant %s", back, want)
	}
}
