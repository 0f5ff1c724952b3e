package service

import (
	"context"
	"sync"
)

// originsMax is how many events and effects are remembered: what is worked off later than so many others has no link in its trace.
const originsMax = 8192

// origins remembers in which span an event was taken in or an effect decided on, so that the work on it can be linked to that. It is
// the memory of this process alone, and nothing depends on it. Its zero value is empty.
type origins struct {
	mu    sync.Mutex
	of    map[string]string // traceparent by the event's id or the effect's key
	order []string          // a ring of the keys, oldest at next once it is full
	next  int
}

func (o *origins) note(key, traceparent string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.of == nil {
		o.of = map[string]string{}
	}
	if _, known := o.of[key]; !known {
		if len(o.order) < originsMax {
			o.order = append(o.order, key)
		} else {
			delete(o.of, o.order[o.next])
			o.order[o.next] = key
			o.next = (o.next + 1) % originsMax
		}
	}
	o.of[key] = traceparent
}

// find returns where the keys come from, each place once and the unknown left out.
func (o *origins) find(keys ...string) []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var found []string
	seen := map[string]bool{}
	for _, key := range keys {
		if at := o.of[key]; at != "" && !seen[at] {
			seen[at] = true
			found = append(found, at)
		}
	}
	return found
}

// originates remembers that the span of ctx is where an event or an effect comes from.
func (s *Service) originates(ctx context.Context, key string) {
	if s.cfg.Tracer == nil {
		return
	}
	if here := s.cfg.Tracer.Here(ctx); here != "" {
		s.origins.note(key, here)
	}
}
