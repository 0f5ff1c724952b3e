package catalog

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dues-billing/dues/billing"
)

// Limits of a file. They keep a mistake readable; a thousand plans are somebody's who makes one for each customer.
const (
	fileBytesMax        = 4 << 20
	idBytesMax          = 64
	nameBytesMax        = 250  // Stripe's limit of product.name
	descriptionBytesMax = 1000 // Stripe takes more, a pricing page does not
	unitBytesMax        = 12   // Stripe's limit of product.unit_label
	plansMax            = 2000
	pricesMax           = 50 // of one plan
	featuresMax         = 200
	assetsMax           = 200
	addOnsMax           = 500
	couponsMax          = 500
	codesMax            = 500 // of one coupon
	tiersMax            = 100
	currenciesMax       = 50 // of one price
	rulesMax            = 50
	amountMax           = 99_999_999    // Stripe's largest amount in most currencies
	countMax            = 1_000_000_000 // seats, units of a tier, redemptions
)

// Parse reads a catalogue file and checks it whole. Its error is an *Error that lists every problem with its line.
func Parse(text []byte) (billing.Catalog, error) {
	found := notes{}
	if len(text) > fileBytesMax {
		return billing.Catalog{}, &Error{Problems: []Problem{{Line: 1, Message: "the file is over its limit of 4 MB"}}}
	}
	root := parseFile(text, &found)
	var c billing.Catalog
	if root.given() {
		c = readCatalog(root)
	}
	if all := found.problems; len(all) > 0 {
		slices.SortStableFunc(all, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
		return billing.Catalog{}, &Error{Problems: all}
	}
	return c, nil
}

func readCatalog(root node) billing.Catalog {
	key := root.keys("free_plan", "free_plans", "leeway", "features", "assets", "plans", "addons", "coupons", "policy", "refunds", "mails", "dunning")
	keys := &priceKeys{seen: unique{}}
	c := billing.Catalog{
		FreePlan:  billing.PlanID(key("free_plan").text(idBytesMax)),
		FreePlans: readFreePlans(key("free_plans")),
		Features:  readFeatures(key("features")),
		Assets:    readAssets(key("assets"), keys),
		Policy:    readPolicy(key("leeway"), key("policy")),
	}
	c.Plans = readPlans(key("plans"), c, keys)
	c.Mails = readMails(key("mails"))
	c.Dunning = readDunning(key("dunning"), c)
	c.Refunds = readRefunds(key("refunds"), c)
	if !key("plans").given() || len(c.Plans) == 0 {
		key("plans").problem("at least one plan is needed")
	}
	c.AddOns = readAddOns(key("addons"), c, keys)
	c.Coupons = readCoupons(key("coupons"), c)
	keys.checkMoves(c)
	checkProducts(key("assets"), c)
	checkGroups(key, c)
	return c
}

func readAssets(list node, keys *priceKeys) []billing.Asset {
	var assets []billing.Asset
	seen := unique{}
	for _, n := range list.list(assetsMax) {
		key := n.keys("id", "name", "recurring", "duration", "perpetual", "prices", "tax_code", "archived", "product")
		asset := billing.Asset{
			ID:        billing.AssetID(seen.id(key("id"))),
			Name:      name(key("name")),
			Recurring: key("recurring").flag(),
			Duration:  duration(key("duration")),
			Perpetual: key("perpetual").flag(),
			TaxCode:   key("tax_code").text(idBytesMax),
			Archived:  key("archived").flag(),
			Product:   billing.ProductID(key("product").text(idBytesMax)),
		}
		if asset.Perpetual && (asset.Recurring || asset.Duration > 0) {
			key("perpetual").problem("what is held for ever does not recur and has no duration")
		}
		asset.Prices = readOnce(key("prices"), asset, keys)
		assets = append(assets, asset)
	}
	return assets
}

func readPlans(list node, c billing.Catalog, keys *priceKeys) []billing.Plan {
	var plans []billing.Plan
	seen := unique{}
	for _, n := range list.list(plansMax) {
		key := n.keys("id", "name", "description", "group", "prices", "features", "assets", "unit", "tax_code", "hold_invoices", "archived", "product")
		plan := billing.Plan{
			ID:           billing.PlanID(seen.id(key("id"))),
			Name:         name(key("name")),
			Description:  key("description").text(descriptionBytesMax),
			Group:        billing.Group(key("group").idText()),
			Features:     readValues(key("features"), c.Features),
			Assets:       readAssetIDs(key("assets"), c),
			Unit:         key("unit").text(unitBytesMax),
			TaxCode:      key("tax_code").text(idBytesMax),
			HoldInvoices: key("hold_invoices").flag(),
			Archived:     key("archived").flag(),
			Product:      billing.ProductID(key("product").text(idBytesMax)),
		}
		plan.Prices = readPrices(key("prices"), c, keys, plan.Archived)
		plans = append(plans, plan)
	}
	return plans
}

func readAssetIDs(list node, c billing.Catalog) []billing.AssetID {
	var ids []billing.AssetID
	for _, n := range list.list(assetsMax) {
		id := billing.AssetID(n.text(idBytesMax))
		if _, ok := c.Asset(id); !ok {
			n.problem("there is no asset %q", id)
		}
		ids = append(ids, id)
	}
	return ids
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
	id := n.idText()
	switch {
	case id == "":
		n.problem("a name of lower-case letters, digits, - and _ is needed")
	case u[id]:
		n.problem("%q is taken", id)
	}
	u[id] = true
	return id
}

// idText reads a lower-case name, "" when there is none.
func (n node) idText() string {
	id := n.text(idBytesMax)
	if strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		n.problem("%q may hold only lower-case letters, digits, - and _", id)
	}
	return id
}
