package wire

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"

	"github.com/dues-billing/dues/emulator/engine"
)

// SubscribePrefix is the path of the websockets over which the official CLI listens for events.
const SubscribePrefix = "/subscribe/"

// What stripe listen speaks over its websocket. Stripe does not document it; the words are those of the CLI.
const (
	listenProtocol  = "stripecli-devproxy-v1"
	listenReconnect = 24 * time.Hour // after so long the CLI connects anew
	listenWrite     = 10 * time.Second
)

// cliSession is what a running CLI asked for: the events of its account, whole or thin, or the log of its requests.
type cliSession struct {
	account        *account
	id             string
	whole, thin    bool
	requests       bool
	requestsWanted requestFilter
}

// listener is a CLI that is connected. The account's mutex guards it.
type listener struct {
	session *cliSession
	waiting []sending
	changed chan struct{} // told when something was added
}

// sending is something on its way to a CLI: an event in every form that the session asked for, one notice of it, or a message that is ready.
type sending struct {
	event *engine.Event
	alone *engine.Notice // this one only; nil is all
	ready []byte
}

func (l *listener) add(one sending) {
	l.waiting = append(l.waiting, one)
	select {
	case l.changed <- struct{}{}:
	default: // it was told already
	}
}

// sessionParams are those of POST /v1/stripecli/sessions. The addresses events are forwarded to are the CLI's own affair.
type sessionParams struct {
	DeviceName         string   `form:"device_name"`
	Features           []string `form:"websocket_features"`
	Filters            string   `form:"filters"` // of the request log
	ForwardTo          string   `form:"forward_to_url"`
	ForwardConnectTo   string   `form:"forward_connect_to_url"`
	ForwardThinTo      string   `form:"forward_thin_to_url"`
	ForwardThinConnect string   `form:"forward_thin_connect_to_url"`
}

// The features of a session: what is sent to it.
const (
	featureWhole    = "webhooks"
	featureThin     = "v2_events"
	featureRequests = "request_logs"
)

// take reads the features that a session asks for.
func (s *cliSession) take(p sessionParams) error {
	for _, feature := range p.Features {
		switch feature {
		case featureWhole:
			s.whole = true
		case featureThin:
			s.thin = true
		case featureRequests:
			s.requests = true
		default:
			return badRequest("", "websocket_features", "Invalid websocket_features: must be one of %s", oneOf([]string{featureRequests, featureThin, featureWhole}))
		}
	}
	if len(p.Features) == 0 {
		return badRequest("parameter_missing", "websocket_features", "Missing required param: websocket_features.")
	}
	return s.requestsWanted.take(p.Filters)
}

// openSession answers the CLI where to listen, and with which secret its webhooks are signed.
func openSession(c *call) answer {
	var p sessionParams
	return c.look(&p, func(v *view) (object, error) {
		a := c.account
		session := &cliSession{account: a, id: "cliws_" + strings.TrimPrefix(c.id, "req_")}
		if err := session.take(p); err != nil {
			return nil, err
		}
		a.server.sessions.Store(session.id, session)
		a.server.opts.Log.Info("stripe CLI", "features", p.Features, "device", p.DeviceName, "forward_to", p.ForwardTo, "forward_thin_to", p.ForwardThinTo)
		return object{
			"websocket_id": session.id, "websocket_authorized_feature": p.Features[0], "reconnect_delay": int64(listenReconnect / time.Second),
			"websocket_url": "ws" + strings.TrimPrefix(a.server.opts.Settings.BaseURL, "http") + SubscribePrefix + a.id,
			"secret":        a.listenSecret(), "default_version": *a.version.Load(), "latest_version": latestVersion(),
			"display_connect_filter_warning": len(session.requestsWanted.Accounts) > 0, "device_token": "",
		}, nil
	})
}

// listenSecret signs what the CLI forwards. It is the same for every session of the account, so that an application can be told once.
func (a *account) listenSecret() string {
	sum := sha256.Sum256([]byte(a.server.opts.Seed + "\x00stripe listen\x00" + a.key))
	return "whsec_" + hex.EncodeToString(sum[:])
}

func latestVersion() string { return laterVersions[len(laterVersions)-1] }

// Subscribe serves the websockets below SubscribePrefix.
func (s *Server) Subscribe() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		found, known := s.sessions.Load(r.Header.Get("Websocket-Id"))
		if !known {
			writeJSON(w, http.StatusBadRequest, map[string]any{"error": map[string]any{"message": "Unknown WebSocket ID."}})
			return
		}
		if !s.begin() {
			http.Error(w, errClosed.Error(), http.StatusServiceUnavailable)
			return
		}
		defer s.work.Done()
		l := &listener{session: found.(*cliSession), changed: make(chan struct{}, 1)}
		l.enter() // before the CLI knows that it is connected: what it does next is sent to it
		defer l.leave()
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
			Subprotocols: []string{listenProtocol}, CompressionMode: websocket.CompressionDisabled,
		})
		if err != nil {
			return // the library has answered
		}
		defer conn.CloseNow() //nolint:errcheck // the connection is over either way
		conn.SetReadLimit(bodyMax)
		l.listen(s.ctx, conn)
	})
}

func (l *listener) enter() {
	a := l.session.account
	a.mu.Lock()
	defer a.mu.Unlock()
	a.listeners[l] = struct{}{}
	if l.session.requests {
		a.tails.Add(1)
	}
}

func (l *listener) leave() {
	a := l.session.account
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.listeners, l)
	if l.session.requests {
		a.tails.Add(-1)
	}
}

// listen sends what happens until the CLI goes or the server closes.
func (l *listener) listen(ctx context.Context, conn *websocket.Conn) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	l.session.account.server.background(func() { // ends with ctx
		defer cancel()
		l.send(ctx, conn)
	})
	for { // reading also answers pings
		_, message, err := conn.Read(ctx)
		if err != nil {
			return
		}
		l.session.account.forwarded(message)
	}
}

func (l *listener) send(ctx context.Context, conn *websocket.Conn) {
	a := l.session.account
	for {
		a.mu.Lock()
		all := l.waiting
		l.waiting = nil
		a.mu.Unlock()
		for _, one := range all {
			for _, frame := range l.session.frames(one) {
				write, cancel := context.WithTimeout(ctx, listenWrite)
				err := conn.Write(write, websocket.MessageText, frame)
				cancel()
				if err != nil {
					return
				}
			}
		}
		select {
		case <-l.changed:
		case <-ctx.Done():
			return
		}
	}
}

// webhookMessage is an event on its way to the CLI.
type webhookMessage struct {
	Type         string            `json:"type"`
	ID           string            `json:"webhook_id"`
	Conversation string            `json:"webhook_conversation_id"`
	Endpoint     endpointVersion   `json:"endpoint"`
	Payload      string            `json:"event_payload"`
	Headers      map[string]string `json:"http_headers"`
}

type endpointVersion struct {
	APIVersion *string `json:"api_version"`
}

// thinMessage is a thin event on its way to the CLI.
type thinMessage struct {
	Type        string            `json:"type"`
	Payload     string            `json:"payload"`
	Headers     map[string]string `json:"http_headers"`
	Destination string            `json:"destination_id"`
}

// frames are the messages for what is sent to a session.
func (s *cliSession) frames(one sending) [][]byte {
	if one.event == nil {
		return [][]byte{one.ready}
	}
	a := s.account
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, known := a.world.Event(one.event.ID); !known {
		return nil // the world was reset
	}
	var out [][]byte
	if s.whole && !one.event.ThinOnly() && (one.alone == nil || one.alone.Twin == 0) {
		out = a.wholeFrames(one.event)
	}
	if _, ping := one.event.Object.(*engine.WebhookEndpoint); !s.thin || ping { // a ping is for one endpoint
		return out
	}
	for _, n := range one.event.Thin() {
		if one.alone != nil && one.alone.Twin != n.Twin {
			continue
		}
		body := encode(a.view().thinEvent(n))
		out = append(out, asJSON(thinMessage{Type: "v2_event", Payload: string(body), Headers: a.listenHeaders(body), Destination: s.id}))
	}
	return out
}

// wholeFrames are two messages for an event: one in the account's version, which the CLI drops with --latest, and one in the latest version,
// which it drops without.
func (a *account) wholeFrames(event *engine.Event) [][]byte {
	latest := latestVersion()
	var out [][]byte
	for _, version := range []*string{nil, &latest} {
		v := a.view()
		if version != nil {
			v.events = alwaysIn(*version)
		}
		body := encode(v.event(event))
		out = append(out, asJSON(webhookMessage{
			Type: "webhook_event", ID: "wh_" + strings.TrimPrefix(event.ID, "evt_"), Conversation: conversationPrefix + event.ID,
			Endpoint: endpointVersion{version}, Payload: string(body), Headers: a.listenHeaders(body),
		}))
	}
	return out
}

// listenHeaders are those with which the CLI forwards a body.
func (a *account) listenHeaders(body []byte) map[string]string {
	return map[string]string{
		"Content-Type": "application/json; charset=utf-8", "User-Agent": webhookAgent,
		"Stripe-Signature": Sign(body, a.server.opts.Now().Unix(), a.listenSecret()),
	}
}

func asJSON(message any) []byte {
	frame, err := json.Marshal(message)
	if err != nil {
		panic("wire: a message that is no JSON: " + err.Error())
	}
	return frame
}

// conversationPrefix stands before the event's id in the id of a conversation, so that the CLI's answer tells which event it is about.
const conversationPrefix = "wc_"

// forwarded notes in the log of deliveries what became of an event that the CLI has forwarded.
func (a *account) forwarded(message []byte) {
	var m struct {
		Type         string `json:"type"`
		Conversation string `json:"webhook_conversation_id"`
		Notification string `json:"notification_id"` // of a thin event, which has no conversation
		URL          string `json:"forward_url"`
		Status       int    `json:"status"`
	}
	if json.Unmarshal(message, &m) != nil || m.Type != "webhook_response" {
		return // an acknowledgement, or a word of a later CLI
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	n, known := a.world.Notice(cmp.Or(strings.TrimPrefix(m.Conversation, conversationPrefix), m.Notification))
	if !known {
		return
	}
	now := a.outbox.now()
	d := Delivery{
		Event: n.ID(), Type: n.Type, Endpoint: "stripe listen", URL: m.URL, Tries: 1, Status: m.Status, At: now, State: DeliveryDelivered,
		Attempts: []Attempt{{At: now, Status: m.Status}},
	}
	if m.Status < 200 || m.Status >= 300 {
		d.State = DeliveryFailed // the CLI does not try again
	}
	a.outbox.keep(d)
}

// retryParams are those of POST /v1/events/{id}/retry.
type retryParams struct {
	ForCLI   bool   `form:"for_stripecli"`
	Endpoint string `form:"webhook_endpoint"`
}

// retryEvent is stripe events resend: the event goes again to the CLIs that listen, or to an endpoint.
func retryEvent(c *call) answer {
	var p retryParams
	return c.look(&p, func(v *view) (object, error) {
		a := c.account
		n, known := a.world.Notice(c.ids[0])
		if !known {
			return nil, engine.NotFound("event", c.ids[0], "id")
		}
		if p.Endpoint == "" && !p.ForCLI {
			return nil, badRequest("parameter_missing", "webhook_endpoint", "Missing required param: webhook_endpoint.")
		}
		if p.Endpoint != "" && a.outbox.resend(n, p.Endpoint) == 0 {
			return nil, badRequest("resource_missing", "webhook_endpoint", "No such webhook endpoint: '%s'", shorten(p.Endpoint))
		}
		if p.ForCLI {
			for l := range a.listeners {
				l.add(sending{event: n.Event, alone: &n})
			}
		}
		if n.Twin > 0 {
			return v.thinEvent(n), nil
		}
		return v.render(n.Event), nil
	})
}
