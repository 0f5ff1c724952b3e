package adminui

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// facts is all that is known of an account, as its page shows it.
type facts struct {
	Now           time.Time // business time, which access and licenses are judged by
	Status        service.Status
	Leeway        time.Duration
	Entitlements  []billing.Entitlement
	Subscriptions []billing.Subscription
	Invoices      []billing.Invoice
	Licenses      []billing.Held
	Purchases     []billing.Purchase
	Effects       []service.Effect
	Events        []service.Event
	Names         names
}

// names are what the catalogue calls things.
type names struct {
	Feature map[billing.FeatureID]string
	Asset   map[billing.AssetID]string
	Price   map[string]string // by key: the plan's name and the price
}

func namesOf(c billing.Catalog) names {
	n := names{Feature: map[billing.FeatureID]string{}, Asset: map[billing.AssetID]string{}, Price: map[string]string{}}
	for _, f := range c.Features {
		n.Feature[f.ID] = f.Name
	}
	for _, a := range c.Assets {
		n.Asset[a.ID] = a.Name
	}
	for _, plan := range c.Plans {
		for _, price := range plan.Prices {
			n.Price[price.Key] = plan.Name + ", " + priceInWords(price)
		}
	}
	for _, addOn := range c.AddOns {
		for _, price := range addOn.Prices {
			n.Price[price.Key] = addOn.Name + ", " + priceInWords(price)
		}
	}
	return n
}

const historyShown = 30 // of events and effects on an account's page

// account is the page that answers: why does this customer have access, or not?
func (a *admin) account(w http.ResponseWriter, r *http.Request, f frame) error {
	known, err := a.facts(r.Context(), billing.AccountID(r.PathValue("id")))
	if err != nil {
		return err
	}
	f.Title = known.Status.Account.Email
	a.serve(w, r, http.StatusOK, accountPage(f, known, r.URL.Query().Has("synced")))
	return nil
}

func (a *admin) facts(ctx context.Context, id billing.AccountID) (k facts, err error) {
	catalog := a.service.Catalog()
	k = facts{Now: a.clock.Business(), Leeway: catalog.Policy.Leeway, Names: namesOf(catalog)}
	if k.Status, err = a.service.Status(ctx, id); err != nil {
		return k, err
	}
	if k.Entitlements, err = a.service.Entitlements(ctx, id); err != nil {
		return k, err
	}
	if k.Subscriptions, err = a.service.Subscriptions(ctx, id); err != nil {
		return k, err
	}
	if k.Invoices, err = a.service.Invoices(ctx, id); err != nil {
		return k, err
	}
	if k.Licenses, err = a.service.Licenses(ctx, id); err != nil {
		return k, err
	}
	if k.Purchases, err = a.service.Purchases(ctx, id); err != nil {
		return k, err
	}
	if k.Effects, _, err = a.service.Effects(ctx, service.EffectFilter{Account: id}, service.Page{Limit: historyShown}); err != nil {
		return k, err
	}
	k.Events, _, err = a.service.Events(ctx, service.EventFilter{Account: id}, service.Page{Limit: historyShown})
	return k, err
}

// sync fetches the customer's state from Stripe now, as the next event would.
func (a *admin) sync(w http.ResponseWriter, r *http.Request, _ frame) error {
	account, err := a.service.Account(r.Context(), billing.AccountID(r.PathValue("id")))
	if err != nil {
		return err
	}
	if account.Customer == "" {
		return billing.Errorf(billing.Unavailable, "This account has no customer at Stripe yet, so there is nothing to fetch.")
	}
	if err := a.service.Sync(r.Context(), account.Customer); err != nil {
		return err
	}
	http.Redirect(w, r, accountPath(account.ID)+"?synced", http.StatusSeeOther)
	return nil
}

func accountPath(id billing.AccountID) string {
	return base + "/accounts/" + url.PathEscape(string(id))
}
