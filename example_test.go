package dues_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues"
	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/catalog"
	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/service"
)

// This is how a Go application carries Dues inside itself and tests that with a Stripe of its own: the export is for
// accounts whose plan includes it, and an upgrade with a saved card opens it at once.
//
// Rows: B1 B2 D2 D7.
// Features: 15 85 107.
func TestLibraryGatesARouteByAnEntitlement(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	stripeServer := emulator.Start(t)
	svc, err := dues.Open(ctx, dues.Config{
		Stripe:    dues.Stripe{Key: stripeServer.Key, BaseURL: stripeServer.URL},
		Database:  "sqlite:" + filepath.Join(t.TempDir(), "dues.db"),
		Catalog:   catalog.Default(),
		PublicURL: "http://app.example.com",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := svc.Close(); err != nil {
			t.Error(err)
		}
	})

	// The application: its own sign-in says who asks, Dues says what they may.
	signedIn := func(r *http.Request) billing.AccountID { return billing.AccountID(r.Header.Get("X-Signed-In")) }
	mux := http.NewServeMux()
	mux.Handle("/", svc.Handler())
	mux.Handle("GET /export", svc.Require("export", signedIn)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "all your notes") // the client is gone if this fails
	})))
	app := httptest.NewServer(mux)
	t.Cleanup(app.Close)

	ada, _, err := svc.CreateAccount(ctx, service.NewAccount{ID: "ada", Email: "ada@example.com", Name: "Ada"})
	if err != nil {
		t.Fatal(err)
	}
	expectStatus(t, app.URL+"/export", "", http.StatusUnauthorized)
	expectStatus(t, app.URL+"/export", "nobody", http.StatusForbidden)
	expectStatus(t, app.URL+"/export", "ada", http.StatusForbidden)

	saveCard(t, stripeServer.Client(), ada.Customer)
	if err := svc.Sync(ctx, ada.Customer); err != nil {
		t.Fatal(err)
	}
	result, err := svc.Upgrade(ctx, "ada", service.Upgrade{
		PriceKey: "premium-monthly", SuccessURL: "http://app.example.com/thanks", CancelURL: "http://app.example.com/pricing",
	})
	if err != nil {
		t.Fatal(err)
	}
	if !result.Changed {
		t.Fatalf("upgrade with a saved card: got %+v, want the change done at once", result)
	}
	expectStatus(t, app.URL+"/export", "ada", http.StatusOK)
}

// saveCard gives the customer a card at Stripe, as a portal would.
func saveCard(t *testing.T, client *stripe.Client, customer billing.CustomerID) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	card, err := client.V1PaymentMethods.Attach(ctx, "pm_card_visa", &stripe.PaymentMethodAttachParams{Customer: stripe.String(string(customer))})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.V1Customers.Update(ctx, string(customer), &stripe.CustomerUpdateParams{
		InvoiceSettings: &stripe.CustomerUpdateInvoiceSettingsParams{DefaultPaymentMethod: stripe.String(card.ID)},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func expectStatus(t *testing.T, url, account string, want int) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Signed-In", account)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != want {
		body, _ := io.ReadAll(resp.Body) // only for the message
		t.Fatalf("GET /export as %q: got %d %s, want %d", account, resp.StatusCode, body, want)
	}
}
