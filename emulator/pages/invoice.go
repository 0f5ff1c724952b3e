package pages

import (
	"net/http"
	"net/url"

	"github.com/dues-billing/dues/emulator/engine"
)

// bill answers an invoice request: it finds the invoice by the unguessable part
// of its address and calls f while the world stands still.
func (s *site) bill(w http.ResponseWriter, r *http.Request, f func(eng *engine.World, inv *engine.Invoice) response) error {
	account, token := r.PathValue("account"), r.PathValue("token")
	world, ok := find(s.host, func(eng *engine.World) bool {
		_, ok := eng.InvoiceByToken(token)
		return ok && eng.AccountID() == account
	})
	if !ok {
		return missing(w, r, "invoice")
	}
	var answer response
	world.Read(func(eng *engine.World, _ int64) {
		inv, _ := eng.InvoiceByToken(token)
		answer = f(eng, inv)
	})
	return answer(w, r, world)
}

func (s *site) invoice(w http.ResponseWriter, r *http.Request) error {
	return s.bill(w, r, func(eng *engine.World, inv *engine.Invoice) response {
		v := invoiceViewOf(eng, inv)
		v.Form = prefilled(r)
		if v.Form.Number != "" {
			v.Chosen = ""
		}
		if text := problemTexts[r.URL.Query().Get("problem")]; text != "" {
			v.Form.Problems = problems{generalProblem: text}
		}
		v.Tests = v.Form.Number == ""
		return page(http.StatusOK, invoicePage(v))
	})
}

// payInvoice pays with a saved card or a new one. Pressing twice pays once: a
// paid invoice only shows itself.
func (s *site) payInvoice(w http.ResponseWriter, r *http.Request) error {
	return s.bill(w, r, func(eng *engine.World, inv *engine.Invoice) response {
		v := invoiceViewOf(eng, inv)
		if card := r.PostFormValue("fill"); card != "" {
			return redirect(v.Path + "?" + url.Values{"card": {card}}.Encode())
		}
		if !v.Payable {
			return redirect(v.Path)
		}
		v.Form, v.Chosen = cardFormOf(r), r.PostFormValue("payment_method")
		if v.Chosen == "" && len(v.Form.check()) > 0 {
			v.Form = v.Form.withoutSecret()
			return page(http.StatusUnprocessableEntity, invoicePage(v))
		}
		cmd := invoiceCommand(inv.ID, v.Chosen, v.Form)
		return func(w http.ResponseWriter, r *http.Request, world World) error {
			result, err := world.Apply(cmd)
			if err == nil {
				if challenge := challengeOf(result); challenge != "" {
					return move(w, r, challengePath(challenge))
				}
				return move(w, r, v.Path)
			}
			refused, err := refusal(err)
			if err != nil {
				return err
			}
			v.Form = v.Form.withoutSecret()
			v.Form.Problems = problemsOf(refused)
			if v.Chosen != "" {
				v.Form.Problems = problems{generalProblem: refused.Message}
			}
			return show(w, r, refusalStatus(refused), invoicePage(v))
		}
	})
}
