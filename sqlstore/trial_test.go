package sqlstore_test

import (
	"testing"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

func TestACardIsClaimedByWhoCameFirst(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		for _, who := range []billing.AccountID{"ada", "eve", "ada"} {
			var first billing.AccountID
			err := s.InTx(t.Context(), func(tx *sqlstore.Tx) (err error) {
				first, err = tx.ClaimTrialCard(t.Context(), "fingerprint", who, start)
				return err
			})
			if err != nil || first != "ada" {
				t.Errorf("%s claims it, and the first is %q (%v)", who, first, err)
			}
		}
		if first, err := s.TrialCard(t.Context(), "fingerprint"); err != nil || first != "ada" {
			t.Errorf("%q, %v", first, err)
		}
		if nobody, err := s.TrialCard(t.Context(), "another"); err != nil || nobody != "" {
			t.Errorf("%q, %v; want nobody", nobody, err)
		}
	})
}
