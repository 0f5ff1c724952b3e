package pages

import "github.com/dues-billing/dues/emulator/engine"

// Host is what the pages need around them: the worlds of the emulator. The wire
// implements it, so that what a page does is journalled and its webhooks go out
// like those of an API call.
type Host interface {
	// Worlds are the accounts that are open, in the order they were opened.
	Worlds() []World
}

// World is one account. Its methods may be called at once from many requests.
type World interface {
	// Read runs f while the world stands still, after everything that is due by
	// now has happened. now is the world's time. f must not keep the world.
	Read(f func(w *engine.World, now int64))
	// Apply runs a command. A refusal is an *engine.Error; any other error is a
	// failure of the emulator.
	Apply(cmd engine.Command) (engine.Result, error)
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
