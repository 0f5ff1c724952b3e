package sqlstore

import (
	"context"
	"sync"
)

// eventQueue lets deliveries that arrive together share one commit: whoever comes while a commit runs waits for the next, which
// one of the waiters does for all. A commit costs a sync of the disk, however many rows it holds.
type eventQueue struct {
	mu      sync.Mutex
	waiting []*arrival
	busy    bool
}

// arrival is an event on its way into the inbox.
type arrival struct {
	event Event
	added bool
	err   error
	done  chan struct{} // closed when added and err are set
	lead  chan struct{} // closed when this arrival has to do the next commit
}

// batchMax bounds one commit, so that the last of it does not wait for long.
const batchMax = 256

func (q *eventQueue) add(ctx context.Context, s *Store, e Event) (bool, error) {
	a := &arrival{event: e, done: make(chan struct{}), lead: make(chan struct{})}
	q.mu.Lock()
	q.waiting = append(q.waiting, a)
	if !q.busy {
		q.busy = true
		close(a.lead)
	}
	q.mu.Unlock()
	select {
	case <-a.done:
		return a.added, a.err
	case <-a.lead:
	}
	q.commit(ctx, s)
	<-a.done
	return a.added, a.err
}

// commit writes the next batch, in which its caller is the first, and hands the lead on.
func (q *eventQueue) commit(ctx context.Context, s *Store) {
	q.mu.Lock()
	n := min(len(q.waiting), batchMax)
	batch := q.waiting[:n:n]
	q.waiting = q.waiting[n:]
	q.mu.Unlock()

	// The batch is not only its leader's: a leader that goes away must not take the others along.
	ctx = context.WithoutCancel(ctx)
	err := s.InTx(ctx, func(tx *Tx) error {
		for _, a := range batch {
			var err error
			if a.added, err = tx.AddEvent(ctx, a.event); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil && n > 1 { // one bad row must not fail the others
		for _, a := range batch {
			a.err = s.InTx(ctx, func(tx *Tx) (err error) {
				a.added, err = tx.AddEvent(ctx, a.event)
				return err
			})
		}
	} else {
		for _, a := range batch {
			a.err = err
		}
	}

	q.mu.Lock()
	if len(q.waiting) > 0 {
		close(q.waiting[0].lead)
	} else {
		q.busy = false
	}
	q.mu.Unlock()
	for _, a := range batch {
		a.added = a.added && a.err == nil
		close(a.done)
	}
}
