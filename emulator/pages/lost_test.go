package pages

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestAPathThatLeadsNowhereIsAPage(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	Register(mux, nil)
	for _, path := range []string{"/c/", "/c/pay/", "/p/session/token/nope", "/i/only-one", "/3ds/", "/receipts/payment"} {
		answer := httptest.NewRecorder()
		mux.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
		if answer.Code != http.StatusNotFound || !strings.Contains(answer.Body.String(), "<h1") {
			t.Errorf("GET %s: got %d %.80q, want 404 and a page", path, answer.Code, answer.Body)
		}
	}
}
