package wire

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"

	"github.com/dues-billing/dues/emulator/engine"
)

// Chaos is one thing that goes wrong with webhooks. Stripe promises neither order nor exactly one delivery, so an application must live with
// all of these. Whom it hits is drawn from the seed, the event and the endpoint: a repeated run goes wrong in the same places.
type Chaos struct {
	Kind     string   `json:"kind"`
	Percent  int64    `json:"percent"`            // of the deliveries that it hits; of shuffle, of the events that leave their place
	Types    []string `json:"types,omitempty"`    // event types, also as "invoice.*"; none is all
	Endpoint string   `json:"endpoint,omitempty"` // "" is all
	Seconds  int64    `json:"seconds,omitempty"`  // how long delay holds a delivery back
}

// The kinds of chaos.
const (
	ChaosShuffle      = "shuffle"       // the events of one command come in another order
	ChaosDuplicate    = "duplicate"     // a delivery that was taken comes once more
	ChaosDelay        = "delay"         // a delivery comes later, and others before it
	ChaosDrop         = "drop"          // a delivery is never made
	ChaosLostResponse = "lost_response" // the endpoint took its first try, and the answer was lost on the way back: it is tried again
)

const (
	chaosMax        = 100              // rules of a world
	chaosSecondsMax = 3 * 24 * 60 * 60 // after three days Stripe gives up
)

// Check says what is wrong with a rule.
func (c Chaos) Check() error {
	kinds := []string{ChaosShuffle, ChaosDuplicate, ChaosDelay, ChaosDrop, ChaosLostResponse}
	if !slices.Contains(kinds, c.Kind) {
		return badRequest("", "kind", "Invalid kind: must be one of %s", strings.Join(kinds, ", "))
	}
	if c.Percent < 1 || c.Percent > 100 {
		return badRequest("", "percent", "Invalid percent: must be between 1 and 100, got %d", c.Percent)
	}
	if c.Seconds < 0 || c.Seconds > chaosSecondsMax {
		return badRequest("", "seconds", "Invalid seconds: must be between 0 and %d, got %d", chaosSecondsMax, c.Seconds)
	}
	if (c.Kind == ChaosDelay) != (c.Seconds > 0) {
		return badRequest("", "seconds", "Seconds belong to delay, and only to it.")
	}
	return nil
}

// wants says whether a rule is about such events to this endpoint.
func (c Chaos) wants(kind, endpoint string) bool {
	return (c.Endpoint == "" || c.Endpoint == endpoint) && (len(c.Types) == 0 || slices.ContainsFunc(c.Types, func(pattern string) bool {
		prefix, group := strings.CutSuffix(pattern, "*")
		return pattern == kind || group && strings.HasPrefix(kind, prefix)
	}))
}

// lot draws a number for an event, an endpoint and a rule.
func (a *account) lot(rule int, seq int64, endpoint string) uint64 {
	sum := sha256.Sum256([]byte(a.seed() + "\x00chaos\x00" + strconv.Itoa(rule) + "\x00" + strconv.FormatInt(seq, 10) + "\x00" + endpoint))
	return binary.BigEndian.Uint64(sum[:])
}

// strikes is the rule of a kind that hits a delivery, if one does.
func (a *account) strikes(kind, eventType string, seq int64, endpoint string) (Chaos, bool) {
	for i, c := range a.chaos {
		if c.Kind == kind && c.wants(eventType, endpoint) && a.lot(i, seq, endpoint)%100 < uint64(c.Percent) {
			return c, true
		}
	}
	return Chaos{}, false
}

// shuffled are the events in the order in which chaos lets them come: those that are hit change places among themselves.
func (a *account) shuffled(events []engine.Notice, endpoint string) []engine.Notice {
	var places []int
	var hit []engine.Notice
	for i, e := range events {
		if _, strikes := a.strikes(ChaosShuffle, e.Type, e.Event.Seq, endpoint); strikes {
			places, hit = append(places, i), append(hit, e)
		}
	}
	if len(hit) < 2 {
		return events
	}
	slices.SortFunc(hit, func(x, y engine.Notice) int {
		return cmp.Compare(a.lot(-1-x.Twin, x.Event.Seq, endpoint), a.lot(-1-y.Twin, y.Event.Seq, endpoint))
	})
	out := slices.Clone(events)
	for i, place := range places {
		out[place] = hit[i]
	}
	return out
}

// setChaos makes these the rules of the world.
func (a *account) setChaos(rules []Chaos) error {
	if err := a.usable(); err != nil {
		return err
	}
	if len(rules) > chaosMax {
		return badRequest("", "", "At most %d rules of chaos, got %d.", chaosMax, len(rules))
	}
	for _, c := range rules {
		if err := c.Check(); err != nil {
			return err
		}
	}
	if j := a.server.journal; j != nil {
		if _, err := j.append(record{World: a.key, Chaos: &rules}); err != nil {
			return err
		}
	}
	a.chaos = rules
	return nil
}
