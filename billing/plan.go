package billing

import "time"

// PlanID, FeatureID and AssetID are the names the catalogue gives, chosen by the app's owner.
type (
	PlanID    string
	FeatureID string
	AssetID   string
)

// Catalog is what is sold: plans with their prices, the features they entitle to and the assets they license.
// Package catalog reads it from catalog.yaml and checks it; here it is plain data.
type Catalog struct {
	FreePlan  PlanID   // the plan of an account that pays nothing; "" when there is none. It is of the default group
	FreePlans []PlanID // those of other groups, at most one of each
	Plans     []Plan   // in the order they are shown
	Features  []Feature
	Assets    []Asset
	AddOns    []AddOn
	Coupons   []Coupon
	Policy    AccessPolicy
	Mails     Mails
	Dunning   Dunning
	Refunds   []RefundRule  // the first that is about a plan decides; without one its payments are not given back by themselves
	index     *catalogIndex // see Indexed
	group     Group         // see In
}

// Plan is what an account can be on.
type Plan struct {
	ID          PlanID
	Name        string
	Description string
	Prices      []Price
	Features    []FeatureValue
	Assets      []AssetID
	Group       Group     // an account has one subscription of each
	TaxCode     string    // what the provider computes taxes by; "" its default
	Unit        string    // how a seat or a unit of usage is called on invoices
	Archived    bool      // not sold any more; then none of its prices is
	Product     ProductID // the provider's id of a product from before Dues; "" it is made of the plan's
	// HoldInvoices says that renewals are held for a person before they are charged.
	HoldInvoices bool
}

// Interval is the unit of a billing period.
type Interval string

// The intervals.
const (
	Day   Interval = "day"
	Week  Interval = "week"
	Month Interval = "month"
	Year  Interval = "year"
)

// Asset is something that can be licensed: content, a course, a download.
type Asset struct {
	ID        AssetID
	Name      string
	Recurring bool          // a paid renewal extends the license; else the first payment alone gives it
	Duration  time.Duration // how long one payment lasts: of what recurs only where the invoice line does not say; 0: the line's period
	Perpetual bool          // the license has no end
	Prices    []Price       // for which it is bought alone, once; none: plans and add-ons give it
	TaxCode   string        // as of a plan, like the two below
	Archived  bool
	Product   ProductID
}

// Plan returns the plan with that id, or false.
func (c Catalog) Plan(id PlanID) (Plan, bool) {
	if at, ok := c.planAt(id); ok {
		return c.Plans[at], true
	}
	return Plan{}, false
}

// PlanOfPrice returns the plan and price with that key, or false.
func (c Catalog) PlanOfPrice(key string) (Plan, Price, bool) {
	if at, ok := c.planPriceAt(key); ok {
		return c.Plans[at.of], c.Plans[at.of].Prices[at.price], true
	}
	return Plan{}, Price{}, false
}

// FreePrice returns the price at 0 of the group's free plan, or false when there is no free plan.
func (c Catalog) FreePrice() (Price, bool) {
	plan, ok := c.Plan(c.freePlan())
	if !ok {
		return Price{}, false
	}
	for _, price := range plan.Prices {
		if price.Free() && !price.Archived {
			return price, true
		}
	}
	return Price{}, false
}

// Asset returns the asset with that id, or false.
func (c Catalog) Asset(id AssetID) (Asset, bool) {
	for _, asset := range c.Assets {
		if asset.ID == id {
			return asset, true
		}
	}
	return Asset{}, false
}
