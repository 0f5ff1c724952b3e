package adminui

import (
	"net/http"
	"time"

	"github.com/a-h/templ"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/catalog"
	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/service"
)

// compared is how many customers the page compares at once: seven requests each, and somebody waits.
const compared = 25

// driftView is how well the mirror agrees with Stripe.
type driftView struct {
	frame
	Now    time.Time
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
	v.Title, v.Current, v.Now = "Drift", base+"/drift", a.clock.Wall()
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

// catalogView is what differs between the catalogue's file and what Stripe sells.
type catalogView struct {
	frame
	All []service.CatalogDifference
}

func (a *admin) catalog(w http.ResponseWriter, r *http.Request, f frame) (err error) {
	f.Title = "Catalogue"
	v := catalogView{frame: f}
	if v.All, err = a.service.CatalogDifferences(r.Context()); err != nil {
		return err
	}
	a.serve(w, r, http.StatusOK, catalogPage(v))
	return nil
}

func changeRows(changes []billing.StockChange) (rows []design.Row) {
	tones := map[billing.StockAction]design.Tone{billing.CreateStock: design.Good, billing.RefuseStock: design.Bad, billing.ArchiveStock: design.Warn}
	for _, change := range changes {
		fields := change.Fields
		if len(fields) == 0 {
			fields = []billing.StockField{catalog.About(change)}
		}
		for _, field := range fields {
			action := design.Badge(design.Note, string(change.Action))
			if tone, ok := tones[change.Action]; ok {
				action = design.Badge(tone, string(change.Action))
			}
			rows = append(rows, design.Row{action, design.Text(string(change.Kind)), design.Code(change.Name), design.Text(field.Name), sideOf(field.AtProvider), sideOf(field.Wanted)})
		}
	}
	return rows
}

// refusals are what Stripe would not do, each with what to do instead.
func refusals(changes []billing.StockChange) (all []billing.StockChange) {
	for _, change := range changes {
		if change.Refusal != "" {
			all = append(all, change)
		}
	}
	return all
}

// inAccount names the provider account, where there are several.
func inAccount(d service.CatalogDifference, named bool) string {
	if !named {
		return ""
	}
	return " in the Stripe account " + d.ProviderAccount.Name()
}
