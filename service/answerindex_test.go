package service

import (
	"math/rand/v2"
	"testing"
)

// Whatever is put and dropped, the index gives what was put last under a key, or nothing, and nothing is lost but from a full set.
func TestTheIndexGivesWhatWasPutLastOrNothing(t *testing.T) {
	t.Parallel()
	const sets, keys = 16, 400
	rng := rand.New(rand.NewPCG(1, 2))
	x := newIndex(sets * setFor)
	was, lost := map[uint64]place{}, 0
	for step := range place(50_000) {
		n := rng.Uint64N(keys)
		key := n | n<<32
		at, found := x.get(key)
		if put, known := was[key]; known && !found {
			lost++
			delete(was, key)
		} else if found != known || at != put {
			t.Fatalf("step %d, key %d: %v, %v; want %v, %v", step, n, at, found, put, known)
		}
		if rng.IntN(3) == 0 {
			x.drop(key)
			delete(was, key)
			continue
		}
		full := x.set(key).slot(0) < 0
		if used := x.used; !found {
			if x.put(key, step); full != (x.used == used) {
				t.Fatalf("step %d: %d are counted after %d, and its set was full: %v", step, x.used, used, full)
			}
		}
		x.put(key, step)
		was[key] = step
	}
	here := 0
	for key := range was {
		if _, found := x.get(key); found {
			here++
		}
	}
	if here != x.used || here < sets*setSlots/2 || lost == 0 {
		t.Errorf("%d are there of %d that are counted, and %d were lost on the way", here, x.used, lost)
	}
	if x.dropAll(); x.used != 0 {
		t.Errorf("%d are counted when all are gone", x.used)
	}
}
