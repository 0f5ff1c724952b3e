package wire

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/dues-billing/dues/emulator/engine"
)

// The decisions that the wire reads, by what our working choice shows and what the other answer shows.
func TestEachDecisionOfTheWireCanGoTheOtherWay(t *testing.T) {
	t.Parallel()
	const key = "sk_test_decided"
	for _, c := range []struct {
		decision, value string
		show            func(t *testing.T, s *Server) string
		ours, other     string
	}{
		{"concurrent_key_error", engine.IdempotencyError, func(t *testing.T, s *Server) string {
			if _, err := s.account(key).idem.begin("same", "running", s.opts.Now().Unix()); err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequest(http.MethodPost, "/v1/customers", nil)
			r.Header.Set("Authorization", "Bearer "+key)
			r.Header.Set("Idempotency-Key", "same")
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			return said(t, w)
		}, "409 invalid_request_error idempotency_key_in_use", "409 idempotency_error idempotency_key_in_use"},
		{"expand_counts_data", "true", func(t *testing.T, s *Server) string {
			return said(t, send(s, key, "GET", "/v1/subscriptions?expand[]=data.latest_invoice.payments.data.payment.payment_intent", ""))
		}, "200", "400 invalid_request_error"},
		{"rate_limit", "2", func(t *testing.T, s *Server) string {
			send(s, key, "GET", "/v1/customers", "")
			send(s, key, "GET", "/v1/customers", "")
			return said(t, send(s, key, "GET", "/v1/customers", ""))
		}, "200", "429 invalid_request_error rate_limit"},
		{"item_net_amount", "false", func(t *testing.T, s *Server) string {
			customer := told(t, send(s, key, "POST", "/v1/customers", ""))["id"].(string)
			return fmt.Sprint(told(t, send(s, key, "POST", "/v1/invoiceitems", "amount=500&currency=usd&customer="+customer))["net_amount"])
		}, "500", "<nil>"},
		{"webhook_timeout", "1", func(t *testing.T, s *Server) string { return slowAnswer(t, s, key) }, "waits", "gave up"},
	} {
		t.Run(c.decision, func(t *testing.T) {
			t.Parallel()
			if got := c.show(t, newServer(t)); got != c.ours {
				t.Errorf("by default: got %q, want %q", got, c.ours)
			}
			s := newServer(t)
			form := url.Values{"decisions[" + c.decision + "]": {c.value}}.Encode()
			r := httptest.NewRequest(http.MethodPost, ControlPrefix+"settings", strings.NewReader(form))
			r.Header.Set("Authorization", "Bearer "+key)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			w := httptest.NewRecorder()
			s.Control().ServeHTTP(w, r)
			if got := fmt.Sprint(told(t, w)["decisions"].(map[string]any)[c.decision]); w.Code != http.StatusOK || got != c.value {
				t.Fatalf("the control API answers %d %s", w.Code, w.Body)
			}
			if got := c.show(t, s); got != c.other {
				t.Errorf("the other way: got %q, want %q", got, c.other)
			}
		})
	}
}

func told(t *testing.T, w *httptest.ResponseRecorder) map[string]any {
	t.Helper()
	var body map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		t.Fatalf("%d %s: %v", w.Code, w.Body, err)
	}
	return body
}

// said is the status of an answer, with the type and the code of its error.
func said(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	out := fmt.Sprint(w.Code)
	if refused, ok := told(t, w)["error"].(map[string]any); ok {
		out += fmt.Sprint(" ", refused["type"])
		if refused["code"] != nil {
			out += fmt.Sprint(" ", refused["code"])
		}
	}
	return out
}

// slowAnswer says whether the sender of a webhook still waits for an endpoint that needs longer than a second.
func slowAnswer(t *testing.T, s *Server, key string) string {
	t.Helper()
	seen := make(chan string, 1)
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then does the server notice that the client has gone
		wait := time.NewTimer(1200 * time.Millisecond)
		defer wait.Stop()
		select {
		case <-wait.C:
			seen <- "waits"
		case <-r.Context().Done():
			seen <- "gave up"
		}
	}))
	t.Cleanup(slow.Close)
	send(s, key, "POST", "/v1/webhook_endpoints", url.Values{"url": {slow.URL}, "enabled_events[]": {"customer.created"}}.Encode())
	send(s, key, "POST", "/v1/customers", "")
	return <-seen
}
