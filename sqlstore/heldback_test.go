package sqlstore_test

import (
	"context"
	"strings"
	"testing"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// raw is a record with one object.
func raw(id, text string) billing.Record {
	return billing.Record{Objects: []billing.Object{{ID: id, Kind: billing.ChargeObject, Raw: text}}}
}

// Writes whose outcome nobody asks for go along with what comes after them, and a read in the same transaction comes after them.
func TestATransactionReadsWhatItHasWritten(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		write(t, s, func(ctx context.Context, tx *sqlstore.Tx) error {
			for _, text := range []string{`{"a":1}`, `{"a":2}`} {
				if err := tx.SaveRecord(ctx, "cus_ada", raw("ch_1", text)); err != nil {
					return err
				}
				found, err := tx.Object(ctx, "ch_1")
				if err != nil || found.Raw != text {
					t.Errorf("read %q, %v; want %q", found.Raw, err, text)
				}
			}
			return tx.SaveRecord(ctx, "cus_ada", raw("ch_1", `{"a":3}`))
		})
		if found, err := s.Object(t.Context(), "ch_1"); err != nil || found.Raw != `{"a":3}` {
			t.Errorf("committed is %q, %v; want the last that was written", found.Raw, err)
		}
	})
}

// PostgreSQL holds no zero byte, and says so when nobody asks any more: with a later statement, or with the commit.
func TestAWriteThatNobodyAsksAboutFailsItsTransactionWhole(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		for name, then := range map[string]func(context.Context, *sqlstore.Tx) error{
			"with the commit":    func(context.Context, *sqlstore.Tx) error { return nil },
			"with what is asked": func(ctx context.Context, tx *sqlstore.Tx) error { _, err := tx.SetReady(ctx, "ada", start); return err },
			"with a read":        func(ctx context.Context, tx *sqlstore.Tx) error { _, err := tx.Objects(ctx, "cus_eve"); return err },
		} {
			err := s.InTx(t.Context(), func(tx *sqlstore.Tx) error {
				for _, read := range []billing.Record{raw("ch_before", `{}`), raw("ch_bad", "{\x00}"), raw("ch_after", `{}`)} {
					if err := tx.SaveRecord(t.Context(), "cus_ada", read); err != nil {
						return err
					}
				}
				return then(t.Context(), tx)
			})
			stored, lookup := s.Objects(t.Context(), "cus_ada")
			if lookup != nil {
				t.Fatal(lookup)
			}
			switch {
			case err == nil && len(stored) != 3: // SQLite holds what it is given
				t.Errorf("%s: nothing failed, and %d of 3 are stored", name, len(stored))
			case err != nil && (len(stored) != 0 || !strings.Contains(err.Error(), "ch_bad")):
				t.Errorf("%s: %v, and %d are stored; want none, and an error that names ch_bad", name, err, len(stored))
			}
			if err != nil { // the connection is as good as before
				write(t, s, func(ctx context.Context, tx *sqlstore.Tx) error {
					return tx.SaveRecord(ctx, "cus_bob", raw("ch_bob", `{}`))
				})
			}
		}
	})
}
