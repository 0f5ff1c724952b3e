package wire

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dues-billing/dues/emulator/engine"
)

// How webhooks are sent. Stripe documents neither its timeout nor its back-off (chapter 99, point 12; the timeout is a decision of the account);
// the first steps are short, because a developer restarts the receiver and waits in front of it.
const (
	inOrderTries = 4 // so many tries hold the following events back; later ones go beside them
	webhookAgent = "Stripe/1.0 (+https://stripe.com/docs/webhooks)"
	attemptsKept = 1000 // finished deliveries that the log keeps, per account
)

// Delivery is one event on its way to one endpoint. Its times are those of the world.
type Delivery struct {
	Event    string    `json:"event"`
	Type     string    `json:"type"`
	Endpoint string    `json:"endpoint"`
	URL      string    `json:"url"`
	Tries    int       `json:"tries"`
	Status   int       `json:"status"`          // the newest answer; 0 is none
	Error    string    `json:"error,omitempty"` // why there was none
	At       time.Time `json:"at,omitzero"`     // of the newest try
	NextTry  time.Time `json:"next_try,omitzero"`
	State    string    `json:"state"`
	Attempts []Attempt `json:"attempts"`
}

// Attempt is one try of a delivery.
type Attempt struct {
	At     time.Time `json:"at"`
	Status int       `json:"status"`          // 0 is no answer
	Body   string    `json:"body,omitempty"`  // the beginning of the answer
	Error  string    `json:"error,omitempty"` // why there was none
}

// bodyShown is how much of an endpoint's answer the log keeps.
const bodyShown = 500

// The states of a delivery.
const (
	DeliveryPending   = "pending"
	DeliveryDelivered = "delivered"
	DeliveryFailed    = "failed"  // given up
	DeliveryDropped   = "dropped" // its endpoint is gone or disabled, or chaos took it
)

// waiting is a delivery that is not over.
type waiting struct {
	Delivery
	seq     int64       // of the event
	twin    int         // which thin event of it; 0 is the event itself
	resting bool        // between two tries
	aside   bool        // it holds nobody back
	again   bool        // it is the double that chaos sends
	rest    *time.Timer // ends the rest
}

// outbox holds the webhooks of an account that still have to be taken by their endpoints. The account's mutex guards it.
type outbox struct {
	account  *account
	queues   map[string]*queue
	finished []Delivery                 // oldest first
	pending  map[string]int             // endpoints that have not taken an event yet, by event id
	missed   map[string]map[string]bool // endpoints that an event never reached, by event id
}

// queue is one endpoint's deliveries, in the order of their events, worked off by one goroutine while there are any.
type queue struct {
	endpoint string
	waiting  []*waiting
	working  bool
	changed  chan struct{} // told when something was added
}

func newOutbox(a *account) *outbox {
	return &outbox{account: a, queues: map[string]*queue{}, pending: map[string]int{}, missed: map[string]map[string]bool{}}
}

// add decides who receives the events of a command, those after a number: the endpoints that exist and want them at the moment they happen.
func (o *outbox) add(seq int64) {
	for _, e := range o.account.world.Endpoints() {
		for _, n := range o.account.shuffled(e.Notices(o.account.world.EventsAfter(seq)), e.ID) {
			o.dispatch(e, n)
		}
	}
}

// dispatch sends an event on its way to an endpoint, if chaos lets it.
func (o *outbox) dispatch(e *engine.WebhookEndpoint, n engine.Notice) {
	if _, strikes := o.account.strikes(ChaosDrop, n.Type, n.Event.Seq, e.ID); strikes {
		o.keep(Delivery{Event: n.ID(), Type: n.Type, Endpoint: e.ID, URL: e.URL, State: DeliveryDropped, Error: "dropped by chaos", At: o.now()})
		o.miss(n.ID(), e.ID, true)
		return
	}
	q, d := o.enqueue(e, n)
	if c, strikes := o.account.strikes(ChaosDelay, n.Type, n.Event.Seq, e.ID); strikes {
		d.aside = true
		o.pause(q, d, time.Duration(c.Seconds)*time.Second)
	}
}

func (o *outbox) enqueue(e *engine.WebhookEndpoint, n engine.Notice) (*queue, *waiting) {
	q := o.queues[e.ID]
	if q == nil {
		q = &queue{endpoint: e.ID, changed: make(chan struct{}, 1)}
		o.queues[e.ID] = q
	}
	d := &waiting{
		Delivery: Delivery{Event: n.ID(), Type: n.Type, Endpoint: e.ID, URL: e.URL, State: DeliveryPending}, seq: n.Event.Seq, twin: n.Twin,
	}
	q.waiting = append(q.waiting, d)
	o.pending[d.Event]++
	return q, d
}

// forget takes a delivery out that a journal says is over.
func (o *outbox) forget(done doneDelivery) {
	if event, ok := o.account.world.EventBySeq(done.Seq); ok && done.State != DeliveryDropped {
		o.miss(engine.Notice{Event: event, Twin: done.Twin}.ID(), done.Endpoint, done.State == DeliveryFailed)
	}
	if q := o.queues[done.Endpoint]; q != nil {
		for _, d := range q.waiting {
			if d.seq == done.Seq && d.twin == done.Twin {
				o.remove(q, d)
				return
			}
		}
	}
}

// miss notes whether an event never reached an endpoint.
func (o *outbox) miss(event, endpoint string, missed bool) {
	switch {
	case !missed:
		delete(o.missed[event], endpoint)
		if len(o.missed[event]) == 0 {
			delete(o.missed, event)
		}
	case o.missed[event] == nil:
		o.missed[event] = map[string]bool{endpoint: true}
	default:
		o.missed[event][endpoint] = true
	}
}

// delivered says that every endpoint that wanted an event has taken it.
func (o *outbox) delivered(event string) bool {
	return o.pending[event] == 0 && len(o.missed[event]) == 0
}

// now is the world's time, as finely as the wall clock tells it.
func (o *outbox) now() time.Time {
	wall := o.account.server.opts.Now()
	return wall.Add(time.Duration(o.account.world.Now(wall.Unix())-wall.Unix()) * time.Second).UTC()
}

// backOff are the waits between the tries.
func (o *outbox) backOff() []time.Duration {
	if chosen := o.account.server.opts.BackOff; chosen != nil {
		return chosen
	}
	var waits []time.Duration
	for _, seconds := range engine.BackOff(o.account.world.Settings().WebhookRetries) {
		waits = append(waits, time.Duration(seconds)*time.Second)
	}
	return waits
}

func (o *outbox) remove(q *queue, d *waiting) {
	q.waiting = slices.DeleteFunc(q.waiting, func(other *waiting) bool { return other == d })
	if d.rest != nil {
		d.rest.Stop()
	}
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
		if d.Tries < inOrderTries && !d.aside {
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
			try := next.send(a.server)
			a.mu.Lock()
			o.settle(q, d, try)
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
	url     string
	secrets []string
	body    []byte
	timeout time.Duration
}

// prepare renders the event for its endpoint, or drops the delivery when the endpoint is gone or disabled.
func (o *outbox) prepare(q *queue, d *waiting) *attempt {
	endpoint, ok := o.account.world.Endpoint(q.endpoint)
	n, known := o.account.world.Notice(d.Event)
	if !ok || endpoint.Disabled || !known {
		o.end(q, d, DeliveryDropped)
		return nil
	}
	v := o.account.view()
	if endpoint.APIVersion != "" {
		v.events = alwaysIn(endpoint.APIVersion)
	}
	return &attempt{
		url: endpoint.URL, secrets: endpoint.Secrets(o.now().Unix()), body: inMode(o.account.key, encode(v.notice(n))),
		timeout: time.Duration(o.account.world.Settings().Decisions.WebhookTimeout) * time.Second,
	}
}

// settle notes how a try ended.
func (o *outbox) settle(q *queue, d *waiting, try Attempt) {
	failed := try.Error != ""
	if o.account.outbox != o || o.account.closed && (failed || o.account.world.Awaits(d.Event, d.Endpoint)) {
		return // the world was reset, or the try came too late for Close: it does not count and is made again after a restart
	}
	if _, lost := o.account.strikes(ChaosLostResponse, d.Type, d.seq, d.Endpoint); lost && d.Tries == 0 && !d.again {
		try.Error, try.Status, failed = "the answer was lost by chaos: "+strconv.Itoa(try.Status), 0, true
	}
	backOff := o.backOff()
	try.At = o.now()
	d.Tries++
	d.At, d.Status, d.Error, d.NextTry = try.At, try.Status, try.Error, time.Time{}
	d.Attempts = append(slices.Clip(d.Attempts), try)
	switch {
	case !failed && try.Status >= 200 && try.Status < 300:
		o.acknowledge(d)
		o.end(q, d, DeliveryDelivered)
		o.double(d)
	case d.Tries > len(backOff):
		o.end(q, d, DeliveryFailed)
	default:
		o.pause(q, d, backOff[d.Tries-1])
		o.account.server.opts.Log.Debug("webhook not taken", "event", d.Type, "url", d.URL, "status", try.Status, "err", try.Error, "tries", d.Tries)
	}
}

// double sends a delivery once more that chaos wants to come twice.
func (o *outbox) double(d *waiting) {
	_, strikes := o.account.strikes(ChaosDuplicate, d.Type, d.seq, d.Endpoint)
	endpoint, there := o.account.world.Endpoint(d.Endpoint)
	n, known := o.account.world.Notice(d.Event)
	if strikes && there && known && !d.again {
		_, twin := o.enqueue(endpoint, n)
		twin.again = true
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
	d.resting, d.NextTry = true, o.now().Add(wait)
	d.rest = time.AfterFunc(wait, func() {
		o.account.mu.Lock()
		defer o.account.mu.Unlock()
		d.resting = false
		q.tell()
	})
}

// due ends the rests that the world's time has passed: where the clock was moved, nobody waits for the wall's.
func (o *outbox) due() {
	now := o.now()
	for _, q := range o.queues {
		for _, d := range q.waiting {
			if d.resting && !d.NextTry.After(now) && d.rest.Stop() {
				d.resting = false
				q.tell()
			}
		}
	}
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
		if len(out) >= limit {
			break
		}
		out = append(out, d)
	}
	return out[:min(limit, len(out))]
}

// resend sends an event again, to every endpoint of its kind or to one.
func (o *outbox) resend(n engine.Notice, endpoint string) int {
	sent := 0
	for _, e := range o.account.world.Endpoints() {
		if e.Takes(n) && (endpoint == "" || e.ID == endpoint) {
			_, d := o.enqueue(e, n)
			d.again = true // by hand: chaos has had its turn
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
	if state != DeliveryDropped {
		o.miss(d.Event, d.Endpoint, state == DeliveryFailed)
	}
	if j := o.account.server.journal; j != nil {
		if _, err := j.append(record{World: o.account.key, Done: &doneDelivery{d.Endpoint, d.seq, state, d.twin}}); err != nil {
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

func (t *attempt) send(s *Server) Attempt {
	ctx, cancel := context.WithTimeout(s.ctx, t.timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url, bytes.NewReader(t.body))
	if err != nil {
		return Attempt{Error: err.Error()}
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("User-Agent", webhookAgent)
	r.Header.Set("Stripe-Signature", Sign(t.body, s.opts.Now().Unix(), t.secrets...))
	response, err := s.client.Do(r)
	if err != nil {
		return Attempt{Error: fmt.Sprintf("%s: %v", strings.ToLower(http.MethodPost), err)}
	}
	defer response.Body.Close()
	const bodyRead = 64 << 10 // an answer's body means nothing to Stripe; reading it keeps the connection
	body, _ := io.ReadAll(io.LimitReader(response.Body, bodyRead))
	return Attempt{Status: response.StatusCode, Body: strings.ToValidUTF8(string(body[:min(len(body), bodyShown)]), "\uFFFD")}
}
