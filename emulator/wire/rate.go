package wire

import (
	"net/http"
	"sync"

	"github.com/dues-billing/dues/emulator/engine"
)

// rateLimit counts the requests of an account in the running second of the wall clock.
type rateLimit struct {
	mu     sync.Mutex
	second int64
	count  int64
}

// allows counts one request more, and says whether the account may still make it; a limit of 0 is none (chapter 99, point 24).
func (l *rateLimit) allows(second, limit int64) bool {
	if limit == 0 {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.second != second {
		l.second, l.count = second, 0
	}
	l.count++
	return l.count <= limit
}

func tooMany() *engine.Error {
	return failure(http.StatusTooManyRequests, "rate_limit", "Request rate limit exceeded. You can learn more about rate limits here "+
		"https://stripe.com/docs/rate-limits.")
}
