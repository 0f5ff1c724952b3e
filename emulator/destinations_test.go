package emulator_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/emulator/wire"
)

// thinReceiver is a destination of thin events that reads them with the library.
type thinReceiver struct {
	*httptest.Server
	client *stripe.Client
	mu     sync.Mutex
	secret string
	refuse int
	came   chan stripe.EventNotificationContainer
	wrong  chan error
}

func newThinReceiver(t *testing.T, client *stripe.Client) *thinReceiver {
	r := &thinReceiver{client: client, came: make(chan stripe.EventNotificationContainer, 1000), wrong: make(chan error, 1000)}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.refuse > 0 {
			r.refuse--
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		body, err := io.ReadAll(req.Body)
		if err != nil {
			r.wrong <- err
		}
		notification, err := client.ParseEventNotification(body, req.Header.Get("Stripe-Signature"), r.secret)
		if err != nil {
			r.wrong <- err
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		r.came <- notification
	}))
	t.Cleanup(r.Close)
	return r
}

// destination makes the receiver a destination of thin events.
func (r *thinReceiver) destination(t *testing.T, events ...string) *stripe.V2CoreEventDestination {
	t.Helper()
	made, err := r.client.V2CoreEventDestinations.Create(t.Context(), &stripe.V2CoreEventDestinationCreateParams{
		Name: stripe.String("Thin"), Type: stripe.String("webhook_endpoint"), EventPayload: stripe.String("thin"),
		EnabledEvents:   stripe.StringSlice(events),
		WebhookEndpoint: &stripe.V2CoreEventDestinationCreateWebhookEndpointParams{URL: stripe.String(r.URL)},
		Include:         stripe.StringSlice([]string{"webhook_endpoint.signing_secret", "webhook_endpoint.url"}),
	})
	if err != nil {
		t.Fatal(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.secret = made.WebhookEndpoint.SigningSecret
	return made
}

// next waits for a notification.
func (r *thinReceiver) next(t *testing.T) stripe.EventNotificationContainer {
	t.Helper()
	select {
	case n := <-r.came:
		return n
	case err := <-r.wrong:
		t.Fatal(err)
	case <-time.After(10 * time.Second):
		t.Fatal("no thin event came")
	}
	return nil
}

// until takes notifications until one of a type comes, and returns the types of those before it.
func (r *thinReceiver) until(t *testing.T, kind string) (stripe.EventNotificationContainer, []string) {
	t.Helper()
	var before []string
	for {
		n := r.next(t)
		if got := n.GetEventNotification().Type; got == kind {
			return n, before
		} else {
			before = append(before, got)
		}
	}
}

func TestADestinationIsMadeShownChangedSwitchedAndDeleted(t *testing.T) {
	t.Parallel()
	client := start(t).Client()
	r := newThinReceiver(t, client)
	made := r.destination(t, "v1.customer.created")
	if made.WebhookEndpoint.URL != r.URL || !strings.HasPrefix(made.WebhookEndpoint.SigningSecret, "whsec_") || made.Status != "enabled" ||
		made.EventPayload != "thin" || made.Created.IsZero() || made.Object != "v2.core.event_destination" {
		t.Errorf("made %+v", made)
	}
	read, err := client.V2CoreEventDestinations.Retrieve(t.Context(), made.ID, nil)
	if err != nil || read.WebhookEndpoint.URL != "" || read.WebhookEndpoint.SigningSecret != "" {
		t.Errorf("without include it shows %+v (%v)", read.WebhookEndpoint, err)
	}
	changed, err := client.V2CoreEventDestinations.Update(t.Context(), made.ID, &stripe.V2CoreEventDestinationUpdateParams{
		Name: stripe.String("Other"), Metadata: map[string]*string{"team": stripe.String("blue")}, EnabledEvents: stripe.StringSlice([]string{"*"}),
	})
	if err != nil || changed.Name != "Other" || changed.Metadata["team"] != "blue" || !slices.Equal(changed.EnabledEvents, []string{"*"}) {
		t.Errorf("changed to %+v (%v)", changed, err)
	}
	unset, err := client.V2CoreEventDestinations.Update(t.Context(), made.ID, &stripe.V2CoreEventDestinationUpdateParams{Metadata: map[string]*string{"team": nil}})
	if err != nil || len(unset.Metadata) != 0 {
		t.Errorf("null leaves the metadata %v (%v)", unset.Metadata, err)
	}
	off, err := client.V2CoreEventDestinations.Disable(t.Context(), made.ID, nil)
	if err != nil || off.Status != "disabled" || off.StatusDetails.Disabled.Reason != "user" {
		t.Errorf("disabled: %+v (%v)", off, err)
	}
	if on, err := client.V2CoreEventDestinations.Enable(t.Context(), made.ID, nil); err != nil || on.Status != "enabled" || on.StatusDetails != nil {
		t.Errorf("enabled: %+v (%v)", on, err)
	}
	if gone, err := client.V2CoreEventDestinations.Delete(t.Context(), made.ID, nil); err != nil || gone.ID != made.ID {
		t.Errorf("deleted: %+v (%v)", gone, err)
	}
	_, err = client.V2CoreEventDestinations.Retrieve(t.Context(), made.ID, nil)
	var refused *stripe.V2RawError
	if !errors.As(err, &refused) || refused.Code != "not_found" || refused.HTTPStatusCode != 404 {
		t.Errorf("a deleted destination answers %v", err)
	}
}

func TestThinEventsAreSignedAndLeadToTheirEventAndObject(t *testing.T) {
	t.Parallel()
	server := start(t, quick)
	client := server.Client()
	r := newThinReceiver(t, client)
	r.refuse = 1 // the first try fails and is made again
	r.destination(t, "v1.customer.created")
	customer, err := client.V1Customers.Create(t.Context(), &stripe.CustomerCreateParams{Email: stripe.String("ada@example.com")})
	if err != nil {
		t.Fatal(err)
	}
	n, isUnknown := r.next(t).(*stripe.UnknownEventNotification)
	if !isUnknown || n.Type != "v1.customer.created" || n.RelatedObject.ID != customer.ID || n.RelatedObject.Type != "customer" {
		t.Fatalf("came %+v", n)
	}
	if n.Reason == nil || n.Reason.Type != "request" || n.Reason.Request.ID != customer.LastResponse.RequestID {
		t.Errorf("the reason is %+v", n.Reason)
	}
	event, err := n.FetchEvent(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := event.(*stripe.V2CoreRawEvent)
	if raw == nil || raw.ID != n.ID || raw.Type != n.Type || raw.RelatedObject.ID != customer.ID {
		t.Errorf("fetched %+v", event)
	}
	var fields struct {
		Snapshot string `json:"snapshot_event"`
	}
	if err := json.Unmarshal(raw.LastResponse.RawJSON, &fields); err != nil {
		t.Fatal(err)
	}
	snapshot, err := client.V1Events.Retrieve(t.Context(), fields.Snapshot, nil)
	if err != nil || snapshot.Type != "customer.created" {
		t.Errorf("its snapshot is %+v (%v)", snapshot, err)
	}
	related, err := n.FetchRelatedObject(t.Context())
	if err != nil || !bytes.Contains(related.LastResponse.RawJSON, []byte("ada@example.com")) {
		t.Errorf("related: %v", err)
	}
	if deliveries := server.World(server.Key).Deliveries(1); len(deliveries) != 1 || deliveries[0].Event != n.ID || deliveries[0].Tries != 2 {
		t.Errorf("the log of deliveries is %+v", deliveries)
	}
}

func TestThinEventsSayWhatOfASubscriptionChanged(t *testing.T) {
	t.Parallel()
	server := start(t, quick)
	client := server.Client()
	shop := openShop(t, server, "")
	sub := shop.subscribe(t)
	r := newThinReceiver(t, client)
	r.destination(t, "v1.customer.subscription.item_quantity_changed", "v1.customer.subscription.updated", "v1.customer.subscription.item_added")
	if _, err := client.V1SubscriptionItems.Update(t.Context(), sub.Items.Data[0].ID, &stripe.SubscriptionItemUpdateParams{Quantity: stripe.Int64(7)}); err != nil {
		t.Fatal(err)
	}
	first, second := r.next(t).GetEventNotification(), r.next(t).GetEventNotification()
	if first.Type != "v1.customer.subscription.updated" || second.Type != "v1.customer.subscription.item_quantity_changed" || first.ID == second.ID {
		t.Errorf("came %s %s, %s %s", first.Type, first.ID, second.Type, second.ID)
	}
}

func TestAPingReachesItsDestinationAlone(t *testing.T) {
	t.Parallel()
	client := start(t, quick).Client()
	r, other := newThinReceiver(t, client), newThinReceiver(t, client)
	made := r.destination(t, "v1.invoice.paid")
	other.destination(t, "*")
	pinged, err := client.V2CoreEventDestinations.Ping(t.Context(), made.ID, nil)
	if err != nil {
		t.Fatal(err)
	}
	event, isPing := pinged.(*stripe.V2CoreEventDestinationPingEvent)
	if !isPing {
		t.Fatalf("answered a %T", pinged)
	}
	n, isPing := r.next(t).(*stripe.V2CoreEventDestinationPingEventNotification)
	if !isPing || n.ID != event.ID {
		t.Fatalf("came %+v", n)
	}
	if related, err := n.FetchRelatedObject(t.Context()); err != nil || related.ID != made.ID {
		t.Errorf("related: %+v (%v)", related, err)
	}
	if _, err := client.V1Customers.Create(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if _, before := other.until(t, "v1.customer.created"); len(before) > 0 {
		t.Errorf("the other destination got %v", before)
	}
	for e, err := range client.V1Events.List(t.Context(), nil).All(t.Context()) {
		if err != nil || strings.HasPrefix(string(e.Type), "v2.") {
			t.Errorf("the first version lists %s (%v)", e.Type, err)
		}
	}
}

func TestASnapshotDestinationGetsSnapshotEventsInItsVersion(t *testing.T) {
	t.Parallel()
	server := start(t, quick)
	r := newReceiver(t)
	made, err := server.Client().V2CoreEventDestinations.Create(t.Context(), &stripe.V2CoreEventDestinationCreateParams{
		Name: stripe.String("Snapshots"), Type: stripe.String("webhook_endpoint"), EventPayload: stripe.String("snapshot"),
		EnabledEvents: stripe.StringSlice([]string{"customer.created"}), SnapshotAPIVersion: stripe.String(stripe.APIVersion),
		WebhookEndpoint: &stripe.V2CoreEventDestinationCreateWebhookEndpointParams{URL: stripe.String(r.URL)},
		Include:         stripe.StringSlice([]string{"webhook_endpoint.signing_secret"}),
	})
	if err != nil {
		t.Fatal(err)
	}
	r.mu.Lock()
	r.secret = made.WebhookEndpoint.SigningSecret
	r.mu.Unlock()
	if _, err := server.Client().V1Customers.Create(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if types := r.wait(t, 1); types[0] != "customer.created" || len(r.mistakes()) > 0 {
		t.Errorf("came %v, mistakes %v", types, r.mistakes())
	}
}

func TestThinEventsAreListedByPagesTypesAndObjects(t *testing.T) {
	t.Parallel()
	server := start(t)
	client := server.Client()
	var ids []string
	for range 5 {
		made, err := client.V1Customers.Create(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, made.ID)
	}
	list := func(p *stripe.V2CoreEventListParams) (got []string) {
		t.Helper()
		for e, err := range client.V2CoreEvents.List(t.Context(), p).All(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			raw, _ := e.(*stripe.V2CoreRawEvent)
			got = append(got, raw.RelatedObject.ID)
		}
		return got
	}
	slices.Reverse(ids)
	if got := list(&stripe.V2CoreEventListParams{Limit: stripe.Int64(2)}); !slices.Equal(got, ids) {
		t.Errorf("in pages of two: %v, want %v", got, ids)
	}
	if got := list(&stripe.V2CoreEventListParams{ObjectID: &ids[2]}); !slices.Equal(got, ids[2:3]) {
		t.Errorf("of one object: %v", got)
	}
	if got := list(&stripe.V2CoreEventListParams{Types: stripe.StringSlice([]string{"v1.customer.deleted"})}); len(got) != 0 {
		t.Errorf("of another type: %v", got)
	}
	page := askV2(t, server, http.MethodGet, "/v2/core/events?limit=2", "", nil)
	next, _ := page.body["next_page_url"].(string)
	if page.body["previous_page_url"] != nil || next == "" {
		t.Fatalf("the first page is %v", page.body)
	}
	second := askV2(t, server, http.MethodGet, next, "", nil)
	previous, _ := second.body["previous_page_url"].(string)
	if back := askV2(t, server, http.MethodGet, previous, "", nil); !slices.Equal(eventIDs(back), eventIDs(page)) {
		t.Errorf("back at %v, want %v", eventIDs(back), eventIDs(page))
	}
	if wrong := askV2(t, server, http.MethodGet, "/v2/core/events?page=nonsense", "", nil); wrong.status != 400 {
		t.Errorf("a made-up page answers %d", wrong.status)
	}
}

func eventIDs(page answerV2) (ids []string) {
	data, _ := page.body["data"].([]any)
	for _, e := range data {
		fields, _ := e.(map[string]any)
		id, _ := fields["id"].(string)
		ids = append(ids, id)
	}
	return ids
}

// answerV2 is what a request past the libraries gets.
type answerV2 struct {
	status int
	header http.Header
	body   map[string]any
}

func (a answerV2) failure() map[string]any {
	e, _ := a.body["error"].(map[string]any)
	return e
}

func askV2(t *testing.T, server *emulator.Server, method, path, body string, header map[string]string) answerV2 {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+server.Key)
	r.Header.Set("Stripe-Version", stripe.APIVersion)
	r.Header.Set("Content-Type", "application/json")
	for name, value := range header {
		r.Header.Set(name, value)
		if value == "" {
			r.Header.Del(name)
		}
	}
	r.Close = true
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	out := answerV2{status: response.StatusCode, header: response.Header}
	if err := json.NewDecoder(response.Body).Decode(&out.body); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestWhatIsWrongWithARequestToTheSecondVersionIsSaidInItsShape(t *testing.T) {
	t.Parallel()
	server := start(t)
	const destinations = "/v2/core/event_destinations"
	good := `{"name":"n","type":"webhook_endpoint","event_payload":"thin","enabled_events":["v1.invoice.paid"],"webhook_endpoint":{"url":"https://example.com"}}`
	with := func(old, changed string) string { return strings.Replace(good, old, changed, 1) }
	for _, c := range []struct {
		name, method, path, body string
		header                   map[string]string
		status                   int
		code, message            string
	}{
		{"no version", "POST", destinations, good, map[string]string{"Stripe-Version": ""}, 400, "invalid_fields", "Stripe-Version"},
		{"a version before it", "POST", destinations, good, map[string]string{"Stripe-Version": "2024-06-20"}, 400, "invalid_fields", "older"},
		{"a form", "POST", destinations, "name=n", map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, 400, "invalid_fields", "JSON"},
		{"no JSON", "POST", destinations, "{", nil, 400, "invalid_fields", "no JSON"},
		{"no object", "POST", destinations, "[]", nil, 400, "invalid_fields", "object"},
		{"unknown field", "POST", destinations, with(`"name"`, `"nmae"`), nil, 400, "invalid_fields", "nmae"},
		{"missing field", "POST", destinations, with(`"name":"n",`, ``), nil, 400, "invalid_fields", "name"},
		{"EventBridge", "POST", destinations, with(`"type":"webhook_endpoint"`, `"type":"amazon_eventbridge"`), nil, 400, "parameter_unsupported", "amazon_eventbridge"},
		{"EventBridge's fields", "POST", destinations, with(`"webhook_endpoint":{"url":"https://example.com"}`, `"amazon_eventbridge":{"aws_account_id":"1","aws_region":"r"}`), nil, 400, "parameter_unsupported", "amazon_eventbridge"},
		{"snapshot event for thin", "POST", destinations, with("v1.invoice.paid", "invoice.paid"), nil, 400, "invalid_fields", "invoice.paid"},
		{"thin event for snapshot", "POST", destinations, with("thin", "snapshot"), nil, 400, "invalid_fields", "v1.invoice.paid"},
		{"an event that is not sent", "POST", destinations, with("invoice.paid", "invoice_payment.open"), nil, 400, "parameter_unsupported", "invoice_payment.open"},
		{"no URL", "POST", destinations, with("https://example.com", "example"), nil, 400, "invalid_fields", "URL"},
		{"other accounts", "POST", destinations, with(`"name"`, `"events_from":["@accounts"],"name"`), nil, 400, "parameter_unsupported", "events_from"},
		{"a secret that is not shown again", "GET", destinations + "?include[0]=webhook_endpoint.signing_secret", "", nil, 400, "invalid_fields", "include"},
		{"nobody's", "POST", destinations + "/ed_test_none/ping", "", nil, 404, "not_found", "ed_test_none"},
		{"unknown path", "GET", "/v2/core/nothing", "", nil, 404, "", "Unrecognized"},
		{"a time that is none", "GET", "/v2/core/events?created[gt]=yesterday", "", nil, 400, "invalid_fields", "RFC 3339"},
	} {
		got := askV2(t, server, c.method, c.path, c.body, c.header)
		if got.status != c.status || got.failure()["code"] != c.code && c.code != "" || !strings.Contains(got.failure()["message"].(string), c.message) {
			t.Errorf("%s: %d %v, want %d %s with %q", c.name, got.status, got.failure(), c.status, c.code, c.message)
		}
	}
	if left := askV2(t, server, http.MethodGet, destinations, "", nil); len(left.body["data"].([]any)) != 0 {
		t.Errorf("a refused request left %v", left.body)
	}
}

func TestAKeyOfTheSecondVersionRepeatsWhatFailedAndKeepsWhatSucceeded(t *testing.T) {
	t.Parallel()
	server := start(t)
	openShop(t, server, "").meter(t, "calls", "sum")
	const path = "/v2/billing/meter_events"
	event := func(customer string) string {
		return `{"event_name":"calls","identifier":"one","payload":{"stripe_customer_id":"` + customer + `","value":"3"}}`
	}
	key := map[string]string{"Idempotency-Key": "k"}
	if got := askV2(t, server, http.MethodPost, path, event("cus_late"), key); got.status != 400 || got.failure()["code"] != "meter_event_customer_not_found" {
		t.Fatalf("before its customer: %d %v", got.status, got.body)
	}
	customer, err := server.Client().V1Customers.Create(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	first := askV2(t, server, http.MethodPost, path, event(customer.ID), key)
	again := askV2(t, server, http.MethodPost, path, event(customer.ID), key)
	if first.status != 200 || again.status != 200 || again.header.Get("Idempotent-Replayed") != "true" || again.body["created"] != first.body["created"] {
		t.Errorf("first %d %v, again %d %v", first.status, first.body, again.status, again.body)
	}
	if other := askV2(t, server, http.MethodPost, path, event("cus_other"), key); other.status != 400 || other.failure()["type"] != "idempotency_error" {
		t.Errorf("other parameters: %d %v", other.status, other.failure())
	}
}

// What a destination has taken is not sent again after a restart, and a key of the second version is still known.
func TestARestartKnowsWhichThinEventsWereTaken(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	server := start(t, func(o *emulator.Options) {
		o.Journal, o.Now = path, func() time.Time { return time.Unix(1_800_000_000, 0) }
	})
	client := server.Client()
	var taken sync.WaitGroup
	taken.Add(2)
	receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { taken.Done() }))
	t.Cleanup(receiver.Close)
	_, err := client.V2CoreEventDestinations.Create(t.Context(), &stripe.V2CoreEventDestinationCreateParams{
		Name: stripe.String("Thin"), Type: stripe.String("webhook_endpoint"), EventPayload: stripe.String("thin"),
		EnabledEvents:   stripe.StringSlice([]string{"v1.price.updated", "v1.price.deactivated"}),
		WebhookEndpoint: &stripe.V2CoreEventDestinationCreateWebhookEndpointParams{URL: stripe.String(receiver.URL)},
	})
	if err != nil {
		t.Fatal(err)
	}
	shop := openShop(t, server, "")
	if _, err := client.V1Prices.Update(t.Context(), shop.price.ID, &stripe.PriceUpdateParams{Active: stripe.Bool(false)}); err != nil {
		t.Fatal(err)
	}
	taken.Wait()
	session := askV2(t, server, http.MethodPost, "/v2/billing/meter_event_session", "", map[string]string{"Idempotency-Key": "k"})
	for deliveries := server.World(server.Key).Deliveries(10); len(deliveries) < 2 || deliveries[0].State != wire.DeliveryDelivered; {
		deliveries = server.World(server.Key).Deliveries(10)
	}
	journal, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	again := reopen(t, journal)
	if deliveries := again.World(server.Key).Deliveries(10); len(deliveries) != 0 {
		t.Errorf("after a restart these are sent again: %+v", deliveries)
	}
	web := httptest.NewServer(again)
	t.Cleanup(web.Close)
	restarted := &emulator.Server{Emulator: again, URL: web.URL, Key: server.Key}
	replay := askV2(t, restarted, http.MethodPost, "/v2/billing/meter_event_session", "", map[string]string{"Idempotency-Key": "k"})
	if replay.body["id"] != session.body["id"] || replay.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("the key answers %v, want %v", replay.body, session.body)
	}
}
