package engine

// The statuses and types of credit notes.
const (
	CreditNoteIssued = "issued"
	CreditNoteVoid   = "void"

	CreditNotePrePayment  = "pre_payment"
	CreditNotePostPayment = "post_payment"
	CreditNoteMixed       = "mixed"
)

// The types of credit note lines.
const (
	CreditInvoiceLine = "invoice_line_item"
	CreditCustomLine  = "custom_line_item"
)

// CreditNote takes something of a finalized invoice back. What the invoice still waited for is given up first; the rest goes back to the
// customer as refunds, as credit on their balance, or outside of Stripe.
type CreditNote struct {
	ID        string
	Created   int64
	TestClock string
	Invoice   string
	Customer  string
	Currency  string
	Number    string
	Status    string
	Lines     []*CreditNoteLine
	Discounts []DiscountAmount // of all lines
	Taxes     []TaxAmount      // of all lines
	Subtotal  int64            // without the discounts of the whole invoice and without exclusive tax
	Total     int64

	SubtotalExcludingTax int64
	TotalExcludingTax    int64

	PrePayment         int64
	PostPayment        int64
	Refunds            []CreditNoteRefund
	BalanceTransaction string
	OutOfBand          *int64
	Reason             string
	Memo               string
	EffectiveAt        int64
	VoidedAt           int64
	Metadata           map[string]string
}

// CreditNoteLine is one line of a credit note.
type CreditNoteLine struct {
	ID          string
	Type        string
	InvoiceLine string // "" on custom lines
	Amount      int64  // before discounts
	Description string
	Discounts   []DiscountAmount
	Credits     []AppliedCredit // of credit grants
	Taxes       []TaxAmount
	TakenOut    int64 // inclusive tax that an exempt payer did not pay
	Quantity    *int64
	UnitAmount  *Decimal
	Metadata    map[string]string
}

// CreditNoteRefund is how much of a refund belongs to a credit note.
type CreditNoteRefund struct {
	Refund string
	Amount int64
}

// Type says whether the note took what was still to be paid, gave back what was paid, or both.
func (n *CreditNote) Type() string {
	switch {
	case n.PostPayment == 0:
		return CreditNotePrePayment
	case n.PrePayment == 0:
		return CreditNotePostPayment
	}
	return CreditNoteMixed
}

// net is what a line credits after its discounts and the credits of grants.
func (l *CreditNoteLine) net() int64 {
	net := l.Amount
	for _, off := range l.Discounts {
		net -= off.Amount
	}
	for _, credit := range l.Credits {
		net -= credit.Amount
	}
	return net
}

// creditTables hold credit notes.
type creditTables struct {
	creditNotes *table[CreditNote]
}

func (ts *creditTables) open() []anyTable {
	ts.creditNotes = newTable("credit_note", func(o *CreditNote) string { return o.ID }).
		by("invoice", func(o *CreditNote) string { return o.Invoice }).
		by("customer", func(o *CreditNote) string { return o.Customer }).
		byAny("clock", func(o *CreditNote) string { return o.TestClock })
	return []anyTable{ts.creditNotes}
}
