package main

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dues-billing/dues/service"
)

func TestTracesAreSentWhenOpenTelemetrysVariablesNameACollector(t *testing.T) {
	for _, c := range []struct {
		name string
		env  map[string]string
		want bool
	}{
		{"nothing is set", nil, false},
		{"a collector for all", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, true},
		{"a collector for traces", map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces"}, true},
		{"switched off", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_SDK_DISABLED": "true"}, false},
		{"no exporter", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_TRACES_EXPORTER": "none"}, false},
	} {
		if got := tracesWanted(func(name string) string { return c.env[name] }); got != c.want {
			t.Errorf("%s: traces are sent %v, want %v", c.name, got, c.want)
		}
	}
}

func TestTheLastSpansReachTheCollectorBeforeTheProgramEnds(t *testing.T) {
	got := make(chan []byte, 1)
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.URL.Path != "/v1/traces" || r.Header.Get("Authorization") != "mine" {
			t.Errorf("the collector is asked %s with %q: %v", r.URL.Path, r.Header.Get("Authorization"), err)
		}
		got <- body
	}))
	defer collector.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL)
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=mine")
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=staging")
	tracer, end, err := openTraces(t.Context(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	_, span := tracer.Begin(t.Context(), service.Work{Name: "mail receipt"})
	span.End(nil)
	if err := end(); err != nil {
		t.Fatal(err)
	}
	body := <-got
	for _, want := range []string{"service.name", "dues", "staging", "mail receipt"} {
		if !bytes.Contains(body, []byte(want)) {
			t.Errorf("what the collector gets lacks %q", want)
		}
	}
}

func TestAProtocolThatIsNotSpokenIsRefusedWithTheOneThatIs(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317")
	t.Setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
	_, _, err := openTraces(t.Context(), slog.New(slog.DiscardHandler))
	var out strings.Builder
	complain(&out, err)
	if !strings.Contains(out.String(), "cannot be sent by grpc") || !strings.Contains(out.String(), "http/protobuf") {
		t.Errorf("the complaint is %q", out.String())
	}
}
