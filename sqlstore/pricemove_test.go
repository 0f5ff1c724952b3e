package sqlstore_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

func TestASubscriptionHasOneMoveThatIsPendingAndALedgerOfAll(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		add := func(m billing.PriceMove) error {
			return s.InTx(t.Context(), func(tx *sqlstore.Tx) error { return tx.AddPriceMove(t.Context(), m) })
		}
		first := billing.PriceMove{ID: "move_1", Account: "ada", Subscription: "sub_1", From: "old", To: "new", Status: billing.MovePending, CreatedAt: start}
		if err := add(first); err != nil {
			t.Fatal(err)
		}
		second := first
		if second.ID = "move_2"; add(second) == nil {
			t.Error("a second move of the subscription is pending")
		}
		if got, found, err := s.PendingPriceMove(t.Context(), "sub_1"); err != nil || !found || got != first {
			t.Errorf("pending is %+v, %v, %v", got, found, err)
		}
		first.Status, first.DoneAt = billing.Moved, start
		for _, m := range []billing.PriceMove{first, {ID: "move_1", Status: billing.MoveFailed}} { // what has ended stays
			if err := s.InTx(t.Context(), func(tx *sqlstore.Tx) error { return tx.SavePriceMove(t.Context(), m) }); err != nil {
				t.Fatal(err)
			}
		}
		if err := add(second); err != nil {
			t.Fatal(err)
		}
		moves, err := s.PriceMoves(t.Context(), "old", "", 10)
		if diff := cmp.Diff([]billing.PriceMove{first, second}, moves); err != nil || diff != "" {
			t.Errorf("%v, the ledger (-want +got):\n%s", err, diff)
		}
		if rest, err := s.PriceMoves(t.Context(), "old", "move_1", 10); err != nil || len(rest) != 1 || rest[0] != second {
			t.Errorf("after the first: %+v, %v", rest, err)
		}
		if _, found, err := s.PendingPriceMove(t.Context(), "sub_9"); err != nil || found {
			t.Errorf("a subscription without moves has one: %v", err)
		}
	})
}
