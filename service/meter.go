package service

import "time"

// Meter is told what happens, for numbers that operators watch. Its methods must return at once and be safe for concurrent use.
type Meter interface {
	// Received counts a delivery by its outcome: taken, known (before), refused (bad signature or body, one that is too large) or failed (not stored).
	Received(outcome string)
	// Found counts events that the provider's list had and no webhook had brought.
	Found(events int)
	// Synced tells how long a fetch and its commit took; err is nil when it went well.
	Synced(took time.Duration, err error)
	// Worked tells that the events of one customer were worked off, and how long the one that had waited longest had been here.
	Worked(events int, after time.Duration)
	// Happened tells that an effect has happened, how long after it was decided, or that a try failed.
	Happened(effect string, after time.Duration, err error)
	// Drifted counts customers that a comparison found to differ.
	Drifted(customers int)
}

// The outcomes of a delivery.
const (
	Taken   = "taken"
	Known   = "known"
	Refused = "refused"
	Failed  = "failed"
)

// noMeter counts nothing.
type noMeter struct{}

func (noMeter) Received(string)                       {}
func (noMeter) Found(int)                             {}
func (noMeter) Synced(time.Duration, error)           {}
func (noMeter) Worked(int, time.Duration)             {}
func (noMeter) Happened(string, time.Duration, error) {}
func (noMeter) Drifted(int)                           {}
