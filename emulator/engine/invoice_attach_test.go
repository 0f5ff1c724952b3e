package engine

import (
	"testing"

	"pgregory.net/rapid"
)

// part makes an intent over an amount, attached to an invoice; it is confirmed when method is given.
func (s *shop) part(inv *Invoice, amount int64, method string) *PaymentIntent {
	s.Helper()
	pi := s.do(CreatePaymentIntent{Amount: Some(amount), Currency: Some("usd"), Customer: Some(inv.Customer), PaymentIntentParams: PaymentIntentParams{Types: Some([]string{"card"})}}).(*PaymentIntent)
	s.do(AttachInvoicePayment{Invoice: inv.ID, PaymentIntent: Some(pi.ID)})
	if method != "" {
		pi = s.do(ConfirmPaymentIntent{ID: pi.ID, PaymentIntentParams: PaymentIntentParams{PaymentMethod: Some(method)}}).(*PaymentIntent)
	}
	return pi
}

func TestAnInvoiceIsPaidInParts(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("")
	inv := s.billed(customer, 1000)
	s.part(inv, 400, "pm_card_visa")
	inv = s.invoice(inv.ID)
	if inv.Status != InvoiceOpen || inv.AmountPaid != 400 || inv.AmountRemaining != 600 || get[PaymentIntent](s, inv.PaymentIntent).Amount != 600 {
		t.Errorf("after a part: %s, paid %d, remaining %d", inv.Status, inv.AmountPaid, inv.AmountRemaining)
	}
	if e := s.refuse(VoidInvoice{ID: inv.ID}); e.Status != 400 {
		t.Errorf("voided: %v", e)
	}
	second := s.part(inv, 600, "")
	if e := s.refuse(MarkInvoiceUncollectible{ID: inv.ID}); e.Status != 400 {
		t.Errorf("given up: %v", e)
	}
	s.events()
	s.do(ConfirmPaymentIntent{ID: second.ID, PaymentIntentParams: PaymentIntentParams{PaymentMethod: Some("pm_card_visa")}})
	s.wantEvents("the last part", `charge.succeeded payment_intent.succeeded invoice.updated invoice.paid invoice.payment_succeeded
		invoice_payment.paid payment_intent.canceled`)
	if inv = s.invoice(inv.ID); inv.Status != InvoicePaid || inv.AmountPaid != 1000 || inv.AttemptCount != 0 {
		t.Errorf("after all parts: %+v", inv)
	}
	statuses := map[string]int{}
	for _, p := range s.tables.invoicePays.all("invoice", inv.ID) {
		statuses[p.Status]++
	}
	if statuses["paid"] != 2 || statuses["canceled"] != 1 {
		t.Errorf("got payments %v", statuses)
	}
	note := s.credit(inv.ID, func(c *CreateCreditNote) { c.Amount, c.RefundAmount = Some[int64](700), Some[int64](700) })
	if len(note.Refunds) != 2 || note.Refunds[0].Amount != 600 || note.Refunds[1].Amount != 100 {
		t.Errorf("refunded %+v", note.Refunds)
	}
}

func TestAPartialPaymentLeavesTheRestToTheInvoicesOwn(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	inv := s.billed(s.customer("pm_card_visa"), 1000)
	s.part(inv, 300, "pm_card_visa")
	mixed := s.credit(inv.ID, func(c *CreateCreditNote) { c.Amount, c.OutOfBandAmount = Some[int64](800), Some[int64](100) })
	if mixed.Type() != CreditNoteMixed || mixed.PrePayment != 700 || s.invoice(inv.ID).Status != InvoicePaid {
		t.Errorf("got %+v", mixed)
	}
	other := s.billed(inv.Customer, 1000)
	s.part(other, 300, "pm_card_visa")
	s.do(PayInvoice{ID: other.ID})
	if other = s.invoice(other.ID); other.Status != InvoicePaid || get[PaymentIntent](s, other.PaymentIntent).AmountReceived != 700 || other.AmountPaid != 1000 {
		t.Errorf("got %+v", other)
	}
	outside := s.billed(inv.Customer, 1000)
	s.part(outside, 300, "pm_card_visa")
	if outside = s.do(PayInvoice{ID: outside.ID, PaidOutOfBand: Some(true)}).(*Invoice); outside.PaidOffStripe != 700 || outside.AmountPaid != 1000 {
		t.Errorf("got %+v", outside)
	}
}

func TestWhatIsOverpaidGoesToTheBalance(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("")
	inv := s.billed(customer, 1000)
	a, b := s.part(inv, 1000, ""), s.part(inv, 800, "")
	for _, pi := range []*PaymentIntent{a, b} {
		s.do(ConfirmPaymentIntent{ID: pi.ID, PaymentIntentParams: PaymentIntentParams{PaymentMethod: Some("pm_card_visa")}})
	}
	if inv = s.invoice(inv.ID); inv.Overpaid != 800 || inv.AmountPaid != 1000 || get[Customer](s, customer).Balance != -800 {
		t.Errorf("overpaid %d, paid %d, balance %d", inv.Overpaid, inv.AmountPaid, get[Customer](s, customer).Balance)
	}
	canceled := s.part(s.billed(customer, 5000), 100, "")
	s.do(CancelPaymentIntent{ID: canceled.ID})
	if p := s.tables.invoicePays.all("payment_intent", canceled.ID)[0]; p.Status != "canceled" || p.CanceledAt == 0 {
		t.Errorf("got %+v", p)
	}
}

func TestOnlyFittingPaymentsAreAttached(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("pm_card_visa")
	inv := s.billed(customer, 1000)
	intent := func(amount int64, currency, customer string) string {
		return s.do(CreatePaymentIntent{Amount: Some(amount), Currency: Some(currency), Customer: Some(customer)}).(*PaymentIntent).ID
	}
	attached := s.part(inv, 100, "").ID
	gone := intent(100, "usd", customer)
	s.do(CancelPaymentIntent{ID: gone})
	sub := s.latest(s.subscribe(customer, s.price("Pro", 2000), func(c *CreateSubscription) { c.PaymentBehavior = Some(DefaultIncomplete) }).ID)
	for name, cmd := range map[string]AttachInvoicePayment{
		"nothing":            {Invoice: inv.ID},
		"an unknown intent":  {Invoice: inv.ID, PaymentIntent: Some("pi_nope")},
		"another customer's": {Invoice: inv.ID, PaymentIntent: Some(intent(100, "usd", s.customer("")))},
		"another currency":   {Invoice: inv.ID, PaymentIntent: Some(intent(100, "eur", customer))},
		"too much":           {Invoice: inv.ID, PaymentIntent: Some(intent(1001, "usd", customer))},
		"an attached one":    {Invoice: inv.ID, PaymentIntent: Some(attached)},
		"a canceled one":     {Invoice: inv.ID, PaymentIntent: Some(gone)},
		"an invoice's own":   {Invoice: inv.ID, PaymentIntent: Some(inv.PaymentIntent)},
		"a subscription's":   {Invoice: sub.ID, PaymentIntent: Some(intent(100, "usd", customer))},
	} {
		before := s.Digest()
		if e := s.refuse(cmd); e.Status != 400 {
			t.Errorf("%s: got %v", name, e)
		}
		if s.Digest() != before {
			t.Errorf("%s: left something behind", name)
		}
	}
}

// Payments, notes and refunds in any order: the sums of shop.check hold after each.
func TestPartsNotesAndRefundsAlwaysAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		s := openShop(t)
		customer := s.customer("pm_card_visa")
		inv := s.billed(customer, rapid.Int64Range(100, 3000).Draw(r, "amount"))
		amount := func() int64 { return rapid.Int64Range(50, 1500).Draw(r, "part") }
		for range rapid.IntRange(1, 12).Draw(r, "steps") {
			intent := pick(life{r, s.World}, func(o *PaymentIntent) string { return o.ID })
			n := amount()
			steps := []Command{
				CreatePaymentIntent{Amount: Some(n), Currency: Some("usd"), Customer: Some(customer)},
				AttachInvoicePayment{Invoice: inv.ID, PaymentIntent: Some(intent)},
				ConfirmPaymentIntent{ID: intent, PaymentIntentParams: PaymentIntentParams{PaymentMethod: Some("pm_card_visa")}, ReturnURL: Some("https://e.x")},
				CancelPaymentIntent{ID: intent},
				CreateCreditNote{CreditNoteParams{Invoice: Some(inv.ID), Amount: Some(n)}},
				CreateCreditNote{CreditNoteParams{Invoice: Some(inv.ID), Amount: Some(n), CreditAmount: Some(n)}},
				CreateCreditNote{CreditNoteParams{Invoice: Some(inv.ID), Amount: Some(n), RefundAmount: Some(n)}},
				VoidCreditNote{ID: pick(life{r, s.World}, func(o *CreditNote) string { return o.ID })},
				CreateRefund{PaymentIntent: Some(intent), Amount: Some(n)},
				PayInvoice{ID: inv.ID},
				VoidInvoice{ID: inv.ID},
			}
			s.do(Tick{}) // what the step before captured arrives
			before := s.Digest()
			_, err := s.Apply(rapid.SampledFrom(steps).Draw(r, "step"), Request{}, s.now)
			if Undone(err) && s.Digest() != before {
				r.Fatalf("refused with %v, and left something behind", err)
			}
			s.check()
		}
	})
}
