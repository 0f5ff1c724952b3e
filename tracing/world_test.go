package tracing_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stripe/stripe-go/v86"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/dues-billing/dues"
	"github.com/dues-billing/dues/catalog"
	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/emulator/wire"
	"github.com/dues-billing/dues/httpapi"
	"github.com/dues-billing/dues/internal/scenario"
	"github.com/dues-billing/dues/metrics"
	"github.com/dues-billing/dues/service"
	"github.com/dues-billing/dues/tracing"
)

// What nobody may find in logs, metrics and spans.
const (
	mailAddress   = "ada.lovelace@private.example"
	personName    = "Augusta Byron"
	cardNumber    = "4242424242424242"
	serverKey     = "sk_dues_0123456789abcdef"
	jwtSecret     = "a secret of at least thirty-two bytes"
	noticeSecret  = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	adminPassword = "correct horse battery staple"
)

// wall is the clock of everybody.
var wall = time.Date(2026, time.January, 31, 10, 0, 0, 0, time.UTC)

func clock() time.Time { return wall }

// world is a whole service at debug level, with a Stripe that delivers webhooks to it and an application that takes its notices.
type world struct {
	t        *testing.T
	stripe   *emulator.Server
	svc      *dues.Service
	url      string
	endpoint *stripe.WebhookEndpoint
	mails    *mailServer
	spans    *tracetest.InMemoryExporter
	metrics  *metrics.Registry
	log      *buffer

	mu      sync.Mutex
	notices []http.Header
	away    bool // Stripe does not answer
}

// RoundTrip implements http.RoundTripper: it is the way to Stripe.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	away := w.away
	w.mu.Unlock()
	if away {
		return nil, errors.New("connection refused")
	}
	return http.DefaultTransport.RoundTrip(r)
}

// leave lets Stripe answer no more.
func (w *world) leave() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.away = true
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, mails: &mailServer{}, spans: tracetest.NewInMemoryExporter(), metrics: metrics.New(), log: &buffer{}}
	w.stripe = emulator.Start(t, func(o *emulator.Options) { o.Now = clock })
	app := httptest.NewServer(http.HandlerFunc(w.takeNotice))
	web := httptest.NewUnstartedServer(nil)
	w.url = "http://" + web.Listener.Addr().String()
	var err error
	w.endpoint, err = w.stripe.Client().V1WebhookEndpoints.Create(t.Context(), &stripe.WebhookEndpointCreateParams{
		URL: stripe.String(w.url + "/webhooks/stripe"), EnabledEvents: stripe.StringSlice([]string{"*"}), APIVersion: stripe.String(stripe.APIVersion),
	})
	if err != nil {
		t.Fatal(err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(w.spans))
	w.svc, err = dues.Open(t.Context(), dues.Config{
		Stripe:   dues.Stripe{Key: w.stripe.Key, BaseURL: w.stripe.URL, WebhookSecrets: []string{w.endpoint.Secret}, HTTPClient: &http.Client{Transport: w}},
		Database: "sqlite:" + filepath.Join(t.TempDir(), "dues.db"), Catalog: catalog.Default(), PublicURL: w.url,
		ReturnHosts: []string{"app.example.com"}, ServerKeys: []string{serverKey}, AdminPassword: adminPassword,
		JWT:       httpapi.JWT{Algorithm: "HS256", Key: []byte(jwtSecret), Issuer: "app", Audience: "dues"},
		Endpoints: []service.Endpoint{{Name: "app", URL: app.URL + "/hooks?token=private", Secret: noticeSecret}},
		Sender:    w.mails, Clock: service.Clock{Business: clock, Wall: clock}, Metrics: w.metrics, Tracer: tracing.New(provider),
		Log: slog.New(slog.NewJSONHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	web.Config.Handler = w.svc.Handler()
	web.Start()
	t.Cleanup(func() {
		web.Close()
		app.Close()
		if err := errors.Join(w.svc.Close(), provider.Shutdown(context.Background())); err != nil {
			t.Error(err)
		}
	})
	return w
}

func (w *world) takeNotice(_ http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.notices = append(w.notices, r.Header)
}

// mailServer refuses the first mail in the words that mail servers have for it.
type mailServer struct{ mails int }

// Send implements service.Sender. Mails of one account leave one after the other.
func (m *mailServer) Send(_ context.Context, mail service.Mail) error {
	if m.mails++; m.mails == 1 {
		return errors.New("550 5.1.1 <" + mail.To + ">: Recipient address rejected")
	}
	return nil
}

// buffer is the log.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// lines returns the lines of the log with a message.
func (w *world) lines(message string) (found []map[string]any) {
	w.t.Helper()
	for line := range strings.Lines(w.log.String()) {
		var read map[string]any
		if err := json.Unmarshal([]byte(line), &read); err != nil {
			w.t.Fatalf("the log is no JSON: %s", line)
		}
		if read["msg"] == message {
			found = append(found, read)
		}
	}
	return found
}

// ask sends a request to the API.
func (w *world) ask(method, path, credential, body string, header http.Header) map[string]any {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.t.Context(), method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	for name, values := range header {
		request.Header[name] = values
	}
	request.Header.Set("Authorization", "Bearer "+credential)
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	var read map[string]any
	if err := json.Unmarshal(text, &read); err != nil || answer.StatusCode >= 300 {
		w.t.Fatalf("%s %s is answered %d %s", method, path, answer.StatusCode, text)
	}
	return read
}

// signUp makes the account.
func (w *world) signUp(header http.Header) {
	w.t.Helper()
	w.ask("POST", "/v1/accounts", serverKey, `{"id":"ada","email":"`+mailAddress+`","name":"`+personName+`"}`, header)
}

// token is what the end user asks with.
func (w *world) token() string {
	w.t.Helper()
	signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"sub": "ada", "iss": "app", "aud": "dues", "exp": wall.Add(time.Hour).Unix(),
	}).SignedString([]byte(jwtSecret))
	if err != nil {
		w.t.Fatal(err)
	}
	return signed
}

// subscribe pays for a plan by card, on the hosted page, which answers with a status.
func (w *world) subscribe(card string, status int) {
	w.t.Helper()
	page, _ := w.ask("POST", "/v1/me/checkout", w.token(), `{"price":"premium-monthly","success_url":"https://app.example.com/","cancel_url":"https://app.example.com/"}`, nil)["url"].(string)
	form := url.Values{
		"cardNumber": {card}, "cardExpiry": {"12/34"}, "cardCvc": {"123"}, "billingName": {personName}, "email": {mailAddress},
	}
	request, err := http.NewRequestWithContext(w.t.Context(), "POST", page, strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	browser := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := browser.Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != status {
		w.t.Fatalf("paying is answered %d, want %d", answer.StatusCode, status)
	}
}

// settle returns when every webhook was taken in and every effect that is due has happened.
func (w *world) settle() {
	w.t.Helper()
	for {
		waiting := w.stripe.Deliveries(1) // those that wait come first
		if len(waiting) > 0 && waiting[0].State == wire.DeliveryPending {
			scenario.Pause(w.t.Context())
			continue
		}
		if err := w.svc.Drain(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
		if waiting = w.stripe.Deliveries(1); len(waiting) == 0 || waiting[0].State != wire.DeliveryPending {
			return
		}
	}
}

// find returns the spans with a name.
func (w *world) find(name string) (found tracetest.SpanStubs) {
	for _, s := range w.spans.GetSpans() {
		if s.Name == name {
			found = append(found, s)
		}
	}
	return found
}

// one returns the first span with a name.
func (w *world) one(name string) tracetest.SpanStub {
	w.t.Helper()
	found := w.find(name)
	if len(found) == 0 {
		var names []string
		for _, s := range w.spans.GetSpans() {
			names = append(names, s.Name)
		}
		w.t.Fatalf("there is no span %q among %q", name, names)
	}
	return found[0]
}

// attribute returns what a span says under a key.
func attribute(s tracetest.SpanStub, key string) any {
	for _, a := range s.Attributes {
		if string(a.Key) == key {
			return a.Value.AsInterface()
		}
	}
	return nil
}
