package wire

import (
	"slices"

	"github.com/dues-billing/dues/emulator/engine"
)

// World is an account of the server for callers inside the process: the hosted pages, the dashboard, tests. What it does is journalled and
// its webhooks go out like those of the API.
type World struct{ account *account }

// Worlds are the accounts that were opened, in that order.
func (s *Server) Worlds() []World {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := make([]World, len(s.opened))
	for i, a := range s.opened {
		out[i] = World{a}
	}
	return out
}

// World is the account of an API key, opened if need be.
func (s *Server) World(key string) World { return World{s.account(key)} }

// Key is the API key that opened the account.
func (w World) Key() string { return w.account.key }

// Read runs f while the world stands still, after everything that is due has happened. now is the world's time. f must not keep the world.
func (w World) Read(f func(world *engine.World, now int64)) {
	a := w.account
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.catchUp(); err != nil {
		a.server.opts.Log.Error("emulator timer", "err", err)
	}
	f(a.world, a.world.Now(a.server.opts.Now().Unix()))
}

// Apply runs a command as Stripe's own doing, which no request caused. A refusal is an *engine.Error.
func (w World) Apply(cmd engine.Command) (engine.Result, error) {
	w.account.mu.Lock()
	defer w.account.mu.Unlock()
	return w.account.apply(cmd, entry{})
}

// Deliveries are the newest webhook deliveries: those that wait first, then those that are over, newest first.
func (w World) Deliveries(limit int) []Delivery {
	w.account.mu.Lock()
	defer w.account.mu.Unlock()
	return slices.Clone(w.account.outbox.newest(limit))
}
