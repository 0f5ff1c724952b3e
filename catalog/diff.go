package catalog

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dues-billing/dues/billing"
)

// Diff says what has to be done at the provider so that what it sells is what the catalogue says, in the order in which it can be done. An
// empty answer means that nothing differs. What is there and none of ours is left alone.
//
// What Stripe would refuse is refused here, with what to do instead: the terms of a price, a meter, a coupon or a code never change, and a
// product with prices is never deleted. What is archived in the file and was never made is not made.
func Diff(c billing.Catalog, there billing.Stock) []billing.StockChange {
	d := &differ{
		catalog: c, there: there,
		products: map[billing.ProductID]billing.StockProduct{}, byKey: map[string]billing.StockPrice{}, byID: map[billing.PriceID]billing.StockPrice{},
	}
	for _, p := range there.Products {
		d.products[p.ID] = p
	}
	for _, p := range there.Prices {
		d.byID[p.ID] = p
		if p.Key != "" && (p.Active || d.byKey[p.Key].ID == "") {
			d.byKey[p.Key] = p
		}
	}
	d.meters()
	wanted, known := map[billing.ProductID]bool{}, map[billing.PriceID]bool{}
	for _, s := range shelves(c) {
		wanted[s.product.ID] = true
		d.product(s)
		for _, price := range s.prices {
			d.price(s, price, known)
		}
	}
	d.orphans(wanted, known)
	d.coupons()
	slices.SortStableFunc(d.changes, func(a, b billing.StockChange) int { return cmp.Compare(rank(a), rank(b)) })
	return d.changes
}

// rank orders changes: first what others need, and products are archived after their prices, restored before.
func rank(change billing.StockChange) int {
	kinds := []billing.StockKind{billing.MeterStock, billing.ProductStock, billing.PriceStock, billing.CouponStock, billing.CodeStock}
	at := slices.Index(kinds, change.Kind)
	if change.Action == billing.ArchiveStock || change.Action == billing.DeleteStock {
		return 2*len(kinds) - at
	}
	return at
}

type differ struct {
	catalog  billing.Catalog
	there    billing.Stock
	products map[billing.ProductID]billing.StockProduct
	byKey    map[string]billing.StockPrice
	byID     map[billing.PriceID]billing.StockPrice
	changes  []billing.StockChange
}

// shelf is what a plan, an add-on or an asset that is sold is at the provider: a product and its prices.
type shelf struct {
	product billing.StockProduct
	name    string
	prices  []billing.Price
}

func shelves(c billing.Catalog) []shelf {
	var all []shelf
	for _, p := range c.Plans {
		all = append(all, shelf{billing.StockProduct{
			ID: p.ProductID(), Ours: true, Active: !p.Archived, Name: p.Name, Description: p.Description, Unit: p.Unit, TaxCode: p.TaxCode,
		}, string(p.ID), p.Prices})
	}
	for _, a := range c.AddOns {
		all = append(all, shelf{billing.StockProduct{
			ID: a.ProductID(), Ours: true, Active: !a.Archived, Name: a.Name, Description: a.Description, TaxCode: a.TaxCode,
		}, string(a.ID), a.Prices})
	}
	for _, a := range c.Assets {
		if len(a.Prices) > 0 {
			all = append(all, shelf{billing.StockProduct{
				ID: a.ProductID(), Ours: true, Active: !a.Archived, Name: a.Name, TaxCode: a.TaxCode,
			}, string(a.ID), a.Prices})
		}
	}
	return all
}

func (d *differ) add(change billing.StockChange) { d.changes = append(d.changes, change) }

func (d *differ) meters() {
	for _, feature := range d.catalog.Features {
		if feature.Type != billing.Usage {
			continue
		}
		want := billing.StockMeter{Name: feature.Name, Active: true, Meter: feature.Meter}
		change := billing.StockChange{Kind: billing.MeterStock, Name: string(feature.ID), Meter: want}
		i := slices.IndexFunc(d.there.Meters, func(m billing.StockMeter) bool { return m.Event == feature.Meter.Event })
		if i < 0 {
			change.Action = billing.CreateStock
			d.add(change)
			continue
		}
		is := d.there.Meters[i]
		change.ID, change.Meter.ID = is.ID, is.ID
		change.Fields = fields(change.Fields, "aggregate", string(is.Aggregate), string(feature.Meter.Aggregate))
		switch {
		case len(change.Fields) > 0:
			change.Action = billing.RefuseStock
			change.Refusal = "how a meter counts never changes; give the feature another event, and its prices new keys"
			d.add(change)
		case !is.Active:
			change.Action = billing.RestoreStock
			d.add(change)
		}
	}
}

func (d *differ) product(s shelf) {
	is, ok := d.products[s.product.ID]
	change := billing.StockChange{Kind: billing.ProductStock, Name: s.name, Product: s.product}
	if !ok {
		if change.Action = billing.CreateStock; s.product.Active || d.anyThere(s) {
			d.add(change)
		}
		return
	}
	change.ID = string(is.ID)
	change.Fields = fields(change.Fields, "name", is.Name, s.product.Name)
	change.Fields = fields(change.Fields, "description", is.Description, s.product.Description)
	change.Fields = fields(change.Fields, "unit", is.Unit, s.product.Unit)
	if s.product.TaxCode != "" { // "" is the account's default, whatever that is
		change.Fields = fields(change.Fields, "tax_code", is.TaxCode, s.product.TaxCode)
	}
	if !is.Ours {
		change.Fields = append(change.Fields, billing.StockField{Name: "plan", Wanted: s.name})
	}
	if change.Action = billing.UpdateStock; len(change.Fields) > 0 {
		d.add(change)
	}
	d.activity(change, is.Active, s.product.Active)
}

// anyThere reports whether a price of the shelf exists, wherever.
func (d *differ) anyThere(s shelf) bool {
	return slices.ContainsFunc(s.prices, func(p billing.Price) bool { return d.byKey[p.Key].ID != "" })
}

// activity archives or restores.
func (d *differ) activity(change billing.StockChange, is, want bool) {
	if is == want {
		return
	}
	change.Fields = nil
	if change.Action = billing.ArchiveStock; want {
		change.Action = billing.RestoreStock
	}
	d.add(change)
}

func (d *differ) price(s shelf, want billing.Price, known map[billing.PriceID]bool) {
	event := ""
	if feature, ok := d.catalog.Feature(want.Feature); ok {
		event = feature.Meter.Event
	}
	change := billing.StockChange{
		Kind: billing.PriceStock, Name: want.Key, Price: billing.StockPrice{Product: s.product.ID, Active: !want.Archived, Event: event, Price: want},
	}
	is, ok := d.byID[want.ID]
	if !ok {
		is, ok = d.byKey[want.Key]
	}
	if !ok { // also where it has an id: the file may be of an account in live mode, and this one for tests
		if change.Action = billing.CreateStock; !want.Archived {
			d.add(change)
		}
		return
	}
	known[is.ID] = true
	change.ID, change.Price.ID = string(is.ID), is.ID
	if change.Fields = terms(want, event, is, s.product.ID); len(change.Fields) > 0 {
		change.Action, change.Refusal = billing.RefuseStock, neverChanges(change)
		d.add(change)
		return
	}
	change.Fields = fields(change.Fields, "key", is.Key, want.Key)
	if is.Tax == "" {
		change.Fields = fields(change.Fields, "tax", "", string(want.Tax))
	}
	change.Price.Currencies = nil // only those that are new
	for _, other := range want.Currencies {
		if _, ok := is.In(other.Amount.Currency); !ok {
			change.Fields = fields(change.Fields, "currency", "", describeCurrency(other))
			change.Price.Currencies = append(change.Price.Currencies, other)
		}
	}
	if change.Action = billing.UpdateStock; len(change.Fields) > 0 {
		d.add(change)
	}
	d.activity(change, is.Active, !want.Archived)
}

// Same reports whether a price at the provider is, in all that never changes, what the catalogue says, whatever its product. event is of the
// meter of its feature.
func Same(want billing.Price, event string, is billing.StockPrice) bool {
	return len(terms(want, event, is, is.Product)) == 0
}

// terms lists what differs of that which never changes.
func terms(want billing.Price, event string, is billing.StockPrice, product billing.ProductID) (all []billing.StockField) {
	if want.Kind == billing.PerSeat {
		want.Kind = billing.Flat
	}
	all = fields(all, "product", string(is.Product), string(product))
	all = fields(all, "amount", Describe(is.Price), Describe(want))
	all = fields(all, "event", is.Event, event)
	if is.Tax != "" {
		all = fields(all, "tax", string(is.Tax), string(want.Tax))
	}
	for _, other := range is.Currencies {
		mine, ok := want.In(other.Amount.Currency)
		text := ""
		if ok {
			text = describeCurrency(mine)
		}
		all = fields(all, "currency", describeCurrency(other), text)
	}
	return all
}

func neverChanges(change billing.StockChange) string {
	for _, field := range change.Fields {
		if field.Name == "product" {
			return fmt.Sprintf("a price stays with its product; say product: %s in its plan", field.AtProvider)
		}
		if field.Name == "currency" && field.Wanted == "" {
			return fmt.Sprintf("Stripe sells it for %s too, and never stops; add that to its currencies", field.AtProvider)
		}
	}
	return fmt.Sprintf("a price never changes; give the new one a new key, and keep this one as it was with archived: true, and move_to: and the new key "+
		"if its subscribers are to follow (dues catalog migrate %s)", change.Name)
}

// orphans are ours at the provider and not in the file any more.
func (d *differ) orphans(wanted map[billing.ProductID]bool, known map[billing.PriceID]bool) {
	for _, p := range d.there.Prices {
		if p.Once() && !strings.HasPrefix(string(p.Product), string(billing.Asset{}.ProductID())) {
			continue // somebody's own, on a plan's product: a plan is not paid once
		}
		if ours := wanted[p.Product] || d.products[p.Product].Ours; !ours || known[p.ID] || !p.Active || p.Key == "" {
			continue
		}
		d.add(billing.StockChange{
			Action: billing.RefuseStock, Kind: billing.PriceStock, Name: p.Key, ID: string(p.ID), Price: p,
			Fields: []billing.StockField{{Name: "amount", AtProvider: Describe(p.Price)}},
			Refusal: "it is not in the file, and Stripe never deletes a price; put it back with archived: true, or those who pay it are entitled to nothing " +
				"(dues catalog pull prints it)",
		})
	}
	for _, p := range d.there.Products {
		if !p.Ours || wanted[p.ID] || !p.Active {
			continue
		}
		d.add(billing.StockChange{
			Action: billing.RefuseStock, Kind: billing.ProductStock, Name: strings.TrimPrefix(string(p.ID), "dues_"), ID: string(p.ID), Product: p,
			Refusal: "it is not in the file, and Stripe does not delete a product with prices; put it back with archived: true (dues catalog pull prints it)",
		})
	}
}

// fields adds a field that differs.
func fields(all []billing.StockField, name, is, want string) []billing.StockField {
	if is == want {
		return all
	}
	return append(all, billing.StockField{Name: name, AtProvider: is, Wanted: want})
}

// Describe says what a price costs, in one line: two prices that say the same cost the same.
func Describe(p billing.Price) string {
	text := p.Rate().String()
	if p.Tiering != "" {
		text = describeTiers(p.Tiering, p.Tiers)
	}
	switch {
	case p.Package > 0:
		text += fmt.Sprintf(" per %d", p.Package)
	case p.Kind == billing.PerSeat:
		text += " per seat"
	}
	if p.Kind == billing.Metered {
		text += " of usage"
	}
	if p.Once() {
		return text + " once"
	}
	if p.IntervalCount == 1 {
		return fmt.Sprintf("%s a %s", text, p.Interval)
	}
	return fmt.Sprintf("%s each %d %ss", text, p.IntervalCount, p.Interval)
}

func describeTiers(how billing.Tiering, tiers []billing.Tier) string {
	parts := make([]string, len(tiers))
	for i, tier := range tiers {
		parts[i] = tier.Unit.String()
		if !tier.Flat.IsZero() {
			parts[i] += " + " + tier.Flat.String()
		}
		if tier.UpTo > 0 {
			parts[i] += fmt.Sprintf(" to %d", tier.UpTo)
		}
	}
	return strings.TrimSpace(string(how) + " " + strings.Join(parts, ", "))
}

func describeCurrency(p billing.CurrencyPrice) string {
	if len(p.Tiers) > 0 {
		return describeTiers("", p.Tiers)
	}
	return p.Rate.String()
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
