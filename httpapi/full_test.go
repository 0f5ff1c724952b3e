package httpapi_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dues-billing/dues/catalog"
	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/httpapi"
	"github.com/dues-billing/dues/internal/testenv"
	"github.com/dues-billing/dues/mailer"
	"github.com/dues-billing/dues/service"
	"github.com/dues-billing/dues/sqlstore"
	"github.com/dues-billing/dues/stripeprovider"
)

func TestAWebhookThatCannotBeStoredIsAnswered503AndTakenWhenThereIsRoom(t *testing.T) {
	t.Parallel()
	for _, r := range testenv.Refusals(t) {
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			w, log := refusingWorld(t, r)
			w.wantReady(true)
			r.Refuse(true)
			var refused request
			acknowledged := 0
			for ; refused.method == ""; acknowledged++ {
				delivery := delivered(acknowledged)
				switch got := w.send(delivery); got.status {
				case http.StatusOK:
				case http.StatusServiceUnavailable:
					refused = delivery
					if strings.Contains(string(got.body), "disk") || !strings.Contains(string(got.body), "takes no writes") {
						t.Errorf("outsiders read %s", got.body)
					}
				default:
					t.Fatalf("delivery %d is answered %d: %s", acknowledged, got.status, got.body)
				}
			}
			if !strings.Contains(log.String(), "the disk of the database is full: make room") && !strings.Contains(log.String(), "the database may only be read: ") {
				t.Errorf("the operator is not told what to do: %s", log)
			}
			w.wantReady(false)
			r.Refuse(false)
			w.wantReady(true)
			w.want(http.StatusOK, refused) // Stripe sends it again
			events, _, err := w.service.Events(t.Context(), service.EventFilter{}, service.Page{Limit: 500})
			if err != nil || len(events) != acknowledged {
				t.Errorf("%d events are stored (%v), want the %d that were answered 200", len(events), err, acknowledged)
			}
		})
	}
}

// delivered is a signed delivery of an event that fills a small disk soon.
func delivered(n int) request {
	body := fmt.Appendf(nil, `{"id":"evt_%d","object":"event","type":"customer.updated","created":1798970400,"livemode":false,`+
		`"data":{"object":{"id":"cus_1","object":"customer","description":"%s"}}}`, n, strings.Repeat("x", 16<<10))
	return request{method: "POST", path: "/webhooks/stripe", body: body, header: signed(body, start, webhookSecret)}
}

// refusing is the API on a database that may refuse.
type refusing struct {
	world
	service *service.Service
}

func (w *refusing) wantReady(want bool) {
	w.t.Helper()
	got := w.send(request{method: "GET", path: "/readyz"})
	if ready := got.status == http.StatusOK; ready != want {
		w.t.Errorf("/readyz answers %d %s, want ready %v", got.status, got.body, want)
	}
}

func refusingWorld(t *testing.T, r testenv.Refusal) (*refusing, *strings.Builder) {
	t.Helper()
	store, err := sqlstore.OpenThrough(t.Context(), r.URL, r.Through)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	stripe := emulator.Start(t, func(o *emulator.Options) { o.Now = clock })
	provider := stripeprovider.New(stripeprovider.Config{Key: stripe.Key, BaseURL: stripe.URL, Secrets: []string{webhookSecret}})
	both := service.Clock{Business: clock, Wall: clock}
	uses, err := service.New(service.Config{
		Store: store, Provider: provider, Prices: provider, Verifier: provider, Sender: mailer.NewLog(slog.New(slog.DiscardHandler)),
		Render: mailer.NewRenderer("Test"), Catalog: catalog.Default(), Clock: both, PublicURL: "https://billing.example.com",
	})
	if err != nil {
		t.Fatal(err)
	}
	log := &strings.Builder{} // one request at a time writes to it
	api, err := httpapi.New(t.Context(), httpapi.Config{Service: uses, Clock: both, Log: slog.New(slog.NewTextHandler(log, nil)), ServerKeys: []string{serverKey}})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(api)
	t.Cleanup(func() {
		server.Close()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return &refusing{world{t: t, url: server.URL, stripe: stripe}, uses}, log
}
