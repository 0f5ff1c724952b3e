package engine

// The statuses of test clocks.
const (
	ClockReady     = "ready"
	ClockAdvancing = "advancing"
)

// TestClock is a time line of its own for the customers that were created on it.
type TestClock struct {
	ID           string
	Created      int64 // world time
	Name         string
	FrozenTime   int64
	Began        int64 // the frozen time it was made with
	DeletesAfter int64
	Status       string
	Target       int64 // where it is advancing to
}
