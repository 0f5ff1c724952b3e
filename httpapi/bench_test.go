package httpapi_test

import (
	"net/http"
	"testing"

	"github.com/dues-billing/dues/service"
)

// BenchmarkStatusCheck is what an application asks most, without the network.
//
// Features: 88.
func BenchmarkStatusCheck(b *testing.B) {
	w := newWorld(b)
	if _, _, err := w.dues.CreateAccount(b.Context(), service.NewAccount{ID: "ada", Email: "ada@example.com"}); err != nil {
		b.Fatal(err)
	}
	handler, bearer := w.dues.Handler(), "Bearer "+token(b, "ada")
	for _, path := range []string{"/v1/me", "/v1/me/entitlements"} {
		b.Run(path, func(b *testing.B) {
			r, err := http.NewRequest(http.MethodGet, path, nil)
			if err != nil {
				b.Fatal(err)
			}
			r.Header.Set("Authorization", bearer)
			b.ReportAllocs()
			for b.Loop() {
				answer := &nowhere{header: http.Header{}}
				handler.ServeHTTP(answer, r)
				if answer.status != http.StatusOK {
					b.Fatalf("answered %d", answer.status)
				}
			}
		})
	}
}

// nowhere is an answer that nobody reads.
type nowhere struct {
	header http.Header
	status int
}

func (n *nowhere) Header() http.Header         { return n.header }
func (n *nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (n *nowhere) WriteHeader(status int)      { n.status = status }
