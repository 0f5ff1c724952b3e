package emulator

import (
	"cmp"
	"strconv"

	"github.com/dues-billing/dues/emulator/pages"
	"github.com/dues-billing/dues/emulator/wire"
)

// host shows the worlds of the wire to the hosted pages.
type host struct{ api *wire.Server }

// Worlds implements pages.Host.
func (h host) Worlds() []pages.World {
	var out []pages.World
	for _, w := range h.api.Worlds() {
		out = append(out, world{w})
	}
	return out
}

// world is an account as the pages see it.
type world struct{ wire.World }

// Deliveries implements pages.World.
func (w world) Deliveries(limit int) []pages.Delivery {
	var out []pages.Delivery
	for _, d := range w.World.Deliveries(limit) {
		shown := pages.Delivery{Event: d.Event, Type: d.Type, URL: d.URL, Status: d.State, Tries: d.Tries, At: d.At, Error: d.Error}
		if shown.Error == "" && d.Status >= 300 {
			shown.Error = "answered " + strconv.Itoa(d.Status)
		}
		out = append(out, shown)
	}
	return out
}

// Requests implements pages.World.
func (w world) Requests(limit int) []pages.Request {
	var out []pages.Request
	for _, r := range w.World.Requests(limit) {
		shown := pages.Request{
			ID: r.ID, Method: r.Method, Path: r.Path, Version: r.Version, IdempotencyKey: r.IdempotencyKey, Status: r.Status, At: r.At,
			Took: strconv.FormatInt(r.Milliseconds, 10) + " ms",
		}
		if r.Error != nil {
			shown.Refusal = cmp.Or(r.Error.Code, r.Error.Type) + ": " + r.Error.Message
		}
		for _, p := range r.Params {
			shown.Params = append(shown.Params, pages.RequestParam(p))
		}
		out = append(out, shown)
	}
	return out
}
