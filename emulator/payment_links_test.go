package emulator_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stripe/stripe-go/v86"
)

func TestAPaymentLinkSellsAndThenCloses(t *testing.T) {
	t.Parallel()
	shop := openShop(t, start(t), "")
	ctx := t.Context()
	link, err := shop.sc.V1PaymentLinks.Create(ctx, &stripe.PaymentLinkCreateParams{
		LineItems:    []*stripe.PaymentLinkCreateLineItemParams{{Price: &shop.price.ID, Quantity: stripe.Int64(1)}},
		Metadata:     map[string]string{"campaign": "spring"},
		Restrictions: &stripe.PaymentLinkCreateRestrictionsParams{CompletedSessions: &stripe.PaymentLinkCreateRestrictionsCompletedSessionsParams{Limit: stripe.Int64(1)}},
		AfterCompletion: &stripe.PaymentLinkCreateAfterCompletionParams{Type: stripe.String("redirect"),
			Redirect: &stripe.PaymentLinkCreateAfterCompletionRedirectParams{URL: stripe.String("https://app.example/thanks?s={CHECKOUT_SESSION_ID}")}},
	})
	if err != nil || !link.Active || link.Restrictions.CompletedSessions.Count != 0 {
		t.Fatalf("created %+v, %v", link, err)
	}
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	opened, err := browser.Get(link.URL + "?prefilled_email=ada%40example.com&client_reference_id=ref_7")
	if err != nil {
		t.Fatal(err)
	}
	_ = opened.Body.Close()
	session := opened.Header.Get("Location")
	if opened.StatusCode != http.StatusSeeOther || !strings.HasPrefix(session, "/c/pay/cs_test_") {
		t.Fatalf("opening the link answered %d to %s", opened.StatusCode, session)
	}
	id := strings.TrimPrefix(session, "/c/pay/")
	if _, location := press(t, shop.URL+session, paying(url.Values{})); location != "https://app.example/thanks?s="+id {
		t.Fatalf("paying leads to %s", location)
	}
	got, err := shop.sc.V1CheckoutSessions.Retrieve(ctx, id, nil)
	if err != nil || got.PaymentLink.ID != link.ID || got.ClientReferenceID != "ref_7" || got.Metadata["campaign"] != "spring" || got.CustomerDetails.Email != "ada@example.com" {
		t.Errorf("the session: %+v, %v", got, err)
	}
	if link, err = shop.sc.V1PaymentLinks.Retrieve(ctx, link.ID, nil); err != nil || link.Active || link.Restrictions.CompletedSessions.Count != 1 {
		t.Errorf("at its limit: %+v, %v", link, err)
	}
	closed, err := browser.Get(link.URL)
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Body.Close()
	if closed.StatusCode != http.StatusGone {
		t.Errorf("the closed link answered %d", closed.StatusCode)
	}
	again := &stripe.PaymentLinkUpdateParams{Active: stripe.Bool(true),
		AfterCompletion: &stripe.PaymentLinkUpdateAfterCompletionParams{Type: stripe.String("hosted_confirmation"),
			HostedConfirmation: &stripe.PaymentLinkUpdateAfterCompletionHostedConfirmationParams{CustomMessage: stripe.String("Welcome aboard.")}}}
	if link, err = shop.sc.V1PaymentLinks.Update(ctx, link.ID, again); err != nil || !link.Active || link.AfterCompletion.HostedConfirmation.CustomMessage != "Welcome aboard." {
		t.Errorf("updated: %+v, %v", link, err)
	}
}
