package engine

import (
	"fmt"
	"testing"
)

// Chapter 3.2 as a table: what a create leaves behind, by where its card is known, payment_behavior and collection_method.
func TestFirstIntentByKnownCardBehaviorAndCollection(t *testing.T) {
	t.Parallel()
	const (
		paid      = "active paid succeeded by the card"
		confirm   = "incomplete open requires_confirmation by the card"
		collect   = "incomplete open requires_payment_method"
		mailed    = "active draft"
		nobody    = "resource_missing"
		onSub     = "its own"
		onDefault = "the customer's"
		onSource  = "the customer's source"
		loose     = "attached only"
	)
	for _, c := range []struct{ card, behavior, collection, want string }{
		{onSub, AllowIncomplete, ChargeAutomatically, paid},
		{onSub, DefaultIncomplete, ChargeAutomatically, confirm},
		{onSub, ErrorIfIncomplete, ChargeAutomatically, paid},
		{onDefault, AllowIncomplete, ChargeAutomatically, paid},
		{onDefault, DefaultIncomplete, ChargeAutomatically, confirm},
		{onDefault, ErrorIfIncomplete, ChargeAutomatically, paid},
		{onSource, AllowIncomplete, ChargeAutomatically, paid},
		{onSource, DefaultIncomplete, ChargeAutomatically, confirm},
		{onSource, ErrorIfIncomplete, ChargeAutomatically, paid},
		{loose, AllowIncomplete, ChargeAutomatically, nobody},
		{loose, DefaultIncomplete, ChargeAutomatically, collect},
		{loose, ErrorIfIncomplete, ChargeAutomatically, nobody},
		{"", AllowIncomplete, ChargeAutomatically, nobody},
		{"", DefaultIncomplete, ChargeAutomatically, collect},
		{"", ErrorIfIncomplete, ChargeAutomatically, nobody},
		{onSub, AllowIncomplete, InvoiceByMail, mailed},
		{onSub, DefaultIncomplete, InvoiceByMail, mailed},
		{onSub, ErrorIfIncomplete, InvoiceByMail, mailed},
		{onDefault, DefaultIncomplete, InvoiceByMail, mailed},
		{"", AllowIncomplete, InvoiceByMail, mailed},
		{"", DefaultIncomplete, InvoiceByMail, mailed},
		{"", ErrorIfIncomplete, InvoiceByMail, mailed},
	} {
		t.Run(fmt.Sprintf("%s card/%s/%s", c.card, c.behavior, c.collection), func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			cmd, card := CreateSubscription{PaymentBehavior: Some(c.behavior), CollectionMethod: Some(c.collection), Items: items(s.price("Pro", 2000))}, ""
			customer := s.customer("")
			switch c.card {
			case onDefault:
				card = s.useCard(customer, "pm_card_visa")
			case onSource:
				s.do(UpdateCustomer{ID: customer, CustomerParams: CustomerParams{Source: Some("tok_visa")}})
				card = get[Customer](s, customer).DefaultSource
			case onSub, loose:
				card = s.do(AttachPaymentMethod{ID: "pm_card_visa", Customer: Some(customer)}).(*PaymentMethod).ID
			}
			if cmd.Customer = Some(customer); c.card == onSub {
				cmd.DefaultPaymentMethod = Some(card)
			}
			if c.collection == InvoiceByMail {
				cmd.DaysUntilDue = Some[int64](30)
			}
			if c.want == nobody {
				if e := s.refuse(cmd); e.Code != nobody || e.Param != "" || e.Status != 400 {
					t.Errorf("refused with %d %s %q", e.Status, e.Code, e.Param)
				}
				return
			}
			sub := s.do(cmd).(*Subscription)
			inv := s.latest(sub.ID)
			got := sub.Status + " " + inv.Status
			if intent, ok := Get[PaymentIntent](s.World, inv.PaymentIntent); ok {
				if got += " " + intent.Status; intent.PaymentMethod == card && card != "" {
					got += " by the card"
				}
			}
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if c.want != confirm {
				return
			}
			// The payer has nothing to choose any more: a confirm with nothing beside it pays.
			s.do(ConfirmPaymentIntent{ID: inv.PaymentIntent})
			if after := s.sub(sub.ID); after.Status != SubActive || s.latest(sub.ID).Status != InvoicePaid {
				t.Errorf("confirmed: %s, invoice %s", after.Status, s.latest(sub.ID).Status)
			}
		})
	}
}

// An update that is billed at once and left to its payer has the same intent.
func TestAnUpdateLeftToItsPayerHasTheKnownCard(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("pm_card_visa")
	sub := s.subscribe(customer, s.price("Pro", 2000))
	change := s.swap(sub.ID, s.price("Max", 9000))
	change.ProrationBehavior = Some(AlwaysInvoice)
	s.do(UpdateSubscription{ID: sub.ID, PaymentBehavior: Some(DefaultIncomplete), SubscriptionChange: change})
	intent := get[PaymentIntent](s, s.latest(sub.ID).PaymentIntent)
	if s.sub(sub.ID).Status != SubPastDue || intent.Status != RequiresConfirmation || intent.PaymentMethod != get[Customer](s, customer).paysWith() {
		t.Fatalf("%s, intent %s with %q", s.sub(sub.ID).Status, intent.Status, intent.PaymentMethod)
	}
	s.do(ConfirmPaymentIntent{ID: intent.ID})
	if s.sub(sub.ID).Status != SubActive || s.latest(sub.ID).AmountPaid != 7000 {
		t.Errorf("confirmed: %s, paid %d", s.sub(sub.ID).Status, s.latest(sub.ID).AmountPaid)
	}
}
