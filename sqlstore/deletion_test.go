package sqlstore_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/dues-billing/dues/sqlstore"
)

// Every table has a row of ada's in an export of lived, which TestEveryTableIsExportedButLeases holds; so a table that is new has to be forgotten with
// its account, or be named here with the reason why it stays.
func TestNothingOfADeletedAccountStaysButWhatHasToBeKnown(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, _ func() *sqlstore.Store) {
		lived(t, s)
		write(t, s, func(ctx context.Context, tx *sqlstore.Tx) error {
			fresh, err := tx.DeleteAccount(ctx, "ada", "cus_ada", start)
			if err == nil && !fresh {
				t.Error("the account was deleted before")
			}
			return err
		})
		kept := []string{
			"accounts",       // an id that came back would be given the customer that was deleted
			"audit",          // that something was done to it, and by which key; who of its people did it goes
			"customer_homes", // where the customer's last events are looked up
			"inbox",          // emptied rows, by which events that come twice are known
			"trial_cards",    // who has tried once does not try again under another name
		}
		for line := range strings.Lines(export(t, s)) {
			_, rest, _ := strings.Cut(line, `{"table":"`)
			table, row, _ := strings.Cut(rest, `"`)
			its := strings.Contains(row, `"ada"`) || strings.Contains(row, `"cus_ada"`)
			if its && !slices.Contains(kept, table) {
				t.Errorf("of %s this stays: %s", table, line)
			}
			if strings.Contains(row, "Countess") || strings.Contains(row, "ada@example.com") {
				t.Errorf("a name or an address stays in %s: %s", table, line)
			}
		}
	})
}
