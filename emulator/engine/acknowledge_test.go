package engine

import "testing"

// told is a subscription in a world with endpoints, at its renewal: the draft has just been announced.
func told(t *testing.T, endpoints ...[]string) (s *shop, sub string, ids []string, event string) {
	s = openShop(t)
	for _, events := range endpoints {
		e := s.do(CreateWebhookEndpoint{URL: Some("https://example.com/hook"), EnabledEvents: Some(events)}).(*WebhookEndpoint)
		ids = append(ids, e.ID)
	}
	price := s.price("Pro", 2000)
	sub = s.subscribe(s.customer("pm_card_visa"), price).ID
	s.waitUntil("2026-02-28 12:00:00")
	for _, e := range s.EventsSince(0) {
		if e.Type == invoiceCreated {
			event = e.ID
		}
	}
	return s, sub, ids, event
}

// Rows: C25.
func TestADraftWaitsForItsEndpointsAndThenForItsHour(t *testing.T) {
	t.Parallel()
	s, sub, ids, event := told(t, []string{"*"}, []string{invoiceCreated}, []string{"invoice.paid"})
	if got := s.latest(sub); got.WebhooksDeliveredAt != 0 || len(got.Awaiting) != 2 || s.Awaits(event, ids[2]) {
		t.Fatalf("told at %d, waits for %v", got.WebhooksDeliveredAt, got.Awaiting)
	}
	s.wait(3600)
	s.do(AcknowledgeWebhook{Event: event, Endpoint: ids[0]})
	s.wait(10 * 3600)
	if got := s.latest(sub); got.Status != InvoiceDraft || got.WebhooksDeliveredAt != 0 {
		t.Fatalf("while one endpoint is silent: %s", got.Status)
	}
	s.do(AcknowledgeWebhook{Event: event, Endpoint: ids[1]})
	s.do(AcknowledgeWebhook{Event: event, Endpoint: ids[1]})
	heard := s.now
	if got := s.latest(sub); got.WebhooksDeliveredAt != heard || got.AutomaticallyFinalizesAt != heard+3600 || got.NextPaymentAttempt != heard+3600 {
		t.Fatalf("told at %d, finalizes at %d, now is %d", got.WebhooksDeliveredAt, got.AutomaticallyFinalizesAt, heard)
	}
	s.wait(3599)
	if got := s.latest(sub).Status; got != InvoiceDraft {
		t.Fatalf("a second early it is %s", got)
	}
	s.wait(1)
	if got := s.latest(sub); got.Status != InvoicePaid || got.StatusTransitions.FinalizedAt != heard+3600 {
		t.Errorf("after its hour: %s", got.Status)
	}
}

// Rows: C25.
func TestADraftThatNobodyTakesIsFinalizedAfterThreeDays(t *testing.T) {
	t.Parallel()
	s, sub, _, _ := told(t, []string{"*"})
	created := s.latest(sub).Created
	s.wait(holdSeconds - 1)
	if got := s.latest(sub).Status; got != InvoiceDraft {
		t.Fatalf("a second before the three days are over it is %s", got)
	}
	s.wait(1)
	if got := s.latest(sub); got.Status != InvoicePaid || got.StatusTransitions.FinalizedAt != created+holdSeconds || got.WebhooksDeliveredAt != 0 {
		t.Errorf("after three days: %s, told at %d", got.Status, got.WebhooksDeliveredAt)
	}
}

// Rows: C25.
func TestAnAnswerInTimeChangesNothing(t *testing.T) {
	t.Parallel()
	s, sub, ids, event := told(t, []string{"*"})
	s.do(AcknowledgeWebhook{Event: event, Endpoint: ids[0]})
	got := s.latest(sub)
	if got.WebhooksDeliveredAt != got.Created || got.AutomaticallyFinalizesAt != got.Created+3600 {
		t.Fatalf("told at %d, finalizes at %d", got.WebhooksDeliveredAt, got.AutomaticallyFinalizesAt)
	}
	s.wait(3600)
	if got := s.latest(sub).Status; got != InvoicePaid {
		t.Errorf("after its hour: %s", got)
	}
}

// Rows: C25.
func TestNobodyWaitsForAnEndpointThatWillNotAnswer(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]func(id string) Command{
		"deleted":  func(id string) Command { return DeleteWebhookEndpoint{ID: id} },
		"disabled": func(id string) Command { return UpdateWebhookEndpoint{ID: id, Disabled: Some(true)} },
		"uninterested": func(id string) Command {
			return UpdateWebhookEndpoint{ID: id, EnabledEvents: Some([]string{"invoice.paid"})}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, sub, ids, _ := told(t, []string{"*"})
			s.wait(5 * 3600)
			s.do(leave(ids[0]))
			s.wait(3600)
			if got := s.latest(sub).Status; got != InvoicePaid {
				t.Errorf("an hour after it went: %s", got)
			}
		})
	}
}

// Rows: C25.
func TestTheDraftCanBeChangedAndFinalizedByHandWhileItWaits(t *testing.T) {
	t.Parallel()
	s, sub, ids, event := told(t, []string{"*"})
	s.wait(20 * 3600)
	inv := s.latest(sub)
	s.item(inv.Customer, extra(700, "Setup"), func(p *CreateInvoiceItem) { p.Invoice = Some(inv.ID) })
	s.do(FinalizeInvoice{ID: inv.ID})
	s.do(AcknowledgeWebhook{Event: event, Endpoint: ids[0]})
	if got := s.latest(sub); got.Status != InvoiceOpen || got.AmountDue != 2700 || got.WebhooksDeliveredAt != s.now || got.AutomaticallyFinalizesAt != 0 {
		t.Errorf("%s over %d, told at %d, finalizes at %d", got.Status, got.AmountDue, got.WebhooksDeliveredAt, got.AutomaticallyFinalizesAt)
	}
	s.do(AcknowledgeWebhook{Event: "evt_unknown", Endpoint: ids[0]})
}

// Rows: C19 C25.
func TestNobodyWaitsWhereTimeIsSimulated(t *testing.T) {
	t.Parallel()
	s, clock, sub := onClock(t, "2030-01-31 00:00:00")
	s.do(CreateWebhookEndpoint{URL: Some("https://example.com/hook"), EnabledEvents: Some([]string{"*"})})
	s.advance(clock.ID, "2030-02-28 01:00:00")
	if got := s.latest(sub.ID); got.Status != InvoicePaid || got.WebhooksDeliveredAt != got.Created {
		t.Errorf("on a test clock: %s, told at %d", got.Status, got.WebhooksDeliveredAt)
	}
	held, of, _, _ := told(t, []string{"*"})
	held.do(MoveTime{By: 3600})
	if got := held.latest(of).Status; got != InvoicePaid {
		t.Errorf("a waiting draft while the world is moved: %s", got)
	}
	held.do(MoveTime{By: 32 * secondsPerDay})
	if got := held.latest(of); got.Status != InvoicePaid || got.WebhooksDeliveredAt != got.Created {
		t.Errorf("a draft born while the world is moved: %s, told at %d", got.Status, got.WebhooksDeliveredAt)
	}
}
