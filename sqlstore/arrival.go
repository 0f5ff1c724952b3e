package sqlstore

import "context"

// arrival is an event on its way into the inbox.
type arrival struct {
	event Event
	added bool
	err   error
}

// arrivalsMax bounds one commit of arrivals, so that the last of it does not wait for long.
const arrivalsMax = 256

// arrive commits an event, with those that arrive meanwhile: a commit costs a sync of the disk, however many rows it holds.
func (s *Store) arrive(ctx context.Context, e Event) (bool, error) {
	own := &arrival{event: e, err: errUndone}
	ctx = context.WithoutCancel(ctx) // the batch is not only its leader's
	s.arrivals.do(own, arrivalsMax, func(batch []*arrival) {
		err := s.InTx(ctx, func(tx *Tx) error {
			for _, a := range batch {
				var err error
				if a.added, err = tx.AddEvent(ctx, a.event); err != nil {
					return err
				}
			}
			return nil
		})
		for _, a := range batch {
			if a.err = err; err != nil && len(batch) > 1 { // one bad row must not fail the others
				a.err = s.InTx(ctx, func(tx *Tx) (err error) {
					a.added, err = tx.AddEvent(ctx, a.event)
					return err
				})
			}
		}
	})
	return own.added && own.err == nil, own.err
}
