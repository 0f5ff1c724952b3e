package wire

import (
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

// listener is a stripe listen that is connected: it receives every event of its account. The account's mutex guards it.
type listener struct {
	account *account
	waiting []*engine.Event
	changed chan struct{} // told when something was added
}

func (l *listener) add(event *engine.Event) {
	l.waiting = append(l.waiting, event)
	select {
	case l.changed <- struct{}{}:
	default: // it was told already
	}
}

// sessionParams are those of POST /v1/stripecli/sessions. The addresses events are forwarded to are the CLI's own affair.
type sessionParams struct {
	DeviceName         string   `form:"device_name"`
	Features           []string `form:"websocket_features"`
	ForwardTo          string   `form:"forward_to_url"`
	ForwardConnectTo   string   `form:"forward_connect_to_url"`
	ForwardThinTo      string   `form:"forward_thin_to_url"`
	ForwardThinConnect string   `form:"forward_thin_connect_to_url"`
}

// openSession answers the CLI where to listen, and with which secret its webhooks are signed.
func openSession(c *call) answer {
	var p sessionParams
	return c.look(&p, func(v *view) (object, error) {
		for _, feature := range p.Features {
			if feature != "webhooks" {
				return nil, badRequest("parameter_unsupported", "websocket_features", "This emulator sends snapshot events to the CLI, no %s.", shorten(feature))
			}
		}
		a := c.account
		id := "cliws_" + strings.TrimPrefix(c.id, "req_")
		a.server.sessions.Store(id, a)
		a.server.opts.Log.Info("stripe listen", "device", p.DeviceName, "forward_to", p.ForwardTo)
		return object{
			"websocket_id": id, "websocket_authorized_feature": "webhooks", "reconnect_delay": int64(listenReconnect / time.Second),
			"websocket_url": "ws" + strings.TrimPrefix(a.server.opts.Settings.BaseURL, "http") + SubscribePrefix + a.id,
			"secret":        a.listenSecret(), "default_version": v.events.version, "latest_version": latestVersion(),
			"display_connect_filter_warning": false, "device_token": "",
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
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
			Subprotocols: []string{listenProtocol}, CompressionMode: websocket.CompressionDisabled,
		})
		if err != nil {
			return // the library has answered
		}
		defer conn.CloseNow() //nolint:errcheck // the connection is over either way
		conn.SetReadLimit(bodyMax)
		a, _ := found.(*account)
		a.listen(s.ctx, conn)
	})
}

// listen sends the account's events until the CLI goes or the server closes.
func (a *account) listen(ctx context.Context, conn *websocket.Conn) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	l := &listener{account: a, changed: make(chan struct{}, 1)}
	a.mu.Lock()
	a.listeners[l] = struct{}{}
	a.mu.Unlock()
	defer func() {
		a.mu.Lock()
		delete(a.listeners, l)
		a.mu.Unlock()
	}()
	a.server.background(func() { // ends with ctx
		defer cancel()
		l.send(ctx, conn)
	})
	for { // reading also answers pings
		_, message, err := conn.Read(ctx)
		if err != nil {
			return
		}
		a.forwarded(message)
	}
}

func (l *listener) send(ctx context.Context, conn *websocket.Conn) {
	for {
		l.account.mu.Lock()
		events := l.waiting
		l.waiting = nil
		l.account.mu.Unlock()
		for _, event := range events {
			for _, frame := range l.account.frames(event) {
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

// frames are the messages for an event: one in the account's version, which the CLI drops with --latest, and one in the latest version,
// which it drops without.
func (a *account) frames(event *engine.Event) [][]byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, known := a.world.Event(event.ID); !known || event.ThinOnly() {
		return nil // the world was reset, or the event is none of these
	}
	latest := latestVersion()
	var out [][]byte
	for _, version := range []*string{nil, &latest} {
		v := a.view()
		if version != nil {
			v.events = eraOf(*version)
		}
		body := encode(v.event(event))
		frame, err := json.Marshal(webhookMessage{
			Type: "webhook_event", ID: "wh_" + strings.TrimPrefix(event.ID, "evt_"), Conversation: conversationPrefix + event.ID,
			Endpoint: endpointVersion{version}, Payload: string(body), Headers: map[string]string{
				"Content-Type": "application/json; charset=utf-8", "User-Agent": webhookAgent,
				"Stripe-Signature": Sign(body, a.server.opts.Now().Unix(), a.listenSecret()),
			},
		})
		if err != nil {
			panic("wire: a message that is no JSON: " + err.Error())
		}
		out = append(out, frame)
	}
	return out
}

// conversationPrefix stands before the event's id in the id of a conversation, so that the CLI's answer tells which event it is about.
const conversationPrefix = "wc_"

// forwarded notes in the log of deliveries what became of an event that the CLI has forwarded.
func (a *account) forwarded(message []byte) {
	var m struct {
		Type         string `json:"type"`
		Conversation string `json:"webhook_conversation_id"`
		URL          string `json:"forward_url"`
		Status       int    `json:"status"`
	}
	if json.Unmarshal(message, &m) != nil || m.Type != "webhook_response" {
		return // an acknowledgement, or a word of a later CLI
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	event, known := a.world.Event(strings.TrimPrefix(m.Conversation, conversationPrefix))
	if !known {
		return
	}
	now := a.outbox.now()
	d := Delivery{
		Event: event.ID, Type: event.Type, Endpoint: "stripe listen", URL: m.URL, Tries: 1, Status: m.Status, At: now, State: DeliveryDelivered,
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
				l.add(n.Event)
			}
		}
		if n.Twin > 0 {
			return v.thinEvent(n), nil
		}
		return v.render(n.Event), nil
	})
}
