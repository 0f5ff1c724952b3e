package adminui_test

import (
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/service"
	"github.com/dues-billing/dues/stripeprovider"
)

// Features: 74 103.
func TestTheDriftPageSaysWhatDiffersAndChangesNothing(t *testing.T) {
	t.Parallel()
	o := open(t, password)
	account, _, err := o.dues.CreateAccount(t.Context(), service.NewAccount{ID: "ada", Email: "ada@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	o.post("/admin/sign-in", 200, url.Values{"password": {password}})
	o.shows(o.get("/admin/drift", 200), "Compare the newest 25 customers", "Gap in that list")
	token := o.token("/admin/drift")
	compare := func() string { return o.post("/admin/drift", 200, url.Values{"csrf": {token}}) }
	o.shows(compare(), "product", "not there") // no webhook has come of what was made
	if _, err := o.dues.Reconcile(t.Context(), service.Reconciling{Rate: 10_000}); err != nil {
		t.Fatal(err)
	}
	o.shows(compare(), "Everything agrees", "1 customer and all products and prices were compared")

	subs := o.stripe.Client().V1Subscriptions
	for sub, err := range subs.List(t.Context(), &stripe.SubscriptionListParams{Customer: stripe.String(string(account.Customer))}).All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if _, err := subs.Cancel(t.Context(), sub.ID, nil); err != nil {
			t.Fatal(err)
		}
	}
	page := compare() // no webhook of it has come
	o.shows(page, "difference", `href="/admin/accounts/ada"`, "subscription", "Status", "canceled", "active")
	if strings.Contains(compare(), "Everything agrees") {
		t.Error("the comparison has changed something")
	}
	o.post("/admin/accounts/ada/sync", 200, url.Values{"csrf": {token}})
	o.shows(compare(), "Everything agrees")
}

// Features: 103.
func TestTheCataloguePageSaysWhatStripeSellsOtherwise(t *testing.T) {
	t.Parallel()
	o := open(t, password)
	o.post("/admin/sign-in", 200, url.Values{"password": {password}})
	o.shows(o.get("/admin/catalog", 200), "What would be done at Stripe", "create", "product", "Premium", "dues catalog apply")
	differ, err := o.dues.CatalogDifferences(t.Context())
	if err != nil || len(differ) != 1 {
		t.Fatal(differ, err)
	}
	o.restock(differ[0])
	o.shows(o.get("/admin/catalog", 200), "Nothing differs")
}

// restock makes Stripe's side as the catalogue says, as dues catalog apply does.
func (o *operator) restock(d service.CatalogDifference) {
	o.t.Helper()
	client := stripeprovider.New(stripeprovider.Config{Key: o.stripe.Key, BaseURL: o.stripe.URL, Log: slog.New(slog.DiscardHandler)})
	for _, change := range d.Changes {
		if _, err := client.Restock(o.t.Context(), change); err != nil {
			o.t.Fatal(err)
		}
	}
}
