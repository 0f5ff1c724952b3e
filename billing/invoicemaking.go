package billing

import (
	"fmt"
	"slices"
	"strings"
)

// The limits of an invoice that stands alone.
const (
	MaxDueDays     = 365
	MaxInvoiceKey  = 80
	MaxInvoiceMemo = 500
)

// InvoiceWish is an invoice that is asked for outside any plan. Its key is of the caller's own: the same key is the same invoice.
type InvoiceWish struct {
	Lines   []LineWish // of this invoice; without keys and invoices of their own
	Pending bool       // also what waits for the next invoice
	DueDays int64      // it is sent by mail and due so many days after it was made; 0: the saved method is charged
	Memo    string     // that the customer reads on it
	Key     string
}

// Check returns what is wrong with the wish, whoever it is for.
func (w InvoiceWish) Check() error {
	switch {
	case len(w.Lines) == 0 && !w.Pending:
		return Errorf(Invalid, "an invoice has lines of its own, or takes those that wait").In("lines")
	case len(w.Lines) > MaxLines:
		return Errorf(Invalid, "an invoice has at most %d lines", MaxLines).In("lines")
	case w.DueDays < 0 || w.DueDays > MaxDueDays:
		return Errorf(Invalid, "an invoice by mail is due after 1 to %d days; 0 is one that is charged", MaxDueDays).In("due_days")
	case len(w.Memo) > MaxInvoiceMemo:
		return Errorf(Invalid, "a memo has at most %d bytes", MaxInvoiceMemo).In("memo")
	}
	if err := checkWishKey(w.Key, MaxInvoiceKey, "invoice"); err != nil {
		return err
	}
	for i, line := range w.Lines {
		line.Key = w.lineKey(i)
		if err := line.Check(); err != nil {
			return inList(err, fmt.Sprintf("lines[%d]", i))
		}
		if line.Unit.Currency != w.Lines[0].Unit.Currency {
			return Errorf(Invalid, "an invoice is in one currency").In(fmt.Sprintf("lines[%d].currency", i))
		}
	}
	return nil
}

// inList says in which element of a list the field is that an error names.
func inList(err error, place string) error {
	if e, ok := err.(*Error); ok { //nolint:errorlint // a rule's own error, never wrapped
		return Errorf(e.Code, "in %s: %s", place, e.Message).In(place + "." + e.Field)
	}
	return err
}

// lineKey is by which a line of the invoice is known again.
func (w InvoiceWish) lineKey(i int) string { return fmt.Sprintf("invoice:%s:%d", w.Key, i+1) }

// MakeInvoice decides what is missing of an invoice that is asked for: all of it, lines of a draft whose making broke off, or nothing. Other lines or
// another way of payment by the same key, and nothing that waits to be billed, are errors of code conflict.
func (s State) MakeInvoice(w InvoiceWish, added AddedLines) (made Invoice, missing []LineWish, err error) {
	if err := w.Check(); err != nil {
		return made, nil, err
	}
	if at := slices.IndexFunc(s.Invoices, func(i Invoice) bool { return i.Key == w.Key }); at >= 0 {
		made = s.Invoices[at]
	}
	own := 0
	for _, line := range added {
		if strings.HasPrefix(line.Key, "invoice:"+w.Key+":") {
			own++
		}
	}
	if made.ID != "" && (made.ByMail != (w.DueDays > 0) || own > len(w.Lines)) {
		return made, nil, Errorf(Conflict, "this key was used for another invoice").In("key")
	}
	for i, line := range w.Lines {
		line.Key, line.Invoice = w.lineKey(i), made.ID
		is, found := added.Keyed(line.Key)
		switch {
		case found && !line.same(is):
			return made, nil, Errorf(Conflict, "this key was used for another invoice").In("key")
		case !found && (made.ID == "" || made.Status == InvoiceDraft):
			missing = append(missing, line)
		}
	}
	if made.ID == "" && len(w.Lines) == 0 && !added.Waiting() {
		return made, nil, Errorf(Conflict, "nothing waits to be billed").In("pending")
	}
	return made, missing, nil
}

// IssueInvoice decides whether an invoice has to be finalized, and then charged or sent. One that is paid needs nothing. A draft of nothing, and what is
// void, are errors of code conflict.
func (s State) IssueInvoice(id InvoiceID) (invoice Invoice, needed bool, err error) {
	invoice, found := s.Invoice(id)
	switch {
	case !found:
		return invoice, false, noInvoice(id)
	case invoice.Status == InvoiceDraft && len(invoice.Lines) == 0:
		return invoice, false, Errorf(Conflict, "the invoice has no lines").In("invoice")
	case invoice.Status == InvoiceVoid:
		return invoice, false, Errorf(Conflict, "the invoice is void").In("invoice")
	}
	return invoice, invoice.Status != InvoicePaid, nil
}

// InvoiceEnd is how an invoice ends that is not paid.
type InvoiceEnd string

// The ends.
const (
	EndVoided     InvoiceEnd = "void"      // it was a mistake
	EndWrittenOff InvoiceEnd = "write_off" // it will not be paid; whoever wants to, still can
	EndDiscarded  InvoiceEnd = "discard"   // a draft that is nobody's invoice yet
)

// EndInvoice decides whether an invoice has to be ended so; one that has ended so needs nothing. What is paid is given back and not ended, a draft is discarded
// and not voided, and a plan's own draft is neither: errors of code conflict.
func (s State) EndInvoice(id InvoiceID, end InvoiceEnd) (needed bool, err error) {
	invoice, found := s.Invoice(id)
	if end == EndDiscarded {
		switch {
		case !found:
			return false, nil // it was discarded
		case invoice.Status != InvoiceDraft:
			return false, Errorf(Conflict, "the invoice is %s; only a draft is deleted, what is open is voided", invoice.Status).In("invoice")
		case invoice.Subscription != "":
			return false, Errorf(Conflict, "the draft is of a plan, and is billed; void it once it is finalized").In("invoice")
		}
		return true, nil
	}
	done := map[InvoiceEnd]InvoiceStatus{EndVoided: InvoiceVoid, EndWrittenOff: InvoiceUncollectible}[end]
	switch {
	case !found:
		return false, noInvoice(id)
	case invoice.Status == done:
		return false, nil
	case invoice.Status == InvoiceOpen, invoice.Status == InvoiceUncollectible && end == EndVoided:
		return true, nil
	case invoice.Status == InvoicePaid:
		return false, Errorf(Conflict, "the invoice is paid; give the money back, or credit it").In("invoice")
	}
	return false, Errorf(Conflict, "an invoice that is %s cannot become %s", invoice.Status, done).In("invoice")
}

func noInvoice(id InvoiceID) error {
	return Errorf(NotFound, "there is no invoice %q", string(id)).In("invoice")
}
