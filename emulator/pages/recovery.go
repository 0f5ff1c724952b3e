package pages

import (
	"net/http"

	"github.com/dues-billing/dues/emulator/engine"
)

// recovery takes up an expired session: it begins a copy for everybody who opens the address, as a payment link does, and leads to its page.
func (s *site) recovery(w http.ResponseWriter, r *http.Request) error {
	var lost *engine.CheckoutSession
	var end endView
	world, ok := find(s.host, func(eng *engine.World) (found bool) {
		if lost, found = eng.CheckoutByRecovery(r.PathValue("token")); found {
			end = expiredEnd(eng.Settings().AccountName, outward(lost.CancelURL))
		}
		return found
	})
	if !ok {
		return missing(w, r, "checkout session")
	}
	result, err := world.Apply(&engine.RecoverCheckout{Session: lost.ID})
	if err != nil {
		if _, err := refusal(err); err != nil {
			return err
		}
		return show(w, r, http.StatusGone, endPage(end))
	}
	session, _ := result.(*engine.CheckoutSession)
	return move(w, r, checkoutPath(session.ID))
}
