package httpapi

import (
	"net/http"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/design"
)

// returnFromCheckout takes what the customer has just paid into our records before the app's page asks for it.
func (a *api) returnFromCheckout(w http.ResponseWriter, r *http.Request) {
	purchase, claim := billing.PurchaseID(r.URL.Query().Get("purchase")), r.URL.Query().Get("claim")
	if claim != "" {
		to, err := a.service.CompleteGuestReturn(r.Context(), purchase, claim)
		a.goBack(w, r, to, err)
		return
	}
	to, err := a.service.CompleteReturn(r.Context(), purchase)
	a.goBack(w, r, to, err)
}

// returnFromPortal does the same for what was changed in the portal.
func (a *api) returnFromPortal(w http.ResponseWriter, r *http.Request) {
	to, err := a.service.CompletePortal(r.Context(), r.URL.Query().Get("visit"))
	a.goBack(w, r, to, err)
}

// goBack sends the browser to the app. A person reads what comes otherwise, so a failure is a page; the webhook brings the
// news in any case.
func (a *api) goBack(w http.ResponseWriter, r *http.Request, to string, err error) {
	if err == nil {
		w.Header().Set("Referrer-Policy", "no-referrer") // our address names the purchase
		http.Redirect(w, r, to, http.StatusSeeOther)
		return
	}
	p := problemOf(r.Context(), err)
	a.logFailure(r.Context(), err, p)
	design.Serve(w, r, p.Status, lostPage(r.URL.RequestURI(), p))
}
