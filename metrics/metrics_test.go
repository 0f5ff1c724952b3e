package metrics_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dues-billing/dues/metrics"
	"github.com/dues-billing/dues/service"
)

var now = time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC)

// scrape returns what Prometheus is told.
func scrape(m *metrics.Registry, health metrics.Health) string {
	rec := httptest.NewRecorder()
	m.Handler(health, func() time.Time { return now }).ServeHTTP(rec, httptest.NewRequest("GET", "/metrics", nil))
	return rec.Body.String()
}

// Features: 105.
func TestAScrapeTellsWhatHappenedAndWhatWaits(t *testing.T) {
	t.Parallel()
	m := metrics.New()
	var _ service.Meter = m
	m.Received(service.Taken)
	m.Received(service.Taken)
	m.Received(service.Refused)
	m.Found(3)
	m.Synced(20*time.Millisecond, nil)
	m.Worked(8, 3*time.Second)
	m.Asked("GET /v1/customers/{id}", 200, 40*time.Millisecond)
	m.Happened("receipt", 2*time.Second, nil)
	m.Happened("receipt", 2*time.Second, errors.New("mailbox full"))
	m.Drifted(1)
	m.Answered("GET /v1/me", 200, 3*time.Millisecond)
	got := scrape(m, func(context.Context) (service.Health, error) {
		return service.Health{
			Queues:      service.Queues{EventsPending: 5, EffectsPending: 7, EffectsDead: 3},
			Endpoints:   []service.EndpointHealth{{Name: "app", Pending: 7, Dead: 1, Oldest: now.Add(-time.Hour)}},
			Cache:       service.CacheStats{Hits: 9, Misses: 2, Accounts: 4, Bytes: 5000, HeardAt: now.Add(-time.Second)},
			OldestEvent: now.Add(-90 * time.Second), Feed: service.Feed{ReadAt: now.Add(-time.Minute), GapAt: now},
		}, nil
	})
	for _, want := range []string{
		`dues_webhooks_total{outcome="taken"} 2`, `dues_webhooks_total{outcome="refused"} 1`, `dues_events_found_total 3`, `dues_sync_seconds_count{ok="true"} 1`,
		`dues_event_lag_seconds_sum 3`, `dues_stripe_seconds_count{route="GET /v1/customers/{id}",status="200"} 1`,
		`dues_effect_lag_seconds_sum{effect="receipt"} 2`, `dues_effect_failures_total{effect="receipt"} 1`, `dues_drift_customers_total 1`,
		`dues_http_seconds_count{route="GET /v1/me",status="200"} 1`, `dues_queue_waiting{queue="inbox"} 5`, `dues_queue_given_up{queue="outbox"} 2`,
		`dues_queue_oldest_seconds{queue="inbox"} 90`, `dues_queue_oldest_seconds{queue="outbox"} 0`, `dues_queue_waiting{queue="outbox"} 0`,
		`dues_queue_waiting{queue="notices:app"} 7`, `dues_queue_given_up{queue="notices:app"} 1`, `dues_queue_oldest_seconds{queue="notices:app"} 3600`, `dues_feed_age_seconds 60`, `dues_feed_gap 1`, `dues_database_up 1`,
		`dues_status_checks_total{from="memory"} 9`, `dues_status_checks_total{from="database"} 2`, `dues_status_cache_accounts 4`, `dues_status_cache_bytes 5000`,
		`dues_status_cache_unheard_seconds 1`,
	} {
		if !strings.Contains(got, "\n"+want+"\n") {
			t.Errorf("the scrape lacks %s", want)
		}
	}
}

func TestADatabaseThatIsDownIsAMetricAndNoError(t *testing.T) {
	t.Parallel()
	got := scrape(metrics.New(), func(context.Context) (service.Health, error) { return service.Health{}, errors.New("down") })
	if !strings.Contains(got, "\ndues_database_up 0\n") || strings.Contains(got, "dues_queue_waiting{") {
		t.Error("a database that is down must show as dues_database_up 0 and invent no queue")
	}
	if strings.Contains(got, "\ndues_status_cache_unheard_seconds") {
		t.Error("a cache that has never heard of changes has no age")
	}
}
