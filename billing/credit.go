package billing

import (
	"time"
	"unicode"

	"github.com/dues-billing/dues/money"
)

// Credit is what a customer has at the provider, and how it came to be. The next invoices are paid with it first.
type Credit struct {
	Balance money.Amount // negative: owed, and charged with the next invoice
	Moves   []CreditMove // newest first
}

// CreditMove is one change of a credit.
type CreditMove struct {
	ID        string
	Amount    money.Amount // positive was given, negative was taken or has paid
	Balance   money.Amount // after it
	Note      string
	Key       string    // of who asked for it here, "" of what the provider did by itself
	Invoice   InvoiceID // that it has paid, or ""
	CreatedAt time.Time
}

// The limits of a credit.
const (
	MaxCredit     = 99_999_999 // minor units; more is a slip of the pen, and Stripe takes no more on an invoice
	MaxCreditKey  = 100
	MaxCreditNote = 300
)

// CreditWish is what is asked to be given, or with a negative amount taken. Its key is of the caller's own: the same key is the same wish.
type CreditWish struct {
	Amount money.Amount
	Note   string
	Key    string
}

// Check returns what is wrong with the wish, whoever it is for.
func (w CreditWish) Check() error {
	currency, known := money.ParseCurrency(string(w.Amount.Currency))
	switch {
	case w.Amount.Minor == 0 || w.Amount.Minor > MaxCredit || w.Amount.Minor < -MaxCredit:
		return Errorf(Invalid, "a credit is between 1 and %d in the currency's minor unit, or as much below nothing to take it", MaxCredit).In("amount")
	case !known || currency != w.Amount.Currency:
		return Errorf(Invalid, "%q is no currency in lower case, such as eur", string(w.Amount.Currency)).In("currency")
	case len(w.Note) > MaxCreditNote:
		return Errorf(Invalid, "a note has at most %d bytes", MaxCreditNote).In("note")
	}
	return checkWishKey(w.Key, MaxCreditKey, "credit")
}

// checkWishKey checks the key by which who asks knows a wish again. The provider keeps it, and carries it in a header.
func checkWishKey(key string, bytesMax int, wish string) error {
	if key == "" || len(key) > bytesMax {
		return Errorf(Invalid, "a key has 1 to %d bytes; the same key is the same %s", bytesMax, wish).In("key")
	}
	for _, r := range key {
		if r > unicode.MaxASCII || !unicode.IsGraphic(r) {
			return Errorf(Invalid, "a key is of printable ASCII").In("key")
		}
	}
	return nil
}

// Give decides whether a wish has to be carried out; one whose key was carried out before does not. The same key for another amount, another currency than the
// balance has, and more to take than there is, are errors of code conflict.
func (c Credit) Give(w CreditWish) (needed bool, err error) {
	if err := w.Check(); err != nil {
		return false, err
	}
	for _, m := range c.Moves {
		if m.Key == w.Key && m.Amount != w.Amount {
			return false, Errorf(Conflict, "this key was used for %s", m.Amount).In("key")
		} else if m.Key == w.Key {
			return false, nil
		}
	}
	switch {
	case c.Balance.Currency != "" && c.Balance.Currency != w.Amount.Currency:
		return false, Errorf(Conflict, "the account pays in %s", c.Balance.Currency).In("currency")
	case w.Amount.Minor < 0 && c.Balance.Minor+w.Amount.Minor < 0:
		return false, Errorf(Conflict, "the credit is %d, which is less", c.Balance.Minor).In("amount")
	}
	return true, nil
}
