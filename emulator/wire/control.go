package wire

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/dues-billing/dues/emulator/engine"
)

// ControlPrefix is the path of the emulator's own API, which Stripe has not: the clock, the webhooks, starting over. It is authenticated
// with the API key of the world it is about, and speaks JSON.
const ControlPrefix = "/_emulator/api/"

// deliveriesMax is how many deliveries the API tells.
const deliveriesMax = 100

// Control serves the emulator's own API below ControlPrefix:
//
//	GET  worlds                      the accounts that are open (no key needed: it listens on this machine)
//	GET  clock                       the world's time, and when something happens next
//	POST clock   by=SECONDS | to=UNIX | next=true
//	GET  deliveries                  webhooks, newest first
//	POST events/{id}/resend          [webhook_endpoint=we_…]
//	POST invoice_rendering_templates [nickname=…]
//	POST reset                       empties the world
func (s *Server) Control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+ControlPrefix+"worlds", s.controlWorlds)
	mux.HandleFunc("GET "+ControlPrefix+"clock", s.control(controlClock))
	mux.HandleFunc("POST "+ControlPrefix+"clock", s.control(controlMove))
	mux.HandleFunc("GET "+ControlPrefix+"deliveries", s.control(func(a *account, _ *http.Request) (any, error) {
		return map[string]any{"deliveries": a.outbox.newest(deliveriesMax)}, nil
	}))
	mux.HandleFunc("POST "+ControlPrefix+"events/{id}/resend", s.control(controlResend))
	mux.HandleFunc("POST "+ControlPrefix+"invoice_rendering_templates", s.control(controlTemplate))
	mux.HandleFunc("POST "+ControlPrefix+"reset", s.control(func(a *account, _ *http.Request) (any, error) {
		return map[string]any{"reset": true}, a.reset()
	}))
	return mux
}

// control is a handler that works on the locked account of the request's key.
func (s *Server) control(f func(a *account, r *http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		key, refused := keyOf(r)
		if refused != nil {
			writeJSON(w, refused.Status, map[string]any{"error": refused.Message})
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, bodyMax)
		a := s.account(key)
		a.mu.Lock()
		defer a.mu.Unlock()
		answer, err := f(a, r)
		if err == nil {
			writeJSON(w, http.StatusOK, answer)
			return
		}
		status := http.StatusInternalServerError
		if errors.As(err, &refused) {
			status, err = refused.Status, errors.New(refused.Message)
		}
		writeJSON(w, status, map[string]any{"error": err.Error()})
	}
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		panic("wire: an answer that is no JSON: " + err.Error())
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // a client that went away
}

func (s *Server) controlWorlds(w http.ResponseWriter, _ *http.Request) {
	list := []any{}
	for _, world := range s.Worlds() {
		world.Read(func(in *engine.World, now int64) {
			list = append(list, map[string]any{"key": world.Key(), "account": in.AccountID(), "now": now, "events": in.LastEventSeq()})
		})
	}
	writeJSON(w, http.StatusOK, map[string]any{"worlds": list})
}

func controlClock(a *account, _ *http.Request) (any, error) {
	if err := a.catchUp(); err != nil {
		return nil, err
	}
	now := a.world.Now(a.server.opts.Now().Unix())
	out := map[string]any{"now": now, "now_text": time.Unix(now, 0).UTC().Format(time.RFC3339), "next_due": nil}
	if due, ok := a.world.NextDue(); ok {
		out["next_due"] = due
	}
	return out, nil
}

// moveMax is how far time moves at once: ten years of renewals are enough to wait for.
const moveMax = 10 * 366 * 24 * 60 * 60

// moveParams are those of POST clock; one of them is given.
type moveParams struct {
	By   engine.Opt[int64] `form:"by"`
	To   engine.Opt[int64] `form:"to"`
	Next engine.Opt[bool]  `form:"next"`
}

func controlMove(a *account, r *http.Request) (any, error) {
	form, refused := readForm(r)
	if refused != nil {
		return nil, refused
	}
	var p moveParams
	if refused := decode(form, &p); refused != nil {
		return nil, refused
	}
	cmd, refused := p.command(a)
	if refused != nil {
		return nil, refused
	}
	if _, err := a.apply(cmd, entry{}); err != nil {
		return nil, err
	}
	return controlClock(a, r)
}

func (p moveParams) command(a *account) (engine.Command, *engine.Error) {
	now := a.world.Now(a.server.opts.Now().Unix())
	to, given := p.To.Get()
	if by, ok := p.By.Get(); ok {
		to, given = now+min(by, moveMax+1), true
	}
	if given && to-now > moveMax {
		return nil, badRequest("", "", "Time moves by at most %d seconds at once.", int64(moveMax))
	}
	if given {
		return &engine.MoveTimeTo{At: to}, nil
	}
	if due, ok := a.world.NextDue(); ok && p.Next.Or(false) {
		return &engine.MoveTimeTo{At: due}, nil
	}
	if p.Next.Or(false) {
		return nil, badRequest("", "next", "Nothing is going to happen in this world.")
	}
	return nil, badRequest("parameter_missing", "by", "Say how far to move time: by=SECONDS, to=UNIX or next=true.")
}

func controlResend(a *account, r *http.Request) (any, error) {
	form, refused := readForm(r)
	if refused != nil {
		return nil, refused
	}
	event, ok := a.world.Event(r.PathValue("id"))
	if !ok {
		return nil, engine.NotFound("event", r.PathValue("id"), "id")
	}
	endpoint := ""
	if n := form.Child("webhook_endpoint"); n != nil {
		endpoint = n.Text
	}
	return map[string]any{"sent": a.outbox.resend(event, endpoint)}, nil
}
