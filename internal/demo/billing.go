package demo

import "net/http"

func (a *app) pricing(w http.ResponseWriter, r *http.Request, v visitor) error {
	plans, err := a.api.plans(r.Context(), v.ID)
	if err != nil {
		return err
	}
	view := pricingView{frame: a.frame(r, "Pricing"), Plans: plans, TurnedBack: r.URL.Query().Has("canceled")}
	a.serve(w, r, http.StatusOK, pricingPage(view))
	return nil
}

// upgrade leaves all of it to Dues: with a saved card the plan changes at once, without one there is a page to visit.
func (a *app) upgrade(w http.ResponseWriter, r *http.Request, v visitor) error {
	done, err := a.api.checkout(r.Context(), v.ID, r.FormValue("price"), a.cfg.PublicURL+"/?upgraded", a.cfg.PublicURL+"/pricing?canceled")
	if err != nil {
		return err
	}
	if done.Changed {
		a.redirect(w, r, "/?upgraded")
		return nil
	}
	if title, _ := refused(done.Reason); title != "" && done.Purchase == "" {
		a.redirect(w, r, "/refused?why="+done.Reason)
		return nil
	}
	http.Redirect(w, r, done.URL, http.StatusSeeOther)
	return nil
}

// refused is where a paying customer learns why the plan is as it was. A checkout speaks for itself; the portal does not know what
// was asked for.
func (a *app) refused(w http.ResponseWriter, r *http.Request, _ visitor) error {
	title, text := refused(r.URL.Query().Get("why"))
	if title == "" {
		return a.lost(w, r)
	}
	a.serve(w, r, http.StatusOK, refusedPage(a.frame(r, "Not changed"), title, text))
	return nil
}

// refused puts a reason of Dues into words, "" for one that a paying customer does not meet.
func refused(reason string) (title, text string) {
	switch reason {
	case "needs_confirmation":
		return "Your bank wants to confirm", "It did not allow the payment without you, so your plan is as it was. Another card may do without."
	case "declined":
		return "Your card was declined", "Your plan is as it was. Try again with another card."
	case "unpaid":
		return "A payment is missing", "You are on this plan, and its last invoice is open. Pay it or change the card, and it goes on."
	case "canceled":
		return "Your plan is about to end", "You are on this plan, and have cancelled it. Take that back, and it goes on."
	}
	return "", ""
}

func (a *app) billing(w http.ResponseWriter, r *http.Request, v visitor) error {
	me, err := a.api.me(r.Context(), v.ID)
	if err != nil {
		return err
	}
	invoices, err := a.api.invoices(r.Context(), v.ID)
	if err != nil {
		return err
	}
	a.serve(w, r, http.StatusOK, billingPage(billingView{frame: a.frame(r, "Billing"), Account: me, Invoices: invoices, Email: v.Email}))
	return nil
}

func (a *app) portal(w http.ResponseWriter, r *http.Request, v visitor) error {
	url, err := a.api.portal(r.Context(), v.ID, a.cfg.PublicURL+"/billing")
	if err != nil {
		return err
	}
	http.Redirect(w, r, url, http.StatusSeeOther)
	return nil
}
