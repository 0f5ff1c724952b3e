package providertest

import (
	_ "embed"
	"strings"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/catalog"
)

// stockFile has a price of each kind, an add-on, coupons and codes.
//
//go:embed stock.yaml
var stockFile string

// restock makes every change that the catalogue asks for, and returns them.
func (c *scene) restock(cat billing.Catalog) []billing.StockChange {
	c.Helper()
	stock, err := c.Prices.Stock(c.ctx)
	c.must(err)
	changes := catalog.Diff(cat, stock)
	for _, change := range changes {
		id, err := c.Prices.Restock(c.ctx, change)
		if err != nil {
			c.Fatalf("%s %s %s: %v", change.Action, change.Kind, change.Name, err)
		}
		if id == "" {
			c.Errorf("%s %s %s has no id", change.Action, change.Kind, change.Name)
		}
	}
	return changes
}

// sold parses a catalogue that holds what is on sale here before, and more.
func (c *scene) sold(file string) billing.Catalog {
	c.Helper()
	cat, err := catalog.Parse([]byte(file))
	c.must(err)
	cat.Plans = append(catalogue().Plans, cat.Plans...)
	return cat
}

func (c *scene) settled(cat billing.Catalog) {
	c.Helper()
	for _, change := range c.restock(cat) {
		c.Errorf("a second time it is to %s %s %s: %+v %s", change.Action, change.Kind, change.Name, change.Fields, change.Refusal)
	}
}

func stocked(c *scene) {
	cat := c.sold(stockFile)
	made := map[billing.StockKind]int{}
	for _, change := range c.restock(cat) {
		if change.Action != billing.CreateStock {
			c.Errorf("%s %s %s", change.Action, change.Kind, change.Name)
		}
		made[change.Kind]++
	}
	for kind, want := range map[billing.StockKind]int{
		billing.MeterStock: 1, billing.ProductStock: 3, billing.PriceStock: 6, billing.CouponStock: 2, billing.CodeStock: 2,
	} {
		if made[kind] != want {
			c.Errorf("%d of kind %s are made, want %d", made[kind], kind, want)
		}
	}
	c.settled(cat)
	ids, err := c.Prices.EnsurePrices(c.ctx, cat)
	c.must(err)
	for _, key := range []string{"team", "team-graduated", "calls", "calls-volume", "calls-packages", basicKey} {
		if ids[key] == "" {
			c.Errorf("price %s has no id", key)
		}
	}
}

func restocked(c *scene) {
	c.restock(c.sold(stockFile))
	const pounds = "[10.00 USD, 8.00 GBP]"
	changed := c.sold(strings.NewReplacer(
		"name: Team", "name: Teams", "[10.00 USD]", pounds, "amount: 12.00 EUR", "archived: true, amount: 12.00 EUR",
		"{code: FRIENDS}", "{code: FRIENDS, archived: true}", "name: Half", "name: Half price",
	).Replace(stockFile))
	done := map[string]bool{}
	for _, change := range c.restock(changed) {
		done[string(change.Action)+" "+string(change.Kind)+" "+change.Name] = true
	}
	for _, want := range []string{
		"update product team", "update price team", "archive price team-old", "archive promotion code FRIENDS", "update coupon half",
	} {
		if !done[want] {
			c.Errorf("%s is not done: %v", want, done)
		}
	}
	c.settled(changed)
	c.restock(c.sold(strings.ReplaceAll(stockFile, "[10.00 USD]", pounds))) // what was archived is sold again
	stock, err := c.Prices.Stock(c.ctx)
	c.must(err)
	for _, price := range stock.Prices {
		if price.Key == "team-old" && !price.Active {
			c.Error("a price that is sold again stays archived")
		}
	}
}
