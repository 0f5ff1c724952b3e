package httpapi

import (
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// Moment is a time in an answer, in UTC. It writes itself as a text: what a time.Time writes is JSON, which the encoder checks and copies
// once more, and status checks have four of them.
type Moment time.Time

// MarshalText implements encoding.TextMarshaler.
func (m Moment) MarshalText() ([]byte, error) {
	return m.appendText(make([]byte, 0, len(time.RFC3339Nano))), nil
}

func (m Moment) appendText(to []byte) []byte {
	return time.Time(m).UTC().AppendFormat(to, time.RFC3339Nano)
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (m *Moment) UnmarshalText(text []byte) error { return (*time.Time)(m).UnmarshalText(text) }

// Schema implements huma.SchemaProvider.
func (Moment) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date-time"}
}

// moment is a time in an answer: null when it is not known, never a made-up date.
func moment(t time.Time) *Moment {
	if t.IsZero() {
		return nil
	}
	m := Moment(t) // not t itself, which would be moved to the heap for null, too
	return &m
}
