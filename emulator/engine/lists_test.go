package engine

import (
	"fmt"
	"testing"
)

// ids are the ids of a list page.
func ids(t *testing.T, w *World, q Query) string {
	t.Helper()
	page, err := w.Query(q)
	if err != nil {
		t.Fatal(err)
	}
	out := ""
	for _, obj := range page.Data {
		switch o := obj.(type) {
		case *Subscription:
			out += o.ID + " "
		case *SubscriptionItem:
			out += o.ID + " "
		case *Invoice:
			out += o.ID + " "
		case *InvoiceItem:
			out += o.ID + " "
		case *InvoicePayment:
			out += o.Status + " "
		}
	}
	return out
}

func TestBillingListsFilterAsStripeDoes(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	pro, basic := s.price("Pro", 2000), s.price("Basic", 1000)
	ada, bob := s.customer("pm_card_visa"), s.customer("pm_card_visa")
	first, second := s.subscribe(ada, pro), s.subscribe(ada, basic)
	third := s.subscribe(bob, pro)
	s.do(CancelSubscription{ID: third.ID})
	waiting := s.item(ada, extra(100, "Odd"))
	draft := s.do(CreateInvoice{Customer: Some(bob)}).(*Invoice)
	for _, c := range []struct {
		query Query
		want  []string
	}{
		{ListSubscriptions{}, []string{second.ID, first.ID}},
		{ListSubscriptions{Status: Some("all")}, []string{third.ID, second.ID, first.ID}},
		{ListSubscriptions{Status: Some("ended")}, []string{third.ID}},
		{ListSubscriptions{Status: Some("past_due")}, nil},
		{ListSubscriptions{Customer: Some(ada), Price: Some(pro)}, []string{first.ID}},
		{ListSubscriptions{Plan: Some(basic)}, []string{second.ID}},
		{ListSubscriptionItems{Subscription: Some(first.ID)}, []string{first.Items[0].ID}},
		{ListInvoices{Subscription: Some(first.ID)}, []string{first.LatestInvoice}},
		{ListInvoices{Customer: Some(bob)}, []string{draft.ID, third.LatestInvoice}},
		{ListInvoices{Status: Some(InvoiceDraft)}, []string{draft.ID}},
		{ListInvoiceItems{Customer: Some(ada), Pending: Some(true)}, []string{waiting.ID}},
		{ListInvoiceItems{Pending: Some(false)}, nil},
		{ListInvoicePayments{Invoice: Some(first.LatestInvoice)}, []string{"paid"}},
		{ListInvoicePayments{Payment: Some(InvoicePaymentFilter{Type: "payment_intent", PaymentIntent: Some(s.latest(second.ID).PaymentIntent)})}, []string{"paid"}},
	} {
		want := ""
		for _, id := range c.want {
			want += id + " "
		}
		if got := ids(t, s.World, c.query); got != want {
			t.Errorf("%T%+v\n got %s\nwant %s", c.query, c.query, got, want)
		}
	}
	if _, err := s.Query(ListSubscriptionItems{}); fmt.Sprint(err) != "400 parameter_missing: Missing required param: subscription." {
		t.Errorf("items of no subscription: %v", err)
	}
}
