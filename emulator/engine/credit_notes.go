package engine

import "fmt"

// CreditNoteParams are what a credit note is made of: an amount or lines, and where the part goes that was paid already.
type CreditNoteParams struct {
	Amount          Opt[int64]                    `form:"amount"`
	CreditAmount    Opt[int64]                    `form:"credit_amount"`
	EffectiveAt     Opt[int64]                    `form:"effective_at"`
	EmailType       Opt[string]                   `form:"email_type"`
	Invoice         Opt[string]                   `form:"invoice"`
	Lines           Opt[[]CreditNoteLineParams]   `form:"lines"`
	Memo            Opt[string]                   `form:"memo"`
	Metadata        Opt[map[string]string]        `form:"metadata"`
	OutOfBandAmount Opt[int64]                    `form:"out_of_band_amount"`
	Reason          Opt[string]                   `form:"reason"`
	RefundAmount    Opt[int64]                    `form:"refund_amount"`
	Refunds         Opt[[]CreditNoteRefundParams] `form:"refunds"`
}

// CreditNoteRefundParams are one element of refunds: a refund that exists already.
type CreditNoteRefundParams struct {
	AmountRefunded Opt[int64]  `form:"amount_refunded"`
	Refund         Opt[string] `form:"refund"`
	Type           Opt[string] `form:"type"`
}

// CreateCreditNote is POST /v1/credit_notes.
type CreateCreditNote struct {
	CreditNoteParams
}

func (c CreateCreditNote) apply(t *tx) (Result, error) { return c.issue(t) }

// PreviewCreditNote is GET /v1/credit_notes/preview: the note that would be made. It is made, and taken back.
type PreviewCreditNote struct {
	CreditNoteParams
}

func (c PreviewCreditNote) apply(t *tx) (Result, error) {
	start := t.savepoint()
	note, err := c.issue(t)
	t.rollbackTo(start)
	if err != nil {
		return nil, err
	}
	return note, nil
}

// issue makes a credit note with everything that follows from it.
func (c CreditNoteParams) issue(t *tx) (*CreditNote, error) {
	id, ok := c.Invoice.Get()
	if !ok {
		return nil, required("invoice")
	}
	inv, found := Get[Invoice](t.world, id)
	if !found {
		return nil, noSuchParam("invoice", id, "invoice")
	}
	if err := t.enter(inv.TestClock); err != nil {
		return nil, err
	}
	if inv.Status != InvoiceOpen && inv.Status != InvoicePaid {
		return nil, invalid("invoice", "", "Credit notes can only be created for invoices with a status of `open` or `paid`; this one is `%s`.", inv.Status)
	}
	note, err := c.note(t, inv)
	if err != nil {
		return nil, err
	}
	note.PrePayment = min(note.Total, inv.AmountRemaining)
	note.PostPayment = note.Total - note.PrePayment
	if err := c.giveBack(t, note, inv); err != nil {
		return nil, err
	}
	create(t, "credit_note.created", note)
	if c.EmailType.Or("credit_note") != "none" && t.settings().mails(MailCreditNote) {
		t.post(MailCreditNote, note.Customer, inv.CustomerEmail, note.ID)
	}
	t.applyNote(must[Invoice](t, inv.ID), note.PrePayment, note.PostPayment)
	return note, nil
}

// note checks what the note says of itself and makes its lines.
func (c CreditNoteParams) note(t *tx, inv *Invoice) (*CreditNote, error) {
	if err := oneOf("email_type", c.EmailType.Or("credit_note"), "credit_note", "none"); err != nil {
		return nil, err
	}
	if reason, ok := c.Reason.Get(); ok {
		if err := oneOf("reason", reason, "duplicate", "fraudulent", "order_change", "product_unsatisfactory"); err != nil {
			return nil, err
		}
	}
	at := c.EffectiveAt.Or(t.now)
	if err := checkTimestamp(at, "effective_at"); err != nil {
		return nil, err
	}
	made := len(t.world.tables.creditNotes.refs("invoice", inv.ID))
	n := &CreditNote{
		ID: t.long("cn_"), Created: t.now, TestClock: inv.TestClock, Invoice: inv.ID, Customer: inv.Customer, Currency: inv.Currency,
		Number: fmt.Sprintf(creditNoteNumber, inv.Number, made+1), Status: CreditNoteIssued, EffectiveAt: at, Memo: c.Memo.Or(""),
		Reason: c.Reason.Or(""), Metadata: mergeMetadata(nil, c.Metadata),
	}
	lines, given := c.Lines.Get()
	amount, byAmount := c.Amount.Get()
	switch {
	case given && len(lines) > 0:
		if err := t.creditLines(n, inv, lines); err != nil {
			return nil, err
		}
		if byAmount && amount != n.Total {
			return nil, invalid("amount", "", "The amount (%s) must equal the total of the lines (%s).", money(inv.Currency, DecimalOf(amount)), money(inv.Currency, DecimalOf(n.Total)))
		}
	case byAmount:
		unit, one := DecimalOf(amount), int64(1)
		n.Lines = []*CreditNoteLine{{ID: t.long("cnli_"), Type: CreditCustomLine, Amount: amount, Quantity: &one, UnitAmount: &unit}}
		t.sumNote(n, inv)
	default:
		return nil, invalid("", "parameter_missing", "You must pass one of these parameters: amount, lines, shipping_cost.")
	}
	if n.Total < 1 {
		return nil, invalid("amount", "parameter_invalid_integer", "The total of a credit note must be greater than or equal to 1.")
	}
	return n, nil
}

// creditable refuses a note over more than what is left of its invoice. What was refunded without a note is not there to be credited, save
// what this one takes in.
func (t *tx) creditable(n *CreditNote, inv *Invoice) error {
	left := inv.Total
	for _, note := range t.issuedNotes(inv.ID) {
		left -= note.Total
	}
	for _, p := range t.world.tables.invoicePays.all("invoice", inv.ID) {
		for _, r := range t.world.tables.refunds.all("payment_intent", p.PaymentIntent) {
			if r.Status != "failed" && p.Status == "paid" {
				left -= r.Amount - t.noted(inv.ID, n, r.ID)
			}
		}
	}
	if n.Total > left {
		return invalid("amount", "", "The total of the credit note (%s) exceeds what its invoice's credit notes and refunds have left to be credited (%s).",
			money(inv.Currency, DecimalOf(n.Total)), money(inv.Currency, DecimalOf(max(0, left))))
	}
	return nil
}

// giveBack divides what was paid already among refunds, the customer's balance and what happens outside of Stripe.
func (c CreditNoteParams) giveBack(t *tx, n *CreditNote, inv *Invoice) error {
	refund, credit, outside := c.RefundAmount.Or(0), c.CreditAmount.Or(0), c.OutOfBandAmount.Or(0)
	for _, p := range []struct {
		name   string
		amount int64
	}{{"refund_amount", refund}, {"credit_amount", credit}, {"out_of_band_amount", outside}} {
		if err := within(p.amount, 0, inv.Total, p.name); err != nil {
			return err
		}
	}
	linked, err := c.linked(t, n, inv)
	if err != nil {
		return err
	}
	if err := t.creditable(n, inv); err != nil {
		return err
	}
	if refund+credit+outside+linked != n.PostPayment {
		return invalid("", "", "The sum of refunds, `credit_amount` and `out_of_band_amount` (%s) must equal the post payment amount of the credit note (%s).",
			money(inv.Currency, DecimalOf(refund+credit+outside+linked)), money(inv.Currency, DecimalOf(n.PostPayment)))
	}
	if outside > 0 {
		n.OutOfBand = &outside
	}
	if err := t.refundNote(n, inv, refund); err != nil {
		return err
	}
	if credit == 0 {
		return nil
	}
	customer := *must[Customer](t, inv.Customer)
	if customer.Deleted {
		return invalid("credit_amount", "", "The customer %s was deleted, and has no balance to credit.", customer.ID)
	}
	moved := t.noteBalanceMove(&customer, balanceMove{amount: -credit, kind: "credit_note", invoice: inv.ID, creditNote: n.ID})
	n.BalanceTransaction = moved.ID
	update(t, "customer.updated", must[Customer](t, inv.Customer), &customer)
	return nil
}

// linked takes refunds in that were made before, and answers their sum.
func (c CreditNoteParams) linked(t *tx, n *CreditNote, inv *Invoice) (sum int64, err error) {
	given, _ := c.Refunds.Get()
	for i, p := range given {
		at := element("refunds", i)
		if err := oneOf(at+"[type]", p.Type.Or("refund"), "refund"); err != nil {
			return 0, err
		}
		id, ok := p.Refund.Get()
		if !ok {
			return 0, required(at + "[refund]")
		}
		r, found := Get[Refund](t.world, id)
		if !found {
			return 0, noSuchParam("refund", id, at+"[refund]")
		}
		if !t.paidBy(inv, r.PaymentIntent) {
			return 0, invalid(at+"[refund]", "", "The refund %s is not of a payment of the invoice %s.", id, inv.ID)
		}
		amount := p.AmountRefunded.Or(r.Amount)
		if free := r.Amount - t.noted(inv.ID, n, id); amount < 1 || amount > free {
			return 0, invalid(at+"[amount_refunded]", "", "The amount of the refund %s that can still be linked to a credit note is %s.", id, money(inv.Currency, DecimalOf(free)))
		}
		n.Refunds = append(n.Refunds, CreditNoteRefund{Refund: id, Amount: amount})
		sum += amount
	}
	return sum, nil
}

// paidBy says whether an intent paid an invoice, or a part of it.
func (t *tx) paidBy(inv *Invoice, intent string) bool {
	for _, p := range t.world.tables.invoicePays.all("invoice", inv.ID) {
		if p.PaymentIntent == intent && p.Status == "paid" {
			return true
		}
	}
	return false
}

// noted is how much of a refund the notes of an invoice hold, the one being made included.
func (t *tx) noted(invoice string, n *CreditNote, refund string) int64 {
	sum := int64(0)
	for _, note := range append(t.issuedNotes(invoice), n) {
		for _, r := range note.Refunds {
			if r.Refund == refund {
				sum += r.Amount
			}
		}
	}
	return sum
}

// refundNote refunds the payments of an invoice, the newest first.
func (t *tx) refundNote(n *CreditNote, inv *Invoice, amount int64) error {
	payments := t.world.tables.invoicePays.all("invoice", inv.ID)
	for i := len(payments) - 1; i >= 0 && amount > 0; i-- {
		intent, ok := Get[PaymentIntent](t.world, payments[i].PaymentIntent)
		if !ok || payments[i].Status != "paid" {
			continue
		}
		charge := must[Charge](t, intent.LatestCharge)
		part := min(amount, charge.Amount-charge.AmountRefunded)
		if part == 0 {
			continue
		}
		made, err := CreateRefund{Charge: Some(charge.ID), Amount: Some(part)}.apply(t)
		if err != nil {
			return err
		}
		n.Refunds = append(n.Refunds, CreditNoteRefund{Refund: made.(*Refund).ID, Amount: part})
		amount -= part
	}
	if amount > 0 {
		return invalid("refund_amount", "", "The refund amount exceeds what can be refunded of the payments of the invoice %s by %s.", inv.ID, money(inv.Currency, DecimalOf(amount)))
	}
	return nil
}

// applyNote lets an invoice follow a note: what was still to be paid of it is less, and it may be paid by that. A voided note comes with
// the amounts below 0.
func (t *tx) applyNote(before *Invoice, pre, post int64) {
	inv := *before
	inv.PreCredited += pre
	inv.PostCredited += post
	inv.AmountDue -= pre
	inv.AmountRemaining -= pre
	if before.Status == InvoiceOpen && inv.AmountRemaining == 0 {
		t.close(before, inv, nil)
		t.cancelInvoiceIntent(before)
		t.paymentClosed(before, "canceled")
		t.setDelinquent(inv.Customer, false)
		return
	}
	t.syncDefault(&inv)
	update(t, "invoice.updated", before, &inv)
}

// syncDefault makes an invoice's own payment ask for what is left to be paid.
func (t *tx) syncDefault(inv *Invoice) {
	if pi, ok := Get[PaymentIntent](t.world, inv.PaymentIntent); ok && inv.Status == InvoiceOpen {
		next := *pi
		next.Amount = inv.AmountRemaining
		put(t, &next)
	}
	if p, ok := Get[InvoicePayment](t.world, inv.DefaultPayment); ok && p.Status == "open" {
		next := *p
		next.AmountRequested = inv.AmountRemaining
		put(t, &next)
	}
}

// UpdateCreditNote is POST /v1/credit_notes/{id}.
type UpdateCreditNote struct {
	ID       string                 `form:"-"`
	Memo     Opt[string]            `form:"memo"`
	Metadata Opt[map[string]string] `form:"metadata"`
}

func (c UpdateCreditNote) apply(t *tx) (Result, error) {
	before, err := t.noteAtPath(c.ID)
	if err != nil {
		return nil, err
	}
	n := *before
	c.Memo.Set(&n.Memo)
	n.Metadata = mergeMetadata(n.Metadata, c.Metadata)
	return update(t, "credit_note.updated", before, &n), nil
}

// VoidCreditNote is POST /v1/credit_notes/{id}/void: the invoice waits for its money again.
type VoidCreditNote struct {
	ID string `form:"-"`
}

func (c VoidCreditNote) apply(t *tx) (Result, error) {
	n, err := t.noteAtPath(c.ID)
	if err != nil {
		return nil, err
	}
	inv := must[Invoice](t, n.Invoice)
	switch {
	case n.Status == CreditNoteVoid:
		return nil, invalid("", "", "This credit note is already void.")
	case n.PostPayment > 0 || inv.Status != InvoiceOpen:
		return nil, invalid("", "", "You can only void a pre-payment credit note of an open invoice.")
	}
	voided := *n
	voided.Status, voided.VoidedAt = CreditNoteVoid, t.now
	create(t, "credit_note.voided", &voided)
	t.applyNote(inv, -n.PrePayment, 0)
	return &voided, nil
}

// noteAtPath finds the credit note that a route names, and moves to its time line.
func (t *tx) noteAtPath(id string) (*CreditNote, error) {
	n, ok := Get[CreditNote](t.world, id)
	if !ok {
		return nil, NotFound("credit_note", id, "id")
	}
	return n, t.enter(n.TestClock)
}

// ListCreditNotes is GET /v1/credit_notes.
type ListCreditNotes struct {
	Page
	Created  Range       `form:"created"`
	Customer Opt[string] `form:"customer"`
	Invoice  Opt[string] `form:"invoice"`
}

func (q ListCreditNotes) run(w *World) (*Listing, error) {
	s := selection[CreditNote]{index: "clock", cursorName: "credit note"}
	if customer, ok := q.Customer.Get(); ok {
		s.index, s.value = "customer", customer
	}
	if invoice, ok := q.Invoice.Get(); ok {
		s.index, s.value = "invoice", invoice
	}
	s.keep = func(n *CreditNote) bool { return q.Created.holds(n.Created) && q.Customer.Or(n.Customer) == n.Customer }
	return list(w, q.Page, s)
}

// ListCreditNoteLines is GET /v1/credit_notes/{id}/lines.
type ListCreditNoteLines struct {
	Page
	CreditNote string `form:"-"`
}

func (q ListCreditNoteLines) run(w *World) (*Listing, error) {
	n, ok := Get[CreditNote](w, q.CreditNote)
	if !ok {
		return nil, NotFound("credit_note", q.CreditNote, "credit_note")
	}
	return listEmbedded(q.Page, n.Lines, "credit note line item", creditNoteLineID)
}

// PreviewCreditNoteLines is GET /v1/credit_notes/preview/lines.
type PreviewCreditNoteLines struct {
	Page
	CreditNoteParams
}

func (q PreviewCreditNoteLines) run(w *World) (*Listing, error) {
	tx := w.begin(worldLine, w.now, Request{})
	n, err := q.issue(tx)
	tx.rollback()
	if err != nil {
		return nil, err
	}
	return listEmbedded(q.Page, n.Lines, "credit note line item", creditNoteLineID)
}

func creditNoteLineID(l *CreditNoteLine) string { return l.ID }

var _ = register(CreateCreditNote{}, PreviewCreditNote{}, UpdateCreditNote{}, VoidCreditNote{})
