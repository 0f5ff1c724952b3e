package emulator

import (
	"github.com/dues-billing/dues/emulator/pages"
	"github.com/dues-billing/dues/emulator/wire"
)

// host shows the worlds of the wire to the hosted pages.
type host struct{ api *wire.Server }

// Worlds implements pages.Host.
func (h host) Worlds() []pages.World {
	var out []pages.World
	for _, w := range h.api.Worlds() {
		out = append(out, w)
	}
	return out
}
