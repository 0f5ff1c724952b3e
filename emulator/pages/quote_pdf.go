package pages

import (
	"cmp"
	"strconv"

	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/internal/design"
)

// QuotePDF draws a finalized quote as a file. The same quote gives the same bytes.
func QuotePDF(w *engine.World, q *engine.Quote) ([]byte, error) { return pdfOf(quoteViewOf(w, q)) }

// quoteViewOf is a quote as the paper shows it, which is drawn as an invoice is.
func quoteViewOf(w *engine.World, q *engine.Quote) invoiceView {
	row := func(name string, minor int64) summarySum {
		return summarySum{Name: name, Amount: amountOf(minor, q.Currency)}
	}
	v := invoiceView{
		Kind: "Quote", Issued: moment(q.FinalizedAt), Company: w.Settings().AccountName, Number: q.Number, Status: q.Status, Footer: q.Footer,
		Facts: quoteFacts(w, q), Sums: []summarySum{row("Subtotal", q.Totals.Subtotal)},
	}
	for _, l := range q.Lines {
		line := invoiceLine{Text: l.Description, Amount: amountOf(l.Subtotal, l.Currency)}
		if l.Quantity != nil {
			line.Quantity = strconv.FormatInt(*l.Quantity, 10)
		}
		if price, ok := engine.Get[engine.Price](w, l.Price); ok {
			line.Unit, line.Period = unitText(price), every(price.Recurring)
		}
		v.Lines = append(v.Lines, line)
	}
	if q.Totals.Discount != 0 {
		v.Sums = append(v.Sums, row("Discount", -q.Totals.Discount))
	}
	if q.Totals.Tax != 0 {
		v.Sums = append(v.Sums, row("Tax", q.Totals.Tax))
	}
	v.Sums = append(v.Sums, row("Total", q.Totals.Total))
	if q.Recurring != nil {
		v.Sums = append(v.Sums, row("Total "+every(&q.RecurringEvery), q.Recurring.Total))
	}
	due := row("Due when accepted", q.Upfront.Total)
	due.Strong = true
	v.Sums = append(v.Sums, due)
	for _, f := range q.InvoiceSettings.CustomFields {
		v.Appendix = append(v.Appendix, f.Name+": "+f.Value)
	}
	v.Summary = summary{Headline: design.FormatMoney(amountOf(q.Totals.Total, q.Currency)), Note: "Open until " + dayText(q.ExpiresAt)}
	switch q.Status {
	case engine.QuoteAccepted:
		v.Summary.Note = "Accepted on " + dayText(q.AcceptedAt)
	case engine.QuoteCanceled:
		v.Summary.Note = "Canceled on " + dayText(q.CanceledAt)
	}
	return v
}

func quoteFacts(w *engine.World, q *engine.Quote) []fact {
	facts := []fact{{"Issued", dayText(q.FinalizedAt)}}
	if customer, ok := engine.Get[engine.Customer](w, q.Customer); ok {
		facts = append([]fact{{"Prepared for", cmp.Or(customer.Name, customer.Email, customer.ID)}}, facts...)
	}
	for _, text := range []string{q.Header, q.Description} {
		if text != "" {
			facts = append(facts, fact{"Note", text})
		}
	}
	return facts
}
