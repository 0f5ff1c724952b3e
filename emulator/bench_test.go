package emulator_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dues-billing/dues/emulator"
)

// BenchmarkCreateCustomer is POST /v1/customers without the network, on a journal as dues dev runs it.
func BenchmarkCreateCustomer(b *testing.B) {
	e, err := emulator.New(emulator.Options{Now: time.Now, Journal: filepath.Join(b.TempDir(), "journal")})
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	for b.Loop() {
		r := httptest.NewRequest(http.MethodPost, "/v1/customers", strings.NewReader("email=ada%40example.com&name=Ada&metadata[plan]=premium"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Authorization", "Bearer sk_test_bench")
		w := httptest.NewRecorder()
		if e.ServeHTTP(w, r); w.Code != http.StatusOK {
			b.Fatal(w.Body)
		}
	}
}
