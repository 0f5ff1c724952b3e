package httpapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dues-billing/dues"
	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/testenv"
	"github.com/dues-billing/dues/service"
	"github.com/dues-billing/dues/sqlstore"
	"github.com/dues-billing/dues/stripeprovider"
)

// desk is a world with an operator, on each kind of database. ada has signed up; nothing was worked off yet.
type desk struct {
	*script
	store    *sqlstore.Store
	customer string
	told     atomic.Int32 // deliveries of notices to the application
}

func eachDesk(t *testing.T, test func(t *testing.T, d *desk)) {
	t.Helper()
	t.Parallel()
	for _, db := range testenv.Databases(t) {
		t.Run(db.Name, func(t *testing.T) {
			t.Parallel()
			d := &desk{}
			app := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { d.told.Add(1) }))
			t.Cleanup(app.Close)
			url := db.URL(t)
			d.script = &script{world: newWorld(t, func(c *dues.Config) {
				c.Database = url
				c.Endpoints = []service.Endpoint{{Name: "app", URL: app.URL, Secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", Types: []string{"access.changed"}}}
			})}
			var err error
			if d.store, err = sqlstore.Open(t.Context(), url); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := d.store.Close(); err != nil {
					t.Error(err)
				}
			})
			d.signUp("ada")
			account, err := d.dues.Account(t.Context(), "ada")
			if err != nil {
				t.Fatal(err)
			}
			d.customer = string(account.Customer)
			test(t, d)
		})
	}
}

// deliver sends a signed webhook.
func (d *desk) deliver(id, kind, customer, version string) {
	d.t.Helper()
	body := fmt.Appendf(nil, `{"id":"%s","object":"event","api_version":"%s","type":"%s","created":1798970400,"data":{"object":{"id":"%s","object":"customer"}}}`,
		id, version, kind, customer)
	if customer == "" {
		body = fmt.Appendf(nil, `{"id":"%s","object":"event","api_version":"%s","type":"%s","created":1798970400,"data":{"object":{"id":"half","object":"coupon"}}}`, id, version, kind)
	}
	d.want(http.StatusOK, request{method: "POST", path: "/webhooks/stripe", body: body, header: signed(body, start, webhookSecret)})
}

// giveUp is the end of many tries: what waits for the customer is dead, and so is every effect that can be claimed.
func (d *desk) giveUp() {
	d.t.Helper()
	ctx := d.t.Context()
	err := d.store.InTx(ctx, func(tx *sqlstore.Tx) error {
		return tx.EventsLate(ctx, billing.CustomerID(d.customer), 1<<40, sqlstore.Late{Due: start, Cause: "stripe: 500", Dead: true})
	})
	if err != nil {
		d.t.Fatal(err)
	}
	for _, endpoint := range []string{"", "app"} {
		claimed, err := d.store.ClaimEffects(ctx, endpoint, start, start.Add(time.Minute), 10)
		if err != nil {
			d.t.Fatal(err)
		}
		for _, e := range claimed {
			if err := d.store.EffectLate(ctx, e, start, "refused", true); err != nil {
				d.t.Fatal(err)
			}
		}
	}
}

func (d *desk) drain() {
	d.t.Helper()
	ctx, stop := context.WithTimeout(d.t.Context(), time.Minute)
	defer stop()
	if err := d.dues.Drain(ctx); err != nil {
		d.t.Fatal(err)
	}
}

// read sends a request of the operator's and returns what matters of the answer.
func (d *desk) read(method, path string, body any) (got struct {
	State, NextCursor string
	Retried           int
	Events, Effects   []struct{ ID, Key, State string }
}) {
	d.t.Helper()
	answer := d.want(http.StatusOK, request{method: method, path: path, credential: operatorKey, body: body})
	var wire struct {
		NextCursor string `json:"next_cursor"`
	}
	if err := json.Unmarshal(answer.body, &got); err != nil {
		d.t.Fatal(err)
	}
	if err := json.Unmarshal(answer.body, &wire); err != nil {
		d.t.Fatal(err)
	}
	got.NextCursor = wire.NextCursor
	return got
}

func TestAnOperatorReadsAndRetriesEventsAndEffects(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		d.deliver("evt_1", "customer.updated", d.customer, stripeprovider.APIVersion)
		d.deliver("evt_2", "invoice.paid", d.customer, "2024-06-20")
		d.deliver("evt_3", "coupon.created", "", stripeprovider.APIVersion)
		d.giveUp()
		do := func(method, path string, body any) {
			d.do(request{method: method, path: path, credential: operatorKey, body: body})
		}
		do("GET", "/v1/events", nil)
		do("GET", "/v1/events?type=invoice.paid&account=ada&state=dead&since=2027-01-04T10:00:00Z&limit=1", nil)
		do("GET", "/v1/effects?state=dead", nil)
		do("POST", "/v1/events/evt_2/retry", nil)
		do("POST", "/v1/events/evt_3/retry", nil)
		do("POST", "/v1/events/retry", map[string]string{})
		do("POST", "/v1/effects/retry", map[string]string{"account": "ada"})
		d.drain()
		do("GET", "/v1/events/evt_2", nil)
		do("GET", "/v1/effects/welcome:ada", nil)
		do("POST", "/v1/effects/welcome:ada/retry", nil)
		do("PUT", "/v1/events/retry", nil)
		do("GET", "/v1/events/evt_9", nil)
		d.check("queues")
	})
}

func TestARetriedEventIsWorkedOffHoweverOftenItIsAsked(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		d.drain()
		d.deliver("evt_1", "customer.updated", d.customer, stripeprovider.APIVersion)
		d.giveUp()
		for range 2 {
			if got := d.read("POST", "/v1/events/evt_1/retry", nil); got.State != "pending" {
				t.Errorf("retried: %+v, want it pending", got)
			}
		}
		if got := d.read("POST", "/v1/events/retry", map[string]string{}); got.Retried != 0 {
			t.Errorf("%d more are retried, want none: the one is pending", got.Retried)
		}
		d.drain()
		if got := d.read("GET", "/v1/events/evt_1", nil); got.State != "done" {
			t.Errorf("after the work: %+v", got)
		}
		if got := d.read("POST", "/v1/events/retry", map[string]string{"state": "done", "type": "customer.updated"}); got.Retried != 1 {
			t.Errorf("%d are replayed, want 1", got.Retried)
		}
		d.drain()
		if got := d.read("GET", "/v1/events?state=done", nil); len(got.Events) != 1 {
			t.Errorf("after the replay: %+v", got)
		}
	})
}

func TestANoticeIsDeliveredOnceMoreAndAMailNever(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		d.drain()
		told := d.told.Load()
		if told == 0 {
			t.Fatal("the application was told nothing")
		}
		delivered := d.read("GET", "/v1/effects?kind=notice&endpoint=app&state=done", nil)
		key := delivered.Effects[0].Key
		for range 2 {
			d.read("POST", "/v1/effects/"+key+"/retry", nil)
		}
		d.drain()
		if again := d.told.Load() - told; again != 1 {
			t.Errorf("delivered %d times more, want once: the second asked for what was pending", again)
		}
		d.want(http.StatusConflict, request{method: "POST", path: "/v1/effects/welcome:ada/retry", credential: operatorKey})
		if got := d.read("POST", "/v1/effects/retry", map[string]string{"state": "done", "account": "ada"}); got.Retried != len(delivered.Effects) {
			t.Errorf("%d effects happen again, want the %d notices", got.Retried, len(delivered.Effects))
		}
	})
}

func TestAnEffectIsFoundByAKeyWithAnyLetterInIt(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		d.want(http.StatusCreated, request{method: "POST", path: "/v1/accounts", credential: serverKey, body: map[string]string{"id": "team/7 ü?", "email": "team@example.com"}})
		d.drain()
		if got := d.read("GET", "/v1/effects/welcome:team%2F7%20%C3%BC%3F", nil); got.State != "done" {
			t.Errorf("got %+v", got)
		}
	})
}

func TestAListGoesOnWhereItsCursorSays(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		var want []string
		for i := range 6 {
			id := fmt.Sprintf("evt_%d", i)
			d.deliver(id, "customer.updated", d.customer, stripeprovider.APIVersion)
			want = append([]string{id}, want...)
		}
		var got []string
		path, pages := "/v1/events?limit=3", 0
		for next := path; next != ""; pages++ {
			page := d.read("GET", next, nil)
			for _, e := range page.Events {
				got = append(got, e.ID)
			}
			d.deliver(fmt.Sprintf("evt_new_%d", pages), "customer.updated", d.customer, stripeprovider.APIVersion) // must shift nothing
			next = ""
			if page.NextCursor != "" {
				next = path + "&cursor=" + page.NextCursor
			}
		}
		if !slices.Equal(got, want) || pages != 2 {
			t.Errorf("%d pages of %v, want 2 of %v", pages, got, want)
		}
	})
}
