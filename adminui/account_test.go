package adminui_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
	"github.com/dues-billing/dues/service"
)

// signIn opens the pages, and returns the token of their forms.
func (o *operator) signIn() string {
	o.t.Helper()
	return csrf.FindStringSubmatch(o.post("/admin/sign-in", 200, url.Values{"password": {password}}))[1]
}

// payer makes ada, who has a card.
func (o *operator) payer() {
	o.t.Helper()
	account, _, err := o.dues.CreateAccount(o.t.Context(), service.NewAccount{ID: "ada", Email: "ada@example.com", Name: "Ada Lovelace"})
	if err != nil {
		o.t.Fatal(err)
	}
	client := o.stripe.Client()
	attach := &stripe.PaymentMethodAttachParams{Customer: stripe.String(string(account.Customer))}
	method, err := client.V1PaymentMethods.Attach(o.t.Context(), "pm_card_visa", attach)
	if err != nil {
		o.t.Fatal(err)
	}
	update := &stripe.CustomerUpdateParams{InvoiceSettings: &stripe.CustomerUpdateInvoiceSettingsParams{DefaultPaymentMethod: &method.ID}}
	if _, err := client.V1Customers.Update(o.t.Context(), string(account.Customer), update); err != nil {
		o.t.Fatal(err)
	}
}

func (o *operator) buys(manual bool, key string) billing.OneOff {
	o.t.Helper()
	bought, err := o.dues.Buy(o.t.Context(), "ada", service.Buy{Amount: money.New(5000, "eur"), Description: "A day of <help>", Saved: true, Manual: manual, Key: key})
	if err != nil {
		o.t.Fatal(err)
	}
	return bought
}

// Features: 103.
func TestAPaymentIsGivenBackOnThePageOnce(t *testing.T) {
	t.Parallel()
	o := open(t, password)
	o.payer()
	bought := o.buys(false, "order-1")
	token := o.signIn()
	page := o.get("/admin/accounts/ada", 200)
	path := "/admin/accounts/ada/refund"
	o.shows(page, "A day of &lt;help&gt;", path+"?invoice="+string(bought.Invoice))
	o.shows(o.get(path+"?invoice="+string(bought.Invoice), 200), "Left to give back", "The rules speak against it", "are not given back", `value="50.00 EUR"`)

	form := func(more url.Values) url.Values {
		all := url.Values{"csrf": {token}, "invoice": {string(bought.Invoice)}, "left": {"50.00 EUR"}}
		for name, values := range more {
			all[name] = values
		}
		return all
	}
	o.shows(o.post(path, 409, form(nil)), "Nothing was given back", "are not given back")
	o.shows(o.post(path, 400, form(url.Values{"override": {"yes"}, "amount": {"ten"}})), "is no amount; write it as 50.00", `value="ten"`)
	o.shows(o.post(path, 400, form(url.Values{"override": {"yes"}, "amount": {"50.01"}})), "which is less")
	o.shows(o.post(path, 400, form(url.Values{"override": {"yes"}, "reason": {"mood"}})), "is no reason")
	o.shows(o.post(path, 409, form(url.Values{"override": {"yes"}, "left": {""}})), "reload the page")
	o.post(path, 403, url.Values{"invoice": {string(bought.Invoice)}, "left": {"50.00 EUR"}, "override": {"yes"}})
	o.get(path+"?invoice=in_none", 404)
	o.get("/admin/accounts/nobody/refund?invoice="+string(bought.Invoice), 404)

	ten := form(url.Values{"override": {"yes"}, "amount": {"10.00"}, "reason": {"order_change"}})
	o.shows(o.post(path, 200, ten), "The refund is ordered", "were set aside", "€10.00")
	o.shows(o.post(path, 409, ten), "€40.00 are left of this payment by now")
	o.shows(o.get(path+"?invoice="+string(bought.Invoice), 200), `value="40.00 EUR"`)
	rest := form(url.Values{"override": {"yes"}, "left": {"40.00 EUR"}})
	o.post(path, 200, rest)
	if page := o.get("/admin/accounts/ada", 200); strings.Contains(page, "Give back") {
		t.Error("what is given back whole can be given back")
	}
	o.shows(o.get(path+"?invoice="+string(bought.Invoice), 200), "It cannot be given back", "was given back already")
	refunds := 0
	for _, err := range o.stripe.Client().V1Refunds.List(t.Context(), nil).All(t.Context()) {
		if refunds++; err != nil {
			t.Fatal(err)
		}
	}
	if refunds != 2 {
		t.Errorf("%d refunds at Stripe, want 2", refunds)
	}
}

func TestSomethingIsGivenAndTakenBackOnThePage(t *testing.T) {
	t.Parallel()
	o := open(t, password)
	o.payer()
	token := o.signIn()
	o.shows(o.get("/admin/accounts/ada", 200), "Nothing was given beside the plan")
	path := "/admin/accounts/ada/grants"
	entitled := func(want bool) {
		t.Helper()
		if got, err := o.dues.Entitled(t.Context(), "ada", "export"); err != nil || got != want {
			t.Errorf("may export: %v, %v; want %v", got, err, want)
		}
	}
	give := func(status int, more url.Values, words ...string) {
		t.Helper()
		form := url.Values{"csrf": {token}, "feature": {"export"}, "note": {"Outage of <Monday>"}}
		for name, values := range more {
			form[name] = values
		}
		o.shows(o.post(path, status, form), words...)
	}
	give(400, url.Values{"feature": {"flying"}}, "Nothing was given", "flying")
	give(400, url.Values{"until": {"tomorrow"}}, "is no day; write it as 2027-03-31", "Outage of &lt;Monday&gt;")
	give(400, url.Values{"until": {"2026-01-01"}}, "2026-01-01")
	give(400, url.Values{"feature": {"projects"}, "limit": {"many"}}, "is no whole number", `value="many"`)
	entitled(false)
	give(200, url.Values{"until": {"2027-01-31"}}, "It is given", "Outage of &lt;Monday&gt;", "Take back")
	entitled(true)
	grant := regexp.MustCompile(`name="grant" value="([^"]+)"`).FindStringSubmatch(o.get("/admin/accounts/ada", 200))[1]
	o.post(path+"/end", 403, url.Values{"grant": {grant}})
	o.shows(o.post(path+"/end", 200, url.Values{"csrf": {token}, "grant": {grant}}), "It is taken back", "Ended")
	entitled(false)
	o.post("/admin/accounts/nobody/grants", 404, url.Values{"csrf": {token}, "feature": {"export"}})
	acts, _, err := o.dues.Acts(t.Context(), service.ActFilter{Account: "ada"}, service.Page{Limit: 20})
	if err != nil || len(acts) != 6 || acts[1].Object != "export" && acts[0].Object != grant {
		t.Errorf("the audit log has %d lines, %v: %+v", len(acts), err, acts)
	}
}

func TestWhatABankKeepsReadyIsCapturedOrLetGoOnThePage(t *testing.T) {
	t.Parallel()
	o := open(t, password)
	o.payer()
	token := o.signIn()
	first, second := o.buys(true, "order-1"), o.buys(true, "order-2")
	o.shows(o.get("/admin/accounts/ada", 200), "Capture", "Let go", string(first.ID), string(second.ID))
	path := "/admin/accounts/ada/purchases"
	o.post(path+"/capture", 403, url.Values{"purchase": {string(first.ID)}})
	o.shows(o.post(path+"/capture", 200, url.Values{"csrf": {token}, "purchase": {string(first.ID)}}), "It is captured")
	o.shows(o.post(path+"/release", 200, url.Values{"csrf": {token}, "purchase": {string(second.ID)}}), "The bank lets go of it")
	o.shows(o.post(path+"/release", 409, url.Values{"csrf": {token}, "purchase": {string(first.ID)}}), "give it back instead")
	o.post(path+"/capture", 404, url.Values{"csrf": {token}, "purchase": {"one_none"}})
	all, err := o.dues.OneOffs(t.Context(), "ada")
	if err != nil {
		t.Fatal(err)
	}
	for _, bought := range all {
		if want := map[billing.PurchaseID]billing.PurchaseStatus{first.ID: billing.PurchaseCompleted, second.ID: billing.PurchaseCanceled}[bought.ID]; bought.Status != want {
			t.Errorf("%s is %s, want %s", bought.ID, bought.Status, want)
		}
	}
	if page := o.get("/admin/accounts/ada", http.StatusOK); strings.Contains(page, "Let go") {
		t.Error("what has ended can be let go")
	}
}
