package service

import (
	"context"
	"net/http"
	"time"

	"github.com/dues-billing/dues/sqlstore"
)

// Receive takes a webhook in: once it returns nil, the event is committed and the sender may be told 2xx. An event that is
// known already is nil too. A bad signature or body is an error of code invalid.
func (s *Service) Receive(ctx context.Context, header http.Header, body []byte) error {
	now := s.cfg.Clock.Wall()
	envelope, err := s.cfg.Verifier.Open(header, body, now)
	if err != nil {
		s.cfg.Meter.Received(Refused)
		return err
	}
	event := arriving(envelope, body, now)
	added, err := s.cfg.Store.AddEvent(ctx, event)
	switch {
	case err != nil:
		s.cfg.Meter.Received(Failed)
	case !added:
		s.cfg.Meter.Received(Known)
	default:
		s.cfg.Meter.Received(Taken)
		if event.State == sqlstore.Pending {
			wake(s.inbox)
		}
	}
	return err
}

// arriving is an event as it enters the inbox.
func arriving(envelope Envelope, body []byte, now time.Time) sqlstore.Event {
	event := sqlstore.Event{
		ID: envelope.ID, Type: envelope.Type, Customer: envelope.Customer, Object: envelope.ObjectID, APIVersion: envelope.APIVersion,
		CreatedAt: envelope.Created, ReceivedAt: now, DueAt: now, Body: body, State: sqlstore.Pending,
	}
	// What names no customer and is not in the mirror has nobody to sync: ignored on purpose. Such events are kept as long as the others and
	// are seen among them; what they do to a customer's invoices comes with events that name him.
	if event.Customer == "" && !envelope.Mirrored {
		event.State, event.DoneAt = sqlstore.Ignored, now
	}
	return event
}
