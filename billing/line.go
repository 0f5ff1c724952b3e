package billing

import (
	"slices"
	"time"

	"github.com/dues-billing/dues/money"
)

// LineID is the provider's id of an added line.
type LineID string

// AddedLine is a line that was added to an invoice beside what the account's plan costs. Until that invoice is finalized it can be removed again.
type AddedLine struct {
	ID          LineID
	Key         string       // of who asked for it here, "" of what the provider or a person there did
	Unit        money.Amount // of one; zero where the provider does not say
	Quantity    int64
	Amount      money.Amount // of all; negative takes off
	Description string
	Period      Period    // that it is for
	Invoice     InvoiceID // that it stands on, "" while it waits for the next one
	Billed      bool      // that invoice is no draft any more
	Proration   bool      // of a change of plan
	CreatedAt   time.Time
}

// AddedLines are those of one customer, newest first, with those that are billed.
type AddedLines []AddedLine

// The limits of added lines.
const (
	MaxLineAmount      = 99_999_999 // minor units, of the whole line: Stripe takes no more on an invoice
	MaxLineQuantity    = 1_000_000
	MaxLineDescription = 500
	MaxLineKey         = 100
	MaxLines           = 250 // that wait, or stand on one draft: Stripe's limit of an invoice
)

// LineWish is a line that is asked for. Its key is of the caller's own: the same key is the same line.
type LineWish struct {
	Unit        money.Amount // of one; negative takes off
	Quantity    int64
	Description string
	Period      Period    // zero: the moment at which it is added
	Invoice     InvoiceID // a draft, or "" for the next invoice, whenever that is
	Key         string
}

// Check returns what is wrong with the wish, whoever it is for.
func (w LineWish) Check() error {
	currency, known := money.ParseCurrency(string(w.Unit.Currency))
	switch {
	case w.Unit.Minor == 0 || w.Unit.Minor > MaxLineAmount || w.Unit.Minor < -MaxLineAmount:
		return Errorf(Invalid, "an amount is between 1 and %d in the currency's minor unit, or as much below nothing to take it off", MaxLineAmount).In("amount")
	case !known || currency != w.Unit.Currency:
		return Errorf(Invalid, "%q is no currency in lower case, such as eur", string(w.Unit.Currency)).In("currency")
	case w.Quantity < 1 || w.Quantity > MaxLineQuantity:
		return Errorf(Invalid, "a quantity is between 1 and %d", MaxLineQuantity).In("quantity")
	case w.Unit.Minor*w.Quantity > MaxLineAmount || w.Unit.Minor*w.Quantity < -MaxLineAmount: // both are small: their product is a number
		return Errorf(Invalid, "amount times quantity is more than %d", MaxLineAmount).In("quantity")
	case w.Description == "" || len(w.Description) > MaxLineDescription:
		return Errorf(Invalid, "a description has 1 to %d bytes: the customer reads it on the invoice", MaxLineDescription).In("description")
	case w.Period.Start.IsZero() != w.Period.End.IsZero():
		return Errorf(Invalid, "a period has a start and an end, or neither").In("period_end")
	case w.Period.End.Before(w.Period.Start):
		return Errorf(Invalid, "the period ends before it starts").In("period_end")
	}
	return checkWishKey(w.Key, MaxLineKey, "line")
}

// same reports whether a line is the one that the wish asks for.
func (w LineWish) same(l AddedLine) bool {
	// The provider keeps whole seconds.
	period := w.Period.Start.IsZero() || w.Period.Start.Unix() == l.Period.Start.Unix() && w.Period.End.Unix() == l.Period.End.Unix()
	return w.Unit.Minor*w.Quantity == l.Amount.Minor && w.Unit.Currency == l.Amount.Currency && w.Quantity == l.Quantity && w.Description == l.Description &&
		(w.Invoice == "" || w.Invoice == l.Invoice) && period
}

// Keyed returns the line with a key, or false.
func (l AddedLines) Keyed(key string) (AddedLine, bool) {
	at := slices.IndexFunc(l, func(line AddedLine) bool { return key != "" && line.Key == key })
	if at < 0 {
		return AddedLine{}, false
	}
	return l[at], true
}

// Open returns the lines that are not billed yet.
func (l AddedLines) Open() AddedLines {
	return slices.DeleteFunc(slices.Clone(l), func(line AddedLine) bool { return line.Billed })
}

// Waiting reports whether lines wait for the next invoice.
func (l AddedLines) Waiting() bool {
	return slices.ContainsFunc(l, func(line AddedLine) bool { return line.Invoice == "" })
}

// Add decides whether a line has to be added; one whose key was carried out before does not. The same key for another line, another currency than the
// account pays in, an invoice that is no draft any more, and more lines than an invoice holds, are errors of code conflict.
func (l AddedLines) Add(w LineWish, s State) (needed bool, err error) {
	if err := w.Check(); err != nil {
		return false, err
	}
	if line, found := l.Keyed(w.Key); found && !w.same(line) {
		return false, Errorf(Conflict, "this key was used for another line: %s, %q", line.Amount, line.Description).In("key")
	} else if found {
		return false, nil
	}
	if err := s.takesLine(w); err != nil {
		return false, err
	}
	beside := 0
	for _, line := range l {
		if line.Invoice == w.Invoice {
			beside++
		}
	}
	if beside >= MaxLines {
		return false, Errorf(Conflict, "an invoice has at most %d lines", MaxLines)
	}
	return true, nil
}

// takesLine decides whether there is an invoice, or will be one, that a line can stand on.
func (s State) takesLine(w LineWish) error {
	if w.Invoice == "" {
		if pays := s.currency(); pays != "" && pays != w.Unit.Currency {
			return Errorf(Conflict, "the account pays in %s", pays).In("currency")
		}
		return nil
	}
	invoice, found := s.Invoice(w.Invoice)
	switch {
	case !found:
		return noInvoice(w.Invoice)
	case invoice.Status != InvoiceDraft:
		return Errorf(Conflict, "the invoice is %s; lines are added to a draft, or without invoice to the next one", invoice.Status).In("invoice")
	case invoice.Total.Currency != w.Unit.Currency:
		return Errorf(Conflict, "the invoice is in %s", invoice.Total.Currency).In("currency")
	}
	return nil
}

// currency is the one in which the newest subscription that runs is paid, "" without one.
func (s State) currency() money.Currency {
	for _, sub := range s.Subscriptions {
		if !sub.Status.Ended() && len(sub.Items) > 0 {
			return sub.BilledIn()
		}
	}
	return ""
}

// Remove decides whether a line has to be removed; one that is not there needs nothing, for it was removed. One that is billed, and one that the provider
// added by itself for a change of plan, are errors of code conflict.
func (l AddedLines) Remove(id LineID) (needed bool, err error) {
	at := slices.IndexFunc(l, func(line AddedLine) bool { return line.ID == id })
	switch {
	case at < 0:
		return false, nil
	case l[at].Billed:
		return false, Errorf(Conflict, "the line is on an invoice that is no draft any more; give the money back, or credit it").In("line")
	case l[at].Proration:
		return false, Errorf(Conflict, "the line is of a change of plan, and not one that was added").In("line")
	}
	return true, nil
}
