package emulator_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stripe/stripe-go/v86"
)

// Rows: B1.
func TestCustomersLiveAsOnStripe(t *testing.T) {
	t.Parallel()
	sc := start(t).Client()
	ctx := t.Context()
	made, err := sc.V1Customers.Create(ctx, &stripe.CustomerCreateParams{
		Email: stripe.String("ada@example.com"), Name: stripe.String("Ada"), Metadata: map[string]string{"plan": "free", "seat": "1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if made.Email != "ada@example.com" || made.Livemode || made.Metadata["plan"] != "free" {
		t.Errorf("created %+v", made)
	}
	changed, err := sc.V1Customers.Update(ctx, made.ID, &stripe.CustomerUpdateParams{
		Name: stripe.String(""), Metadata: map[string]string{"seat": "", "team": "blue"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if changed.Name != "" || len(changed.Metadata) != 2 || changed.Metadata["team"] != "blue" {
		t.Errorf("updated: name %q, metadata %v; want the name unset and metadata merged", changed.Name, changed.Metadata)
	}
	if _, err := sc.V1Customers.Delete(ctx, made.ID, nil); err != nil {
		t.Fatal(err)
	}
	stub, err := sc.V1Customers.Retrieve(ctx, made.ID, nil)
	if err != nil || !stub.Deleted {
		t.Errorf("a deleted customer reads as %+v, %v; want a stub", stub, err)
	}
}

func TestListsArePagedByTheSDK(t *testing.T) {
	t.Parallel()
	sc := start(t).Client()
	ctx := t.Context()
	for i := range 25 {
		if _, err := sc.V1Customers.Create(ctx, &stripe.CustomerCreateParams{Name: stripe.String(fmt.Sprint(i))}); err != nil {
			t.Fatal(err)
		}
	}
	next := 24
	for c, err := range sc.V1Customers.List(ctx, &stripe.CustomerListParams{}).All(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		if c.Name != fmt.Sprint(next) {
			t.Fatalf("got customer %s, want %d: newest first, each once", c.Name, next)
		}
		next--
	}
	if next != -1 {
		t.Errorf("%d customers were not listed", next+1)
	}
}

func TestErrorsAreTheSDKsOwnTypes(t *testing.T) {
	t.Parallel()
	sc := start(t).Client()
	_, err := sc.V1Customers.Retrieve(t.Context(), "cus_none", nil)
	var refused *stripe.Error
	if !errors.As(err, &refused) {
		t.Fatalf("got %v, want a *stripe.Error", err)
	}
	if refused.HTTPStatusCode != 404 || refused.Code != stripe.ErrorCodeResourceMissing || refused.Param != "id" || refused.Msg != "No such customer: 'cus_none'" {
		t.Errorf("got %d %s %q %q", refused.HTTPStatusCode, refused.Code, refused.Param, refused.Msg)
	}
}
