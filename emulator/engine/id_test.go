package engine

import (
	"testing"
)

// Two draws of a world are never the same, however many there are, and what is drawn looks random.
func TestDrawsOfAWorldAreAllDifferent(t *testing.T) {
	t.Parallel()
	w, seen := New("ids", DefaultSettings()), map[string]bool{}
	const draws = 100_000
	var characters [256]int
	for range draws {
		drawn := w.characters(group)
		if seen[drawn] {
			t.Fatalf("%s was drawn twice", drawn)
		}
		seen[drawn] = true
		if draw, ok := w.signature.drawOf(drawn); !ok || draw != w.counter {
			t.Fatalf("%s leads to draw %d, it was draw %d", drawn, draw, w.counter)
		}
		for i := range drawn {
			characters[drawn[i]]++
		}
	}
	fair := draws * group / len(alphabet)
	for _, c := range []byte(alphabet) {
		if n := characters[c]; n < fair*9/10 || n > fair*11/10 {
			t.Errorf("%q came %d times, about %d were to be expected", c, n, fair)
		}
	}
}
