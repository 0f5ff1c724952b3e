package pages

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/money"
)

func invoicePath(account, token string) string { return "/i/" + account + "/" + token }

func invoiceViewOf(w *engine.World, inv *engine.Invoice) invoiceView {
	sum := func(minor int64) money.Amount { return amountOf(minor, inv.Currency) }
	path := invoicePath(w.AccountID(), inv.HostedToken)
	v := invoiceView{
		Kind: "Invoice", Path: path, URL: w.Settings().BaseURL + path, Issued: moment(issued(inv)), Company: w.Settings().AccountName, Number: inv.Number, Status: inv.Status,
		Facts: invoiceFacts(inv), Lines: invoiceLines(w, inv), Footer: inv.Footer,
		Sums: invoiceSums(w, inv),
	}
	if inv.CustomerTaxExempt == "reverse" {
		v.Appendix = append(v.Appendix, "Reverse charge")
	}
	for _, f := range inv.CustomFields {
		v.Appendix = append(v.Appendix, f.Name+": "+f.Value)
	}
	if inv.PreCredited != 0 {
		v.Sums = append(v.Sums, summarySum{Name: "Credit notes", Amount: sum(-inv.PreCredited)})
	}
	if applied := inv.AmountDue + inv.PreCredited - inv.Total; applied != 0 && inv.EndingBalance != nil {
		v.Sums = append(v.Sums, summarySum{Name: "Applied balance", Amount: sum(applied)})
	}
	v.Summary = summary{Company: v.Company, Title: "Invoice from " + v.Company, Headline: design.FormatMoney(sum(inv.AmountDue))}
	switch inv.Status {
	case engine.InvoicePaid:
		v.Settled, v.Good = "Paid on "+dayText(inv.StatusTransitions.PaidAt)+". Thank you.", true
		v.Summary.Note = "Paid on " + dayText(inv.StatusTransitions.PaidAt)
		v.Sums = append(v.Sums, summarySum{Name: "Amount paid", Amount: sum(inv.AmountPaid), Strong: true})
	case engine.InvoiceVoid:
		v.Settled = "This invoice was voided. Nothing is owed on it."
		v.Sums = append(v.Sums, summarySum{Name: "Amount due", Amount: sum(0), Strong: true})
	default:
		v.Payable = inv.AmountRemaining > 0
		v.Summary.Note = "Due now"
		if inv.DueDate > 0 {
			v.Summary.Note = "Due on " + dayText(inv.DueDate)
		}
		v.Submit = "Pay " + design.FormatMoney(sum(inv.AmountRemaining))
		v.Sums = append(v.Sums, summarySum{Name: "Amount due", Amount: sum(inv.AmountRemaining), Strong: true})
		v.Cards, v.Chosen = payersCards(w, inv)
	}
	if in, ok := intentOf(w, inv.PaymentIntent); ok && in.waiting && v.Payable {
		v.Confirm = challengePath(inv.PaymentIntent)
	}
	return v
}

func issued(inv *engine.Invoice) int64 { return cmp.Or(inv.StatusTransitions.FinalizedAt, inv.Created) }

func invoiceFacts(inv *engine.Invoice) []fact {
	who := inv.CustomerName
	switch {
	case who == "":
		who = inv.CustomerEmail
	case inv.CustomerEmail != "":
		who += ", " + inv.CustomerEmail
	}
	facts := []fact{{"Billed to", cmp.Or(who, inv.Customer)}, {"Issued", dayText(issued(inv))}}
	if a := inv.CustomerAddress; a != nil {
		parts := []string{a.Line1, a.Line2, a.PostalCode, a.City, a.State, a.Country}
		if text := strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), ", "); text != "" {
			facts = append(facts, fact{"Address", text})
		}
	}
	for _, id := range inv.CustomerTaxIDs {
		facts = append(facts, fact{"Tax ID", strings.ToUpper(strings.ReplaceAll(id.Type, "_", " ")) + " " + id.Value})
	}
	if inv.DueDate > 0 {
		facts = append(facts, fact{"Due", dayText(inv.DueDate)})
	}
	if inv.Description != "" {
		facts = append(facts, fact{"Note", inv.Description})
	}
	return facts
}

func invoiceLines(w *engine.World, inv *engine.Invoice) []invoiceLine {
	var lines []invoiceLine
	for _, l := range inv.Lines {
		out := invoiceLine{Text: l.Description, Amount: amountOf(l.Amount, l.Currency)}
		if l.Period.End > l.Period.Start {
			out.Period = dayText(l.Period.Start) + " to " + dayText(l.Period.End)
		}
		if l.Quantity != nil {
			out.Quantity = strconv.FormatInt(*l.Quantity, 10)
		}
		if price, ok := engine.Get[engine.Price](w, l.Price); ok && !l.Proration {
			out.Unit = unitText(price)
		}
		lines = append(lines, out)
	}
	return lines
}

// payersCards are the saved cards of the one who pays, with the one that would
// be charged anyway chosen.
func payersCards(w *engine.World, inv *engine.Invoice) (cards []savedCard, chosen string) {
	customer, ok := engine.Get[engine.Customer](w, inv.Customer)
	if !ok {
		return nil, ""
	}
	usual := cmp.Or(inv.DefaultPaymentMethod, customer.InvoiceSettings.DefaultPaymentMethod)
	if sub, ok := engine.Get[engine.Subscription](w, inv.Subscription); ok {
		usual = cmp.Or(inv.DefaultPaymentMethod, sub.DefaultPaymentMethod, usual)
	}
	for _, method := range engine.All[engine.PaymentMethod](w, engine.ListPaymentMethods{Page: engine.WholePage, Customer: engine.Some(customer.ID)}) {
		cards = append(cards, savedCard{ID: method.ID, Text: cardText(method.Card) + ", expires " + cardExpiry(method.Card)})
		if method.ID == usual {
			chosen = usual
		}
	}
	return cards, chosen
}
