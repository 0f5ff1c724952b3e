// Package tracing shows the work of a service as spans of OpenTelemetry. It is a package of its own, so that who mounts Dues without
// traces compiles nothing of OpenTelemetry in.
package tracing

import (
	"context"
	"fmt"
	"log/slog"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/dues-billing/dues/service"
)

// scope names this module in the spans that it makes.
const scope = "github.com/dues-billing/dues"

// traceparent is the header of W3C Trace Context.
const traceparent = "traceparent"

// Tracer makes spans of a TracerProvider. It is a service.Tracer.
type Tracer struct{ tracer trace.Tracer }

// New returns a Tracer of a provider, which whoever made it shuts down.
func New(provider trace.TracerProvider) *Tracer { return &Tracer{provider.Tracer(scope)} }

var kinds = map[service.WorkKind]trace.SpanKind{
	service.Inside: trace.SpanKindInternal, service.Answers: trace.SpanKindServer, service.Asks: trace.SpanKindClient, service.Consumes: trace.SpanKindConsumer,
}

// Begin implements service.Tracer.
func (t *Tracer) Begin(ctx context.Context, w service.Work) (context.Context, service.Span) {
	if w.From != "" {
		ctx = within(ctx, w.From)
	}
	options := []trace.SpanStartOption{trace.WithSpanKind(kinds[w.Kind]), trace.WithAttributes(attributes(w.Attrs)...)}
	for _, cause := range w.Causes {
		if at := trace.SpanContextFromContext(within(context.Background(), cause)); at.IsValid() {
			options = append(options, trace.WithLinks(trace.Link{SpanContext: at}))
		}
	}
	ctx, made := t.tracer.Start(ctx, w.Name, options...)
	return ctx, span{made}
}

// Here implements service.Tracer.
func (t *Tracer) Here(ctx context.Context) string {
	header := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, header)
	return header[traceparent]
}

// within returns ctx in the trace that a header names, or as it is when the header is wrong.
func within(ctx context.Context, header string) context.Context {
	return propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{traceparent: header})
}

type span struct{ made trace.Span }

// Rename implements service.Span.
func (s span) Rename(name string) { s.made.SetName(name) }

// Set implements service.Span.
func (s span) Set(attrs ...slog.Attr) { s.made.SetAttributes(attributes(attrs)...) }

// End implements service.Span.
func (s span) End(err error) {
	if err != nil {
		s.made.SetStatus(codes.Error, service.Clean(err.Error()))
	}
	s.made.End()
}

func attributes(attrs []slog.Attr) []attribute.KeyValue {
	out := make([]attribute.KeyValue, len(attrs))
	for i, a := range attrs {
		out[i] = attribute.KeyValue{Key: attribute.Key(a.Key), Value: value(a.Value.Resolve())}
	}
	return out
}

func value(v slog.Value) attribute.Value {
	switch v.Kind() {
	case slog.KindString:
		return attribute.StringValue(service.Clean(v.String()))
	case slog.KindInt64:
		return attribute.Int64Value(v.Int64())
	case slog.KindBool:
		return attribute.BoolValue(v.Bool())
	case slog.KindFloat64:
		return attribute.Float64Value(v.Float64())
	case slog.KindDuration:
		return attribute.Float64Value(v.Duration().Seconds())
	}
	if texts, ok := v.Any().([]string); ok {
		return attribute.StringSliceValue(texts)
	}
	return attribute.StringValue(service.Clean(fmt.Sprint(v.Any())))
}
