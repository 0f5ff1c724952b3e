package catalog

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
)

// Limits of a file. They keep a mistake readable; nobody sells a hundred plans.
const (
	fileBytesMax        = 1 << 20
	idBytesMax          = 64
	nameBytesMax        = 250  // Stripe's limit of product.name
	descriptionBytesMax = 1000 // Stripe takes more, a pricing page does not
	plansMax            = 100
	pricesMax           = 50 // of one plan
	featuresMax         = 200
	assetsMax           = 200
	rulesMax            = 50
	amountMax           = 99_999_999 // Stripe's largest amount in most currencies
)

// Parse reads a catalogue file and checks it whole. Its error is an *Error that lists every problem with its line.
func Parse(text []byte) (billing.Catalog, error) {
	var found []Problem
	if len(text) > fileBytesMax {
		return billing.Catalog{}, &Error{Problems: []Problem{{Line: 1, Message: "the file is over its limit of 1 MB"}}}
	}
	root := parseFile(text, &found)
	var c billing.Catalog
	if root.given() {
		c = readCatalog(root)
	}
	if len(found) > 0 {
		slices.SortStableFunc(found, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
		return billing.Catalog{}, &Error{Problems: found}
	}
	return c, nil
}

func readCatalog(root node) billing.Catalog {
	key := root.keys("free_plan", "leeway", "features", "assets", "plans", "policy")
	c := billing.Catalog{
		FreePlan: billing.PlanID(key("free_plan").text(idBytesMax)),
		Features: readFeatures(key("features")),
		Assets:   readAssets(key("assets")),
		Policy:   readPolicy(key("leeway"), key("policy")),
	}
	c.Plans = readPlans(key("plans"), c)
	if !key("plans").given() || len(c.Plans) == 0 {
		key("plans").problem("at least one plan is needed")
	}
	checkFreePlan(key("free_plan"), c)
	return c
}

func checkFreePlan(at node, c billing.Catalog) {
	if c.FreePlan == "" {
		return
	}
	if _, ok := c.Plan(c.FreePlan); !ok {
		at.problem("there is no plan %q", c.FreePlan)
		return
	}
	if _, ok := c.FreePrice(); !ok {
		at.problem("plan %q has no price with amount 0", c.FreePlan)
	}
}

func readFeatures(list node) []billing.Feature {
	var features []billing.Feature
	seen := unique{}
	for _, n := range list.list(featuresMax) {
		key := n.keys("id", "name", "type")
		f := billing.Feature{ID: billing.FeatureID(seen.id(key("id"))), Name: name(key("name"))}
		f.Type = oneOf(key("type"), billing.Boolean, billing.Limit)
		features = append(features, f)
	}
	return features
}

func readAssets(list node) []billing.Asset {
	var assets []billing.Asset
	seen := unique{}
	for _, n := range list.list(assetsMax) {
		key := n.keys("id", "name", "recurring", "duration")
		assets = append(assets, billing.Asset{
			ID:        billing.AssetID(seen.id(key("id"))),
			Name:      name(key("name")),
			Recurring: key("recurring").flag(),
			Duration:  duration(key("duration")),
		})
	}
	return assets
}

func readPlans(list node, c billing.Catalog) []billing.Plan {
	var plans []billing.Plan
	seen, keys := unique{}, unique{}
	for _, n := range list.list(plansMax) {
		key := n.keys("id", "name", "description", "prices", "features", "assets")
		plan := billing.Plan{
			ID:          billing.PlanID(seen.id(key("id"))),
			Name:        name(key("name")),
			Description: key("description").text(descriptionBytesMax),
			Features:    readValues(key("features"), c.Features),
		}
		for _, price := range key("prices").list(pricesMax) {
			plan.Prices = append(plan.Prices, readPrice(price, keys))
		}
		if len(plan.Prices) == 0 {
			key("prices").problem("at least one price is needed")
		}
		for _, asset := range key("assets").list(assetsMax) {
			id := billing.AssetID(asset.text(idBytesMax))
			if !slices.ContainsFunc(c.Assets, func(a billing.Asset) bool { return a.ID == id }) {
				asset.problem("there is no asset %q", id)
			}
			plan.Assets = append(plan.Assets, id)
		}
		plans = append(plans, plan)
	}
	return plans
}

func readPrice(n node, keys unique) billing.Price {
	key := n.keys("key", "amount", "every")
	p := billing.Price{Key: keys.id(key("key")), Amount: amount(key("amount"))}
	p.Interval, p.IntervalCount = interval(key("every"))
	return p
}

func readValues(n node, features []billing.Feature) []billing.FeatureValue {
	var values []billing.FeatureValue
	for _, e := range n.entries() {
		i := slices.IndexFunc(features, func(f billing.Feature) bool { return string(f.ID) == e.name })
		if i < 0 {
			e.value.problem("there is no feature %q", e.name)
			continue
		}
		v := billing.FeatureValue{Feature: features[i].ID}
		if features[i].Type == billing.Limit {
			v.Limit = e.value.number()
			v.Enabled = v.Limit > 0
		} else {
			v.Enabled = e.value.flag()
		}
		if v.Limit < 0 {
			e.value.problem("a limit cannot be negative")
		}
		values = append(values, v)
	}
	return values
}

func amount(n node) money.Amount {
	if !n.given() {
		n.problem("an amount is needed, such as 19.00 EUR")
		return money.Amount{}
	}
	text := n.text(idBytesMax)
	a, err := money.Parse(text)
	switch {
	case err != nil:
		n.problem("%s", strings.TrimPrefix(err.Error(), "money: "))
	case a.Minor < 0:
		n.problem("a price cannot be negative")
	case a.Minor > amountMax:
		n.problem("%s is over the largest amount that Stripe takes", text)
	}
	return a
}

// mostOf is Stripe's longest period, three years, in each unit.
var mostOf = map[billing.Interval]int{billing.Day: 1095, billing.Week: 156, billing.Month: 36, billing.Year: 3}

// interval reads "month", "3 months", "year".
func interval(n node) (billing.Interval, int) {
	count, unit := 1, n.text(idBytesMax)
	if number, rest, ok := strings.Cut(unit, " "); ok {
		i, err := strconv.Atoi(number)
		if err != nil {
			i = 0
		}
		count, unit = i, strings.TrimSuffix(strings.TrimSpace(rest), "s")
	}
	most, known := mostOf[billing.Interval(unit)]
	switch {
	case !known || count < 1:
		n.problem("day, week, month or year is needed, or a number of them such as 3 months")
	case count > most:
		n.problem("a period is three years at most")
	}
	return billing.Interval(unit), count
}

// duration reads "30d", "48h", "90m"; absent is 0.
func duration(n node) time.Duration {
	text := n.text(idBytesMax)
	if !n.given() {
		return 0
	}
	d, err := time.ParseDuration(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var number int
		number, err = strconv.Atoi(days)
		d = time.Duration(number) * 24 * time.Hour
		if number > 36500 {
			n.problem("a hundred years is the limit")
		}
	}
	if err != nil || d < 0 {
		n.problem("a duration such as 30d or 48h is needed, not %q", text)
		return 0
	}
	return d
}

func name(n node) string {
	text := n.text(nameBytesMax)
	if text == "" {
		n.problem("a name is needed")
	}
	return text
}

// oneOf reads one of a few words.
func oneOf[T ~string](n node, words ...T) T {
	word := T(n.text(idBytesMax))
	if slices.Contains(words, word) {
		return word
	}
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = string(w)
	}
	n.problem("one of %s is needed, not %q", strings.Join(all, ", "), word)
	return ""
}

// unique is a set of ids that may be given once each.
type unique map[string]bool

// id reads a lower-case name that is not in u yet, and puts it there.
func (u unique) id(n node) string {
	id := n.text(idBytesMax)
	switch {
	case id == "":
		n.problem("a name of lower-case letters, digits, - and _ is needed")
	case strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "":
		n.problem("%q may hold only lower-case letters, digits, - and _", id)
	case u[id]:
		n.problem("%q is taken", id)
	}
	u[id] = true
	return id
}
