package adminui

import (
	"net/http"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/catalog"
	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/service"
)

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
