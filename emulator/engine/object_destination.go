package engine

// MeterErrors is what the validation of usage found wrong in the background: the object of two thin events.
type MeterErrors struct {
	Meter string // "" when no meter listens to the events' names
	Start int64
	End   int64
	Types []MeterErrorType
}

// Count is how many errors there were.
func (m *MeterErrors) Count() int64 {
	var n int64
	for _, t := range m.Types {
		n += t.Count
	}
	return n
}

// MeterErrorType is one kind of error, with some of those that were met.
type MeterErrorType struct {
	Code    string
	Count   int64
	Samples []MeterErrorSample
}

// MeterErrorSample is one event that was refused, and why.
type MeterErrorSample struct {
	Message    string
	Identifier string
}

// MeterEventSession lets its holder stream meter events for some minutes.
type MeterEventSession struct {
	ID      string
	Created int64
	Expires int64
	Token   string
}
