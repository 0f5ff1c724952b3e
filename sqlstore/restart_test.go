package sqlstore_test

import (
	"testing"
	"time"

	"github.com/dues-billing/dues/sqlstore"
)

// A customer whose worker died with the process waited ten seconds, and the mails of that moment three quarters of a minute.
func TestWhatACrashHeldIsFreeAfterARestartAlone(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		ctx := t.Context()
		held, taken, err := s.TakeLease(ctx, "customer", start, start.Add(time.Hour))
		if !taken || err != nil {
			t.Fatal(taken, err)
		}
		if err := s.InTx(ctx, func(tx *sqlstore.Tx) error {
			_, err := tx.AddEffect(ctx, sqlstore.Effect{Key: "mail", Kind: "mail", Name: "welcome", Payload: []byte("{}"), CreatedAt: start})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if claimed, err := s.ClaimEffects(ctx, "", start, start.Add(time.Hour), 10); len(claimed) != 1 || err != nil {
			t.Fatal(claimed, err)
		}
		if err := s.ReleaseAll(ctx); err != nil {
			t.Fatal(err)
		}
		if claimed, err := s.ClaimEffects(ctx, "", start, start.Add(time.Hour), 10); len(claimed) != 1 || err != nil {
			t.Errorf("after the restart %d effects are due (%v), want the one that was claimed", len(claimed), err)
		}
		next, taken, err := s.TakeLease(ctx, "customer", start, start.Add(time.Hour))
		if !taken || err != nil {
			t.Fatalf("the lease is still held: %v, %v", taken, err)
		}
		if next.Token <= held.Token {
			t.Errorf("the new owner's token %d does not fence %d", next.Token, held.Token)
		}
	})
}
