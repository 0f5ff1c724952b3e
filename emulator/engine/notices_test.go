package engine

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Whatever a world lives through, each of its thin events is found again by its id, and no two share one.
func TestEveryThinEventIsFoundByItsID(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		w := newWitness(r)
		w.live(10)
		seen := map[string]bool{}
		for _, e := range w.EventsSince(0) {
			for _, n := range e.Thin() {
				found, ok := w.Notice(n.ID())
				if !ok || *found.Event != *n.Event || found.ID() != n.ID() || found.Type != n.Type || seen[n.ID()] {
					r.Fatalf("%s of %s: found %v (%v), seen before %v", n.Type, e.ID, found, ok, seen[n.ID()])
				}
				seen[n.ID()] = true
			}
		}
		for _, id := range []string{thinPrefix, thinPrefix + "1", thinPrefix + "zz", "evt_none", ""} {
			if _, ok := w.Notice(id); ok {
				r.Fatalf("an event has the id %q", id)
			}
		}
	})
}

// thin are the thin events of the newest event of a type, without what all their types begin with.
func (s *shop) thin(kind string) []string {
	var out []string
	for _, e := range slices.Backward(s.EventsSince(0)) {
		if e.Type == kind {
			for _, n := range e.Thin() {
				out = append(out, strings.TrimPrefix(n.Type, "v1."))
			}
			break
		}
	}
	return out
}

func TestThinEventsTellWhatChanged(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	basic, pro := s.price("Basic", 1000), s.price("Pro", 3000)
	customer := s.customer("pm_card_visa")
	want := func(what, kind string, finer ...string) {
		t.Helper()
		if got := s.thin(kind); !slices.Equal(got, append([]string{kind}, finer...)) {
			t.Errorf("%s: %v, want %s and %v", what, got, kind, finer)
		}
	}
	const updated, prefix = "customer.subscription.updated", "customer.subscription."
	sub := s.subscribe(customer, basic)
	want("a new subscription", "customer.subscription.created", prefix+"active")
	item := sub.Items[0].ID
	change := func(c SubscriptionChange) { t.Helper(); s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: c}) }
	s.do(UpdateSubscription{ID: sub.ID, Metadata: Some(map[string]string{"k": "v"})})
	want("metadata", updated)
	change(SubscriptionChange{Items: Some([]ItemChange{{ID: Some(item), SubscriptionItemParams: SubscriptionItemParams{Price: Some(pro)}}})})
	want("another price", updated, prefix+"item_price_changed")
	change(SubscriptionChange{Items: Some([]ItemChange{{SubscriptionItemParams: SubscriptionItemParams{Price: Some(basic)}}})})
	want("a second item", updated, prefix+"item_added")
	change(SubscriptionChange{Items: Some([]ItemChange{{ID: Some(item), Deleted: Some(true)}})})
	want("an item less", updated, prefix+"item_removed")
	change(SubscriptionChange{CancelAtPeriodEnd: Some(true)})
	want("a cancellation", updated, prefix+"cancel_at_changed")

	s.do(UpdatePrice{ID: pro, Active: Some(false)})
	want("a price is taken off", "price.updated", "price.deactivated")
	draft := s.do(CreateInvoice{Customer: Some(customer)}).(*Invoice)
	s.do(AddInvoiceLines{Invoice: draft.ID, Lines: []AddLineParams{{ItemParams: ItemParams{Amount: Some[int64](500)}}}})
	want("a line more", "invoice.updated", "invoice.line_item_added")
	s.do(FinalizeInvoice{ID: draft.ID})
	want("finalization", "invoice.finalized")
}

func TestADestinationIsToldWhatItWants(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	made := func(payload string, events ...string) *WebhookEndpoint {
		return s.do(CreateEventDestination{
			Name: Some("n"), Type: Some("webhook_endpoint"), EventPayload: Some(payload), EnabledEvents: Some(events),
			WebhookEndpoint: Some(DestinationWebhook{URL: Some("https://example.com")}),
		}).(*WebhookEndpoint)
	}
	thin, all, snapshot := made(PayloadThin, "v1.customer.created"), made(PayloadThin, "*"), made(PayloadSnapshot, "*")
	old := s.do(CreateWebhookEndpoint{URL: Some("https://example.com"), EnabledEvents: Some([]string{"*"})}).(*WebhookEndpoint)
	before := s.LastEventSeq()
	customer := s.customer("pm_card_visa")
	s.do(DeleteCustomer{ID: customer})
	s.do(PingEventDestination{ID: snapshot.ID})
	told := func(e *WebhookEndpoint) (out string) {
		for _, n := range e.Notices(s.EventsAfter(before)) {
			if strings.HasPrefix(strings.TrimPrefix(n.Type, "v1."), "customer.") || n.Type == pingEvent {
				out += n.Type + " "
			}
		}
		return strings.TrimSpace(out)
	}
	for _, c := range []struct {
		endpoint *WebhookEndpoint
		want     string
	}{
		{thin, "v1.customer.created"},
		{all, "v1.customer.created v1.customer.updated v1.customer.deleted"},
		{snapshot, "customer.created customer.updated customer.deleted v2.core.event_destination.ping"},
		{old, "customer.created customer.updated customer.deleted"},
	} {
		if got := told(c.endpoint); got != c.want {
			t.Errorf("%v is told %q, want %q", c.endpoint.EnabledEvents, got, c.want)
		}
	}
	s.do(DisableEventDestination{ID: all.ID})
	if off := get[WebhookEndpoint](s, all.ID); told(off) != "" {
		t.Errorf("a disabled destination is told %q", told(off))
	}
	if e := s.refuse(PingEventDestination{ID: all.ID}); e.Status != 400 {
		t.Errorf("a ping of a disabled destination answers %v", e)
	}
	if e := s.refuse(UpdateWebhookEndpoint{ID: thin.ID, URL: Some("https://example.org")}); e.Status != 404 {
		t.Errorf("the first version changes a destination: %v", e)
	}
}

// A page says of what stands beside it exactly what is there, whatever the limit.
func TestPagesOfTheSecondVersionLeadThroughTheWholeListAndBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		s := openShop(t)
		count, limit := rapid.IntRange(0, 9).Draw(r, "count"), rapid.Int64Range(1, 5).Draw(r, "limit")
		for range count {
			s.do(CreateCustomer{})
		}
		var pages [][]any
		page := Opt[string]{}
		read := func() *Listing {
			got, err := s.Query(ListThinEvents{PageV2: PageV2{Limit: Some(limit), Page: page}})
			if err != nil {
				r.Fatal(err)
			}
			return got
		}
		got := read()
		for pages = append(pages, got.Data); got.Next != ""; pages = append(pages, got.Data) {
			page = Some(got.Next)
			got = read()
		}
		if flat := slices.Concat(pages...); len(flat) != count {
			r.Fatalf("%d of %d in pages of %d", len(flat), count, limit)
		}
		for i := len(pages) - 2; i >= 0; i-- {
			page = Some(got.Previous)
			if got = read(); !reflect.DeepEqual(got.Data, pages[i]) {
				r.Fatalf("page %d back: %v, want %v", i, got.Data, pages[i])
			}
		}
		if got.Previous != "" {
			r.Fatalf("before the first page is %q", got.Previous)
		}
	})
}
