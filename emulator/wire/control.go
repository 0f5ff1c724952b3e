package wire

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/dues-billing/dues/emulator/engine"
)

// ControlPrefix is the path of the emulator's own API, which Stripe has not: time, settings, whole worlds, webhooks, requests. It is
// authenticated with the API key of the world it is about, takes forms as Stripe's API does, and answers JSON. docs/emulator.md tells it with
// examples.
const ControlPrefix = "/_emulator/api/"

// rowsMax is how many deliveries or requests the API tells.
const rowsMax = 500

// controls are the operations of the control API below ControlPrefix, each on the locked account of the request's key.
var controls = map[string]func(a *account, r *http.Request) (any, error){
	"GET clock":  controlClock,
	"POST clock": controlMove,

	"GET settings":  controlSettings,
	"POST settings": controlChange,

	"GET world":                        controlWorld,
	"POST reset":                       controlReset,
	"POST rewind":                      controlRewind,
	"GET snapshots":                    controlSnapshots,
	"POST snapshots":                   controlKeep,
	"DELETE snapshots/{name}":          controlForget,
	"POST snapshots/{name}/restore":    controlRestore,
	"GET chaos":                        controlChaos,
	"POST chaos":                       controlAddChaos,
	"DELETE chaos":                     controlNoChaos,
	"GET deliveries":                   controlDeliveries,
	"GET mails":                        controlMails,
	"POST events/{id}/resend":          controlResend,
	"POST webhook_endpoints/{id}/roll": controlRoll,
	"POST invoice_rendering_templates": controlTemplate,
	"GET requests":                     controlRequests,
	"GET requests/{id}":                controlRequest,
}

// Control serves the emulator's own API below ControlPrefix: the controls, and two that are about several worlds.
func (s *Server) Control() http.Handler {
	mux := http.NewServeMux()
	for pattern, f := range controls {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" "+ControlPrefix+path, s.control(f))
	}
	mux.HandleFunc("GET "+ControlPrefix+"worlds", s.controlWorlds)
	mux.HandleFunc("POST "+ControlPrefix+"fork", s.controlFork)
	mux.HandleFunc(ControlPrefix, func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusNotFound, map[string]any{"error": "There is no " + r.Method + " " + shorten(r.URL.Path) + " in the emulator's own API."})
	})
	return mux
}

// control is a handler that works on the locked account of the request's key.
func (s *Server) control(f func(a *account, r *http.Request) (any, error)) http.HandlerFunc {
	return s.controlled(func(key string, r *http.Request) (any, error) {
		a := s.account(key)
		a.mu.Lock()
		defer a.mu.Unlock()
		return f(a, r)
	})
}

// controlled is a handler that works for the request's key.
func (s *Server) controlled(f func(key string, r *http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		key, refused := s.secretKeyOf(r)
		if refused != nil {
			writeJSON(w, refused.Status, map[string]any{"error": refused.Message})
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, bodyMax)
		answer, err := f(key, r)
		if err == nil {
			writeJSON(w, http.StatusOK, answer)
			return
		}
		status, body := http.StatusInternalServerError, map[string]any{}
		if errors.As(err, &refused) {
			status, err = refused.Status, errors.New(refused.Message)
			if refused.Param != "" {
				body["param"] = refused.Param
			}
		}
		body["error"] = err.Error()
		writeJSON(w, status, body)
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

// params reads the parameters of a control into a struct with form tags; others are refused by name.
func params(r *http.Request, target any) error {
	form, refused := readForm(r)
	if refused != nil {
		return refused
	}
	if unknown := decode(form, target); unknown != nil {
		if unknown.Code == "parameter_unsupported" {
			return badRequest("parameter_unknown", unknown.Param, "Received unknown parameter: %s", unknown.Param)
		}
		return unknown
	}
	return nil
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
	var p moveParams
	if err := params(r, &p); err != nil {
		return nil, err
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

func controlSettings(a *account, _ *http.Request) (any, error) { return a.world.Settings(), nil }

func controlChange(a *account, r *http.Request) (any, error) {
	var change engine.ChangeSettings
	if err := params(r, &change); err != nil {
		return nil, err
	}
	if err := a.change(change); err != nil {
		return nil, err
	}
	return controlSettings(a, r)
}

// change changes the world's settings.
func (a *account) change(c engine.ChangeSettings) error {
	if version, given := c.APIVersion.Get(); given {
		if err := checkVersion(version); err != nil {
			err.Param = "api_version"
			return err
		}
	}
	_, err := a.apply(&c, entry{})
	return err
}
