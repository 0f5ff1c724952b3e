package accountui_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stripe/stripe-go/v86"
)

// saves makes a test card the one that is charged.
func (c *customer) saves(card string) {
	c.t.Helper()
	account, err := c.dues.Account(c.t.Context(), "ada")
	if err != nil {
		c.t.Fatal(err)
	}
	client := c.stripe.Client()
	method, err := client.V1PaymentMethods.Attach(c.t.Context(), card, &stripe.PaymentMethodAttachParams{Customer: stripe.String(string(account.Customer))})
	if err != nil {
		c.t.Fatal(err)
	}
	update := &stripe.CustomerUpdateParams{InvoiceSettings: &stripe.CustomerUpdateInvoiceSettingsParams{DefaultPaymentMethod: &method.ID}}
	if _, err := client.V1Customers.Update(c.t.Context(), string(account.Customer), update); err != nil {
		c.t.Fatal(err)
	}
	subs, err := c.dues.Subscriptions(c.t.Context(), "ada")
	if err != nil {
		c.t.Fatal(err)
	}
	own := &stripe.SubscriptionUpdateParams{DefaultPaymentMethod: &method.ID}
	if _, err := client.V1Subscriptions.Update(c.t.Context(), string(subs[0].ID), own); err != nil {
		c.t.Fatal(err)
	}
	if err := c.dues.Sync(c.t.Context(), account.Customer); err != nil {
		c.t.Fatal(err)
	}
}

// led is where a form leads, without going there.
func (c *customer) led(address string, form url.Values) string {
	c.t.Helper()
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	defer func() { c.http.CheckRedirect = nil }()
	resp, page := c.do(http.MethodPost, address, form)
	if resp.StatusCode != http.StatusSeeOther {
		c.t.Fatalf("%s: %s\n%s", address, resp.Status, page)
	}
	return resp.Header.Get("Location")
}

func TestASavedCardIsNeverChargedForWhatWasNotShown(t *testing.T) {
	t.Parallel()
	c := open(t)
	home := c.visit("ada", "Ada").URL(c.base)
	c.saves("pm_card_visa")
	price := url.Values{"price": {"premium-monthly"}}
	c.shows(c.get(home+"/change?price=premium-monthly"), "You pay on a secure page")
	page := c.led(home+"/change", price)
	status, err := c.dues.Status(t.Context(), "ada")
	if err != nil || !strings.HasPrefix(page, c.stripe.URL) || status.Price != "starter-monthly" {
		t.Fatalf("who has a card and pays for nothing is led to %s, and is on %s, %v", page, status.Price, err)
	}
	c.post(page, card)
	if status, err = c.dues.Status(t.Context(), "ada"); err != nil || status.Price != "premium-monthly" {
		t.Fatalf("after paying on the page: %s, %v", status.Price, err)
	}
	page = c.led(home+"/change", url.Values{"price": {"premium-yearly"}}) // a form without what was shown
	if status, err = c.dues.Status(t.Context(), "ada"); err != nil || status.Price != "premium-monthly" {
		t.Errorf("who pays is led to %s, and is on %s, %v", page, status.Price, err)
	}
}

func TestACardThatDoesNotPayLeadsToThePageWhereAnotherDoes(t *testing.T) {
	t.Parallel()
	c := open(t)
	home := c.visit("ada", "Ada").URL(c.base)
	c.subscribe(home)
	c.saves("pm_card_chargeCustomerFail")
	preview := c.get(home + "/change?price=premium-yearly")
	if page := c.led(home+"/change", hiddenIn(preview)); !strings.Contains(page, "/i/") {
		t.Errorf("led to %s, want the page of the invoice", page)
	}
	if status, err := c.dues.Status(t.Context(), "ada"); err != nil || status.Price != "premium-monthly" {
		t.Errorf("the account is on %s, %v", status.Price, err)
	}
}
