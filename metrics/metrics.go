// Package metrics gives Prometheus the numbers that tell whether a service keeps up: what came in and went out, how late it is, how
// often the mirror had to be repaired.
package metrics

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/dues-billing/dues/service"
)

// readTime bounds the reading of the queues for one scrape.
const readTime = 5 * time.Second

// Registry counts what happens. It is a service.Meter, and serves what Prometheus asks for.
type Registry struct {
	registry *prometheus.Registry
	received *prometheus.CounterVec
	found    prometheus.Counter
	synced   *prometheus.HistogramVec
	worked   prometheus.Histogram
	asked    *prometheus.HistogramVec
	happened *prometheus.HistogramVec
	failed   *prometheus.CounterVec
	drifted  prometheus.Counter
	answered *prometheus.HistogramVec
}

// New returns an empty Registry.
func New() *Registry {
	seconds := prometheus.ExponentialBuckets(0.001, 4, 10) // 1 ms to 4 minutes
	m := &Registry{
		registry: prometheus.NewRegistry(),
		received: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dues_webhooks_total", Help: "Deliveries by outcome: taken, known, refused, failed."}, []string{"outcome"}),
		found:    prometheus.NewCounter(prometheus.CounterOpts{Name: "dues_events_found_total", Help: "Events that Stripe lists and no webhook had brought."}),
		synced:   prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "dues_sync_seconds", Help: "A fetch of one customer and its commit.", Buckets: seconds}, []string{"ok"}),
		worked: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "dues_event_lag_seconds", Help: "From a webhook's arrival to the commit of what it told; of those worked off together, of the first.",
			Buckets: prometheus.ExponentialBuckets(0.01, 6, 10),
		}),
		asked: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "dues_stripe_seconds", Help: "Requests to Stripe by route and status, 0 when no answer came.", Buckets: seconds,
		}, []string{"route", "status"}),
		happened: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "dues_effect_lag_seconds", Help: "From the decision to the mail, call or notice that was due.", Buckets: prometheus.ExponentialBuckets(0.01, 6, 10),
		}, []string{"effect"}),
		failed:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dues_effect_failures_total", Help: "Tries of mails, calls and notices that failed."}, []string{"effect"}),
		drifted:  prometheus.NewCounter(prometheus.CounterOpts{Name: "dues_drift_customers_total", Help: "Customers that a comparison found to differ from Stripe."}),
		answered: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "dues_http_seconds", Help: "Answers by route and status.", Buckets: seconds}, []string{"route", "status"}),
	}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		m.received, m.found, m.synced, m.worked, m.asked, m.happened, m.failed, m.drifted, m.answered)
	return m
}

// Received implements service.Meter.
func (m *Registry) Received(outcome string) { m.received.WithLabelValues(outcome).Inc() }

// Found implements service.Meter.
func (m *Registry) Found(events int) { m.found.Add(float64(events)) }

// Synced implements service.Meter.
func (m *Registry) Synced(took time.Duration, err error) {
	m.synced.WithLabelValues(strconv.FormatBool(err == nil)).Observe(took.Seconds())
}

// Worked implements service.Meter.
func (m *Registry) Worked(_ int, after time.Duration) { m.worked.Observe(after.Seconds()) }

// Asked measures a request to Stripe by its route; status is 0 when no answer came.
func (m *Registry) Asked(route string, status int, took time.Duration) {
	m.asked.WithLabelValues(route, strconv.Itoa(status)).Observe(took.Seconds())
}

// Happened implements service.Meter.
func (m *Registry) Happened(effect string, after time.Duration, err error) {
	if err != nil {
		m.failed.WithLabelValues(effect).Inc()
		return
	}
	m.happened.WithLabelValues(effect).Observe(after.Seconds())
}

// Drifted implements service.Meter.
func (m *Registry) Drifted(customers int) { m.drifted.Add(float64(customers)) }

// Answered measures an answer of the JSON API by its route.
func (m *Registry) Answered(route string, status int, took time.Duration) {
	m.answered.WithLabelValues(route, strconv.Itoa(status)).Observe(took.Seconds())
}

// Health is what a scrape asks the service for.
type Health func(ctx context.Context) (service.Health, error)

// Handler answers a scrape: what was counted, and how long the queues are now.
func (m *Registry) Handler(health Health, wall func() time.Time) http.Handler {
	m.registry.MustRegister(&queues{health: health, wall: wall})
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// queues reads the queues at each scrape.
type queues struct {
	health Health
	wall   func() time.Time
}

var (
	up      = prometheus.NewDesc("dues_database_up", "1 when the queues could be read.", nil, nil)
	waiting = prometheus.NewDesc("dues_queue_waiting", "Rows that wait.", []string{"queue"}, nil)
	givenUp = prometheus.NewDesc("dues_queue_given_up", "Rows that were given up and wait for an operator.", []string{"queue"}, nil)
	oldest  = prometheus.NewDesc("dues_queue_oldest_seconds", "How long the oldest has waited, 0 without one.", []string{"queue"}, nil)
	feedAge = prometheus.NewDesc("dues_feed_age_seconds", "Since Stripe's list of events was read.", nil, nil)
	checks  = prometheus.NewDesc("dues_status_checks_total", "Status checks by what answered: memory or database.", []string{"from"}, nil)
	cached  = prometheus.NewDesc("dues_status_cache_accounts", "Accounts whose access can be told from memory.", nil, nil)
	memory  = prometheus.NewDesc("dues_status_cache_bytes", "Memory that this takes, roughly.", nil, nil)
	unheard = prometheus.NewDesc("dues_status_cache_unheard_seconds", "Since it was last sure that no change of another process was missed; absent when it never was.", nil, nil)
	paused  = prometheus.NewDesc("dues_stripe_pause_seconds", "For how long Stripe is left alone yet, because it limits us or is down; 0 when it is not.", nil, nil)
	feedGap = prometheus.NewDesc("dues_feed_gap", "1 when Stripe has forgotten events that nobody read: dues reconcile closes the gap.", nil, nil)
)

// Describe implements prometheus.Collector.
func (q *queues) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{up, waiting, givenUp, oldest, feedAge, feedGap, checks, cached, memory, unheard} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (q *queues) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), readTime)
	defer cancel()
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	h, err := q.health(ctx)
	to <- prometheus.MustNewConstMetric(checks, prometheus.CounterValue, float64(h.Cache.Hits), "memory")
	to <- prometheus.MustNewConstMetric(checks, prometheus.CounterValue, float64(h.Cache.Misses), "database")
	gauge(cached, float64(h.Cache.Accounts))
	gauge(memory, float64(h.Cache.Bytes))
	if !h.Cache.HeardAt.IsZero() {
		gauge(unheard, q.since(h.Cache.HeardAt))
	}
	gauge(up, one(err == nil))
	if err != nil {
		return
	}
	for _, e := range h.Endpoints { // a dead endpoint shall not look like a dead mail server
		h.EffectsPending -= e.Pending
		h.EffectsDead -= e.Dead
		gauge(waiting, float64(e.Pending), "notices:"+e.Name)
		gauge(givenUp, float64(e.Dead), "notices:"+e.Name)
		gauge(oldest, q.since(e.Oldest), "notices:"+e.Name)
	}
	gauge(waiting, float64(h.EventsPending), "inbox")
	gauge(waiting, float64(h.EffectsPending), "outbox")
	gauge(givenUp, float64(h.EventsDead), "inbox")
	gauge(givenUp, float64(h.EffectsDead), "outbox")
	gauge(oldest, q.since(h.OldestEvent), "inbox")
	gauge(oldest, q.since(h.OldestEffect), "outbox")
	gauge(feedAge, q.since(h.Feed.ReadAt))
	gauge(paused, -q.since(h.PausedUntil))
	gauge(feedGap, one(!h.Feed.GapAt.IsZero()))
}

func (q *queues) since(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return q.wall().Sub(t).Seconds()
}

func one(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
