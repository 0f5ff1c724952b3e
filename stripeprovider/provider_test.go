package stripeprovider_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/providertest"
	"github.com/dues-billing/dues/stripeprovider"
)

// Rows: A2 A4 A6 A8 A9 A11 B1 B2 B3 B8 C5 C19 C21 C22 D1 D6.
// Features: 9 24 39 102.
func TestStripeKeepsThePromises(t *testing.T) {
	t.Parallel()
	providertest.Run(t, func(t *testing.T) providertest.Setup {
		w := &world{}
		w.now.Store(time.Date(2026, 1, 15, 10, 0, 0, 0, time.UTC).Unix())
		w.server = emulator.Start(t, func(o *emulator.Options) { o.Now = func() time.Time { return time.Unix(w.now.Load(), 0) } })
		client := stripeprovider.New(stripeprovider.Config{Key: w.server.Key, BaseURL: w.server.URL})
		return providertest.Setup{Provider: client, Prices: client, World: w}
	})
}

// world is the emulator's other side: a browser on its pages, and its wall clock.
type world struct {
	server *emulator.Server
	now    atomic.Int64
}

var numbers = map[providertest.Card]string{
	providertest.Good:       "4242424242424242",
	providertest.Refused:    "4000000000000002",
	providertest.Failing:    "4000000000000341",
	providertest.Challenged: "4000002760003184",
}

var testMethods = map[providertest.Card]string{
	providertest.Good:       "pm_card_visa",
	providertest.Failing:    "pm_card_chargeCustomerFail",
	providertest.Challenged: "pm_card_authenticationRequired",
}

// Pay implements providertest.World with the forms of the hosted pages, as a browser without JavaScript would send them.
func (w *world) Pay(t *testing.T, page string, card providertest.Card) bool {
	t.Helper()
	at, left := w.post(t, page, url.Values{
		"cardNumber": {numbers[card]}, "cardExpiry": {"12 / 34"}, "cardCvc": {"123"}, "billingName": {"Ada Lovelace"}, "billingPostalCode": {"10115"},
	})
	if !left && strings.Contains(at, "/3ds/") {
		_, left = w.post(t, at, url.Values{"outcome": {"succeed"}})
	}
	return left
}

// post sends a form, follows the redirects and returns where it ended and whether that is outside of the emulator.
func (w *world) post(t *testing.T, page string, form url.Values) (at string, left bool) {
	t.Helper()
	browser := &http.Client{CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		at, left = r.URL.String(), !strings.HasPrefix(r.URL.String(), w.server.URL)
		if left {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	response, err := browser.PostForm(page, form)
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return at, left
}

// SaveCard implements providertest.World: the card becomes the default of the customer and of subscriptions with their own.
func (w *world) SaveCard(t *testing.T, customer billing.CustomerID, card providertest.Card) {
	t.Helper()
	sc, id := w.server.Client(), string(customer)
	method, err := sc.V1PaymentMethods.Attach(t.Context(), testMethods[card], &stripe.PaymentMethodAttachParams{Customer: &id})
	if err != nil {
		t.Fatal(err)
	}
	_, err = sc.V1Customers.Update(t.Context(), id, &stripe.CustomerUpdateParams{
		InvoiceSettings: &stripe.CustomerUpdateInvoiceSettingsParams{DefaultPaymentMethod: &method.ID},
	})
	if err != nil {
		t.Fatal(err)
	}
	for sub, err := range sc.V1Subscriptions.List(t.Context(), &stripe.SubscriptionListParams{Customer: &id}).All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if sub.DefaultPaymentMethod == nil {
			continue
		}
		if _, err := sc.V1Subscriptions.Update(t.Context(), sub.ID, &stripe.SubscriptionUpdateParams{DefaultPaymentMethod: &method.ID}); err != nil {
			t.Fatal(err)
		}
	}
}

// Visit implements providertest.World.
func (w *world) Visit(t *testing.T, page string) {
	t.Helper()
	response, err := http.Get(page)
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		t.Errorf("%s answers %s", page, response.Status)
	}
}

// Delete implements providertest.World.
func (w *world) Delete(t *testing.T, customer billing.CustomerID) {
	t.Helper()
	if _, err := w.server.Client().V1Customers.Delete(t.Context(), string(customer), nil); err != nil {
		t.Fatal(err)
	}
}

// Pass implements providertest.World. The emulator makes up what is due before it answers the next request.
func (w *world) Pass(t *testing.T, d time.Duration) {
	t.Helper()
	w.now.Add(int64(d / time.Second))
}
