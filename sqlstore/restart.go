package sqlstore

import "context"

const (
	releaseLocks  = `UPDATE locks SET expires_at = 0 WHERE expires_at > 0`
	releaseClaims = `UPDATE outbox SET leased_to = 0 WHERE leased_to > 0`
)

// ReleaseAll takes back every lease and claim, whoever holds it. Only a process that knows to be the only one on this database
// may call it, and only before it starts to work: what a crash left behind is then done at once instead of when it expires.
// A worker that lives in spite of that loses nothing but its turn: tokens and counts of attempts still fence it.
func (s *Store) ReleaseAll(ctx context.Context) error {
	return s.InTx(ctx, func(tx *Tx) error {
		for _, statement := range []string{releaseLocks, releaseClaims} {
			if _, err := tx.db.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
}
