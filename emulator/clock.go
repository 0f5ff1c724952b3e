package emulator

import (
	"time"

	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/emulator/wire"
)

// Now is the time in the world of an API key: the wall time, moved by what MoveTime added. A service beside the emulator can take it as its
// own clock.
func (e *Emulator) Now(key string) time.Time {
	var now int64
	e.wire.World(key).Read(func(_ *engine.World, at int64) { now = at })
	return time.Unix(now, 0).UTC()
}

// MoveTime moves the world of an API key forward and lets everything happen that becomes due on the way. Test clocks have times of their own.
func (e *Emulator) MoveTime(key string, by time.Duration) error {
	_, err := e.wire.World(key).Apply(&engine.MoveTime{By: int64(by / time.Second)})
	return err
}

// World is the world of an API key, for commands that Stripe's API has not: what a person does on the hosted pages.
func (e *Emulator) World(key string) wire.World { return e.wire.World(key) }
