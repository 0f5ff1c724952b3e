package pages

import (
	"net/http"
	"strconv"

	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/internal/design"
)

// portalSwitchView is the page that changes a plan: first the choice, then what it costs.
type portalSwitchView struct {
	Frame    portalFrame
	Path     string // of both steps
	Plan     portalPlan
	Offers   []portalOffer
	Quantity design.Field // no name when it cannot be chosen
	Problem  string

	Confirm bool // the second step
	Price   string
	Count   string
	Chosen  string
	Lines   []portalCharge
	Due     string
	When    string
}

// portalOffer is one price to choose.
type portalOffer struct {
	ID, Name, Price string
	Current         bool
}

// portalCharge is one line of what a change costs.
type portalCharge struct{ Text, Amount string }

// switching finds the subscription of the path, if the portal may change it.
func (v visit) switching(id string) (*engine.Subscription, bool) {
	sub, ok := engine.Get[engine.Subscription](v.world, id)
	return sub, ok && sub.Customer == v.customer.ID && v.switchPath(sub) != ""
}

// switchPath is where a plan is changed, empty when it cannot be.
func (v visit) switchPath(sub *engine.Subscription) string {
	if len(v.world.PortalOffers(v.features, sub)) == 0 {
		return ""
	}
	return v.path("subscriptions", sub.ID, "update")
}

func (s *site) portalSwitch(w http.ResponseWriter, r *http.Request) error {
	return s.visit(w, r, func(v visit) response {
		sub, ok := v.switching(r.PathValue("subscription"))
		if !ok {
			return redirect(v.home())
		}
		view := portalSwitchViewOf(v, sub)
		query := r.URL.Query()
		change := engine.PortalChange{Price: query.Get("price")}
		change.Quantity, _ = strconv.ParseInt(query.Get("quantity"), 10, 64)
		if flow := v.session.Flow; flow != nil && flow.Type == engine.FlowConfirm && change.Price == "" {
			change = flow.Change
		}
		if change == (engine.PortalChange{}) {
			return page(http.StatusOK, portalSwitchPage(view))
		}
		return v.previewed(sub, view, change)
	})
}

// previewed shows what a choice costs, or the choice again with what is wrong with it.
func (v visit) previewed(sub *engine.Subscription, view portalSwitchView, change engine.PortalChange) response {
	if change.Price == "" {
		change.Price = sub.Items[0].Price
	}
	view.Price, view.Count = change.Price, strconv.FormatInt(change.Quantity, 10)
	if price, ok := engine.Get[engine.Price](v.world, change.Price); ok {
		view.Chosen = productName(v.world, price) + ", " + priceText(price, max(change.Quantity, 1))
	}
	atOnce := v.features.SubscriptionUpdate.ProrationBehavior == engine.AlwaysInvoice
	view.When = "On your next invoice"
	if atOnce {
		view.When = "Due now"
	}
	return func(w http.ResponseWriter, r *http.Request, world World) error {
		made, err := world.Apply(&engine.PortalPreview{Session: v.session.ID, Subscription: sub.ID, Price: change.Price, Quantity: change.Quantity})
		if err != nil {
			refused, err := refusal(err)
			if err != nil {
				return err
			}
			view.Problem = refused.Message
			return show(w, r, refusalStatus(refused), portalSwitchPage(view))
		}
		if inv, ok := made.(*engine.Invoice); ok {
			for _, line := range inv.Lines {
				view.Lines = append(view.Lines, portalCharge{line.Description, design.FormatMoney(amountOf(line.Amount, line.Currency))})
			}
			view.Confirm, view.Due = true, design.FormatMoney(amountOf(inv.AmountDue, inv.Currency))
		}
		return show(w, r, http.StatusOK, portalSwitchPage(view))
	}
}

// portalSwitched does it. A card that is declined leaves everything as it was, and is told.
func (s *site) portalSwitched(w http.ResponseWriter, r *http.Request) error {
	return s.visit(w, r, func(v visit) response {
		sub, ok := v.switching(r.PathValue("subscription"))
		if !ok {
			return redirect(v.path("home") + "?problem=" + problemTooLate)
		}
		cmd := &engine.PortalUpdate{Session: v.session.ID, Subscription: sub.ID, Price: r.PostFormValue("price")}
		cmd.Quantity, _ = strconv.ParseInt(r.PostFormValue("quantity"), 10, 64)
		view, done := portalSwitchViewOf(v, sub), v.afterwards("switched")
		return func(w http.ResponseWriter, r *http.Request, world World) error {
			if _, err := world.Apply(cmd); err != nil {
				refused, err := refusal(err)
				if err != nil {
					return err
				}
				view.Problem = refused.Message
				return show(w, r, refusalStatus(refused), portalSwitchPage(view))
			}
			return move(w, r, done)
		}
	})
}

func portalSwitchViewOf(v visit, sub *engine.Subscription) portalSwitchView {
	view := portalSwitchView{Frame: v.frame(), Path: v.switchPath(sub), Plan: v.plan(sub)}
	view.Plan.CancelPath, view.Plan.ResumePath, view.Plan.SwitchPath = "", "", ""
	item := sub.Items[0]
	choosable := false
	for _, price := range v.world.PortalOffers(v.features, sub) {
		view.Offers = append(view.Offers, portalOffer{
			ID: price.ID, Name: productName(v.world, price), Price: priceText(price, 1), Current: price.ID == item.Price,
		})
		least, most := v.features.SubscriptionUpdate.PortalQuantity(price.Product, *item.Quantity)
		choosable = choosable || least != most
	}
	if choosable {
		view.Quantity = design.Field{
			Name: "quantity", Label: "Quantity", Value: strconv.FormatInt(*item.Quantity, 10), Type: "number", InputMode: "numeric", Required: true,
		}
	}
	return view
}

func productName(w *engine.World, price *engine.Price) string {
	if product, ok := engine.Get[engine.Product](w, price.Product); ok {
		return product.Name
	}
	return price.Product
}
