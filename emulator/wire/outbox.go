package wire

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/dues-billing/dues/emulator/engine"
)

// How webhooks are sent. Stripe documents neither its timeout nor its back-off (chapter 99, point 12); the first steps are short, because a
// developer restarts the receiver and waits in front of it.
const (
	deliveryTimeout = 10 * time.Second
	inOrderTries    = 4 // so many tries hold the following events back; later ones go beside them
	webhookAgent    = "Stripe/1.0 (+https://stripe.com/docs/webhooks)"
	attemptsKept    = 1000 // finished deliveries that the log keeps, per account
)

// defaultBackOff is the wait after each failed try; after the last, the delivery is given up. Together they last Stripe's three days.
var defaultBackOff = []time.Duration{
	time.Second, 5 * time.Second, 30 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour,
	12 * time.Hour, 12 * time.Hour, 12 * time.Hour, 12 * time.Hour,
}

// Delivery is one event on its way to one endpoint.
type Delivery struct {
	Event    string    `json:"event"`
	Type     string    `json:"type"`
	Endpoint string    `json:"endpoint"`
	URL      string    `json:"url"`
	Tries    int       `json:"tries"`
	Status   int       `json:"status"`          // the newest answer; 0 is none
	Error    string    `json:"error,omitempty"` // why there was none
	At       time.Time `json:"at,omitzero"`     // of the newest try
	State    string    `json:"state"`
}

// The states of a delivery.
const (
	DeliveryPending   = "pending"
	DeliveryDelivered = "delivered"
	DeliveryFailed    = "failed"  // given up
	DeliveryDropped   = "dropped" // its endpoint is gone or disabled
)

// waiting is a delivery that is not over.
type waiting struct {
	Delivery
	seq     int64       // of the event
	resting bool        // between two tries
	rest    *time.Timer // ends the rest
}

// outbox holds the webhooks of an account that still have to be taken by their endpoints. The account's mutex guards it.
type outbox struct {
	account  *account
	queues   map[string]*queue
	finished []Delivery     // oldest first
	pending  map[string]int // endpoints that have not taken an event yet, by event id
}

// queue is one endpoint's deliveries, in the order of their events, worked off by one goroutine while there are any.
type queue struct {
	endpoint string
	waiting  []*waiting
	working  bool
	changed  chan struct{} // told when something was added
}

func newOutbox(a *account) *outbox {
	return &outbox{account: a, queues: map[string]*queue{}, pending: map[string]int{}}
}

// add decides who receives an event: the endpoints that exist and want it at the moment it happens.
func (o *outbox) add(event *engine.Event) {
	for _, e := range o.account.world.Endpoints() {
		if e.Wants(event.Type) {
			o.enqueue(e, event)
		}
	}
}

func (o *outbox) enqueue(e *engine.WebhookEndpoint, event *engine.Event) {
	q := o.queues[e.ID]
	if q == nil {
		q = &queue{endpoint: e.ID, changed: make(chan struct{}, 1)}
		o.queues[e.ID] = q
	}
	q.waiting = append(q.waiting, &waiting{
		Delivery: Delivery{Event: event.ID, Type: event.Type, Endpoint: e.ID, URL: e.URL, State: DeliveryPending}, seq: event.Seq,
	})
	o.pending[event.ID]++
}

// forget takes a delivery out that a journal says is over.
func (o *outbox) forget(endpoint string, seq int64) {
	if q := o.queues[endpoint]; q != nil {
		for _, d := range q.waiting {
			if d.seq == seq {
				o.remove(q, d)
				return
			}
		}
	}
}

func (o *outbox) remove(q *queue, d *waiting) {
	q.waiting = slices.DeleteFunc(q.waiting, func(other *waiting) bool { return other == d })
	if o.pending[d.Event]--; o.pending[d.Event] <= 0 {
		delete(o.pending, d.Event)
	}
}

// start sets a worker on every queue that has deliveries and none.
func (o *outbox) start() {
	for _, q := range o.queues {
		if len(q.waiting) == 0 {
			continue
		}
		if q.working {
			q.tell()
			continue
		}
		q.working = true
		o.account.server.background(func() { o.work(q) })
	}
}

// next is the delivery to try now, or nil. The oldest holds the others back while it is among its first tries.
func (q *queue) next() *waiting {
	for _, d := range q.waiting {
		if !d.resting {
			return d
		}
		if d.Tries < inOrderTries {
			return nil
		}
	}
	return nil
}

func (q *queue) tell() {
	select {
	case q.changed <- struct{}{}:
	default: // it was told already
	}
}

func (o *outbox) work(q *queue) {
	a := o.account
	for {
		a.mu.Lock()
		if len(q.waiting) == 0 || a.closed || a.outbox != o {
			q.working = false
			a.mu.Unlock()
			return
		}
		d := q.next()
		var next *attempt
		if d != nil {
			next = o.prepare(q, d)
		}
		a.mu.Unlock()
		switch {
		case next != nil:
			status, err := next.send(a.server)
			a.mu.Lock()
			o.settle(q, d, status, err)
			a.mu.Unlock()
		case d == nil:
			select {
			case <-q.changed:
			case <-a.server.ctx.Done():
				return
			}
		}
	}
}

// attempt is a request that is ready to be sent without the world.
type attempt struct {
	url, secret string
	body        []byte
}

// prepare renders the event for its endpoint, or drops the delivery when the endpoint is gone or disabled.
func (o *outbox) prepare(q *queue, d *waiting) *attempt {
	endpoint, ok := engine.Get[engine.WebhookEndpoint](o.account.world, q.endpoint)
	event, known := o.account.world.Event(d.Event)
	if !ok || endpoint.Disabled || !known {
		o.end(q, d, DeliveryDropped)
		return nil
	}
	v := o.account.view()
	if endpoint.APIVersion != "" {
		v.events = eraOf(endpoint.APIVersion)
	}
	return &attempt{url: endpoint.URL, secret: endpoint.Secret, body: encode(v.event(event))}
}

// settle notes how a try ended.
func (o *outbox) settle(q *queue, d *waiting, status int, err error) {
	if o.account.outbox != o || o.account.closed && (err != nil || o.account.world.Awaits(d.Event, d.Endpoint)) {
		return // the world was reset, or the try came too late for Close: it does not count and is made again after a restart
	}
	backOff := o.account.server.opts.BackOff
	d.Tries++
	d.At, d.Status, d.Error = o.account.server.opts.Now(), status, ""
	if err != nil {
		d.Error = err.Error()
	}
	switch {
	case err == nil && status >= 200 && status < 300:
		o.acknowledge(d)
		o.end(q, d, DeliveryDelivered)
	case d.Tries > len(backOff):
		o.end(q, d, DeliveryFailed)
	default:
		o.pause(q, d, backOff[d.Tries-1])
		o.account.server.opts.Log.Debug("webhook not taken", "event", d.Type, "url", d.URL, "status", status, "err", err, "tries", d.Tries)
	}
}

// acknowledge tells the world, and with it the journal, that an endpoint has taken an event for which an invoice waits.
func (o *outbox) acknowledge(d *waiting) {
	if !o.account.world.Awaits(d.Event, d.Endpoint) {
		return
	}
	if _, err := o.account.apply(&engine.AcknowledgeWebhook{Event: d.Event, Endpoint: d.Endpoint}, entry{}); err != nil {
		o.account.server.opts.Log.Error("webhook acknowledgement", "event", d.Event, "err", err)
	}
}

// pause lets a delivery rest until its next try.
func (o *outbox) pause(q *queue, d *waiting, wait time.Duration) {
	d.resting = true
	d.rest = time.AfterFunc(wait, func() {
		o.account.mu.Lock()
		defer o.account.mu.Unlock()
		d.resting = false
		q.tell()
	})
}

// newest are the newest deliveries, those that wait before those that are over.
func (o *outbox) newest(limit int) []Delivery {
	var out []Delivery
	for _, q := range o.queues {
		for _, d := range q.waiting {
			out = append(out, d.Delivery)
		}
	}
	slices.SortFunc(out, func(a, b Delivery) int { return b.At.Compare(a.At) })
	for _, d := range slices.Backward(o.finished) {
		out = append(out, d)
	}
	return out[:min(limit, len(out))]
}

// resend sends an event again, to every endpoint or to one.
func (o *outbox) resend(event *engine.Event, endpoint string) int {
	sent := 0
	for _, e := range o.account.world.Endpoints() {
		if endpoint == "" || e.ID == endpoint {
			o.enqueue(e, event)
			sent++
		}
	}
	o.start()
	return sent
}

// close stops the rests and wakes the workers, which end: the account is closed, or has another outbox.
func (o *outbox) close() {
	for _, q := range o.queues {
		q.tell()
		for _, d := range q.waiting {
			if d.rest != nil {
				d.rest.Stop()
			}
		}
	}
}

func (o *outbox) end(q *queue, d *waiting, state string) {
	d.State = state
	o.remove(q, d)
	o.keep(d.Delivery)
	if j := o.account.server.journal; j != nil {
		if err := j.append(record{World: o.account.key, Done: &doneDelivery{d.Endpoint, d.seq}}); err != nil {
			o.account.server.opts.Log.Error("webhook journal", "err", err)
		}
	}
}

// keep puts a delivery that is over into the log.
func (o *outbox) keep(d Delivery) {
	o.finished = append(o.finished, d)
	if len(o.finished) > attemptsKept {
		o.finished = slices.Delete(o.finished, 0, len(o.finished)-attemptsKept)
	}
}

func (t *attempt) send(s *Server) (int, error) {
	ctx, cancel := context.WithTimeout(s.ctx, deliveryTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url, bytes.NewReader(t.body))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("User-Agent", webhookAgent)
	r.Header.Set("Stripe-Signature", Sign(t.body, s.opts.Now().Unix(), t.secret))
	response, err := s.client.Do(r)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", strings.ToLower(http.MethodPost), err)
	}
	defer response.Body.Close()
	const bodyRead = 64 << 10 // an answer's body means nothing; reading it keeps the connection
	_, _ = io.CopyN(io.Discard, response.Body, bodyRead)
	return response.StatusCode, nil
}
