package catalog

import (
	"slices"
	"strings"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
)

// priceKeys are the keys of all prices, of plans and add-ons alike, and where one says to what its subscribers move.
type priceKeys struct {
	seen  unique
	moves []move
}

type move struct {
	from billing.Price
	at   node
}

// readPrices reads the prices of a plan or an add-on; those of an archived one are all archived.
func readPrices(list node, c billing.Catalog, keys *priceKeys, archived bool) []billing.Price {
	var prices []billing.Price
	for _, n := range list.list(pricesMax) {
		p := readPrice(n, c, keys)
		p.Archived = p.Archived || archived
		prices = append(prices, p)
	}
	if len(prices) == 0 {
		list.problem("at least one price is needed")
	}
	return prices
}

func readPrice(n node, c billing.Catalog, keys *priceKeys) billing.Price {
	key := n.keys("key", "amount", "every", "per", "package", "graduated", "volume", "currencies", "min_seats", "max_seats", "trial", "tax",
		"archived", "move_to", "id")
	p := billing.Price{Key: keys.seen.id(key("key")), Archived: key("archived").flag(), MoveTo: key("move_to").text(idBytesMax), ID: billing.PriceID(key("id").text(idBytesMax))}
	p.Interval, p.IntervalCount = interval(key("every"))
	p.Kind, p.Feature = counts(key("per"), c)
	readAmounts(&p, n, key)
	p.Package = readPackage(key("package"), p)
	p.MinSeats, p.MaxSeats = readSeats(key("min_seats"), key("max_seats"), p)
	p.Trial = readTrial(key("trial"), p)
	if key("tax").given() {
		p.Tax = oneOf(key("tax"), billing.TaxInclusive, billing.TaxExclusive)
	}
	if p.MoveTo != "" {
		keys.moves = append(keys.moves, move{p, key("move_to")})
	}
	return p
}

// counts reads what a price counts: seats, or the usage of a metered feature.
func counts(n node, c billing.Catalog) (billing.PriceKind, billing.FeatureID) {
	switch word := n.text(idBytesMax); word {
	case "":
		return billing.Flat, ""
	case "seat":
		return billing.PerSeat, ""
	default:
		id := billing.FeatureID(word)
		if feature, ok := c.Feature(id); !ok {
			n.problem("there is no feature %q; a price is per seat, or per a feature of type metered", id)
		} else if feature.Type != billing.Usage {
			n.problem("feature %q is %s; usage is counted of metered ones", id, feature.Type)
		}
		return billing.Metered, id
	}
}

// readAmounts reads what a price costs: an amount or tiers, in one currency or several.
func readAmounts(p *billing.Price, n node, key func(string) node) {
	tiers := key("graduated")
	switch {
	case key("graduated").given() && key("volume").given():
		key("volume").problem("a price is graduated or volume, not both")
		return
	case key("volume").given():
		p.Tiering, tiers = billing.Volume, key("volume")
	case key("graduated").given():
		p.Tiering = billing.Graduated
	}
	if p.Tiering == "" {
		rate := unitRate(key("amount"), *p)
		p.Amount, p.Pico = rate.Amount, rate.Pico
	} else {
		if key("amount").given() {
			key("amount").problem("a price has an amount or tiers, not both")
		}
		if p.Kind == billing.Flat {
			tiers.problem("tiers count something: say per: seat, or per: and a metered feature")
		}
		p.Tiers = readTiers(tiers, *p)
		if len(p.Tiers) > 0 {
			p.Amount = money.New(0, p.Tiers[0].Unit.Currency)
		}
	}
	p.Currencies = readCurrencies(key("currencies"), *p)
}

func readTiers(list node, p billing.Price) []billing.Tier {
	var tiers []billing.Tier
	nodes := list.list(tiersMax)
	for i, n := range nodes {
		key := n.keys("up_to", "amount", "flat")
		tier := billing.Tier{UpTo: count(key("up_to"))}
		switch {
		case !key("up_to").given() && i < len(nodes)-1:
			key("up_to").problem("only the last tier has no end")
		case key("up_to").given() && i == len(nodes)-1:
			key("up_to").problem("the last tier has no end: leave up_to out")
		case i > 0 && tier.UpTo > 0 && tier.UpTo <= tiers[i-1].UpTo:
			key("up_to").problem("tiers rise: %d is not over %d", tier.UpTo, tiers[i-1].UpTo)
		}
		if key("flat").given() {
			tier.Flat = amount(key("flat"))
		}
		if key("amount").given() || !key("flat").given() {
			tier.Unit = unitRate(key("amount"), p)
		} else {
			tier.Unit.Currency = tier.Flat.Currency
		}
		if tier.Flat.Currency == "" {
			tier.Flat.Currency = tier.Unit.Currency
		}
		if tier.Flat.Currency != tier.Unit.Currency || i > 0 && tier.Unit.Currency != tiers[0].Unit.Currency {
			n.problem("the tiers of a price are in one currency")
		}
		tiers = append(tiers, tier)
	}
	if list.given() && len(tiers) == 0 {
		list.problem("at least one tier is needed")
	}
	return tiers
}

// readCurrencies reads what a price costs in other currencies: an amount each, or a list of tiers each.
func readCurrencies(list node, p billing.Price) []billing.CurrencyPrice {
	var all []billing.CurrencyPrice
	seen := map[money.Currency]bool{p.Amount.Currency: true}
	for _, n := range list.list(currenciesMax) {
		var other billing.CurrencyPrice
		if p.Tiering == "" {
			other.Rate = unitRate(n, p)
		} else if other.Tiers = readTiers(n, p); len(other.Tiers) > 0 {
			other.Amount = money.New(0, other.Tiers[0].Unit.Currency)
		}
		if currency := other.Amount.Currency; currency != "" && seen[currency] {
			n.problem("%s is given already", strings.ToUpper(string(currency)))
		}
		seen[other.Amount.Currency] = true
		all = append(all, other)
	}
	return all
}

func readPackage(n node, p billing.Price) int64 {
	if !n.given() {
		return 0
	}
	units := count(n)
	switch {
	case p.Kind == billing.Flat:
		n.problem("a package holds something: say per: seat, or per: and a metered feature")
	case p.Tiering != "":
		n.problem("Stripe does not take a package together with tiers")
	case units == 1:
		n.problem("a package holds two units at least; leave it out for one")
	}
	return units
}

func readSeats(least, most node, p billing.Price) (minimum, maximum int64) {
	for _, n := range []node{least, most} {
		if n.given() && p.Kind != billing.PerSeat {
			n.problem("goes with per: seat")
		}
	}
	minimum, maximum = count(least), count(most)
	if maximum > 0 && maximum < minimum {
		most.problem("%d is under min_seats, %d", maximum, minimum)
	}
	return minimum, maximum
}

// trialDaysMax is Stripe's longest trial.
const trialDaysMax = 730

// readTrial reads "14d", or keys that let the trial begin without a card.
func readTrial(n node, p billing.Price) (t billing.TrialTerms) {
	if !n.given() {
		return t
	}
	days := n
	if n.mapping() {
		key := n.keys("days", "without_card")
		days = key("days")
		if key("without_card").given() {
			t.WithoutCard = true
			t.Missing = oneOf(key("without_card"), billing.MissingCancels, billing.MissingPauses, billing.MissingInvoices)
		}
	}
	t.Days = wholeDays(days)
	switch {
	case t.Days < 1 || t.Days > trialDaysMax:
		days.problem("a trial lasts 1d to %dd", trialDaysMax)
	case p.Free() && p.Tiering == "":
		n.problem("a price that costs nothing needs no trial")
	}
	return t
}

// checkMoves looks whether subscribers are moved to what is sold, in the same group and currency.
func (k *priceKeys) checkMoves(c billing.Catalog) {
	for _, m := range k.moves {
		from, to, problem := m.from, billing.Price{}, ""
		if plan, _, ok := c.PlanOfPrice(from.Key); ok {
			var toPlan billing.Plan
			if toPlan, to, ok = c.PlanOfPrice(from.MoveTo); ok && plan.Group != toPlan.Group {
				problem = "is of another group"
			}
			_, from, _ = c.PlanOfPrice(from.Key) // archived with its plan
		} else {
			addOn, archived, _ := c.AddOnOfPrice(from.Key)
			toAddOn, price, _ := c.AddOnOfPrice(from.MoveTo)
			if from, to = archived, price; addOn.ID != toAddOn.ID {
				problem = "is not of this add-on"
			}
		}
		switch {
		case to.Key == "":
			m.at.problem("there is no price %q", m.from.MoveTo)
		case problem != "":
			m.at.problem("price %q %s", to.Key, problem)
		case !from.Archived:
			m.at.problem("subscribers leave an archived price; add archived: true")
		case to.Archived:
			m.at.problem("price %q is archived too", to.Key)
		case to.Interval != from.Interval || to.IntervalCount != from.IntervalCount:
			m.at.problem("price %q is for another period; that change is the customer's", to.Key)
		case to.Kind != from.Kind || to.Feature != from.Feature:
			m.at.problem("price %q does not count the same", to.Key)
		case to.Amount.Currency != from.Amount.Currency:
			m.at.problem("price %q is in %s; a subscription keeps its currency", to.Key, strings.ToUpper(string(to.Amount.Currency)))
		}
	}
}

// unitRate reads what a unit costs. Only what is counted may cost parts of a cent.
func unitRate(n node, p billing.Price) billing.Rate {
	if p.Kind == billing.Flat || !n.given() {
		return billing.Rate{Amount: amount(n)}
	}
	text := n.text(idBytesMax)
	r, err := billing.ParseRate(text)
	switch {
	case err != nil:
		n.problem("%s", strings.TrimPrefix(err.Error(), "money: "))
	default:
		bounded(n, r.Amount, text)
	}
	return r
}

func amount(n node) money.Amount {
	if !n.given() {
		n.problem("an amount is needed, such as 19.00 EUR")
		return money.Amount{}
	}
	text := n.text(idBytesMax)
	a, err := money.Parse(text)
	if err != nil {
		n.problem("%s", strings.TrimPrefix(err.Error(), "money: "))
		return a
	}
	bounded(n, a, text)
	return a
}

func bounded(n node, a money.Amount, text string) {
	switch {
	case a.Minor < 0:
		n.problem("a price cannot be negative")
	case a.Minor > amountMax:
		n.problem("%s is over the largest amount that Stripe takes", text)
	}
}

// count reads a whole number above 0; absent is 0.
func count(n node) int64 {
	if !n.given() {
		return 0
	}
	problems := len(n.found.problems)
	number := n.number()
	if problems == len(n.found.problems) && (number < 1 || number > countMax) {
		n.problem("a number from 1 to %d is needed, not %d", countMax, number)
	}
	return number
}

func planIDs(list node, c billing.Catalog) []billing.PlanID {
	var ids []billing.PlanID
	for _, n := range list.list(plansMax) {
		id := billing.PlanID(n.text(idBytesMax))
		if _, ok := c.Plan(id); !ok {
			n.problem("there is no plan %q", id)
		} else if slices.Contains(ids, id) {
			n.problem("%q is given twice", id)
		}
		ids = append(ids, id)
	}
	return ids
}
