package pages

import (
	"time"

	"github.com/dues-billing/dues/emulator/engine"
)

// Host is what the pages need around them: the worlds of the emulator. The wire
// implements it, so that what a page does is journalled and its webhooks go out
// like those of an API call.
type Host interface {
	// Worlds are the accounts that are open, in the order they were opened.
	Worlds() []World
}

// World is one account. Its methods may be called at once from many requests.
type World interface {
	// Key is the API key that opened the account.
	Key() string
	// Read runs f while the world stands still, after everything that is due by
	// now has happened. now is the world's time. f must not keep the world.
	Read(f func(w *engine.World, now int64))
	// Apply runs a command. A refusal is an *engine.Error; any other error is a
	// failure of the emulator.
	Apply(cmd engine.Command) (engine.Result, error)
	// Deliveries are the newest webhook deliveries, newest first.
	Deliveries(limit int) []Delivery
	// Requests are the newest requests to the API, newest first.
	Requests(limit int) []Request
}

// Request is a request to the API as its log tells it.
type Request struct {
	ID, Method, Path, Version, IdempotencyKey string
	Status                                    int
	At                                        time.Time // wall time
	Took                                      string
	Refusal                                   string // why it was refused
	Params                                    []RequestParam
}

// RequestParam is a parameter as it was sent, without what is secret.
type RequestParam struct{ Name, Text string }

// Delivery is an event on its way to a webhook endpoint.
type Delivery struct {
	Event  string // its id
	Type   string
	URL    string
	Status string // pending, delivered or failed
	Tries  int
	At     time.Time // of the newest try
	Error  string    // why the newest try failed
}

// find looks for the world in which has is true.
func find(h Host, has func(w *engine.World) bool) (World, bool) {
	for _, world := range h.Worlds() {
		found := false
		world.Read(func(w *engine.World, _ int64) { found = has(w) })
		if found {
			return world, true
		}
	}
	return nil, false
}

// findObject looks for the world that holds the object with this id.
func findObject[T any](h Host, id string) (World, bool) {
	return find(h, func(w *engine.World) bool {
		_, ok := engine.Get[T](w, id)
		return ok
	})
}
