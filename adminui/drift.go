package adminui

import (
	"net/http"

	"github.com/a-h/templ"

	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/service"
)

// compared is how many customers the page compares at once: seven requests each, and somebody waits.
const compared = 25

// driftView is how well the mirror agrees with Stripe.
type driftView struct {
	frame
	Health service.Health
	Ran    bool // the comparison below, a moment ago
	Sum    service.Reconciled
	Found  []service.Drift
}

func (a *admin) drift(w http.ResponseWriter, r *http.Request, f frame) error {
	return a.showDrift(w, r, driftView{frame: f})
}

// compare asks Stripe for the newest customers, and changes nothing.
func (a *admin) compare(w http.ResponseWriter, r *http.Request, f frame) (err error) {
	v := driftView{frame: f, Ran: true}
	if v.Sum, v.Found, err = a.service.CompareNewest(r.Context(), compared); err != nil {
		return err
	}
	return a.showDrift(w, r, v)
}

func (a *admin) showDrift(w http.ResponseWriter, r *http.Request, v driftView) (err error) {
	v.Title, v.Current = "Drift", base+"/drift"
	if v.Health, err = a.service.Health(r.Context()); err != nil {
		return err
	}
	a.serve(w, r, http.StatusOK, driftPage(v))
	return nil
}

func (v driftView) rows() (rows []design.Row) {
	for _, d := range v.Found {
		who := design.Code(string(d.Customer))
		if d.Account != "" {
			who = design.Anchor(string(d.Account), accountPath(d.Account))
		}
		rows = append(rows, design.Row{who, design.Text(d.Object), design.Code(d.ID), design.Text(d.Field), sideOf(d.Provider), sideOf(d.Mirror)})
	}
	return rows
}

// sideOf is what one side says, or that it lacks the thing.
func sideOf(said string) templ.Component {
	if said == "" {
		return design.Muted("not there")
	}
	const charsMax = 120
	if runes := []rune(said); len(runes) > charsMax {
		said = string(runes[:charsMax]) + "…"
	}
	return design.Code(said)
}

// agrees says in a sentence what came of a comparison.
func (v driftView) agrees() (tone design.Tone, title string) {
	switch {
	case v.Sum.Failed > 0:
		return design.Warn, design.Count(v.Sum.Failed, "customer") + " could not be compared"
	case len(v.Found) > 0:
		return design.Bad, design.Count(len(v.Found), "difference")
	}
	return design.Good, "Everything agrees"
}
