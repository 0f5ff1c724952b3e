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
	http.Redirect(w, r, done.URL, http.StatusSeeOther)
	return nil
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
