package sim

import (
	"bytes"
	"encoding/json"
	"errors"
	"hash/fnv"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"
)

// errLost is what a caller sees of a request or an answer that got lost.
var errLost = errors.New("sim: the connection was lost")

// network carries requests between the service's processes and the emulator. While it is rough, each request meets a fate that
// depends on the seed and on what the request is, and not on who came first.
type network struct {
	seed   uint64
	stripe http.Handler
	mu     sync.Mutex
	rough  int            // per mille of requests that something happens to
	down   time.Time      // until then Stripe answers 500 or 429 to everybody
	met    map[string]int // how often a request was seen
	late   sync.WaitGroup // deliveries that are still on their way
}

// fates of a request.
const (
	fine = iota
	requestLost
	answerLost
	serverError
	tooMany
	late
	twice
)

// draw is a number that depends on the seed, the text and how often the text was drawn for.
func (n *network) draw(text string) uint64 {
	n.mu.Lock()
	n.met[text]++
	count := n.met[text]
	n.mu.Unlock()
	h := fnv.New64a()
	_ = json.NewEncoder(h).Encode([]any{n.seed, text, count}) // a hash takes everything
	x := h.Sum64()
	x ^= x >> 31
	x *= 0x9e3779b97f4a7c15
	return x ^ x>>29
}

// fate draws what happens to a request, of the kinds given.
func (n *network) fate(text string, kinds ...int) int {
	x := n.draw(text)
	n.mu.Lock()
	rough := n.rough
	n.mu.Unlock()
	if int(x%1000) >= rough {
		return fine
	}
	return kinds[(x>>20)%uint64(len(kinds))]
}

// calm ends all trouble.
func (n *network) calm() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.rough, n.down = 0, time.Time{}
}

func (n *network) set(rough int, down time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.rough, n.down = rough, down
}

func (n *network) isDown() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return time.Now().Before(n.down)
}

// line is the way of one process to Stripe.
type line struct {
	*network
	power *power
}

// RoundTrip implements http.RoundTripper.
func (l line) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := l.power.on(); err != nil {
		return nil, err
	}
	if l.isDown() {
		return refusal(r, http.StatusInternalServerError), nil
	}
	switch l.fate(r.Method+r.URL.Path+r.Header.Get("Idempotency-Key"), requestLost, answerLost, serverError, tooMany) {
	case requestLost:
		return nil, errLost
	case serverError:
		return refusal(r, http.StatusInternalServerError), nil
	case tooMany:
		return refusal(r, http.StatusTooManyRequests), nil
	case answerLost:
		carry(l.stripe, r)
		return nil, errLost
	}
	answer := carry(l.stripe, r)
	if err := l.power.on(); err != nil {
		return nil, err
	}
	return answer, nil
}

func refusal(r *http.Request, status int) *http.Response {
	kind := "api_error"
	if status == http.StatusTooManyRequests {
		kind = "invalid_request_error\",\"code\":\"rate_limit"
	}
	rec := httptest.NewRecorder()
	rec.Header().Set("Content-Type", "application/json")
	rec.WriteHeader(status)
	_, _ = rec.WriteString(`{"error":{"type":"` + kind + `","message":"out of order"}}`) // to memory
	answer := rec.Result()
	answer.Request = r
	return answer
}

// carry lets a handler answer a request, without a network.
func carry(to http.Handler, r *http.Request) *http.Response {
	served := r.Clone(r.Context())
	served.RequestURI, served.RemoteAddr, served.Host = r.URL.RequestURI(), "127.0.0.1:1", r.URL.Host
	if served.Body == nil {
		served.Body = http.NoBody
	}
	rec := httptest.NewRecorder()
	to.ServeHTTP(rec, served)
	answer := rec.Result()
	answer.Request = r
	return answer
}

// post is the way of webhooks to whoever lives of the processes.
type post struct {
	*network
	receive func(http.Header, []byte) error
}

// RoundTrip implements http.RoundTripper.
func (p post) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	var event struct{ ID string }
	if err := json.Unmarshal(body, &event); err != nil {
		return nil, err
	}
	x := p.draw("pause " + event.ID)
	pause := time.Duration(x%uint64(3*time.Hour/time.Second)) * time.Second
	switch p.fate("webhook "+event.ID, requestLost, answerLost, late, late, twice) {
	case requestLost:
		return nil, errLost
	case late: // the sender gives up, and the delivery arrives after all
		p.later(pause, r.Header, body)
		return nil, errLost
	case twice:
		p.later(pause, r.Header, body)
	case answerLost:
		_ = p.receive(r.Header, body) // whatever it said, nobody hears it
		return nil, errLost
	}
	status := http.StatusOK
	if err := p.receive(r.Header, body); err != nil {
		status = http.StatusInternalServerError
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(bytes.NewReader(nil)), Header: http.Header{}, Request: r}, nil
}

// later delivers after a pause. The signature has grown old by then if the pause was long, and such a delivery must be refused.
func (p post) later(pause time.Duration, header http.Header, body []byte) {
	p.late.Go(func() {
		time.Sleep(pause)           //tidy:allow sleep in a bubble of synctest, where time costs nothing
		_ = p.receive(header, body) // nobody waits for the answer
	})
}
