package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/dues-billing/dues/service"
	"github.com/dues-billing/dues/tracing"
)

// flushTime bounds the delivery of the last spans when the program ends.
const flushTime = 5 * time.Second

// openTraces returns what sends spans to the collector that OpenTelemetry's own variables name, and what ends that. Without an
// endpoint it returns nil, and nothing is traced.
func openTraces(ctx context.Context, log *slog.Logger) (service.Tracer, func() error, error) {
	if !tracesWanted(os.Getenv) {
		return nil, func() error { return nil }, nil
	}
	if protocol := cmp.Or(os.Getenv("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"), os.Getenv("OTEL_EXPORTER_OTLP_PROTOCOL")); protocol != "" && protocol != "http/protobuf" {
		return nil, nil, hint(fmt.Errorf("traces cannot be sent by %s", protocol),
			"take OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf, which collectors expect on port 4318")
	}
	// What is sent, how often and where to is read by the exporter and the SDK from OTEL_* variables.
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("traces: %w", err)
	}
	about, err := resource.New(ctx,
		resource.WithAttributes(attribute.String("service.name", "dues"), attribute.String("service.version", programVersion())),
		resource.WithTelemetrySDK(), resource.WithFromEnv()) // the last wins
	if err != nil {
		return nil, nil, fmt.Errorf("traces: %w", err)
	}
	// A collector that is away costs spans and is said, but does not end anything.
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("spans were not sent", "error", err) }))
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(about))
	end := func() error {
		ctx, cancel := context.WithTimeout(context.Background(), flushTime)
		defer cancel()
		if err := provider.Shutdown(ctx); err != nil {
			log.Warn("the last spans were not sent", "error", err)
		}
		return nil
	}
	return tracing.New(provider), end, nil
}

// tracesWanted reports whether the variables of OpenTelemetry name a collector for traces, and do not switch them off.
func tracesWanted(variable func(string) string) bool {
	if strings.EqualFold(variable("OTEL_SDK_DISABLED"), "true") || variable("OTEL_TRACES_EXPORTER") == "none" {
		return false
	}
	return cmp.Or(variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"), variable("OTEL_EXPORTER_OTLP_ENDPOINT")) != ""
}
