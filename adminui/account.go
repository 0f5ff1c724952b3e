package adminui

import (
	"context"
	"net/http"
	"net/url"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/verdict"
	"github.com/dues-billing/dues/service"
)

// facts is all that is known of an account, as its page shows it.
type facts struct {
	verdict.Facts
	Entitlements  []billing.Entitlement
	Subscriptions []billing.Subscription
	Licenses      []billing.Held
	Purchases     []billing.Purchase
	OneOffs       []billing.OneOff
	Refunds       []billing.RefundOrder
	Grants        []billing.Grant
	Seats         service.Seats
	Asked         askedGrant // what could not be given, as it was entered
	Effects       []service.Effect
}

const historyShown = 30 // of events and effects on an account's page

// account is the page that answers: why does this customer have access, or not?
func (a *admin) account(w http.ResponseWriter, r *http.Request, f frame) error {
	known, err := a.facts(r.Context(), billing.AccountID(r.PathValue("id")))
	if err != nil {
		return err
	}
	f.Title = known.Status.Account.Email
	title, text := doneIn(r.URL.Query())
	a.serve(w, r, http.StatusOK, accountPage(f, known, title, text))
	return nil
}

// doneThings are what was just done when the page is shown, by the word in its address.
var doneThings = map[string][2]string{
	"synced":   {"Fetched from Stripe just now", "What you see is Stripe's present state."},
	"refunded": {"The refund is ordered", "Its state is below; what it paid for ends with it."},
	"granted":  {"It is given", "The account may use it from now on."},
	"ended":    {"It is taken back", "The account has what its plan gives."},
	"captured": {"It is captured", "Its invoice is below."},
	"released": {"The bank lets go of it", "Nothing was taken."},
}

func doneIn(query url.Values) (title, text string) {
	for word, says := range doneThings {
		if query.Has(word) {
			return says[0], says[1]
		}
	}
	return "", ""
}

func (a *admin) facts(ctx context.Context, id billing.AccountID) (k facts, err error) {
	catalog := a.service.Catalog()
	k.Facts = verdict.Facts{Now: a.clock.Business(), Leeway: catalog.Policy.Leeway, Names: verdict.NamesOf(catalog)}
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
	if k.OneOffs, err = a.service.OneOffs(ctx, id); err != nil {
		return k, err
	}
	if k.Refunds, err = a.service.Refunds(ctx, id); err != nil {
		return k, err
	}
	if k.Grants, err = a.service.Grants(ctx, id); err != nil {
		return k, err
	}
	if k.Seats, err = a.service.Seats(ctx, id); err != nil {
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
