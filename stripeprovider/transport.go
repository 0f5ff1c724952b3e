package stripeprovider

import (
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/dues-billing/dues/service"
)

// watched tells of each request to Stripe, the SDK's repetitions included. It names routes and no ids, queries or bodies: those hold
// e-mail addresses and names.
type watched struct {
	next   http.RoundTripper
	tracer service.Tracer
	asked  func(route string, status int, took time.Duration)
	wall   func() time.Time
}

// RoundTrip implements http.RoundTripper.
func (w watched) RoundTrip(r *http.Request) (*http.Response, error) {
	path := routeOf(r.URL.Path)
	route := r.Method + " " + path
	var span service.Span
	if w.tracer != nil {
		ctx, begun := w.tracer.Begin(r.Context(), service.Work{Name: route, Kind: service.Asks, Attrs: []slog.Attr{
			slog.String("http.request.method", r.Method), slog.String("url.template", path), slog.String("server.address", r.URL.Hostname()),
		}})
		r, span = r.WithContext(ctx), begun
	}
	answer, err := w.timed(r, route)
	if span != nil {
		finish(span, answer, err)
	}
	return answer, err
}

func (w watched) timed(r *http.Request, route string) (*http.Response, error) {
	if w.asked == nil {
		return w.next.RoundTrip(r)
	}
	began, status := w.wall(), 0
	answer, err := w.next.RoundTrip(r)
	if err == nil {
		status = answer.StatusCode
	}
	w.asked(route, status, w.wall().Sub(began))
	return answer, err
}

// finish ends the span of a request: that there was an answer, not that it was read to its end.
func finish(span service.Span, answer *http.Response, err error) {
	if err == nil {
		span.Set(slog.Int("http.response.status_code", answer.StatusCode), slog.String("dues.stripe.request_id", answer.Header.Get("Request-Id")))
		if answer.StatusCode >= http.StatusBadRequest {
			err = fmt.Errorf("answered %d", answer.StatusCode)
		}
	}
	span.End(err)
}

// routeWords are the words in the paths that this package asks for. What is none of them is an id.
var routeWords = strings.Fields(`v1 customers payment_methods subscriptions subscription_items invoices lines payment_intents products prices
	checkout sessions expire billing_portal configurations webhook_endpoints events charges refunds disputes`)

// routeOf is a path with {id} in place of each id.
func routeOf(path string) string {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	for i, part := range parts {
		if !slices.Contains(routeWords, part) {
			parts[i] = "{id}"
		}
	}
	return "/" + strings.Join(parts, "/")
}
