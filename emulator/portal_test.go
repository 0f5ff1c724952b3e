package emulator_test

import (
	"net/url"
	"testing"

	"github.com/stripe/stripe-go/v86"
)

func TestPortalConfigurationsOfferProductsAndFlows(t *testing.T) {
	t.Parallel()
	server := start(t)
	client, ctx := server.Client(), t.Context()
	shop := openShop(t, server, "")
	price, err := client.V1Prices.Retrieve(ctx, shop.price.ID, nil)
	if err != nil {
		t.Fatal(err)
	}
	update := &stripe.BillingPortalConfigurationCreateFeaturesSubscriptionUpdateParams{
		Enabled: stripe.Bool(true), DefaultAllowedUpdates: []*string{stripe.String("price"), stripe.String("quantity")},
		ProrationBehavior: stripe.String("always_invoice"), BillingCycleAnchor: stripe.String("now"),
		Products: []*stripe.BillingPortalConfigurationCreateFeaturesSubscriptionUpdateProductParams{{
			Product: &price.Product.ID, Prices: []*string{&price.ID},
			AdjustableQuantity: &stripe.BillingPortalConfigurationCreateFeaturesSubscriptionUpdateProductAdjustableQuantityParams{
				Enabled: stripe.Bool(true), Minimum: stripe.Int64(2), Maximum: stripe.Int64(9),
			},
		}},
	}
	config, err := client.V1BillingPortalConfigurations.Create(ctx, &stripe.BillingPortalConfigurationCreateParams{
		Features: &stripe.BillingPortalConfigurationCreateFeaturesParams{SubscriptionUpdate: update},
	})
	if err != nil {
		t.Fatal(err)
	}
	offer := config.Features.SubscriptionUpdate
	if !offer.Enabled || offer.BillingCycleAnchor != "now" || offer.Products[0].AdjustableQuantity.Maximum != 9 || offer.Products[0].AdjustableQuantity.Minimum != 2 {
		t.Errorf("configured %+v", offer)
	}
	sub, err := client.V1Subscriptions.Create(ctx, &stripe.SubscriptionCreateParams{
		Customer: &shop.customer.ID, Items: []*stripe.SubscriptionCreateItemParams{{Price: &price.ID}},
	})
	if err != nil {
		t.Fatal(err)
	}
	session, err := client.V1BillingPortalSessions.Create(ctx, &stripe.BillingPortalSessionCreateParams{
		Customer: &shop.customer.ID, Configuration: &config.ID, FlowData: &stripe.BillingPortalSessionCreateFlowDataParams{
			Type: stripe.String("subscription_update_confirm"), SubscriptionUpdateConfirm: &stripe.BillingPortalSessionCreateFlowDataSubscriptionUpdateConfirmParams{
				Subscription: &sub.ID, Items: []*stripe.BillingPortalSessionCreateFlowDataSubscriptionUpdateConfirmItemParams{{ID: &sub.Items.Data[0].ID, Quantity: stripe.Int64(4)}},
			},
		},
	})
	if err != nil || session.Flow.SubscriptionUpdateConfirm.Items[0].Quantity != 4 {
		t.Errorf("the flow is %+v, %v", session, err)
	}
	plainly := plain{t, server, ""}
	for _, tc := range []struct{ body, param string }{
		{"features[subscription_update][enabled]=true", "features[subscription_update][default_allowed_updates]"},
		{"features[subscription_update][enabled]=true&features[subscription_update][default_allowed_updates][]=price", "features[subscription_update][products]"},
		{"features[subscription_update][enabled]=true&features[subscription_update][default_allowed_updates][]=promotion_code", "features[subscription_update][default_allowed_updates]"},
		{"features[subscription_update][enabled]=false&features[subscription_update][products][0][product]=prod_none&features[subscription_update][products][0][prices][]=x", "features[subscription_update][products][0][product]"},
	} {
		form, err := url.ParseQuery(tc.body)
		if err != nil {
			t.Fatal(err)
		}
		status, body := plainly.do("POST", "/v1/billing_portal/configurations", form)
		if status != 400 || at(t, body, "error")["param"] != tc.param {
			t.Errorf("%s: got %d %v, want an error about %s", tc.body, status, body, tc.param)
		}
	}
}
