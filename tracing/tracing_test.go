package tracing_test

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/dues-billing/dues/service"
	"github.com/dues-billing/dues/tracing"
)

// recorded returns a Tracer and what it made.
func recorded() (*tracing.Tracer, *tracetest.InMemoryExporter) {
	spans := tracetest.NewInMemoryExporter()
	return tracing.New(sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))), spans
}

func TestASpanSaysWhatItIsGiven(t *testing.T) {
	t.Parallel()
	tracer, spans := recorded()
	_, span := tracer.Begin(t.Context(), service.Work{Name: "a", Attrs: []slog.Attr{slog.String("text", "x"), slog.Int("number", 7)}})
	span.Rename("b")
	span.Set(slog.Bool("yes", true), slog.Duration("took", 1500*time.Millisecond), slog.Any("list", []string{"x", "y"}), slog.Float64("share", 0.5))
	span.End(errors.New("no mailbox ada@example.com"))
	got := spans.GetSpans()[0]
	said := map[string]any{}
	for _, a := range got.Attributes {
		said[string(a.Key)] = a.Value.AsInterface()
	}
	want := map[string]any{"text": "x", "number": int64(7), "yes": true, "took": 1.5, "list": []string{"x", "y"}, "share": 0.5}
	if diff := cmp.Diff(want, said); diff != "" || got.Name != "b" || got.Status.Description != "no mailbox [e-mail]" {
		t.Errorf("span %q ended with %q and says\n%s", got.Name, got.Status.Description, diff)
	}
}

func TestAWrongTraceparentBeginsATraceOfItsOwn(t *testing.T) {
	t.Parallel()
	for _, header := range []string{"x", "00-00000000000000000000000000000000-00f067aa0ba902b7-01", "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"} {
		tracer, spans := recorded()
		ctx, span := tracer.Begin(t.Context(), service.Work{Name: "a", From: header, Causes: []string{header}})
		here := tracer.Here(ctx)
		span.End(nil)
		got := spans.GetSpans()[0]
		if got.Parent.IsValid() || len(got.Links) != 0 || len(here) != 55 {
			t.Errorf("%s: the span has parent %v, %d links and is %s", header, got.Parent, len(got.Links), here)
		}
	}
	tracer, _ := recorded()
	if here := tracer.Here(t.Context()); here != "" {
		t.Errorf("outside of a span, here is %q", here)
	}
}
