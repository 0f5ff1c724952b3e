package service

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// leaseTime is how long a customer stays locked after its worker has crashed. The lease is renewed while work goes on, so it
// need not cover slow calls.
const leaseTime = 10 * time.Second

// lockPollMax bounds the pause between two looks at a lease that another process holds.
const lockPollMax = 100 * time.Millisecond

func customerLock(id billing.CustomerID) string { return sqlstore.CustomerLease(id) }
func accountLock(id billing.AccountID) string   { return "account:" + string(id) }

// lockTable queues the callers of this process before a lease, so that only one of them asks the database for it.
type lockTable struct {
	mu   sync.Mutex
	rows map[string]*lockRow
}

// lockRow is the queue for one name. asked and answered let callers share a fetch: who asked before one began is answered by it.
type lockRow struct {
	turn     chan struct{} // holds one token while free
	users    int
	asked    int
	answered int
}

func (t *lockTable) enter(name string) *lockRow {
	t.mu.Lock()
	defer t.mu.Unlock()
	row := t.rows[name]
	if row == nil {
		row = &lockRow{turn: make(chan struct{}, 1)}
		row.turn <- struct{}{}
		if t.rows == nil {
			t.rows = map[string]*lockRow{}
		}
		t.rows[name] = row
	}
	row.users++
	return row
}

func (t *lockTable) leave(name string, row *lockRow) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if row.users--; row.users == 0 {
		delete(t.rows, name)
	}
}

// ask returns a ticket: a fetch that covers it began after this moment.
func (t *lockTable) ask(row *lockRow) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	row.asked++
	return row.asked
}

func (t *lockTable) lastAsked(row *lockRow) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return row.asked
}

func (t *lockTable) answer(row *lockRow, covers int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	row.answered = max(row.answered, covers)
}

func (t *lockTable) isAnswered(row *lockRow, ticket int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return row.answered >= ticket
}

// hold is a lease that this process owns, while fn of locked runs.
type hold struct {
	lease sqlstore.Lease
	row   *lockRow
	// last says that nothing is done any more under the lease after the next commit, which gives it back so.
	last, ended bool
}

// inTx runs fn in one transaction, in which the lease is ours.
func (s *Service) inTxHeld(ctx context.Context, h *hold, fn func(tx *sqlstore.Tx) error) error {
	err := s.inTx(ctx, func(tx *sqlstore.Tx) error {
		own := tx.Hold
		if h.last {
			own = tx.EndLease
		}
		if err := own(ctx, h.lease); err != nil {
			return err
		}
		return fn(tx)
	})
	h.ended = h.last && err == nil
	return err
}

// errHeld is what tryLocked answers when somebody else is at it.
var errHeld = errors.New("service: another worker holds the lease")

// locked runs fn while nobody else, in whatever process, holds the name. The context of fn ends when the lease is lost.
func (s *Service) locked(ctx context.Context, name string, fn func(ctx context.Context, h *hold) error) error {
	row := s.locks.enter(name)
	defer s.locks.leave(name, row)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-row.turn:
	}
	defer func() { row.turn <- struct{}{} }()
	return s.leased(ctx, name, row, true, fn)
}

// tryLocked is locked for those who have other work to do: it answers errHeld instead of waiting.
func (s *Service) tryLocked(ctx context.Context, name string, fn func(ctx context.Context, h *hold) error) error {
	row := s.locks.enter(name)
	defer s.locks.leave(name, row)
	select {
	case <-row.turn:
	default:
		return errHeld
	}
	defer func() { row.turn <- struct{}{} }()
	return s.leased(ctx, name, row, false, fn)
}

func (s *Service) leased(ctx context.Context, name string, row *lockRow, wait bool, fn func(ctx context.Context, h *hold) error) error {
	pause := 2 * time.Millisecond
	for {
		now := s.cfg.Clock.Wall()
		lease, taken, err := s.cfg.Store.TakeLease(ctx, name, now, now.Add(leaseTime))
		if err != nil {
			return err
		}
		if taken {
			return s.keepLease(ctx, &hold{lease: lease, row: row}, fn)
		}
		if !wait {
			return errHeld
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
		pause = min(2*pause, lockPollMax)
	}
}

// keepLease runs fn and renews the lease meanwhile.
func (s *Service) keepLease(ctx context.Context, h *hold, fn func(ctx context.Context, h *hold) error) error {
	work, cancel := context.WithCancelCause(ctx)
	var renewing sync.WaitGroup
	renewing.Go(func() {
		for sleep(work, leaseTime/3) == nil {
			err := s.cfg.Store.RenewLease(work, h.lease, s.cfg.Clock.Wall().Add(leaseTime))
			if errors.Is(err, sqlstore.ErrLeaseLost) {
				cancel(err)
			} else if err != nil && work.Err() == nil {
				s.log.WarnContext(ctx, "a lease could not be renewed", "lease", h.lease.Name, "error", err)
			}
		}
	})
	err := fn(work, h)
	if lost := context.Cause(work); err != nil && ctx.Err() == nil && lost != nil {
		err = lost
	}
	cancel(nil)
	renewing.Wait()
	if !h.ended {
		// A caller that went away must not leave the customer locked.
		if e := s.cfg.Store.ReleaseLease(context.WithoutCancel(ctx), h.lease); e != nil {
			s.log.WarnContext(ctx, "a lease was not given back; it ends by itself", "lease", h.lease.Name, "error", e)
		}
	}
	if errors.Is(err, sqlstore.ErrLeaseLost) {
		return &billing.Error{Code: billing.Unavailable, Message: "another worker took this over; try again", Err: err}
	}
	return err
}

// sleep waits, or returns the context's error when that ends first.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
