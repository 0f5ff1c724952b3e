package service

import (
	"context"
	"net/http"

	"github.com/dues-billing/dues/sqlstore"
)

// Receive takes a webhook in: once it returns nil, the event is committed and the sender may be told 2xx. An event that is
// known already is nil too. A bad signature or body is an error of code invalid.
func (s *Service) Receive(ctx context.Context, header http.Header, body []byte) error {
	now := s.cfg.Clock.Wall()
	envelope, err := s.cfg.Verifier.Open(header, body, now)
	if err != nil {
		return err
	}
	event := sqlstore.Event{
		ID: envelope.ID, Type: envelope.Type, Customer: envelope.Customer, Object: envelope.ObjectID, APIVersion: envelope.APIVersion,
		CreatedAt: envelope.Created, ReceivedAt: now, DueAt: now, Body: body, State: sqlstore.Pending,
	}
	if event.Customer == "" { // about nobody: kept, for it may explain something, and ignored
		event.State, event.DoneAt = sqlstore.Done, now
	}
	added, err := s.cfg.Store.AddEvent(ctx, event)
	if err == nil && added && event.State == sqlstore.Pending {
		wake(s.inbox)
	}
	return err
}
