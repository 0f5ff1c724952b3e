package stripeprovider

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// NewerEvents implements service.EventFeed.
func (c *Client) NewerEvents(ctx context.Context, than string) (service.FeedPage, error) {
	return c.events(ctx, url.Values{"ending_before": {than}})
}

// EventsSince implements service.EventFeed.
func (c *Client) EventsSince(ctx context.Context, since time.Time, before string) (service.FeedPage, error) {
	query := url.Values{"created[gte]": {strconv.FormatInt(since.Unix(), 10)}}
	if before != "" {
		query.Set("starting_after", before)
	}
	return c.events(ctx, query)
}

// events reads one page of /v1/events. The SDK's own list would decode every event to its last field; what is kept is the text of
// each, as a webhook would have brought it.
func (c *Client) events(ctx context.Context, query url.Values) (service.FeedPage, error) {
	query.Set("limit", strconv.Itoa(pageRows))
	params := &stripe.RawParams{}
	params.Context = ctx
	answer, err := c.raw.RawRequest(http.MethodGet, "/v1/events?"+query.Encode(), c.key, "", params)
	if forgotten(err) {
		return service.FeedPage{}, billing.Errorf(billing.NotFound, "the payment provider has forgotten this event").Because(err)
	}
	if err != nil {
		return service.FeedPage{}, failure("list events", err)
	}
	var list struct {
		Data []json.RawMessage `json:"data"`
		More bool              `json:"has_more"`
	}
	if err := json.Unmarshal(answer.RawJSON, &list); err != nil {
		return service.FeedPage{}, fmt.Errorf("stripe: list events: %w", err)
	}
	page := service.FeedPage{More: list.More}
	for _, text := range list.Data {
		envelope, err := readEnvelope(text)
		if err != nil {
			return service.FeedPage{}, fmt.Errorf("stripe: list events: %w", err)
		}
		page.Events = append(page.Events, service.FeedEvent{Envelope: envelope, Body: text, Asked: slices.Contains(EventTypes, envelope.Type)})
	}
	return page, nil
}
