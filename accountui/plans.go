package accountui

import (
	"context"
	"net/http"
	"slices"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
	"github.com/dues-billing/dues/service"
)

// Fields of the address of offers.
const (
	everyField    = "every" // the period whose prices are shown: month, year
	currencyField = "currency"
)

// offersView is plans side by side.
type offersView struct {
	frame
	Title   string
	Offers  []offer
	Periods []period // to choose from; one alone is no choice
	Back    string   // "" leads nowhere
}

// period is one of those by which plans are paid.
type period struct {
	Name, Href string
	Current    bool
}

// offer is a plan at one price.
type offer struct {
	Plan     billing.Plan
	Amount   string
	Per      string // how often, and for what, the amount is paid
	Note     string // a trial
	Features []feature
	Current  bool
	Href     string // where it is taken; "" nowhere
	Button   string
}

// feature is one of the lines below a price.
type feature struct {
	Text string
	In   bool
}

func (p *pages) plans(w http.ResponseWriter, r *http.Request, f frame) error {
	status, err := p.service.Status(r.Context(), f.account.ID)
	if err != nil {
		return err
	}
	v := p.offers(r, f, status.Price, func(price billing.Price) string {
		if price.Free() {
			return f.at("/cancel")
		}
		return f.at("/change?price=") + price.Key
	}, f.at("/plans"))
	v.Title, v.Back = f.text("plans.title"), f.at("")
	p.serve(w, r, f, http.StatusOK, "plans.title", offersPage(v))
	return nil
}

// offers are the plans that are sold, at the prices of the chosen period. to says where a price is taken, page is the address of the offers.
func (p *pages) offers(r *http.Request, f frame, current string, to func(billing.Price) string, page string) offersView {
	catalog := p.service.Catalog().In("")
	every := billing.Interval(r.URL.Query().Get(everyField))
	if _, now, ok := catalog.PlanOfPrice(current); ok && every == "" {
		every = now.Interval
	}
	v := offersView{frame: f}
	var periods []billing.Interval
	for _, plan := range sold(catalog) {
		for _, price := range plan.Prices {
			if !price.Archived && !price.Free() && !slices.Contains(periods, price.Interval) {
				periods = append(periods, price.Interval)
			}
		}
	}
	if !slices.Contains(periods, every) && len(periods) > 0 {
		every = periods[0]
	}
	for _, one := range periods {
		v.Periods = append(v.Periods, period{Name: f.text("every." + string(one)), Href: withQuery(page, everyField, string(one)), Current: one == every})
	}
	for _, plan := range sold(catalog) {
		if price, ok := priceFor(plan, every); ok {
			v.Offers = append(v.Offers, p.offer(f, plan, price, money.Currency(r.URL.Query().Get(currencyField)), price.Key == current, to(price)))
		}
	}
	return v
}

// sold are the plans of a group that are sold.
func sold(c billing.Catalog) []billing.Plan {
	return slices.DeleteFunc(slices.Clone(c.Plans), func(p billing.Plan) bool { return p.Archived || p.Group != "" })
}

// priceFor is the price at which a plan is offered to who pays every so often: the free one where it costs nothing.
func priceFor(plan billing.Plan, every billing.Interval) (billing.Price, bool) {
	at := slices.IndexFunc(plan.Prices, func(p billing.Price) bool { return !p.Archived && (p.Free() || p.Interval == every) })
	if at < 0 {
		return billing.Price{}, false
	}
	return plan.Prices[at], true
}

func (p *pages) offer(f frame, plan billing.Plan, price billing.Price, currency money.Currency, current bool, href string) offer {
	o := offer{Plan: plan, Current: current, Href: href, Button: f.about("plans.choose", plan.Name)}
	o.Amount, o.Per = f.price(price, currency, plan.Unit)
	if price.Trial.Days > 0 {
		o.Note = f.about("plans.trial", price.Trial.Days)
	}
	for _, value := range plan.Features {
		known, _ := p.service.Catalog().Feature(value.Feature)
		line := feature{Text: known.Name, In: value.Enabled || known.Type == billing.Limit && value.Limit > 0}
		if line.In && value.Limit > 0 {
			line.Text = f.about("plans.limit", struct {
				Name  string
				Limit int64
				Each  bool
			}{known.Name, value.Limit, known.Type == billing.Usage})
		}
		o.Features = append(o.Features, line)
	}
	for _, id := range plan.Assets {
		if asset, ok := p.service.Catalog().Asset(id); ok {
			o.Features = append(o.Features, feature{asset.Name, true})
		}
	}
	return o
}

// price is an amount, and for what and how often it is paid. Of tiers it is the least, of usage what one unit costs.
func (f frame) price(p billing.Price, currency money.Currency, unit string) (amount, per string) {
	of := p.Amount
	for _, other := range p.Currencies {
		if other.Amount.Currency == currency {
			of = other.Amount
		}
	}
	if p.Free() {
		return f.money(of), f.text("plans.free")
	}
	per = f.about("plans.per", struct {
		Interval, Unit string
		Count          int
		Seat, Usage    bool
		From           bool
	}{string(p.Interval), unit, max(1, p.IntervalCount), p.Kind == billing.PerSeat, p.Kind == billing.Metered, len(p.Tiers) > 0})
	if len(p.Tiers) > 0 || p.Pico != 0 {
		return f.text("plans.usage"), per
	}
	return f.money(of), per
}

// standing is what an account is on, and whether it pays for it.
func (p *pages) standing(ctx context.Context, id billing.AccountID) (status service.Status, pays bool, err error) {
	status, err = p.service.Status(ctx, id)
	_, price, _ := p.service.Catalog().PlanOfPrice(status.Price)
	return status, costs(price), err
}
