package emulator

import (
	"math"
	"runtime/debug"
)

// The collector's settings of a process whose work is an emulator. A world only grows, and nearly all of it stays: collecting at every
// doubling, which is Go's own rule, looks at the same objects again and again. The limit is soft: a world that needs more gets it, and is
// only collected more often. 100,000 subscriptions that live through a year need 10 GiB of it.
const (
	growthPercent = 400
	softLimit     = 11 << 30
)

// TuneCollector makes the garbage collector suit an emulator that has its process for itself: faster advances, and at most about 11 GiB as
// long as the worlds fit into that. It is for main functions, and leaves alone what GOGC and GOMEMLIMIT have set.
func TuneCollector() {
	const asGoSetsIt = 100
	if before := debug.SetGCPercent(growthPercent); before != asGoSetsIt {
		debug.SetGCPercent(before)
	}
	if debug.SetMemoryLimit(-1) == math.MaxInt64 { // a negative limit only asks
		debug.SetMemoryLimit(softLimit)
	}
}
