package tracing_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/dues-billing/dues/service"
)

func TestARequestGoesOnWithItsCallersTraceAndShowsWhatItAsksStripe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const caller = "4bf92f3577b34da6a3ce929d0e0e4736"
	w.signUp(http.Header{"Traceparent": {"00-" + caller + "-00f067aa0ba902b7-01"}, "X-Request-Id": {"req_mine"}})
	request := w.one("POST /v1/accounts")
	if got := request.SpanContext.TraceID().String(); got != caller || request.Parent.SpanID().String() != "00f067aa0ba902b7" {
		t.Errorf("the request is span %s of trace %s, want the caller's", request.Parent.SpanID(), got)
	}
	for key, want := range map[string]any{
		"http.route": "/v1/accounts", "http.request.method": "POST", "http.response.status_code": int64(201), "dues.request_id": "req_mine",
	} {
		if got := attribute(request, key); got != want {
			t.Errorf("%s is %v, want %v", key, got, want)
		}
	}
	asked := w.one("POST /v1/customers")
	if asked.Parent.SpanID() != request.SpanContext.SpanID() || asked.SpanKind != trace.SpanKindClient {
		t.Error("what was asked of Stripe is no part of the request")
	}
	if id, _ := attribute(asked, "dues.stripe.request_id").(string); !strings.HasPrefix(id, "req_") {
		t.Errorf("Stripe's own id of the request is %q", id)
	}
	if commits := within(w.find("commit"), request); len(commits) == 0 {
		t.Error("the commits of the request are not shown")
	}
	w.ask("GET", "/v1/accounts/ada", serverKey, "", nil)
	if got := attribute(w.one("GET /v1/accounts/{id}"), "http.route"); got != "/v1/accounts/{id}" {
		t.Errorf("a route is %v", got)
	}
}

// within keeps the spans that belong to the trace of another.
func within(spans tracetest.SpanStubs, of tracetest.SpanStub) tracetest.SpanStubs {
	return slices.DeleteFunc(spans, func(s tracetest.SpanStub) bool { return s.SpanContext.TraceID() != of.SpanContext.TraceID() })
}

// Features: 105.
func TestAPaymentCanBeFollowedFromItsWebhookToTheNotice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.signUp(nil)
	w.settle()
	w.spans.Reset()
	w.subscribe(cardNumber, http.StatusSeeOther)
	w.settle()

	intakes := map[trace.SpanID]string{} // the event that it took in
	for _, s := range w.find("webhook intake") {
		intakes[s.SpanContext.SpanID()], _ = attribute(s, "dues.event.id").(string)
		if attribute(s, "dues.outcome") != "taken" || within(w.find("POST /webhooks/stripe"), s) == nil {
			t.Errorf("an intake is %v", s.Attributes)
		}
	}
	turns := map[trace.SpanID]bool{}
	for _, turn := range w.find("inbox turn") {
		turns[turn.SpanContext.SpanID()] = true
		ids, _ := attribute(turn, "dues.event.ids").([]string)
		if len(ids) == 0 || len(turn.Links) == 0 {
			t.Errorf("a turn of %v has %d links", ids, len(turn.Links))
		}
		for _, link := range turn.Links {
			if id := intakes[link.SpanContext.SpanID()]; !slices.Contains(ids, id) {
				t.Errorf("a turn of %v is linked to the intake of %q", ids, id)
			}
		}
		if len(within(w.find("commit"), turn)) == 0 {
			t.Error("a turn shows no commit")
		}
	}
	receipt := w.one("mail receipt")
	if len(receipt.Links) != 1 || attribute(receipt, "dues.effect.tries") != int64(1) {
		t.Errorf("the receipt has %d links and %v tries", len(receipt.Links), attribute(receipt, "dues.effect.tries"))
	}

	notice := w.one("notice subscription.started")
	posted := within(w.find("POST notice"), notice)
	if len(posted) != 1 {
		t.Fatalf("the notice was posted %d times in its trace", len(posted))
	}
	want := fmt.Sprintf("00-%s-%s-01", notice.SpanContext.TraceID(), posted[0].SpanContext.SpanID())
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.ContainsFunc(w.notices, func(h http.Header) bool { return h.Get("Traceparent") == want }) {
		t.Errorf("no notice came with traceparent %s", want)
	}
}

func TestLinesOfTheLogNameRequestEventAndTrace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.signUp(http.Header{"X-Request-Id": {"req_mine"}})
	w.settle()
	lines := slices.DeleteFunc(w.lines("http"), func(line map[string]any) bool { return line["route"] != "POST /v1/accounts" })
	request := w.one("POST /v1/accounts").SpanContext
	if len(lines) != 1 || lines[0]["request_id"] != "req_mine" || lines[0]["trace_id"] != request.TraceID().String() || lines[0]["span_id"] != request.SpanID().String() {
		t.Errorf("the request is logged as %v, want req_mine in trace %s", lines, request.TraceID())
	}
	taken := w.lines("webhook")
	if len(taken) == 0 || !strings.HasPrefix(fmt.Sprint(taken[0]["event"]), "evt_") || taken[0]["trace_id"] == nil || taken[0]["request_id"] == nil {
		t.Errorf("webhooks are logged as %v", taken)
	}
	for _, line := range append(w.lines("events worked off"), w.lines("a worker's round failed")...) {
		if ids, _ := line["events"].([]any); len(ids) == 0 || line["trace_id"] == nil {
			t.Errorf("a turn is logged as %v, want its events and its trace", line)
		}
	}
	if failed := w.lines("an effect failed"); len(failed) != 1 || failed[0]["trace_id"] == nil || !strings.Contains(fmt.Sprint(failed[0]["error"]), "[e-mail]") {
		t.Errorf("the mail that was refused is logged as %v", failed)
	}
	if s := w.one("mail welcome"); s.Status.Code != codes.Error || !strings.Contains(s.Status.Description, "Recipient address rejected") {
		t.Errorf("its span ended with %v", s.Status)
	}
}

func TestNothingPrivateIsInLogsMetricsAndSpans(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.signUp(nil)
	w.settle()
	w.subscribe("4000000000000002", http.StatusPaymentRequired)
	w.subscribe(cardNumber, http.StatusSeeOther)
	w.settle()
	token := w.token()
	w.ask("GET", "/v1/me", token, "", nil)
	w.ask("POST", "/v1/me/portal", token, `{"return_url":"https://app.example.com/"}`, nil)
	if _, err := w.svc.Accounts(t.Context(), mailAddress, 10); err != nil {
		t.Fatal(err)
	}
	// Now Stripe is away, and what net/http says of it holds the whole URL.
	w.leave()
	_, _, err := w.svc.CreateAccount(t.Context(), service.NewAccount{ID: "eve", Email: mailAddress, Name: personName})
	if err == nil {
		t.Fatal("there is no Stripe, and a customer was made")
	}
	recorder := httptest.NewRecorder()
	w.metrics.Handler(w.svc.Health, clock).ServeHTTP(recorder, httptest.NewRequest("GET", "/metrics", nil))

	for _, s := range w.spans.GetSpans() {
		if strings.Contains(s.Name, "/v1/{id}") || strings.Contains(s.Name, "{id}/{id}") {
			t.Errorf("a route of Stripe is not known: %s", s.Name)
		}
	}
	for where, text := range map[string]string{"the log": w.log.String(), "metrics": recorder.Body.String(), "spans": fmt.Sprintf("%+v", w.spans.GetSpans())} {
		if len(text) < 5000 {
			t.Errorf("%s hold only %d bytes: nothing is shown by what they lack", where, len(text))
		}
		for what, private := range map[string]string{
			"the e-mail address": mailAddress, "part of it": "lovelace", "the name": "Augusta", "the card": cardNumber, "the card's beginning": "424242424242",
			"Stripe's key": w.stripe.Key, "the server key": serverKey, "the JWT key": jwtSecret, "the token": token, "the webhook secret": w.endpoint.Secret,
			"the notice secret": noticeSecret, "the endpoint's token": "private\"", "the admin password": adminPassword, "a page's secret": "_secret_",
		} {
			if strings.Contains(text, private) {
				at := strings.Index(text, private)
				t.Errorf("%s hold %s: …%s…", where, what, text[max(0, at-300):min(len(text), at+len(private)+40)])
			}
		}
	}
}
