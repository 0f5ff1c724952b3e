package wire

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// requestsKept is how many requests an account's log holds, and paramsKept how many parameters of each.
const (
	requestsKept = 500
	paramsKept   = 100
)

// LoggedRequest is a request to the API as the log tells it.
type LoggedRequest struct {
	ID             string        `json:"id"`
	At             time.Time     `json:"at"` // wall time
	Method         string        `json:"method"`
	Path           string        `json:"path"`
	Status         int           `json:"status"`
	Version        string        `json:"version"`
	IdempotencyKey string        `json:"idempotency_key,omitempty"`
	Replayed       bool          `json:"replayed,omitempty"` // answered from the idempotency key
	Params         []SentParam   `json:"params"`
	Error          *RequestError `json:"error,omitempty"`
	Milliseconds   int64         `json:"ms"`
}

// SentParam is a parameter as it was sent, without what is secret.
type SentParam struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// RequestError is why a request was refused.
type RequestError struct {
	Type    string `json:"type"`
	Code    string `json:"code,omitempty"`
	Param   string `json:"param,omitempty"`
	Message string `json:"message"`
}

// requestLog holds the newest requests of an account. It has a lock of its own: a request that was refused never asked for the world.
type requestLog struct {
	mu      sync.Mutex
	entries []LoggedRequest
	next    int // the oldest, once the log is full
}

func (l *requestLog) add(r LoggedRequest) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.entries) < requestsKept {
		l.entries = append(l.entries, r)
		return
	}
	l.entries[l.next] = r
	l.next = (l.next + 1) % requestsKept
}

// newest are the newest requests, newest first.
func (l *requestLog) newest(limit int) []LoggedRequest {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := slices.Concat(l.entries[l.next:], l.entries[:l.next])
	slices.Reverse(out)
	return out[:min(limit, len(out))]
}

// note writes a request that was answered into the log of its account.
func (c *call) note(r *http.Request, begun time.Time, a answer) {
	entry := LoggedRequest{
		ID: c.id, At: begun.UTC(), Method: r.Method, Path: r.URL.Path, Status: a.status, Version: c.version, Params: c.sent,
		Replayed: a.replayed, Milliseconds: c.account.server.opts.Now().Sub(begun).Milliseconds(),
	}
	if c.post {
		entry.IdempotencyKey = c.key
	}
	if e := c.refused; e != nil && !a.replayed {
		entry.Error = &RequestError{Type: e.Type, Code: e.Code, Param: e.Param, Message: e.Message}
	}
	c.account.requests.add(entry)
	c.tell(entry, r, begun)
}

// secretParams are the last names of parameters whose values a log must not hold.
var secretParams = map[string]bool{"cvc": true, "client_secret": true, "account_number": true, "password": true, "id_number": true, "ssn_last_4": true}

// sentParams are the parameters of a form as the log shows them.
func sentParams(n *Node, name string, out []SentParam) []SentParam {
	for _, child := range n.Children {
		inner := join(name, child.Key)
		switch {
		case len(out) >= paramsKept:
			return out
		case child.branch:
			out = sentParams(child.Node, inner, out)
		case secretParams[child.Key]:
			out = append(out, SentParam{inner, "(left out)"})
		case child.Key == "number":
			out = append(out, SentParam{inner, maskNumber(child.Text)})
		default:
			out = append(out, SentParam{inner, shorten(child.Text)})
		}
	}
	return out
}

// maskNumber shows the end of a card's number.
func maskNumber(number string) string {
	const shown = 4
	if len(number) <= shown {
		return number
	}
	return strings.Repeat("*", len(number)-shown) + number[len(number)-shown:]
}
