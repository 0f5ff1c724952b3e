package stripeprovider

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
)

// EventTypes are the events that a webhook endpoint of ours needs: all that can change what the mirror holds.
var EventTypes = []string{
	"charge.captured", "charge.dispute.closed", "charge.dispute.created", "charge.dispute.funds_reinstated", "charge.dispute.funds_withdrawn",
	"charge.dispute.updated", "charge.expired", "charge.failed", "charge.pending", "charge.refunded", "charge.succeeded", "charge.updated",
	"checkout.session.async_payment_failed", "checkout.session.async_payment_succeeded", "checkout.session.completed", "checkout.session.expired",
	"customer.created", "customer.deleted", "customer.updated",
	"customer.subscription.created", "customer.subscription.deleted", "customer.subscription.paused", "customer.subscription.pending_update_applied",
	"customer.subscription.pending_update_expired", "customer.subscription.resumed", "customer.subscription.trial_will_end", "customer.subscription.updated",
	"invoice.created", "invoice.deleted", "invoice.finalization_failed", "invoice.finalized", "invoice.marked_uncollectible", "invoice.overdue", "invoice.paid",
	"invoice.payment_action_required", "invoice.payment_failed", "invoice.payment_succeeded", "invoice.upcoming", "invoice.updated", "invoice.voided",
	"payment_intent.payment_failed", "payment_intent.requires_action", "payment_intent.succeeded",
	"payment_method.attached", "payment_method.automatically_updated", "payment_method.detached", "payment_method.updated",
	"price.created", "price.deleted", "price.updated", "product.created", "product.deleted", "product.updated",
	"refund.created", "refund.failed", "refund.updated",
}

// Endpoint is a webhook endpoint at Stripe.
type Endpoint struct {
	ID         string
	URL        string
	APIVersion string // "" is the account's default
	Enabled    bool
	Livemode   bool
	Missing    []string // of EventTypes
	Secret     string   // whsec_…, told once: when it is made
}

// Endpoints returns the webhook endpoints for a URL.
func (c *Client) Endpoints(ctx context.Context, url string) ([]Endpoint, error) {
	var found []Endpoint
	params := &stripe.WebhookEndpointListParams{}
	params.Limit = stripe.Int64(pageRows)
	for e, err := range c.sc.V1WebhookEndpoints.List(ctx, params).All(ctx) {
		if err != nil {
			return nil, failure("list webhook endpoints", err)
		}
		if e.URL == url {
			found = append(found, endpoint(e))
		}
	}
	return found, nil
}

func endpoint(e *stripe.WebhookEndpoint) Endpoint {
	out := Endpoint{ID: e.ID, URL: e.URL, APIVersion: e.APIVersion, Enabled: e.Status == "enabled", Livemode: e.Livemode, Secret: e.Secret}
	for _, kind := range EventTypes {
		if !slices.Contains(e.EnabledEvents, kind) && !slices.Contains(e.EnabledEvents, "*") {
			out.Missing = append(out.Missing, kind)
		}
	}
	return out
}

// EnsureEndpoint makes the webhook endpoint for a URL, or brings the one that is there to exactly our events and enables it. Stripe
// fixes an endpoint's version when it is made: one of another version is left as it is, and a second is made beside it, so that
// both secrets can be in use until the old one is deleted. made tells whether the answer has a Secret.
func (c *Client) EnsureEndpoint(ctx context.Context, url string) (e Endpoint, made bool, err error) {
	there, err := c.Endpoints(ctx, url)
	if err != nil {
		return Endpoint{}, false, err
	}
	for _, old := range there {
		if old.APIVersion != APIVersion {
			continue
		}
		updated, err := c.sc.V1WebhookEndpoints.Update(ctx, old.ID, &stripe.WebhookEndpointUpdateParams{
			EnabledEvents: stripe.StringSlice(EventTypes), Disabled: stripe.Bool(false),
		})
		if err != nil {
			return Endpoint{}, false, failure("update webhook endpoint", err)
		}
		return endpoint(updated), false, nil
	}
	created, err := c.sc.V1WebhookEndpoints.Create(ctx, &stripe.WebhookEndpointCreateParams{
		URL: &url, EnabledEvents: stripe.StringSlice(EventTypes), APIVersion: stripe.String(APIVersion), Description: stripe.String("Dues"),
	})
	if err != nil {
		return Endpoint{}, false, failure("create webhook endpoint", err)
	}
	return endpoint(created), true, nil
}

// Retirement is what becomes of endpoints in another version than ours.
type Retirement int

// The ways. A disabled endpoint keeps its secret and can be enabled again; a deleted one is gone.
const (
	Disable Retirement = iota
	Enable
	Delete
)

// RetireEndpoints disables, enables again or deletes the endpoints for a URL that deliver in another version than ours, and returns them as they are
// then, nothing when there are none. Without an enabled one in our version that gets all our events it refuses, an error of code conflict:
// only the list of events would be left.
func (c *Client) RetireEndpoints(ctx context.Context, url string, how Retirement) ([]Endpoint, error) {
	there, err := c.Endpoints(ctx, url)
	if err != nil {
		return nil, err
	}
	if how != Enable && !slices.ContainsFunc(there, func(e Endpoint) bool { return e.APIVersion == APIVersion && e.Enabled && len(e.Missing) == 0 }) {
		return nil, billing.Errorf(billing.Conflict, "no enabled endpoint for %s delivers all our events in version %s", url, APIVersion)
	}
	var retired []Endpoint
	for _, e := range there {
		if e.APIVersion == APIVersion {
			continue
		}
		if how == Delete {
			_, err = c.sc.V1WebhookEndpoints.Delete(ctx, e.ID, nil)
			e.Enabled = false
		} else {
			_, err = c.sc.V1WebhookEndpoints.Update(ctx, e.ID, &stripe.WebhookEndpointUpdateParams{Disabled: stripe.Bool(how == Disable)})
			e.Enabled = how == Enable
		}
		if err != nil {
			return retired, failure("retire webhook endpoint "+e.ID, err)
		}
		retired = append(retired, e)
	}
	return retired, nil
}

// Checkup is what a call to Stripe tells about key and clock.
type Checkup struct {
	Livemode bool
	Ahead    time.Duration // how far Stripe's clock is ahead of the given one, to a second
}

// Checkup makes one call that every key may make, and compares the clocks.
func (c *Client) Checkup(ctx context.Context, wall func() time.Time) (Checkup, error) {
	params := &stripe.RawParams{}
	params.Context = ctx
	answer, err := c.raw.RawRequest(http.MethodGet, "/v1/events?limit=1", c.key, "", params)
	if err != nil {
		return Checkup{}, failure("list events", err)
	}
	theirs, err := http.ParseTime(answer.Header.Get("Date"))
	if err != nil {
		return Checkup{}, billing.Errorf(billing.Unavailable, "the payment provider's answer has no date").Because(fmt.Errorf("stripe: %w", err))
	}
	return Checkup{Livemode: c.mode == liveMode, Ahead: theirs.Sub(wall()).Truncate(time.Second)}, nil
}
