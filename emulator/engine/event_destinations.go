package engine

import (
	"slices"
	"strings"
)

// An event destination is a webhook endpoint as the second version of the API knows it: it has a name, and may want thin events.

// DestinationWebhook is where a destination's webhooks go.
type DestinationWebhook struct {
	URL Opt[string] `form:"url"`
}

// CreateEventDestination is POST /v2/core/event_destinations.
type CreateEventDestination struct {
	Description        Opt[string]             `form:"description"`
	EnabledEvents      Opt[[]string]           `form:"enabled_events"`
	EventPayload       Opt[string]             `form:"event_payload"`
	EventsFrom         Opt[[]string]           `form:"events_from"`
	Metadata           Opt[map[string]string]  `form:"metadata"`
	Name               Opt[string]             `form:"name"`
	SnapshotAPIVersion Opt[string]             `form:"snapshot_api_version"`
	Type               Opt[string]             `form:"type"`
	WebhookEndpoint    Opt[DestinationWebhook] `form:"webhook_endpoint"`
}

// The words of event destinations.
const (
	PayloadThin     = "thin"
	PayloadSnapshot = "snapshot"

	destinationWebhook = "webhook_endpoint"
	eventsOfSelf       = "@self" // of this account; other accounts there are none
)

func (c CreateEventDestination) apply(t *tx) (Result, error) {
	name, payload := c.Name.Or(""), c.EventPayload.Or("")
	for _, p := range []struct{ name, value string }{{"name", name}, {"event_payload", payload}, {"type", c.Type.Or("")}} {
		if strings.TrimSpace(p.value) == "" {
			return nil, required(p.name)
		}
	}
	if !c.EnabledEvents.Given() {
		return nil, required("enabled_events")
	}
	if err := oneOf("event_payload", payload, PayloadSnapshot, PayloadThin); err != nil {
		return nil, err
	}
	if kind := c.Type.Or(""); kind != destinationWebhook {
		return nil, unsupported("type", kind)
	}
	for i, from := range c.EventsFrom.Or(nil) {
		if from != eventsOfSelf && from != "self" {
			return nil, unsupported(element("events_from", i), from)
		}
	}
	if c.SnapshotAPIVersion.Or("") != "" && payload == PayloadThin {
		return nil, invalid("snapshot_api_version", "", "Thin events have no version: `snapshot_api_version` belongs to `event_payload=snapshot`.")
	}
	url := c.WebhookEndpoint.Or(DestinationWebhook{}).URL
	if url.Or("") == "" {
		return nil, required("webhook_endpoint[url]")
	}
	if err := checkEndpoint(url, c.EnabledEvents); err != nil {
		return nil, err
	}
	if err := t.roomForEndpoint(); err != nil {
		return nil, err
	}
	e := &WebhookEndpoint{
		ID: "ed_test_61" + t.world.characters(34), Created: t.now, Updated: t.now, URL: url.Or(""), Secret: "whsec_" + t.world.characters(32),
		Destination: true, Name: name, Thin: payload == PayloadThin, APIVersion: c.SnapshotAPIVersion.Or(""), Description: c.Description.Or(""),
		EnabledEvents: c.EnabledEvents.Or(nil), Metadata: mergeMetadata(nil, c.Metadata),
	}
	if !e.Thin && e.APIVersion == "" {
		e.APIVersion = t.settings().APIVersion
	}
	put(t, e)
	return e, nil
}

// UpdateEventDestination is POST /v2/core/event_destinations/{id}; its type and payload never change.
type UpdateEventDestination struct {
	ID              string                  `form:"-"`
	Description     Opt[string]             `form:"description"`
	EnabledEvents   Opt[[]string]           `form:"enabled_events"`
	Metadata        Opt[map[string]string]  `form:"metadata"`
	Name            Opt[string]             `form:"name"`
	WebhookEndpoint Opt[DestinationWebhook] `form:"webhook_endpoint"`
}

func (c UpdateEventDestination) apply(t *tx) (Result, error) {
	before, err := t.destinationAtPath(c.ID)
	if err != nil {
		return nil, err
	}
	if c.Name.Given() && strings.TrimSpace(c.Name.Or("")) == "" {
		return nil, invalid("name", "parameter_invalid_empty", "The name of an event destination cannot be empty.")
	}
	url := c.WebhookEndpoint.Or(DestinationWebhook{}).URL
	if err := checkEndpoint(url, c.EnabledEvents); err != nil {
		return nil, err
	}
	e := *before
	c.Description.Set(&e.Description)
	e.EnabledEvents = c.EnabledEvents.Or(e.EnabledEvents)
	e.Name = c.Name.Or(e.Name)
	e.URL = url.Or(e.URL)
	e.Metadata = mergeMetadata(e.Metadata, c.Metadata)
	return t.changeDestination(&e), nil
}

// changeDestination stores the next state of a destination.
func (t *tx) changeDestination(e *WebhookEndpoint) *WebhookEndpoint {
	e.Updated = t.now
	put(t, e)
	if !e.Wants(invoiceCreated) {
		t.forgetEndpoint(e.ID)
	}
	return e
}

// destinationAtPath finds a destination. Those that the first version of the API made are among them.
func (t *tx) destinationAtPath(id string) (*WebhookEndpoint, error) {
	if e, ok := Get[WebhookEndpoint](t.world, id); ok {
		return e, nil
	}
	return nil, NotFound("event destination", id, "id")
}

// DeleteEventDestination is DELETE /v2/core/event_destinations/{id}.
type DeleteEventDestination struct {
	ID string `form:"-"`
}

func (c DeleteEventDestination) apply(t *tx) (Result, error) {
	if _, err := t.destinationAtPath(c.ID); err != nil {
		return nil, err
	}
	return t.removeEndpoint(c.ID, "v2.core.event_destination"), nil
}

// EnableEventDestination is POST /v2/core/event_destinations/{id}/enable.
type EnableEventDestination struct {
	ID string `form:"-"`
}

func (c EnableEventDestination) apply(t *tx) (Result, error) { return t.switchDestination(c.ID, true) }

// DisableEventDestination is POST /v2/core/event_destinations/{id}/disable: no event goes there until it is enabled again.
type DisableEventDestination struct {
	ID string `form:"-"`
}

func (c DisableEventDestination) apply(t *tx) (Result, error) {
	return t.switchDestination(c.ID, false)
}

func (t *tx) switchDestination(id string, on bool) (Result, error) {
	before, err := t.destinationAtPath(id)
	if err != nil {
		return nil, err
	}
	if before.Disabled != on {
		return before, nil
	}
	e := *before
	e.Disabled = !on
	return t.changeDestination(&e), nil
}

// PingEventDestination is POST /v2/core/event_destinations/{id}/ping: a thin event for this destination alone.
type PingEventDestination struct {
	ID string `form:"-"`
}

func (c PingEventDestination) apply(t *tx) (Result, error) {
	e, err := t.destinationAtPath(c.ID)
	if err != nil {
		return nil, err
	}
	if e.Disabled {
		return nil, invalid("", "", "The event destination %s is disabled. Enable it before you ping it.", e.ID)
	}
	t.emit(pingEvent, e)
	log := t.world.tables.events
	return log.at(slotOf(log.count - 1)).Thin()[0], nil
}

// ListEventDestinations is GET /v2/core/event_destinations, newest first.
type ListEventDestinations struct {
	PageV2
}

func (q ListEventDestinations) run(w *World) (*Listing, error) {
	all := w.tables.endpoints.all("", "")
	slices.Reverse(all)
	return cutV2(q.PageV2, func(yield func(id string, o any) bool) {
		for _, e := range all {
			if !yield(e.ID, e) {
				return
			}
		}
	})
}

var _ = register(CreateEventDestination{}, UpdateEventDestination{}, DeleteEventDestination{}, EnableEventDestination{},
	DisableEventDestination{}, PingEventDestination{})
