package pages

import (
	"net/http"

	"github.com/dues-billing/dues/emulator/engine"
)

// paymentLink begins a session for everybody who opens the link, and leads to its page. With the recovery of an expired session it is the
// only address whose GET changes something: at Stripe that is what such links are for.
func (s *site) paymentLink(w http.ResponseWriter, r *http.Request) error {
	var link *engine.PaymentLink
	company := ""
	world, ok := find(s.host, func(eng *engine.World) (found bool) {
		link, found = eng.PaymentLinkByToken(r.PathValue("token"))
		company = eng.Settings().AccountName
		return found
	})
	if !ok {
		return missing(w, r, "payment link")
	}
	query := r.URL.Query()
	result, err := world.Apply(&engine.OpenPaymentLink{
		Link: link.ID, Email: query.Get("prefilled_email"), Code: query.Get("prefilled_promo_code"), Reference: query.Get("client_reference_id"),
		Locale: query.Get("locale"),
	})
	if err != nil {
		if _, err := refusal(err); err != nil {
			return err
		}
		return show(w, r, http.StatusGone, endPage(inactiveLink(company, link.InactiveMessage)))
	}
	session, _ := result.(*engine.CheckoutSession)
	return move(w, r, checkoutPath(session.ID))
}

func inactiveLink(company, message string) endView {
	if message == "" {
		message = "The link is not active any more. Ask " + company + " for another one if you still want to buy."
	}
	return endView{Company: company, Title: "This link is closed", Text: message}
}

// confirmation is what a session of a link shows when it is complete, if the link leads nowhere else.
func confirmation(w *engine.World, s *engine.CheckoutSession) (endView, bool) {
	link, ok := engine.Get[engine.PaymentLink](w, s.PaymentLink)
	if !ok || link.Completion == "redirect" {
		return endView{}, false
	}
	company := w.Settings().AccountName
	end := endView{Company: company, Title: "Thank you", Text: "Your payment to " + company + " is complete.", Good: true}
	if s.Mode == engine.ModeSubscription {
		end.Text = "You are subscribed now. " + company + " has your details."
	}
	if link.Message != "" {
		end.Text = link.Message
	}
	return end, true
}
