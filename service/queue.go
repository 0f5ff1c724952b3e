package service

import (
	"context"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// queueRowsMax bounds one answer of Events and Effects.
const queueRowsMax = 500

// Events returns the newest webhooks about the account, or about anybody when id is "", at most limit.
func (s *Service) Events(ctx context.Context, id billing.AccountID, limit int) ([]Event, error) {
	var customer billing.CustomerID
	if id != "" {
		account, err := s.Account(ctx, id)
		if err != nil || account.Customer == "" {
			return nil, err
		}
		customer = account.Customer
	}
	rows, err := s.cfg.Store.Events(ctx, customer, bounded(limit, queueRowsMax))
	events := make([]Event, len(rows))
	for i, row := range rows {
		events[i] = Event{
			ID: row.ID, Type: row.Type, Customer: row.Customer, APIVersion: row.APIVersion, CreatedAt: row.CreatedAt,
			ReceivedAt: row.ReceivedAt, State: row.State, Attempts: row.Attempts, DueAt: row.DueAt, Error: row.Error,
		}
	}
	return events, err
}

// Effects returns the newest effects on the account, or on anybody when id is "", at most limit.
func (s *Service) Effects(ctx context.Context, id billing.AccountID, limit int) ([]Effect, error) {
	rows, err := s.cfg.Store.Effects(ctx, id, bounded(limit, queueRowsMax))
	effects := make([]Effect, len(rows))
	for i, row := range rows {
		effects[i] = Effect{
			Key: row.Key, Kind: row.Kind, Name: row.Name, Endpoint: row.Endpoint, Account: row.Account, CreatedAt: row.CreatedAt,
			DueAt: row.DueAt, TriedAt: row.TriedAt, DoneAt: row.DoneAt, State: row.State, Attempts: row.Attempts, Answer: row.Answer, Error: row.Error,
		}
	}
	return effects, err
}

// Queues counts what waits in inbox and outbox, and what was given up.
func (s *Service) Queues(ctx context.Context) (q Queues, err error) {
	store := s.cfg.Store
	for _, c := range []struct {
		count func(context.Context, string) (int, error)
		state string
		into  *int
	}{
		{store.CountEvents, sqlstore.Pending, &q.EventsPending},
		{store.CountEvents, sqlstore.Dead, &q.EventsDead},
		{store.CountEffects, sqlstore.Pending, &q.EffectsPending},
		{store.CountEffects, sqlstore.Dead, &q.EffectsDead},
	} {
		if *c.into, err = c.count(ctx, c.state); err != nil {
			return q, err
		}
	}
	return q, nil
}

// Ready returns an error when the service cannot work: the database does not answer, is not migrated, or has refused a write since and
// still does.
func (s *Service) Ready(ctx context.Context) error { return s.cfg.Store.Check(ctx) }

// TryWrite finds out whether the database takes writes. Its error has code unavailable and says what to do.
func (s *Service) TryWrite(ctx context.Context) error { return s.cfg.Store.TryWrite(ctx) }
