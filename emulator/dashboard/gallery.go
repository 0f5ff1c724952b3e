package dashboard

import (
	"time"

	"github.com/dues-billing/dues/emulator/wire"
	"github.com/dues-billing/dues/internal/design"
)

// galleryNow is the moment at which all gallery pages are shown.
var galleryNow = time.Date(2026, time.December, 5, 14, 5, 9, 0, time.UTC)

func days(n int) time.Time { return galleryNow.AddDate(0, 0, n) }

// Gallery is every page of the dashboard, made from views written by hand, so
// that it shows states that are hard to reach too.
func Gallery() []design.Shot {
	frame := chrome{Account: "acct_1", Name: "Northwind", Key: "sk_test_demo"}
	events := []eventRow{
		{ID: "evt_1MtHbELkdIwHu7ixT9", Type: "invoice.payment_succeeded", Object: "in_1MtHbELkdIwHu7ixl4OzzPMv", At: galleryNow},
		{ID: "evt_1MtHbELkdIwHu7ixT8", Type: "invoice.paid", Object: "in_1MtHbELkdIwHu7ixl4OzzPMv", At: galleryNow},
		{ID: "evt_1MtHbELkdIwHu7ixT7", Type: "customer.subscription.updated", Object: "sub_1MowQVLkdIwHu7ixeRlqHVzs", At: galleryNow.Add(-time.Hour)},
	}
	shots := []design.Shot{
		{Name: "dashboard/accounts", Component: accountsPage([]accountCard{
			{Name: "Northwind", Key: "sk_test_demo", Path: "#", Now: galleryNow, Customers: "3", Events: 187},
			{Name: "Dues Test", Key: "sk_test_ci_7", Path: "#", Now: days(400), Customers: "100+", Events: 24},
		})},
		{Name: "dashboard/no-accounts", Component: accountsPage(nil)},
		{Name: "dashboard/gone", Component: endPage("There is no such object", "It may have been in an account that was emptied or rewound since.")},
		{Name: "dashboard/refused", Component: refusedPage(frame, "The key sk_test_…demo has a world already: reset it first, or take another key.")},
		{Name: "dashboard/events", Component: eventsPage(eventsView{Chrome: at(frame, "/events"), Rows: events, More: "#"})},
	}
	shots = append(shots, galleryOverview(frame, events)...)
	shots = append(shots, galleryObjects(at(frame, "/objects"), events)...)
	shots = append(shots, galleryWebhooks(frame, events)...)
	return append(shots, galleryRequests(at(frame, "/requests"), events)...)
}

func at(c chrome, path string) chrome {
	c.Current = path
	return c
}

var galleryClock = clock{Account: "acct_1", Now: galleryNow, Last: days(365), Plan: []planned{
	{days(3), "the payment of Grace Hopper is tried again", "#"},
	{days(23), "the renewal of Ada Lovelace is announced", "#"},
	{days(26), "the subscription of Ada Lovelace renews or ends", "#"},
}}

func galleryOverview(frame chrome, events []eventRow) []design.Shot {
	full := overviewView{
		Chrome: frame, Clock: galleryClock, Events: events, Endpoints: 1, Deliveries: galleryDeliveries, Requests: galleryRequestLog,
		Customers: []customerRow{
			{ID: "cus_NffrFeUfNV2Hib", Name: "Ada Lovelace", Email: "ada@example.com", Created: days(-61), Plans: []plan{{"sub_1", "Premium", "active"}}},
			{ID: "cus_9s6XKzkNRiz8i3", Name: "Grace Hopper", Email: "grace@example.com", Created: days(-12), Plans: []plan{{"sub_2", "Premium", "past_due"}}},
			{ID: "cus_4QE2fjKHYCk2bd", Email: "alan@example.com", Created: days(-2)},
		},
		Mails:  []mailRow{{Kind: "renewal_soon", To: "ada@example.com", Object: "sub_1MowQVLkdIwHu7ixeRlqHVzs", At: days(-1)}},
		Clocks: []clockRow{{ID: "clock_1Mr3I22eZvKYlo2Ck0rgMqd7", Name: "Annual renewal", Status: "ready", Now: days(300)}},
	}
	moved := full
	moved.Done = "It is now 5 Dec 2026, 14:05:09 UTC. 11 events happened on the way."
	empty := overviewView{Chrome: frame, Clock: clock{Account: "acct_1", Now: galleryNow, Last: days(365)}}
	return []design.Shot{
		{Name: "dashboard/overview", Component: overviewPage(full)},
		{Name: "dashboard/time-moved", Component: overviewPage(moved)},
		{Name: "dashboard/empty", Component: overviewPage(empty)},
	}
}

func galleryObjects(frame chrome, events []eventRow) []design.Shot {
	invoices := []summary{
		{ID: "in_1MtHbELkdIwHu7ixl4OzzPMv", Name: "A1B2C3D4-0002", Status: "paid", Amount: "€12.00", Created: galleryNow},
		{ID: "in_1MtHbELkdIwHu7ixl4OzzPMa", Name: "A1B2C3D4-0001", Status: "paid", Amount: "€12.00", Created: days(-30)},
	}
	body := "{\n  \"id\": \"cus_NffrFeUfNV2Hib\",\n  \"object\": \"customer\",\n  \"balance\": 0,\n  \"default_source\": null,\n" +
		"  \"email\": \"ada@example.com\",\n  \"invoice_settings\": {\n    \"default_payment_method\": \"pm_1MtHbELkdIwHu7ix\"\n  },\n  \"livemode\": false,\n" +
		"  \"name\": \"Ada <script>alert(1)</script>\"\n}\n"
	own := galleryClock
	own.Back = "cus_NffrFeUfNV2Hib"
	line := galleryLine()
	return []design.Shot{
		{Name: "dashboard/objects", Component: objectsPage(objectsView{Chrome: frame, Kind: "invoices", Rows: invoices, More: "#"})},
		{Name: "dashboard/objects-none", Component: objectsPage(objectsView{Chrome: frame, Kind: "refunds"})},
		{Name: "dashboard/customer", Component: objectPage(objectView{
			Chrome: frame, Clock: &own, Line: &line, Events: events, Parts: []part{{"Invoices", invoices}},
			Object: summary{ID: "cus_NffrFeUfNV2Hib", Kind: "customer", Name: "Ada Lovelace"},
			JSON:   jsonLines([]byte(body), func(id string) bool { return id == "pm_1MtHbELkdIwHu7ix" }),
		})},
	}
}

func galleryLine() timeline {
	return timeline{
		From: days(-61), Until: days(28), Now: galleryNow,
		Bars: []lifeBar{
			{ID: "sub_0", Name: "Starter", Spans: []span{{days(-61), days(-40), "active", false}, {days(-40), days(-33), "past_due", false}}},
			{ID: "sub_1", Name: "Premium", Spans: []span{{days(-44), days(-30), "trialing", false}, {days(-30), galleryNow, "active", false}, {galleryNow, days(26), "active", true}}},
		},
		Rows: []markRow{
			{"Invoices", []mark{{days(-61), "A1B2C3D4-0000, void, €5.00", "in_0", design.Plain}, {days(-30), "A1B2C3D4-0001, paid, €12.00", "in_1", design.Good}, {galleryNow, "A1B2C3D4-0002, open, €12.00", "in_2", design.Warn}}},
			{"Payments", []mark{{days(-40), "€5.00 failed: Your card was declined.", "ch_0", design.Bad}, {days(-30), "€12.00 succeeded", "ch_1", design.Good}}},
			{"Events", []mark{{days(-61), "customer.created", "evt_1", design.Plain}, {days(-44), "customer.subscription.created", "evt_2", design.Plain}, {days(-30), "invoice.paid", "evt_3", design.Plain}}},
		},
	}
}

var galleryDeliveries = []wire.Delivery{
	{
		Event: "evt_1MtHbELkdIwHu7ixT9", Type: "invoice.payment_succeeded", URL: "http://127.0.0.1:8080/webhooks/stripe", Endpoint: "we_1", State: wire.DeliveryDelivered,
		Attempts: []wire.Attempt{{At: galleryNow, Status: 200}},
	},
	{
		Event: "evt_1MtHbELkdIwHu7ixT8", Type: "invoice.paid", URL: "http://127.0.0.1:8080/webhooks/stripe", Endpoint: "we_1", State: wire.DeliveryPending,
		NextTry:  days(1),
		Attempts: []wire.Attempt{{At: galleryNow, Error: "connection refused"}, {At: galleryNow.Add(time.Minute), Status: 500, Body: "panic: nil map"}},
	},
	{Event: "evt_1MtHbELkdIwHu7ixT7", Type: "customer.updated", URL: "http://127.0.0.1:8080/webhooks/stripe", Endpoint: "we_1", State: wire.DeliveryDropped, Error: "dropped by chaos"},
}

func galleryWebhooks(frame chrome, events []eventRow) []design.Shot {
	view := webhooksView{
		Chrome: at(frame, "/webhooks"), Deliveries: galleryDeliveries,
		Endpoints: []endpointRow{{ID: "we_1", URL: "http://127.0.0.1:8080/webhooks/stripe", Version: "2026-06-24.dahlia", Events: "all"}},
	}
	chaos := view
	chaos.Chaos = []chaosRow{{"Send twice", "50 % of invoice.*", "every endpoint"}, {"Send later by 3600 seconds", "every event", "we_1"}}
	body := "{\n  \"id\": \"evt_1MtHbELkdIwHu7ixT8\",\n  \"object\": \"event\",\n  \"type\": \"invoice.paid\"\n}\n"
	return []design.Shot{
		{Name: "dashboard/webhooks", Component: webhooksPage(view)},
		{Name: "dashboard/webhooks-chaos", Component: webhooksPage(chaos)},
		{Name: "dashboard/webhooks-none", Component: webhooksPage(webhooksView{Chrome: at(frame, "/webhooks")})},
		{Name: "dashboard/event", Component: eventPage(eventView{
			Chrome: at(frame, "/events"), Event: events[1], Request: "req_4kJx8Vt0aBcD3e", Deliveries: galleryDeliveries[1:2], Endpoints: 1,
			JSON: jsonLines([]byte(body), func(string) bool { return false }),
		})},
		{Name: "dashboard/snapshots", Component: snapshotsPage(snapshotsView{Chrome: at(frame, "/snapshots"), Names: []string{"before the price change", "one year on"}, Commands: 41})},
		{Name: "dashboard/snapshots-none", Component: snapshotsPage(snapshotsView{Chrome: at(frame, "/snapshots"), Commands: 1})},
	}
}

var galleryRequestLog = []wire.LoggedRequest{
	{
		ID: "req_4kJx8Vt0aBcD3e", Method: "POST", Path: "/v1/subscriptions", Version: "2026-06-24.dahlia", Status: 400, At: galleryNow, Milliseconds: 2,
		IdempotencyKey: "0c7f6e1a-5b1d-4c1e-9d3a-3f5be0b0a001",
		Error:          &wire.RequestError{Type: "invalid_request_error", Code: "resource_missing", Message: "No such price: 'price_premium'"},
		Params:         []wire.SentParam{{Name: "customer", Text: "cus_9s6XKzkNRiz8i3"}, {Name: "items[0][price]", Text: "price_premium"}},
	},
	{
		ID: "req_9pQm2Lz7YwXv5u", Method: "POST", Path: "/v1/customers", Version: "2026-06-24.dahlia", Status: 200, At: galleryNow.Add(-time.Minute), Milliseconds: 1,
		Params: []wire.SentParam{{Name: "email", Text: "ada@example.com"}},
	},
}

func galleryRequests(frame chrome, events []eventRow) []design.Shot {
	refused, _ := curlOf("http://127.0.0.1:12111", frame.Key, galleryRequestLog[0])
	made, _ := curlOf("http://127.0.0.1:12111", frame.Key, galleryRequestLog[1])
	return []design.Shot{
		{Name: "dashboard/requests", Component: requestsPage(requestsView{Chrome: frame, Requests: galleryRequestLog})},
		{Name: "dashboard/request-refused", Component: requestPage(requestView{Chrome: frame, Request: galleryRequestLog[0], Curl: refused})},
		{Name: "dashboard/request", Component: requestPage(requestView{Chrome: frame, Request: galleryRequestLog[1], Curl: made, Events: events[2:]})},
	}
}
