package wire

import (
	"net/http"
	"slices"

	"github.com/dues-billing/dues/emulator/engine"
)

func controlChaos(a *account, _ *http.Request) (any, error) {
	return map[string]any{"chaos": append([]Chaos{}, a.chaos...)}, nil
}

// chaosParams are those of POST chaos, which adds a rule.
type chaosParams struct {
	Kind     string            `form:"kind"`
	Percent  engine.Opt[int64] `form:"percent"`
	Types    []string          `form:"types"`
	Endpoint string            `form:"webhook_endpoint"`
	Seconds  int64             `form:"seconds"`
}

func controlAddChaos(a *account, r *http.Request) (any, error) {
	var p chaosParams
	if err := params(r, &p); err != nil {
		return nil, err
	}
	rule := Chaos{Kind: p.Kind, Percent: p.Percent.Or(100), Types: p.Types, Endpoint: p.Endpoint, Seconds: p.Seconds}
	if _, known := a.world.Endpoint(p.Endpoint); p.Endpoint != "" && !known {
		return nil, engine.NotFound("webhook endpoint", p.Endpoint, "webhook_endpoint")
	}
	if err := a.setChaos(append(slices.Clip(a.chaos), rule)); err != nil {
		return nil, err
	}
	return controlChaos(a, r)
}

func controlNoChaos(a *account, r *http.Request) (any, error) {
	if err := a.setChaos(nil); err != nil {
		return nil, err
	}
	return controlChaos(a, r)
}

// deliveryParams are those of GET deliveries.
type deliveryParams struct {
	Event    string            `form:"event"`
	Endpoint string            `form:"webhook_endpoint"`
	State    string            `form:"state"`
	Limit    engine.Opt[int64] `form:"limit"`
}

func controlDeliveries(a *account, r *http.Request) (any, error) {
	var p deliveryParams
	if err := params(r, &p); err != nil {
		return nil, err
	}
	limit, err := rowLimit(p.Limit)
	if err != nil {
		return nil, err
	}
	list := slices.DeleteFunc(a.outbox.newest(attemptsKept*2), func(d Delivery) bool {
		return p.Event != "" && d.Event != p.Event || p.Endpoint != "" && d.Endpoint != p.Endpoint || p.State != "" && d.State != p.State
	})
	return map[string]any{"deliveries": append([]Delivery{}, list[:min(limit, len(list))]...)}, nil
}

// rowLimit is how many rows a list may tell.
func rowLimit(limit engine.Opt[int64]) (int, error) {
	n := limit.Or(100)
	if n < 1 || n > rowsMax {
		return 0, badRequest("", "limit", "Invalid limit: must be between 1 and %d, got %d", rowsMax, n)
	}
	return int(n), nil
}

func controlResend(a *account, r *http.Request) (any, error) {
	var p struct {
		Endpoint string `form:"webhook_endpoint"`
	}
	if err := params(r, &p); err != nil {
		return nil, err
	}
	sent, err := a.resend(r.PathValue("id"), p.Endpoint)
	return map[string]any{"sent": sent}, err
}

// resend sends an event again and tells to how many endpoints.
func (a *account) resend(id, endpoint string) (int, error) {
	n, ok := a.world.Notice(id)
	if !ok {
		return 0, engine.NotFound("event", id, "id")
	}
	return a.outbox.resend(n, endpoint), nil
}

func controlRoll(a *account, r *http.Request) (any, error) {
	cmd := &engine.RollWebhookSecret{}
	if err := params(r, cmd); err != nil {
		return nil, err
	}
	cmd.ID = r.PathValue("id")
	made, err := a.apply(cmd, entry{})
	if err != nil {
		return nil, err
	}
	e, _ := made.(*engine.WebhookEndpoint)
	return map[string]any{"id": e.ID, "secret": e.Secret, "old_secret_until": e.OldSecretUntil}, nil
}

func controlRequests(a *account, r *http.Request) (any, error) {
	var p struct {
		Limit engine.Opt[int64] `form:"limit"`
	}
	if err := params(r, &p); err != nil {
		return nil, err
	}
	limit, err := rowLimit(p.Limit)
	if err != nil {
		return nil, err
	}
	return map[string]any{"requests": a.requests.newest(limit)}, nil
}

func controlRequest(a *account, r *http.Request) (any, error) {
	id := r.PathValue("id")
	for _, logged := range a.requests.newest(requestsKept) {
		if logged.ID == id {
			return logged, nil
		}
	}
	return nil, failure(404, "resource_missing", "No such request in the log, which holds the newest %d: '%s'", requestsKept, shorten(id))
}
