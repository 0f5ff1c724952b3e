package service

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// Receive takes a webhook of a provider account in: once it returns nil, the event is committed and the sender may be told 2xx. An event
// that is known already is nil too. A bad signature or body, and an event of another mode than the account's, is an error of code invalid;
// a provider account that is not configured is not_found.
func (s *Service) Receive(ctx context.Context, from billing.ProviderAccount, header http.Header, body []byte) error {
	ctx, span := s.begin(ctx, Inside, "webhook intake")
	event, outcome, err := s.takeIn(ctx, from, header, body)
	s.cfg.Meter.Received(outcome)
	if span.on() {
		span.set(slog.String("dues.event.id", event.ID), slog.String("dues.event.type", event.Type), slog.String("dues.outcome", outcome))
	}
	span.end(err)
	s.log.LogAttrs(ctx, slog.LevelDebug, "webhook", slog.String("event", event.ID), slog.String("type", event.Type), slog.String("outcome", outcome))
	return err
}

// Unread counts a delivery of which nothing can be told to Receive: its body is too large, or broke off.
func (s *Service) Unread() { s.cfg.Meter.Received(Refused) }

func (s *Service) takeIn(ctx context.Context, from billing.ProviderAccount, header http.Header, body []byte) (event sqlstore.Event, outcome string, err error) {
	p, err := s.at(from)
	if err != nil {
		return event, Refused, err
	}
	now := s.cfg.Clock.Wall()
	envelope, err := p.Verifier.Open(header, body, now)
	if err != nil {
		return event, Refused, err
	}
	event = arriving(from, envelope, body, now)
	event.Headers = kept(header)
	s.originates(ctx, event.ID) // before somebody can work on it
	added, err := s.cfg.Store.AddEvent(ctx, event)
	switch {
	case err != nil:
		return event, Failed, err
	case !added:
		return event, Known, nil
	}
	if event.State == sqlstore.Pending {
		wake(p.awake)
	}
	return event, Taken, nil
}

// arriving is an event as it enters the inbox.
func arriving(from billing.ProviderAccount, envelope Envelope, body []byte, now time.Time) sqlstore.Event {
	event := sqlstore.Event{
		ID: envelope.ID, Type: envelope.Type, Customer: envelope.Customer, Object: envelope.ObjectID, APIVersion: envelope.APIVersion,
		CreatedAt: envelope.Created, ReceivedAt: now, DueAt: now, Body: body, State: sqlstore.Pending, ProviderAccount: from,
	}
	// What names no customer and is not in the mirror has nobody to sync: ignored on purpose. Such events are kept as long as the others and
	// are seen among them; what they do to a customer's invoices comes with events that name him.
	if event.Customer == "" && !envelope.Mirrored {
		event.State, event.DoneAt = sqlstore.Ignored, now
	} else if envelope.Beside {
		event.State, event.DoneAt = sqlstore.Done, now // a turn for it would read nothing
	}
	return event
}

// DeliveryHeaders are what is kept of a delivery's headers, for whoever looks up later where it came from. The signature has been checked by then.
var DeliveryHeaders = []string{"Content-Type", "Forwarded", "User-Agent", "Via", "X-Forwarded-For", "X-Request-Id"}

// headerBytesMax bounds each of them; what is longer is cut.
const headerBytesMax = 256

// kept returns the headers that are kept, as JSON.
func kept(header http.Header) string {
	found := make(map[string]string, len(DeliveryHeaders))
	for _, name := range DeliveryHeaders {
		if values := header[name]; len(values) > 0 {
			all := strings.Join(values, ", ")
			found[name] = strings.ToValidUTF8(all[:min(len(all), headerBytesMax)], "")
		}
	}
	text, _ := json.Marshal(found) // texts only
	return string(text)
}
