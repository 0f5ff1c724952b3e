package pages

import (
	"net/http"

	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/internal/design"
)

// receipt shows what a charge took; that of an invoice leads to it.
func (s *site) receipt(w http.ResponseWriter, r *http.Request) error {
	id, ofInvoice := r.PathValue("charge"), r.PathValue("kind") == "invoices"
	if kind := r.PathValue("kind"); !ofInvoice && kind != "payment" {
		return missing(w, r, "receipt")
	}
	world, ok := find(s.host, func(w *engine.World) bool {
		ch, ok := engine.Get[engine.Charge](w, id)
		return ok && ch.Paid && (ch.Invoice != "") == ofInvoice
	})
	if !ok {
		return missing(w, r, "receipt")
	}
	var v endView
	world.Read(func(eng *engine.World, _ int64) { v = receiptOf(eng, id) })
	return show(w, r, http.StatusOK, endPage(v))
}

func receiptOf(w *engine.World, charge string) endView {
	ch, _ := engine.Get[engine.Charge](w, charge)
	company := w.Settings().AccountName
	v := endView{
		Company: company, Title: "Receipt from " + company, Good: true,
		Text: design.FormatMoney(amountOf(ch.Amount, ch.Currency)) + " was paid on " + dayText(ch.Created) + " with " + cardText(*ch.Card) + ".",
	}
	if ch.AmountRefunded > 0 {
		v.Text += " " + design.FormatMoney(amountOf(ch.AmountRefunded, ch.Currency)) + " was refunded."
	}
	if inv, ok := engine.Get[engine.Invoice](w, ch.Invoice); ok && inv.HostedToken != "" {
		v.Href, v.HrefText = invoicePath(w.AccountID(), inv.HostedToken), "View invoice "+inv.Number
	}
	return v
}
