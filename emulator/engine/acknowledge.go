package engine

import "slices"

// Stripe does not finalize a draft by itself before the account has heard of it: invoice.created must have been answered with 2xx by every
// endpoint that wanted it. So a merchant can add to a renewal, and an endpoint that is down for an hour loses nothing. After three days
// the invoice goes on all the same.
//
// Where time is simulated nobody can answer: drafts of a test clock, and those born while MoveTime moves the world, wait for nobody.

// invoiceCreated is the event that endpoints must take first.
const invoiceCreated = "invoice.created"

// holdSeconds is how long a draft waits for its endpoints at most, counted from its creation.
const holdSeconds = 72 * 3600

// awaitEndpoints notes whom a draft that will be finalized by itself waits for.
func (t *tx) awaitEndpoints(inv *Invoice) {
	if _, planned := t.scheduled(timerFinalize, inv.ID); !planned || t.simulated() {
		return
	}
	for _, e := range t.world.Endpoints() {
		if e.Wants(invoiceCreated) {
			inv.Awaiting = append(inv.Awaiting, e.ID)
		}
	}
	if len(inv.Awaiting) > 0 {
		inv.WebhooksDeliveredAt = 0
	}
}

// simulated says that time runs faster than anybody could answer.
func (t *tx) simulated() bool { return t.line != worldLine || t.moving }

// hold puts the finalization of a draft off while endpoints have not answered; false means that it may be finalized now.
func (t *tx) hold(draft *Invoice) bool {
	limit := draft.Created + holdSeconds
	if len(draft.Awaiting) == 0 || t.simulated() || t.now >= limit {
		return false
	}
	t.schedule(timerFinalize, draft.ID, limit)
	return true
}

// Awaits says whether an invoice waits for an endpoint to take the event.
func (w *World) Awaits(event, endpoint string) bool {
	inv, ok := w.awaiting(event)
	return ok && slices.Contains(inv.Awaiting, endpoint)
}

// awaiting is the invoice, as it is now, that an event announced.
func (w *World) awaiting(event string) (*Invoice, bool) {
	e, ok := w.Event(event)
	if !ok || e.Type != invoiceCreated {
		return nil, false
	}
	announced, ok := e.Object.(*Invoice)
	if !ok {
		return nil, false
	}
	return Get[Invoice](w, announced.ID)
}

// AcknowledgeWebhook says that an endpoint has taken an event. It is the emulator's own command.
type AcknowledgeWebhook struct {
	Event    string `form:"-"`
	Endpoint string `form:"-"`
}

func (c AcknowledgeWebhook) apply(t *tx) (Result, error) {
	if inv, ok := t.world.awaiting(c.Event); ok {
		t.acknowledged(inv, c.Endpoint)
	}
	return nil, nil
}

// acknowledged takes an endpoint from those that an invoice waits for. After the last one the draft's hour begins.
func (t *tx) acknowledged(before *Invoice, endpoint string) {
	if !slices.Contains(before.Awaiting, endpoint) {
		return
	}
	inv := *before
	inv.Awaiting = slices.DeleteFunc(slices.Clone(before.Awaiting), func(id string) bool { return id == endpoint })
	if len(inv.Awaiting) == 0 {
		inv.WebhooksDeliveredAt = t.now
		t.resumeDraft(&inv)
	}
	put(t, &inv)
}

// resumeDraft plans the finalization of a draft that nobody has to hear of any more. A time that the caller chose stays.
func (t *tx) resumeDraft(inv *Invoice) {
	if _, planned := t.scheduled(timerFinalize, inv.ID); !planned {
		return
	}
	delay := t.settings().FinalizationDelay
	at := max(inv.AutomaticallyFinalizesAt, t.now)
	if inv.AutomaticallyFinalizesAt == inv.Created+delay {
		at = max(min(t.now+delay, inv.Created+holdSeconds), inv.AutomaticallyFinalizesAt)
	}
	inv.AutomaticallyFinalizesAt = at
	if inv.NextPaymentAttempt != 0 {
		inv.NextPaymentAttempt = at
	}
	t.schedule(timerFinalize, inv.ID, at)
}

// forgetEndpoint lets the drafts go on that waited for an endpoint which will not answer any more.
func (t *tx) forgetEndpoint(endpoint string) {
	for _, inv := range t.world.tables.invoices.all("held", heldInvoice) {
		t.acknowledged(inv, endpoint)
	}
}

// heldInvoice is the value of the index of invoices that wait for endpoints.
const heldInvoice = "held"

var _ = register(AcknowledgeWebhook{})
