package sqlstore

import (
	"context"
	"regexp"
	"strings"
)

const (
	// Whatever was mirrored of a customer is found by its id, and so is an event. A payment is named by its intent on receipts and in the provider's dashboard.
	accountsOfID = `SELECT ` + accountColumns + ` FROM accounts WHERE deleted_at = 0 AND (
			customer IN (SELECT customer FROM objects WHERE id = $1 AND customer <> '')
			OR customer IN (SELECT customer FROM charges WHERE (id = $1 OR payment_intent = $1) AND customer <> '')
			OR customer IN (SELECT customer FROM inbox WHERE id = $1 AND customer <> '')
			OR id IN (SELECT account FROM purchases WHERE id = $1 OR checkout = $1)
			OR id IN (SELECT account FROM one_offs WHERE id = $1 OR checkout = $1 OR payment_intent = $1))
		ORDER BY created_at DESC, id LIMIT $2 + 0`
	accountsOfCard = `SELECT ` + accountColumns + ` FROM accounts WHERE deleted_at = 0
		AND customer IN (SELECT customer FROM payment_methods WHERE last4 = $1) ORDER BY created_at DESC, id LIMIT $2 + 0`
	// The number of an invoice has no index, for every write of every renewal would pay for it: this reads all invoices, once in a while.
	accountsOfInvoice = `SELECT ` + accountColumns + ` FROM accounts WHERE deleted_at = 0
		AND customer IN (SELECT customer FROM invoices WHERE body LIKE $1 ESCAPE '\') ORDER BY created_at DESC, id LIMIT $2 + 0`
)

// What else a search may be than a part of a name.
var (
	objectID      = regexp.MustCompile(`^[a-z]+_[A-Za-z0-9_]{6,}$`)
	lastFour      = regexp.MustCompile(`^[0-9]{4}$`)
	invoiceNumber = regexp.MustCompile(`^[A-Za-z0-9]+(-[A-Za-z0-9]+)*-[0-9]{4,}$`)
)

// Search returns the newest accounts that a query finds: those of Accounts, and where it is the id of an object of theirs, or of an event or a purchase, the number of an
// invoice, or the last four digits of a card, the accounts of that.
func (r reads) Search(ctx context.Context, query string, limit int) ([]Account, error) {
	found, err := r.Accounts(ctx, query, limit)
	if err != nil || len(found) > 0 {
		return found, err
	}
	switch {
	case objectID.MatchString(query):
		return rows(ctx, r, scanAccount, accountsOfID, query, limit)
	case lastFour.MatchString(query):
		return rows(ctx, r, scanAccount, accountsOfCard, query, limit)
	case invoiceNumber.MatchString(query):
		return rows(ctx, r, scanAccount, accountsOfInvoice, `%"Number":"`+strings.ToUpper(query)+`"%`, limit)
	}
	return nil, nil
}
