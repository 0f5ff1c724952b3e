package sqlstore_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

func TestThereAreNoMoreKeysThanMayBeAndRevokedOnesDoNotCount(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		add := func(id billing.KeyID, want bool) {
			t.Helper()
			write(t, s, func(ctx context.Context, tx *sqlstore.Tx) error {
				added, err := tx.AddKey(ctx, billing.Key{ID: id, Name: "web", Scopes: []billing.Scope{billing.BillingRead, billing.UsageWrite}, Hash: "h", CreatedAt: start}, 2)
				if err == nil && added != want {
					t.Errorf("%s is added: %v, want %v", id, added, want)
				}
				return err
			})
		}
		add("key_1", true)
		add("key_2", true)
		add("key_3", false)
		write(t, s, func(ctx context.Context, tx *sqlstore.Tx) error {
			revoked, err := tx.RevokeKey(ctx, "key_1", start)
			if err == nil && !revoked {
				t.Error("not revoked")
			}
			return err
		})
		add("key_3", true)
		add("key_4", false)
		k, err := s.Key(t.Context(), "key_3")
		if err != nil || !slices.Equal(k.Scopes, []billing.Scope{billing.BillingRead, billing.UsageWrite}) || k.Hash != "h" || !k.CreatedAt.Equal(start) || !k.UsedAt.IsZero() {
			t.Errorf("read back %+v, %v", k, err)
		}
		late, early := start.Add(time.Hour), start
		for _, at := range []time.Time{late, early} { // two processes, and the slower one comes last
			if err := s.KeyUsed(t.Context(), "key_3", at); err != nil {
				t.Fatal(err)
			}
		}
		if k, err := s.Key(t.Context(), "key_3"); err != nil || !k.UsedAt.Equal(late) {
			t.Errorf("used at %s, %v, want the latest", k.UsedAt, err)
		}
	})
}
