package service

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/dues-billing/dues/sqlstore"
)

const (
	// inboxBatch is how many customers one round takes on.
	inboxBatch = 64
	// inboxWorkers is how many of them are synced at once, of each provider account.
	inboxWorkers = 8
)

// inboxRound returns the round that syncs every customer of a provider account with events that are due. A round waits for all that it took
// on, so a provider account that is slow, down or limits us keeps nobody waiting but its own customers.
func (s *Service) inboxRound(p *providerAccount) round {
	return func(ctx context.Context) (done int, held bool, err error) { return s.syncDue(ctx, p) }
}

// syncDue is one round. All events of a customer share one fetch, and the customer's lease keeps other processes off.
func (s *Service) syncDue(ctx context.Context, p *providerAccount) (done int, held bool, err error) {
	s.working.Add(1)
	defer s.working.Add(-1)
	if !s.paused(p).IsZero() {
		return 0, false, nil
	}
	most := inboxBatch
	if p.lull().failures > 0 {
		most = 1 // one finds out for all whether the provider is well again
	}
	due, err := s.cfg.Store.DueCustomers(ctx, p.Name, s.cfg.Clock.Wall(), most)
	if err != nil {
		return 0, false, err
	}
	var synced, passed atomic.Int64
	var failure atomic.Pointer[error]
	var wait sync.WaitGroup
	slots := make(chan struct{}, inboxWorkers)
	for _, d := range due {
		slots <- struct{}{}
		if !s.paused(p).IsZero() { // found out by those before
			break
		}
		wait.Go(func() {
			defer func() { <-slots }()
			switch err := s.workOff(ctx, p, d); {
			case errors.Is(err, errHeld):
				passed.Add(1)
			case err != nil:
				failure.Store(&err)
			default:
				synced.Add(1)
			}
		})
	}
	wait.Wait()
	if first := failure.Load(); first != nil {
		return int(synced.Load()), false, *first
	}
	return int(synced.Load()), passed.Load() > 0, nil
}

// workOff syncs one customer, or notes that it failed. Its error is the database's, our own stop, or errHeld.
func (s *Service) workOff(ctx context.Context, p *providerAccount, d sqlstore.Due) error {
	t := &turn{}
	ctx = context.WithValue(ctx, turnKey{}, t)
	name, work := customerLock(d.Customer), func(ctx context.Context, h *hold) error { return s.take(ctx, h, t, d) }
	if d.Object != "" {
		name, work = objectLock(d.Object), func(ctx context.Context, h *hold) error { return s.takeUnnamed(ctx, h, d) }
	}
	err := s.tryLocked(ctx, name, work)
	s.heard(ctx, p, cmp.Or(string(d.Customer), d.Object), err)
	if !failed(ctx, err) {
		return err
	}
	if isLimited(err) {
		return nil // the events stay due as they are, and keep their place
	}
	tries, outage := d.Attempts+1, s.outage(p, d.Attempts, err)
	late := sqlstore.Late{
		Due: s.cfg.Clock.Wall().Add(backOff(tries)), Cause: brief(err), Dead: !outage && giveUp(tries, err), Uncounted: outage,
	}
	noted := s.inTx(ctx, func(tx *sqlstore.Tx) error {
		if d.Object != "" {
			return tx.ObjectLate(ctx, p.Name, d.Object, d.Seq, late)
		}
		return tx.EventsLate(ctx, d.Customer, d.Seq, late)
	})
	if noted == nil { // otherwise it is our database that fails, each second and for everybody, and the worker tells that
		s.log.WarnContext(ctx, "events failed", "customer", d.Customer, "object", d.Object, "tries", tries, "given_up", late.Dead, "error", err)
	}
	return noted
}
