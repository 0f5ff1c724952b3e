package adminui

import (
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/service"
)

// galleryStripe are the pages that hold us against Stripe.
func galleryStripe() []design.Shot {
	return []design.Shot{
		{Name: "admin/drift", Component: driftPage(galleryDrift())},
		{Name: "admin/drift-agrees", Component: driftPage(driftView{frame: galleryDrift().frame, Ran: true, Sum: service.Reconciled{Customers: compared}})},
		{Name: "admin/catalog", Component: catalogPage(galleryCatalog())},
		{Name: "admin/catalog-same", Component: catalogPage(catalogView{frame: galleryCatalog().frame, All: []service.CatalogDifference{{}}})},
	}
}

func galleryDrift() driftView {
	v := driftView{frame: galleryFrame("Drift", base+"/drift"), Ran: true, Sum: service.Reconciled{Customers: compared, Drifted: 2, Late: 1}}
	v.Health.Feed = service.Feed{ReadAt: galleryNow.Add(-20 * time.Second), GapAt: galleryNow.AddDate(0, 0, -1)}
	v.Health.EventsPending = 3
	v.Found = []service.Drift{
		{Account: "user_1", Customer: "cus_Qe1sXmPlA7uL2k", Object: "subscription", ID: "sub_1Sx7Qe2eZvKYlo2C", Field: "Status", Provider: `"canceled"`, Mirror: `"active"`},
		{Customer: "cus_Qe1sXmPlA7uL3m", Object: "invoice", ID: "in_1Sx7Qe2eZvKYlo2D", Provider: "{…}"},
	}
	return v
}

func galleryCatalog() catalogView {
	return catalogView{frame: galleryFrame("Catalogue", base+"/catalog"), All: []service.CatalogDifference{{Changes: []billing.StockChange{
		{Action: billing.CreateStock, Kind: billing.PriceStock, Name: "premium-yearly", Fields: []billing.StockField{{Wanted: "€190.00 per year"}}},
		{Action: billing.UpdateStock, Kind: billing.ProductStock, Name: "premium", ID: "dues_premium", Fields: []billing.StockField{{Name: "name", AtProvider: "Premium", Wanted: "Premium plus"}}},
		{
			Action: billing.RefuseStock, Kind: billing.PriceStock, Name: "premium-monthly", Fields: []billing.StockField{{Name: "amount", AtProvider: "€19.00", Wanted: "€21.00"}},
			Refusal: "a price never changes its amount: give the new one a key of its own, archive this one, and move its subscribers with dues catalog migrate",
		},
	}}}}
}
