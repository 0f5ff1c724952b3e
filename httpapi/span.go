package httpapi

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/service"
)

// traced shows requests as spans, each in the trace of its caller when that says which. What is asked too often to say anything is
// left out: health checks and the files of pages.
func traced(next http.Handler, tracer service.Tracer) http.Handler {
	if tracer == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz" || r.URL.Path == "/readyz" || strings.HasPrefix(r.URL.Path, design.Prefix) {
			next.ServeHTTP(w, r)
			return
		}
		// The route is known when the request has been answered. The path is not told: it holds account ids, which may be personal.
		ctx, span := tracer.Begin(r.Context(), service.Work{Name: r.Method, Kind: service.Answers, From: r.Header.Get("Traceparent")})
		*r = *r.WithContext(ctx) // for wrap, too, which logs the request with its trace
		status := http.StatusInternalServerError
		defer func() { finish(span, r, status) }() // also when the handler panics
		next.ServeHTTP(w, r)
		if answer, ok := w.(*recorder); ok {
			status = answer.status
		}
	})
}

// finish ends the span of a request.
func finish(span service.Span, r *http.Request, status int) {
	if r.Pattern != "" {
		span.Rename(r.Pattern)
	}
	_, route, _ := strings.Cut(r.Pattern, " ")
	span.Set(slog.String("http.request.method", r.Method), slog.String("http.route", route), slog.Int("http.response.status_code", status),
		slog.String("dues.request_id", RequestID(r.Context())))
	var err error
	if status >= http.StatusInternalServerError {
		err = fmt.Errorf("answered %d", status)
	}
	span.End(err)
}
