package wire

import (
	"bytes"
	"encoding/json"

	"io"
	"net/http"

	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dues-billing/dues/emulator/engine"
)

// The second version of Stripe's API, below /v2: bodies are JSON, times are RFC 3339, lists are pages with URLs, errors have a code and
// often no type, and an idempotency key repeats what failed. Its operations are those that billing needs.

const v2Prefix = "/v2/"

// v2Since is the first API version that has it; every request names its version.
const v2Since = "2024-09-30"

// v2Operations are Stripe's definitions of what is served of it, in the words of specText: its OpenAPI document is about the first version
// only.
const v2Operations = `
op GET /v2/core/event_destinations - {include:[<webhook_endpoint.url>];limit:i;page:s5000}
op POST /v2/core/event_destinations - {amazon_eventbridge:{aws_account_id!:s;aws_region!:s};azure_event_grid:{azure_region!:s;azure_resource_group_name!:s;azure_subscription_id!:s};description:s5000;enabled_events!:[s];event_payload!:<snapshot,thin>;events_from:[s];include:[<webhook_endpoint.signing_secret,webhook_endpoint.url>];metadata:m;name!:s5000;snapshot_api_version:s;type!:<amazon_eventbridge,azure_event_grid,webhook_endpoint>;webhook_endpoint:{url!:s5000}}
op DELETE /v2/core/event_destinations/{id} - {}
op GET /v2/core/event_destinations/{id} - {include:[<webhook_endpoint.url>]}
op POST /v2/core/event_destinations/{id} - {description:s5000;enabled_events:[s];include:[<webhook_endpoint.url>];metadata:m;name:s5000;webhook_endpoint:{url!:s5000}}
op POST /v2/core/event_destinations/{id}/disable - {}
op POST /v2/core/event_destinations/{id}/enable - {}
op POST /v2/core/event_destinations/{id}/ping - {}
op GET /v2/core/events - {created:{gt:t;gte:t;lt:t;lte:t};limit:i;object_id:s5000;page:s5000;types:[s]}
op GET /v2/core/events/{id} - {}
op POST /v2/billing/meter_event_adjustments - {cancel!:{identifier!:s};event_name!:s100;type!:<cancel>}
op POST /v2/billing/meter_event_session - {}
op POST /v2/billing/meter_event_stream - {events!:[{event_name!:s100;identifier:s100;payload!:m;timestamp:t}]}
op POST /v2/billing/meter_events - {event_name!:s100;identifier:s100;payload!:m;timestamp:t}
`

// streamPath is the one path that is called with the token of a session in place of a key.
const streamPath = "/v2/billing/meter_event_stream"

var v2Routes = []*route{
	list("/v2/core/event_destinations", engine.ListEventDestinations{}),
	wanting(post("/v2/core/event_destinations", "CreateEventDestination")),
	remove("/v2/core/event_destinations/{id}", "DeleteEventDestination"),
	retrieve[engine.WebhookEndpoint]("/v2/core/event_destinations/{id}", "event destination", "id"),
	wanting(post("/v2/core/event_destinations/{id}", "UpdateEventDestination")),
	post("/v2/core/event_destinations/{id}/disable", "DisableEventDestination"),
	post("/v2/core/event_destinations/{id}/enable", "EnableEventDestination"),
	post("/v2/core/event_destinations/{id}/ping", "PingEventDestination"),
	list("/v2/core/events", engine.ListThinEvents{}),
	read("/v2/core/events/{id}", thinEvent),
	post("/v2/billing/meter_event_adjustments", "CreateMeterEventAdjustment"),
	post("/v2/billing/meter_event_session", "CreateMeterEventSession"),
	post(streamPath, "StreamMeterEvents"),
	post("/v2/billing/meter_events", "CreateMeterEvent"),
}

// wanting is a route that says which events a destination wants.
func wanting(r *route) *route {
	r.check = checkWanted
	return r
}

func thinEvent(w *engine.World, ids []string) (any, error) {
	if n, ok := w.Notice(ids[0]); ok && n.Twin > 0 {
		return n, nil
	}
	return nil, engine.NotFound("event", ids[0], "id")
}

// readV2 finds the route and checks everything that can be checked without the world.
func (c *call) readV2(r *http.Request) *engine.Error {
	if r.Header.Get("Stripe-Version") == "" {
		return badRequest("", "", "Requests to the /v2 API must name their version in the Stripe-Version header.")
	}
	if err := checkVersion(c.version); err != nil {
		return err
	}
	if c.version < v2Since {
		return badRequest("", "", "The /v2 API begins with the version %s.acacia; %s is older.", v2Since, shorten(c.version))
	}
	if err := c.findRoute(r); err != nil {
		return err
	}
	def := c.route.op.params()
	form, err := readV2Form(r)
	if err != nil {
		return err
	}
	if err := unixTimes(def, form, ""); err != nil {
		return err
	}
	c.form = form
	c.sent = sentParams(form, "", []SentParam{})
	c.print = fingerprint(r.Method, r.URL.Path, form)
	if err := checkParams(def, form); err != nil {
		return err
	}
	if included := form.Remove("include"); included != nil {
		elements, _ := included.Elements() // checkParams has seen that it is a list
		for _, element := range elements {
			c.include = append(c.include, element.Text)
		}
	}
	if version := form.Child("snapshot_api_version"); version != nil {
		if err := checkVersion(version.Text); err != nil {
			err.Param = "snapshot_api_version"
			return err
		}
	}
	return nil
}

// readV2Form reads the parameters: those of a POST from its JSON, else those of the query.
func readV2Form(r *http.Request) (*Node, *engine.Error) {
	if r.Method != http.MethodPost {
		form, err := ParseForm(r.URL.RawQuery)
		if err != nil {
			return nil, badRequest("", "", "Invalid request parameters: %s", err)
		}
		return form, nil
	}
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if kind != "" && !strings.EqualFold(strings.TrimSpace(kind), "application/json") {
		return nil, badRequest("", "", "Invalid request: the body of a /v2 request is JSON, and its Content-Type application/json.")
	}
	raw, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, bodyMax))
	if err != nil {
		return nil, badRequest("", "", "The request body could not be read, or is larger than %d bytes.", bodyMax)
	}
	form := &Node{branch: true}
	if len(bytes.TrimSpace(raw)) == 0 {
		return form, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil || decoder.More() {
		return nil, badRequest("", "", "Invalid request: the body is no JSON.")
	}
	fields, isObject := value.(map[string]any)
	if !isObject {
		return nil, badRequest("", "", "Invalid request: the body must be a JSON object.")
	}
	if tooDeep(value, formDepthMax) {
		return nil, badRequest("", "", "Invalid request: the body is nested deeper than %d levels.", formDepthMax)
	}
	addFields(form, fields)
	return form, nil
}

func tooDeep(value any, levels int) bool {
	if levels == 0 {
		return true
	}
	switch v := value.(type) {
	case map[string]any:
		for _, inner := range v {
			if tooDeep(inner, levels-1) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, func(inner any) bool { return tooDeep(inner, levels-1) })
	}
	return false
}

// addFields makes nodes of JSON fields, in the order of their names. null unsets, as an empty text does in a form.
func addFields(n *Node, fields map[string]any) {
	for _, key := range sortedKeys(nil, fields) {
		n.add(key, nodeOf(fields[key]))
	}
}

func nodeOf(value any) *Node {
	switch v := value.(type) {
	case map[string]any:
		n := &Node{branch: true}
		addFields(n, v)
		return n
	case []any:
		n := &Node{branch: true}
		for i, element := range v {
			n.add(strconv.Itoa(i), nodeOf(element))
		}
		return n
	case string:
		return &Node{Text: v}
	case json.Number:
		return &Node{Text: v.String()}
	case bool:
		return &Node{Text: strconv.FormatBool(v)}
	}
	return &Node{}
}

// unixTimes puts Unix times in the place of those in RFC 3339, which the definition says where to find. Unix times are taken too: the
// library for Go sends them in a query.
func unixTimes(def *param, n *Node, name string) *engine.Error {
	for _, child := range n.Children {
		inner, at := def.element, join(name, child.Key)
		if def.kind == kindObject {
			inner = def.fields[child.Key]
		}
		if inner == nil {
			continue
		}
		if inner.kind != kindTime {
			if err := unixTimes(inner, child.Node, at); err != nil {
				return err
			}
			continue
		}
		if _, err := strconv.ParseInt(child.Text, 10, 64); err == nil {
			continue
		}
		t, err := time.Parse(time.RFC3339, child.Text)
		if err != nil {
			return badRequest("", at, "Invalid timestamp: %s; must be in RFC 3339, such as 2026-01-31T00:00:00Z", shorten(child.Text))
		}
		child.Text = strconv.FormatInt(t.Unix(), 10)
	}
	return nil
}

// unsentThin are thin events that Stripe sends and this emulator does not, for no event of the first version tells what they do.
var unsentThin = []string{
	"v1.invoice_payment.canceled", "v1.invoice_payment.open", "v1.invoiceitem.amount_changed",
	"v1.invoiceitem.discount_added", "v1.invoiceitem.discount_removed", "v1.promotion_code.fully_redeemed",
	"v1.subscription_schedule.phase_default_tax_rates_changed",
}

// snapshotTypes are the types of the events that carry their object, with "*" for all.
var snapshotTypes = sync.OnceValue(func() []string {
	return stripeSpec().ops["POST /v1/webhook_endpoints"].params().fields["enabled_events"].element.values
})

// thinTypes are the types of thin events that may be asked for.
var thinTypes = sync.OnceValue(func() map[string]bool {
	types := map[string]bool{"*": true}
	for _, kind := range snapshotTypes() {
		if kind != "*" && !strings.HasPrefix(kind, "customer.source.") {
			types["v1."+kind] = true
		}
	}
	for _, kind := range engine.ThinOwnTypes() {
		types[kind] = true
	}
	return types
})

// checkWanted refuses types of events that a destination can never be sent: it would wait in silence.
func checkWanted(c *call) *engine.Error {
	wanted := c.form.Child("enabled_events")
	if wanted == nil {
		return nil
	}
	thin := false
	if len(c.ids) > 0 {
		e, known := c.account.world.Endpoint(c.ids[0])
		thin = known && e.Thin
	} else if payload := c.form.Child("event_payload"); payload != nil {
		thin = payload.Text == engine.PayloadThin
	}
	for _, child := range wanted.Children {
		param := join("enabled_events", child.Key)
		switch {
		case thin && (slices.Contains(unsentThin, child.Text) || strings.HasPrefix(child.Text, "v2.") && !thinTypes()[child.Text]):
			return badRequest("parameter_unsupported", param, "%s is an event of Stripe that this emulator does not send yet.", shorten(child.Text))
		case thin && !thinTypes()[child.Text]:
			return badRequest("", param, "Invalid event type: %s is no thin event.", shorten(child.Text))
		case !thin && !slices.Contains(snapshotTypes(), child.Text):
			return badRequest("", param, "Invalid event type: %s is no snapshot event.", shorten(child.Text))
		}
	}
	return nil
}

// errorV2 renders an error of the second version. Codes that only the first has become those of the second, which have no type.
func (c *call) errorV2(e *engine.Error) object {
	body := object{"message": e.Message}
	code, kind := e.Code, e.Type
	switch {
	case e.Type == engine.IdempotencyError:
		code = engine.IdempotencyError
	case e.Status == http.StatusNotFound && e.Code == "resource_missing":
		code, kind = "not_found", ""
	case e.Status == http.StatusBadRequest && e.Type == engine.InvalidRequest && !ownCodes[e.Code] && !slices.Contains(meterCodes, e.Code):
		code, kind = "invalid_fields", ""
	case slices.Contains(meterCodes, e.Code):
		kind = ""
	}
	body["code"] = code
	if kind != "" {
		body["type"] = kind
	}
	if e.Status != http.StatusUnauthorized {
		body["request_log_url"] = c.logURL()
	}
	return object{"error": body}
}

// meterCodes are the codes of meter events, which both versions know.
var meterCodes = []string{
	"archived_meter", "duplicate_meter_event", "meter_event_customer_not_found", "meter_event_invalid_value", "meter_event_no_customer_defined",
	"meter_event_value_not_found", "meter_event_value_too_many_digits", "no_meter", "timestamp_in_future", "timestamp_too_far_in_past",
}

// sessionKey is the key of the account whose session a token is of. The token tells the account, so that no other is looked into.
func (s *Server) sessionKey(token string) (string, bool) {
	s.mu.RLock()
	opened := slices.Clone(s.opened)
	s.mu.RUnlock()
	for _, a := range opened {
		if strings.HasPrefix(token, a.id+"_") {
			return a.key, true
		}
	}
	return "", false
}

// askRelated prepares what a list of the second version asks of the wire.
func (c *call) askRelated(query any) {
	if events, ok := query.(*engine.ListThinEvents); ok {
		events.Related = func(e *engine.Event) string {
			about, _ := c.account.view().related(e)["id"].(string)
			return about
		}
	}
}

// listV2 renders a page; the URLs beside it repeat the request's parameters.
func (c *call) listV2(v *view, l *engine.Listing) object {
	data := make([]any, len(l.Data))
	for i, o := range l.Data {
		data[i] = c.renderV2(v, o)
	}
	beside := func(page string) any {
		if page == "" {
			return nil
		}
		query := &Node{branch: true}
		for _, child := range c.form.Children {
			if child.Key != "page" {
				query.add(child.Key, child.Node)
			}
		}
		for i, field := range c.include {
			_ = query.put([]string{"include", strconv.Itoa(i)}, field) // a fresh list takes it
		}
		query.add("page", &Node{Text: page})
		return c.url() + "?" + query.Encode()
	}
	return object{"data": data, "next_page_url": beside(l.Next), "previous_page_url": beside(l.Previous)}
}
