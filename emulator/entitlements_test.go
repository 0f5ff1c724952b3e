package emulator_test

import (
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"
)

func TestEntitlementsFollowTheSubscription(t *testing.T) {
	t.Parallel()
	server := start(t)
	client, ctx := server.Client(), t.Context()
	shop := openShop(t, server, "")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	feature := func(key string) *stripe.EntitlementsFeature {
		f, err := client.V1EntitlementsFeatures.Create(ctx, &stripe.EntitlementsFeatureCreateParams{Name: stripe.String(key), LookupKey: stripe.String(key)})
		must(err)
		return f
	}
	sso, export := feature("sso"), feature("export")
	price, err := client.V1Prices.Retrieve(ctx, shop.price.ID, nil)
	must(err)
	attach := func(f *stripe.EntitlementsFeature) *stripe.ProductFeature {
		made, err := client.V1ProductFeatures.Create(ctx, &stripe.ProductFeatureCreateParams{Product: &price.Product.ID, EntitlementFeature: &f.ID})
		must(err)
		return made
	}
	attached := attach(sso)
	if _, err := client.V1ProductFeatures.Create(ctx, &stripe.ProductFeatureCreateParams{Product: &price.Product.ID, EntitlementFeature: &sso.ID}); err == nil {
		t.Error("a feature was attached twice")
	}
	entitled := func() string {
		t.Helper()
		keys := ""
		for e, err := range client.V1EntitlementsActiveEntitlements.List(ctx, &stripe.EntitlementsActiveEntitlementListParams{Customer: &shop.customer.ID}).All(ctx) {
			must(err)
			one, err := client.V1EntitlementsActiveEntitlements.Retrieve(ctx, e.ID, nil)
			must(err)
			keys += one.LookupKey + " "
		}
		return keys
	}
	told := func() int {
		t.Helper()
		n := 0
		for e, err := range client.V1Events.List(ctx, &stripe.EventListParams{Type: stripe.String("entitlements.active_entitlement_summary.updated")}).All(ctx) {
			must(err)
			if e.Request != nil && e.Request.ID != "" {
				t.Errorf("the event names a request: %v", e.Request)
			}
			n++
		}
		return n
	}
	sub, err := client.V1Subscriptions.Create(ctx, &stripe.SubscriptionCreateParams{
		Customer: &shop.customer.ID, Items: []*stripe.SubscriptionCreateItemParams{{Price: &shop.price.ID}},
	})
	must(err)
	if got := entitled(); got != "sso " || told() != 1 {
		t.Errorf("after the start: entitled to %q, told %d times", got, told())
	}
	attach(export)
	if got := entitled(); got != "sso " || told() != 1 {
		t.Errorf("a feature that was attached in the middle: entitled to %q", got)
	}
	server.MoveTime(32 * 24 * time.Hour)
	if got := entitled(); got != "export sso " || told() != 2 {
		t.Errorf("in the next period: entitled to %q, told %d times", got, told())
	}
	if gone, err := client.V1ProductFeatures.Delete(ctx, attached.ID, &stripe.ProductFeatureDeleteParams{Product: &price.Product.ID}); err != nil || !gone.Deleted {
		t.Errorf("detached as %v, %v", gone, err)
	}
	if got := entitled(); got != "export sso " {
		t.Errorf("a feature is taken away in the middle: entitled to %q", got)
	}
	_, err = client.V1Subscriptions.Cancel(ctx, sub.ID, nil)
	must(err)
	if got := entitled(); got != "" || told() != 3 {
		t.Errorf("after the end: entitled to %q, told %d times", got, told())
	}
}

func TestFeaturesAreArchivedForGood(t *testing.T) {
	t.Parallel()
	server := start(t)
	client, ctx := server.Client(), t.Context()
	shop := openShop(t, server, "")
	params := &stripe.EntitlementsFeatureCreateParams{Name: stripe.String("Single sign-on"), LookupKey: stripe.String("sso"), Metadata: map[string]string{"a": "b"}}
	made, err := client.V1EntitlementsFeatures.Create(ctx, params)
	if err != nil || !made.Active || made.Metadata["a"] != "b" {
		t.Fatal(made, err)
	}
	if _, err := client.V1EntitlementsFeatures.Create(ctx, params); err == nil {
		t.Error("two active features share a lookup key")
	}
	price, err := client.V1Prices.Retrieve(ctx, shop.price.ID, nil)
	if err != nil {
		t.Fatal(err)
	}
	attached, err := client.V1ProductFeatures.Create(ctx, &stripe.ProductFeatureCreateParams{Product: &price.Product.ID, EntitlementFeature: &made.ID})
	if err != nil {
		t.Fatal(err)
	}
	got, err := client.V1ProductFeatures.Retrieve(ctx, attached.ID, &stripe.ProductFeatureRetrieveParams{Product: &price.Product.ID})
	if err != nil || got.EntitlementFeature.LookupKey != "sso" {
		t.Errorf("retrieved %v, %v", got, err)
	}
	archived, err := client.V1EntitlementsFeatures.Update(ctx, made.ID, &stripe.EntitlementsFeatureUpdateParams{Active: stripe.Bool(false), Name: stripe.String("Old")})
	if err != nil || archived.Active || archived.Name != "Old" {
		t.Fatal(archived, err)
	}
	if _, err := client.V1EntitlementsFeatures.Update(ctx, made.ID, &stripe.EntitlementsFeatureUpdateParams{Active: stripe.Bool(true)}); err == nil {
		t.Error("an archived feature came back")
	}
	if _, err := client.V1EntitlementsFeatures.Create(ctx, params); err != nil {
		t.Errorf("the key of an archived feature is not free: %v", err)
	}
	count := func(archived *bool) (n int) {
		for f, err := range client.V1EntitlementsFeatures.List(ctx, &stripe.EntitlementsFeatureListParams{Archived: archived, LookupKey: stripe.String("sso")}).All(ctx) {
			if err != nil {
				t.Fatal(err)
			}
			if one, err := client.V1EntitlementsFeatures.Retrieve(ctx, f.ID, nil); err != nil || one.LookupKey != "sso" {
				t.Errorf("retrieved %v, %v", one, err)
			}
			n++
		}
		return n
	}
	if active, old := count(nil), count(stripe.Bool(true)); active != 1 || old != 1 {
		t.Errorf("%d active and %d archived, want one of each", active, old)
	}
	attachedTo := 0
	for f, err := range client.V1ProductFeatures.List(ctx, &stripe.ProductFeatureListParams{Product: &price.Product.ID}).All(ctx) {
		if err != nil || f.ID != attached.ID {
			t.Errorf("listed %v, %v", f, err)
		}
		attachedTo++
	}
	if attachedTo != 1 {
		t.Errorf("%d features on the product, want 1", attachedTo)
	}
}
