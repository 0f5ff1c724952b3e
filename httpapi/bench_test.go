package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/dues-billing/dues"
	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/httpapi"
	"github.com/dues-billing/dues/service"
)

// BenchmarkStatusCheck is what an application asks most, without the network.
//
// Features: 88.
func BenchmarkStatusCheck(b *testing.B) {
	w := newWorld(b, func(c *dues.Config) { c.Limits = httpapi.Limits{Key: 1 << 30, Account: 1 << 30} }) // the clock stands still
	if _, _, err := w.dues.CreateAccount(b.Context(), service.NewAccount{ID: "ada", Email: "ada@example.com"}); err != nil {
		b.Fatal(err)
	}
	handler, key := w.dues.Handler(), w.keyFor(billing.AccountsRead).Secret
	for name, bearer := range map[string]string{
		"/v1/me": token(b, "ada"), "/v1/me/entitlements": token(b, "ada"), "/v1/accounts/ada": key, "/v1/accounts/ada by a configured key": serverKey,
	} {
		path, _, _ := strings.Cut(name, " ")
		b.Run(name, func(b *testing.B) {
			r, err := http.NewRequest(http.MethodGet, path, nil)
			if err != nil {
				b.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+bearer)
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
