package engine

import (
	"slices"
	"strings"
)

// endpointsMax is Stripe's limit per account and mode.
const endpointsMax = 16

// CreateWebhookEndpoint is POST /v1/webhook_endpoints; only its answer shows the secret.
type CreateWebhookEndpoint struct {
	APIVersion    Opt[string]            `form:"api_version"`
	Description   Opt[string]            `form:"description"`
	EnabledEvents Opt[[]string]          `form:"enabled_events"`
	Metadata      Opt[map[string]string] `form:"metadata"`
	URL           Opt[string]            `form:"url"`
}

func (c CreateWebhookEndpoint) apply(t *tx) (Result, error) {
	if !c.EnabledEvents.Given() {
		return nil, required("enabled_events")
	}
	if !c.URL.Given() {
		return nil, required("url")
	}
	if err := checkEndpoint(c.URL, c.EnabledEvents); err != nil {
		return nil, err
	}
	if err := t.roomForEndpoint(); err != nil {
		return nil, err
	}
	e := &WebhookEndpoint{
		ID: t.long("we_"), Created: t.now, Updated: t.now, URL: c.URL.Or(""), Secret: "whsec_" + t.world.characters(32), APIVersion: c.APIVersion.Or(""),
		Description: c.Description.Or(""), EnabledEvents: c.EnabledEvents.Or(nil), Metadata: mergeMetadata(nil, c.Metadata),
	}
	put(t, e)
	return e, nil
}

// roomForEndpoint refuses an endpoint too many.
func (t *tx) roomForEndpoint() error {
	if t.world.tables.endpoints.len() >= endpointsMax {
		return invalid("", "", "You have reached the maximum of %d test webhook endpoints.", endpointsMax)
	}
	return nil
}

func checkEndpoint(url Opt[string], events Opt[[]string]) error {
	if u, ok := url.Get(); ok && !httpURL(u) {
		return invalid("url", "url_invalid", "Invalid URL: An explicit scheme (such as https) must be provided.")
	}
	if list, ok := events.Get(); events.Given() && (!ok || len(list) == 0) {
		return invalid("enabled_events", "parameter_invalid_empty", "You passed an empty string for 'enabled_events'. We assume empty values are an "+
			"attempt to unset a parameter; however 'enabled_events' cannot be unset.")
	}
	return nil
}

func httpURL(u string) bool {
	rest, plain := strings.CutPrefix(u, "http://")
	if !plain {
		rest, plain = strings.CutPrefix(u, "https://")
	}
	return plain && rest != "" && rest[0] != '/'
}

// UpdateWebhookEndpoint is POST /v1/webhook_endpoints/{id}; its version never changes.
type UpdateWebhookEndpoint struct {
	ID            string                 `form:"-"`
	Description   Opt[string]            `form:"description"`
	Disabled      Opt[bool]              `form:"disabled"`
	EnabledEvents Opt[[]string]          `form:"enabled_events"`
	Metadata      Opt[map[string]string] `form:"metadata"`
	URL           Opt[string]            `form:"url"`
}

func (c UpdateWebhookEndpoint) apply(t *tx) (Result, error) {
	before, err := t.world.EndpointOfV1(c.ID)
	if err != nil {
		return nil, err
	}
	if err := checkEndpoint(c.URL, c.EnabledEvents); err != nil {
		return nil, err
	}
	e := *before
	c.Description.Set(&e.Description)
	e.Disabled = c.Disabled.Or(e.Disabled)
	e.EnabledEvents = c.EnabledEvents.Or(e.EnabledEvents)
	e.URL = c.URL.Or(e.URL)
	e.Metadata = mergeMetadata(e.Metadata, c.Metadata)
	return t.changeDestination(&e), nil
}

// DeleteWebhookEndpoint is DELETE /v1/webhook_endpoints/{id}.
type DeleteWebhookEndpoint struct {
	ID string `form:"-"`
}

func (c DeleteWebhookEndpoint) apply(t *tx) (Result, error) {
	if _, err := t.world.EndpointOfV1(c.ID); err != nil {
		return nil, err
	}
	return t.removeEndpoint(c.ID, "webhook_endpoint"), nil
}

// removeEndpoint deletes an endpoint that is there; nobody waits for it any more.
func (t *tx) removeEndpoint(id, kind string) *Deleted {
	t.world.tables.endpoints.remove(t, id)
	t.forgetEndpoint(id)
	return &Deleted{ID: id, Object: kind}
}

// EndpointOfV1 finds an endpoint that the first version of the API shows: event destinations are not among them.
func (w *World) EndpointOfV1(id string) (*WebhookEndpoint, error) {
	if e, ok := Get[WebhookEndpoint](w, id); ok && !e.Destination {
		return e, nil
	}
	return nil, NotFound("webhook endpoint", id, "webhook_endpoint")
}

// ListWebhookEndpoints is GET /v1/webhook_endpoints.
type ListWebhookEndpoints struct {
	Page
}

func (q ListWebhookEndpoints) run(w *World) (*Listing, error) {
	return list(w, q.Page, selection[WebhookEndpoint]{cursorName: "webhook endpoint", keep: func(e *WebhookEndpoint) bool { return !e.Destination }})
}

// Endpoints are all webhook endpoints that are enabled, oldest first.
func (w *World) Endpoints() []*WebhookEndpoint {
	return slices.DeleteFunc(w.tables.endpoints.all("", ""), func(e *WebhookEndpoint) bool { return e.Disabled })
}

// Endpoint finds an endpoint that events go to.
func (w *World) Endpoint(id string) (*WebhookEndpoint, bool) { return Get[WebhookEndpoint](w, id) }

// Secrets are those that sign what goes to the endpoint at a time: the newest first, and the one before it while that is still good.
func (e *WebhookEndpoint) Secrets(at int64) []string {
	if e.OldSecret != "" && at < e.OldSecretUntil {
		return []string{e.Secret, e.OldSecret}
	}
	return []string{e.Secret}
}

// secretOverlapMax is how long two secrets of an endpoint are good at most.
const secretOverlapMax = secondsPerDay

// RollWebhookSecret gives an endpoint a new secret; the old one is good for so many seconds more, a day unless it says otherwise. In Stripe
// only the Dashboard does this: it is the emulator's own command.
type RollWebhookSecret struct {
	ID      string     `form:"-"`
	Overlap Opt[int64] `form:"expires_in"`
}

func (c RollWebhookSecret) apply(t *tx) (Result, error) {
	before, ok := Get[WebhookEndpoint](t.world, c.ID)
	if !ok {
		return nil, NotFound("webhook endpoint", c.ID, "webhook_endpoint")
	}
	overlap := c.Overlap.Or(secretOverlapMax)
	if err := within(overlap, 0, secretOverlapMax, "expires_in"); err != nil {
		return nil, err
	}
	e := *before
	e.OldSecret, e.OldSecretUntil = e.Secret, t.now+overlap
	e.Secret = "whsec_" + t.world.characters(32)
	put(t, &e)
	return &e, nil
}

// Wants says whether the endpoint has asked for events of this type: thin ones, or such as carry their object.
func (e *WebhookEndpoint) Wants(eventType string) bool {
	return !e.Disabled && e.Thin == thinType(eventType) && (slices.Contains(e.EnabledEvents, "*") || slices.Contains(e.EnabledEvents, eventType))
}

// ListEvents is GET /v1/events.
type ListEvents struct {
	Page
	Created         Range         `form:"created"`
	DeliverySuccess Opt[bool]     `form:"delivery_success"`
	Type            Opt[string]   `form:"type"`
	Types           Opt[[]string] `form:"types"`

	Delivered func(event string) bool `form:"-"` // whether every endpoint has taken an event: only the sender knows
}

// eventTypesMax is Stripe's limit on types.
const eventTypesMax = 20

func (q ListEvents) run(w *World) (*Listing, error) {
	types, several := q.Types.Get()
	if several && q.Type.Given() {
		return nil, invalid("", "parameters_exclusive", "You may only specify one of these parameters: type, types.")
	}
	if len(types) > eventTypesMax {
		return nil, invalid("types", "", "You can filter by at most %d event types.", eventTypesMax)
	}
	s := selection[Event]{cursorName: "event"}
	only := q.Type.Or("")
	group, prefix := strings.CutSuffix(only, ".*")
	if only != "" && !prefix {
		s.index, s.value = "type", only
	}
	delivery, byDelivery := q.DeliverySuccess.Get()
	s.keep = func(e *Event) bool {
		if e.ThinOnly() {
			return false
		}
		if byDelivery && delivery != (q.Delivered == nil || q.Delivered(e.ID)) {
			return false
		}
		return q.Created.holds(e.Created) && (!several || slices.Contains(types, e.Type)) &&
			(!prefix || strings.HasPrefix(e.Type, group+"."))
	}
	return list(w, q.Page, s)
}

var _ = register(CreateWebhookEndpoint{}, UpdateWebhookEndpoint{}, DeleteWebhookEndpoint{}, RollWebhookSecret{})
