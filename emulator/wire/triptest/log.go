// Package triptest tells whether tests reach every operation that is served.
package triptest

import (
	"net/http"
	"slices"
	"sync"

	"github.com/dues-billing/dues/emulator/wire"
)

// Log notes which operations were answered. The zero value is ready.
type Log struct {
	mu   sync.Mutex
	made map[string]bool
}

// refusedOnly are the operations that refuse every request, for payments are by card here, and no card has a mandate, microdeposits, an
// authorization that grows or a refund that waits: with them a refusal is the whole trip.
var refusedOnly = []string{
	"GET /v1/mandates/{mandate}",
	"POST /v1/payment_intents/{intent}/apply_customer_balance",
	"POST /v1/payment_intents/{intent}/increment_authorization",
	"POST /v1/payment_intents/{intent}/verify_microdeposits",
	"POST /v1/refunds/{refund}/cancel",
	"POST /v1/setup_intents/{intent}/verify_microdeposits",
	"POST /v1/test_helpers/refunds/{refund}/expire",
}

// Handler passes requests on and notes what they met.
func (l *Log) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := wire.ServedBy(r) // before the request is read
		answer := &noted{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(answer, r)
		if answer.status != http.StatusOK && !slices.Contains(refusedOnly, name) {
			return
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.made == nil {
			l.made = map[string]bool{}
		}
		l.made[name] = true
	})
}

// Missing are the operations that are served and that nobody was answered.
func (l *Log) Missing() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.DeleteFunc(wire.Served(), func(name string) bool { return l.made[name] })
}

// noted keeps the status of an answer.
type noted struct {
	http.ResponseWriter
	status int
}

// WriteHeader keeps the status.
func (n *noted) WriteHeader(status int) {
	n.status = status
	n.ResponseWriter.WriteHeader(status)
}
