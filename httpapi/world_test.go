package httpapi_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/sebdah/goldie/v2"

	"github.com/dues-billing/dues"
	"github.com/dues-billing/dues/catalog"
	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/httpapi"
	"github.com/dues-billing/dues/service"
)

const (
	serverKey     = "sk_dues_0123456789abcdef"
	operatorKey   = "ok_dues_0123456789abcdef"
	webhookSecret = "whsec_test"
	secret        = "a secret of at least thirty-two bytes"
	issuer        = "https://app.example.com"
	audience      = "dues"
)

// start is when the tests take place, for Dues and its Stripe alike: answers hold the same dates in every run.
var start = time.Date(2027, time.January, 4, 10, 0, 0, 0, time.UTC)

func clock() time.Time { return start }

// world is a whole Dues with a Stripe of its own, reached over HTTP.
type world struct {
	t      testing.TB
	url    string
	stripe *emulator.Server
	dues   *dues.Service
}

func newWorld(t testing.TB, options ...func(*dues.Config)) *world {
	t.Helper()
	stripe := emulator.Start(t, func(o *emulator.Options) { o.Now = clock })
	server := httptest.NewUnstartedServer(nil)
	url := "http://" + server.Listener.Addr().String()
	config := dues.Config{
		Stripe:   dues.Stripe{Key: stripe.Key, BaseURL: stripe.URL, WebhookSecrets: []string{webhookSecret}},
		Database: "sqlite:" + filepath.Join(t.TempDir(), "dues.db"), Catalog: catalog.Default(), PublicURL: url,
		ReturnHosts: []string{"app.example.com"}, ServerKeys: []string{serverKey}, OperatorKeys: []string{operatorKey},
		Limits: httpapi.Limits{Changes: -1}, // the clock stands still
		JWT:    httpapi.JWT{Algorithm: "HS256", Key: []byte(secret), Issuer: issuer, Audience: audience},
		Clock:  service.Clock{Business: clock, Wall: clock},
	}
	for _, option := range options {
		option(&config)
	}
	svc, err := dues.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = svc.Handler()
	server.Start()
	t.Cleanup(func() {
		server.Close()
		if err := svc.Close(); err != nil {
			t.Error(err)
		}
	})
	return &world{t: t, url: url, stripe: stripe, dues: svc}
}

// token is a good one for an account, changed by each of the changes.
func token(t testing.TB, account string, changes ...func(jwt.MapClaims)) string {
	t.Helper()
	claims := jwt.MapClaims{"sub": account, "iss": issuer, "aud": audience, "exp": start.Add(time.Minute).Unix()}
	for _, change := range changes {
		change(claims)
	}
	signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// request is one call. A body that is not a string or []byte is sent as JSON.
type request struct {
	method, path string
	credential   string
	contentType  string // "" is application/json when there is a body
	body         any
	header       http.Header
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

func (w *world) send(r request) answer {
	w.t.Helper()
	var body io.Reader
	switch given := r.body.(type) {
	case nil:
	case string:
		body = strings.NewReader(given)
	case []byte:
		body = bytes.NewReader(given)
	default:
		encoded, err := json.Marshal(given)
		if err != nil {
			w.t.Fatal(err)
		}
		body = bytes.NewReader(encoded)
	}
	req, err := http.NewRequestWithContext(w.t.Context(), r.method, w.url+r.path, body)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("X-Request-Id", "test")
	if r.credential != "" {
		req.Header.Set("Authorization", "Bearer "+r.credential)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.contentType != "" {
		req.Header.Set("Content-Type", r.contentType)
	}
	for name, values := range r.header {
		req.Header[name] = values
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		w.t.Fatalf("%s %s: %v", r.method, r.path, err)
	}
	defer resp.Body.Close()
	read, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, read}
}

// want sends and fails the test on another status.
func (w *world) want(status int, r request) answer {
	w.t.Helper()
	got := w.send(r)
	if got.status != status {
		w.t.Fatalf("%s %s: got %d, want %d: %s", r.method, r.path, got.status, status, got.body)
	}
	return got
}

func (w *world) signUp(id string) {
	w.t.Helper()
	w.want(http.StatusCreated, request{method: "POST", path: "/v1/accounts", credential: serverKey, body: map[string]string{"id": id, "email": id + "@example.com"}})
}

// premium signs an account up, puts it on the paid plan with a saved card, and returns its token.
func (w *world) premium(id string) (credential string) {
	w.t.Helper()
	w.signUp(id)
	credential = token(w.t, id)
	var me struct{ Customer string }
	if err := json.Unmarshal(w.want(http.StatusOK, request{method: "GET", path: "/v1/me", credential: credential}).body, &me); err != nil {
		w.t.Fatal(err)
	}
	w.saveCard(me.Customer, "pm_card_visa")
	w.want(http.StatusOK, request{method: "POST", path: "/v1/me/checkout", credential: credential, body: map[string]any{
		"price": "premium-monthly", "success_url": "https://app.example.com/done", "cancel_url": "https://app.example.com/plans",
	}})
	return credential
}

// script collects requests and answers as text, to be held against a golden file.
type script struct {
	*world
	text strings.Builder
}

func (s *script) do(r request) answer {
	s.t.Helper()
	got := s.send(r)
	fmt.Fprintf(&s.text, "> %s %s\n", r.method, r.path)
	if r.body != nil {
		encoded, err := json.Marshal(r.body)
		if err != nil {
			s.t.Fatal(err)
		}
		fmt.Fprintf(&s.text, "> %s\n", encoded)
	}
	fmt.Fprintf(&s.text, "< %d %s\n", got.status, got.header.Get("Content-Type"))
	if to := got.header.Get("Location"); to != "" {
		fmt.Fprintf(&s.text, "< Location: %s\n", to)
	}
	var pretty bytes.Buffer
	if json.Indent(&pretty, bytes.TrimSpace(got.body), "", "  ") == nil {
		got.body = pretty.Bytes()
	}
	fmt.Fprintf(&s.text, "%s\n\n", bytes.TrimSpace(got.body))
	return got
}

// anyID are ids, Stripe's and ours, and the ports of a test's servers: they mean nothing to who reads the golden file.
var anyID = regexp.MustCompile(`\b(pur|one|rfo|re|visit|cus|sub|in|pi|acct|cs_test|test)_[0-9A-Za-z]+(/[0-9A-Za-z]{20,})?|http://127\.0\.0\.1:\d+|[0-9A-Z]{8}-000[1-9]`)

func (s *script) check(name string) {
	s.t.Helper()
	text := anyID.ReplaceAllStringFunc(s.text.String(), func(found string) string {
		switch {
		case found == s.url:
			return "http://dues"
		case found == s.stripe.URL:
			return "http://stripe"
		}
		kind, _, isID := strings.Cut(found, "_")
		if !isID {
			return "A1B2C3D4-0001"
		}
		return kind + "_1"
	})
	goldie.New(s.t, goldie.WithNameSuffix(".txt")).Assert(s.t, name, []byte(text))
}

// signed are the headers of a webhook that Stripe sent at a time.
func signed(body []byte, at time.Time, with string) http.Header {
	stamp := fmt.Sprint(at.Unix())
	mac := hmac.New(sha256.New, []byte(with))
	mac.Write([]byte(stamp + "."))
	mac.Write(body)
	return http.Header{"Stripe-Signature": {"t=" + stamp + ",v1=" + hex.EncodeToString(mac.Sum(nil))}}
}
