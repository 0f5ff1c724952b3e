package catalog

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/dues-billing/dues/billing"
)

// Format writes a catalogue as a file that Parse reads, without comments, and without the rules of access that are the default.
func Format(c billing.Catalog) []byte {
	w := &writer{}
	if c.FreePlan != "" {
		w.line(0, "free_plan: %s", quoted(string(c.FreePlan)))
	}
	if len(c.FreePlans) > 0 {
		w.line(0, "free_plans: [%s]", strings.Join(quotedAll(c.FreePlans), ", "))
	}
	if leeway := c.Policy.Leeway; leeway > 0 && leeway != defaultLeeway {
		w.line(0, "leeway: %s", leeway)
	}
	w.list("features", len(c.Features), func(i int) { w.feature(c.Features[i]) })
	w.list("assets", len(c.Assets), func(i int) { w.asset(c.Assets[i]) })
	w.list("plans", len(c.Plans), func(i int) { w.plan(c, c.Plans[i]) })
	w.list("addons", len(c.AddOns), func(i int) { w.addOn(c, c.AddOns[i]) })
	w.list("coupons", len(c.Coupons), func(i int) { w.coupon(c.Coupons[i]) })
	own := c.Policy.Rules
	if n := len(own) - len(defaultRules); n >= 0 {
		own = own[:n]
	}
	w.list("policy", len(own), func(i int) {
		rule := pairs{}
		rule.text("status", string(own[i].Status))
		if own[i].Within > 0 {
			rule.add("within", durationText(own[i].Within))
		}
		rule.text("level", string(own[i].Level))
		w.line(1, "- %s", rule)
	})
	w.list("refunds", len(c.Refunds), func(i int) { w.refund(c.Refunds[i]) })
	w.mails(c.Mails)
	w.dunning(c.Dunning)
	return w.out.Bytes()
}

func (w *writer) refund(r billing.RefundRule) {
	p := pairs{}
	p.list("plans", quotedAll(r.Plans))
	p.list("assets", quotedAll(r.Assets))
	if r.Within > 0 {
		p.add("within", durationText(r.Within))
	}
	p.add("consumed", strconv.Itoa(r.Consumed))
	p.number("count", int64(r.Count))
	p.flag("renewals", r.Renewals)
	p.flag("keeps_plan", r.KeepsPlan)
	w.line(1, "- %s", p)
}

type writer struct{ out bytes.Buffer }

func (w *writer) line(depth int, format string, args ...any) {
	fmt.Fprintf(&w.out, strings.Repeat("  ", depth)+format+"\n", args...)
}

func (w *writer) list(name string, n int, each func(i int)) {
	if n == 0 {
		return
	}
	if w.out.Len() > 0 {
		w.out.WriteByte('\n')
	}
	w.line(0, "%s:", name)
	for i := range n {
		each(i)
	}
}

// pairs are the keys and values of a mapping on one line; what is empty is left out.
type pairs []string

func (p *pairs) add(name, value string) { *p = append(*p, name+": "+value) }

func (p *pairs) text(name, value string) {
	if value != "" {
		p.add(name, quoted(value))
	}
}

func (p *pairs) number(name string, n int64) {
	if n != 0 {
		p.add(name, strconv.FormatInt(n, 10))
	}
}

func (p *pairs) flag(name string, yes bool) {
	if yes {
		p.add(name, "true")
	}
}

func (p *pairs) list(name string, values []string) {
	if len(values) > 0 {
		p.add(name, "["+strings.Join(values, ", ")+"]")
	}
}

func (p pairs) String() string { return "{" + strings.Join(p, ", ") + "}" }

func (w *writer) feature(f billing.Feature) {
	p := pairs{}
	p.text("id", string(f.ID))
	p.text("name", f.Name)
	p.text("type", string(f.Type))
	if f.Meter.Event != string(f.ID) {
		p.text("event", f.Meter.Event)
	}
	if f.Meter.Aggregate != billing.Sum {
		p.text("aggregate", string(f.Meter.Aggregate))
	}
	w.line(1, "- %s", p)
}

func (w *writer) asset(a billing.Asset) {
	p := pairs{}
	p.text("id", string(a.ID))
	p.text("name", a.Name)
	p.flag("recurring", a.Recurring)
	p.flag("perpetual", a.Perpetual)
	if a.Duration > 0 {
		p.add("duration", durationText(a.Duration))
	}
	p.text("tax_code", a.TaxCode)
	p.flag("archived", a.Archived)
	p.text("product", string(a.Product))
	if len(a.Prices) == 0 {
		w.line(1, "- %s", p)
		return
	}
	w.keys(p)
	w.prices(a.Prices, a.Archived)
}

// keys writes pairs one below the other, as the first of a list.
func (w *writer) keys(p pairs) {
	for i, pair := range p {
		if i == 0 {
			w.line(1, "- %s", pair)
		} else {
			w.line(2, "%s", pair)
		}
	}
}

func (w *writer) plan(c billing.Catalog, plan billing.Plan) {
	p := pairs{}
	p.text("id", string(plan.ID))
	p.text("name", plan.Name)
	p.text("description", plan.Description)
	p.text("group", string(plan.Group))
	p.text("unit", plan.Unit)
	p.text("tax_code", plan.TaxCode)
	p.flag("hold_invoices", plan.HoldInvoices)
	p.flag("archived", plan.Archived)
	p.text("product", string(plan.Product))
	w.keys(p)
	w.prices(plan.Prices, plan.Archived)
	w.given(c, plan.Features, plan.Assets)
}

func (w *writer) addOn(c billing.Catalog, addOn billing.AddOn) {
	p := pairs{}
	p.text("id", string(addOn.ID))
	p.text("name", addOn.Name)
	p.text("description", addOn.Description)
	p.list("plans", quotedAll(addOn.Plans))
	p.text("tax_code", addOn.TaxCode)
	p.flag("archived", addOn.Archived)
	p.text("product", string(addOn.Product))
	w.keys(p)
	w.prices(addOn.Prices, addOn.Archived)
	w.given(c, addOn.Features, addOn.Assets)
}

// given is what a plan or an add-on entitles to.
func (w *writer) given(c billing.Catalog, values []billing.FeatureValue, assets []billing.AssetID) {
	p := pairs{}
	for _, v := range values {
		feature, _ := c.Feature(v.Feature)
		value := strconv.FormatBool(v.Enabled)
		if feature.Type == billing.Limit || v.Limit > 0 {
			value = strconv.FormatInt(v.Limit, 10)
		}
		p.add(quoted(string(v.Feature)), value)
	}
	if len(p) > 0 {
		w.line(2, "features: %s", p)
	}
	if len(assets) > 0 {
		w.line(2, "assets: [%s]", strings.Join(quotedAll(assets), ", "))
	}
}

func (w *writer) prices(prices []billing.Price, allArchived bool) {
	w.line(2, "prices:")
	for _, price := range prices {
		p := pairs{}
		p.text("key", price.Key)
		if price.Tiering == "" {
			p.add("amount", price.Rate().String())
		}
		if !price.Once() {
			p.add("every", period(price))
		}
		switch price.Kind {
		case billing.PerSeat:
			p.add("per", "seat")
		case billing.Metered:
			p.text("per", string(price.Feature))
		}
		p.number("package", price.Package)
		if price.Tiering != "" {
			p.add(string(price.Tiering), tierList(price.Tiers))
		}
		var others []string
		for _, other := range price.Currencies {
			if price.Tiering == "" {
				others = append(others, other.Rate.String())
			} else {
				others = append(others, tierList(other.Tiers))
			}
		}
		p.list("currencies", others)
		p.number("min_seats", price.MinSeats)
		p.number("max_seats", price.MaxSeats)
		if trial := price.Trial; trial.WithoutCard {
			p.add("trial", fmt.Sprintf("{days: %d, without_card: %s}", trial.Days, trial.Missing))
		} else if trial.Days > 0 {
			p.add("trial", fmt.Sprintf("%dd", trial.Days))
		}
		p.text("tax", string(price.Tax))
		p.flag("archived", price.Archived && !allArchived)
		p.text("move_to", price.MoveTo)
		p.text("id", string(price.ID))
		w.line(3, "- %s", p)
	}
}

func tierList(tiers []billing.Tier) string {
	var all []string
	for _, tier := range tiers {
		p := pairs{}
		p.number("up_to", tier.UpTo)
		if !tier.Unit.IsZero() || tier.Flat.IsZero() {
			p.add("amount", tier.Unit.String())
		}
		if !tier.Flat.IsZero() {
			p.add("flat", tier.Flat.String())
		}
		all = append(all, p.String())
	}
	return "[" + strings.Join(all, ", ") + "]"
}

func (w *writer) coupon(c billing.Coupon) {
	p := pairs{}
	p.text("id", string(c.ID))
	p.text("name", c.Name)
	if c.Percent > 0 {
		p.add("percent", strings.TrimSuffix(describeOff(c), " %"))
	} else {
		p.add("amount", c.Amount.String())
	}
	var others []string
	for _, other := range c.Currencies {
		others = append(others, other.String())
	}
	p.list("currencies", others)
	p.add("duration", describeDuration(c))
	p.list("plans", quotedAll(c.Plans))
	p.text("redeem_by", moment(c.RedeemBy))
	p.number("max_redemptions", c.MaxRedemptions)
	w.keys(p)
	if len(c.Codes) == 0 {
		return
	}
	w.line(2, "codes:")
	for _, code := range c.Codes {
		p := pairs{}
		p.text("code", code.Code)
		p.text("expires_at", moment(code.ExpiresAt))
		p.number("max_redemptions", code.MaxRedemptions)
		p.flag("first_time", code.FirstTime)
		p.text("minimum", describeMinimum(code))
		p.flag("archived", code.Archived)
		w.line(3, "- %s", p)
	}
}

func period(p billing.Price) string {
	if p.IntervalCount == 1 {
		return string(p.Interval)
	}
	return fmt.Sprintf("%d %ss", p.IntervalCount, p.Interval)
}

func durationText(d time.Duration) string {
	const day = 24 * time.Hour
	if d%day == 0 {
		return fmt.Sprintf("%dd", d/day)
	}
	return d.String()
}

func quotedAll[T ~string](words []T) []string {
	all := make([]string, len(words))
	for i, word := range words {
		all[i] = quoted(string(word))
	}
	return all
}

// quoted writes text plainly where nobody could read it as anything else.
func quoted(text string) string {
	plain := strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_. ") == "" && text == strings.TrimSpace(text)
	letter := text != "" && strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", rune(text[0]))
	switch strings.ToLower(text) {
	case "true", "false", "null", "yes", "no", "on", "off", "y", "n":
		plain = false
	}
	if plain && letter {
		return text
	}
	return strconv.Quote(text)
}
