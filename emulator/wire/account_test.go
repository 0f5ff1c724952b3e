package wire

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dues-billing/dues/emulator/engine"
)

func newServer(t testing.TB) *Server {
	t.Helper()
	s, err := New(Options{
		Now: func() time.Time { return time.Unix(1_800_000_000, 0) }, Settings: engine.DefaultSettings(), Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func send(s *Server, key, method, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func TestABugInOneWorldLeavesTheOthersAlone(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	if _, err := s.World("sk_test_bug").Apply(nil); err == nil { // no command at all is a bug of the caller
		t.Fatal("applying nothing worked")
	}
	if w := send(s, "sk_test_bug", "POST", "/v1/customers", "name=Ada"); w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), `"api_error"`) {
		t.Errorf("the broken world answers %d %s", w.Code, w.Body)
	}
	if w := send(s, "sk_test_fine", "POST", "/v1/customers", "name=Ada"); w.Code != http.StatusOK {
		t.Errorf("another world answers %d %s", w.Code, w.Body)
	}
}

func TestAClosedServerSaysSo(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if w := send(s, "sk_test_a", "POST", "/v1/customers", ""); w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), "closed") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}
