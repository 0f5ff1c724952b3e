package engine

import (
	"encoding/json"
	"errors"
	"strconv"
)

// Opt is an optional parameter. It is absent (the zero value), cleared (the empty string was sent, which unsets a field), or a value.
type Opt[T any] struct {
	state optState
	value T
}

type optState uint8

const (
	optAbsent optState = iota
	optCleared
	optValue
)

// Some is a given value.
func Some[T any](v T) Opt[T] { return Opt[T]{state: optValue, value: v} }

// Clear is a parameter that was sent empty, to unset its field.
func Clear[T any]() Opt[T] { return Opt[T]{state: optCleared} }

// Given says whether the parameter was sent at all, be it with a value or empty.
func (o Opt[T]) Given() bool { return o.state != optAbsent }

// Cleared says whether the parameter was sent empty.
func (o Opt[T]) Cleared() bool { return o.state == optCleared }

// Get returns the value and whether there is one.
func (o Opt[T]) Get() (T, bool) { return o.value, o.state == optValue }

// Or is the value, or def when the parameter is absent or cleared.
func (o Opt[T]) Or(def T) T {
	if o.state == optValue {
		return o.value
	}
	return def
}

// Set writes the parameter into a field: the value, or the zero value when cleared. An absent parameter leaves the field alone.
func (o Opt[T]) Set(field *T) {
	if o.state != optAbsent {
		*field = o.value
	}
}

// IsZero says whether the parameter is absent.
func (o Opt[T]) IsZero() bool { return o.state == optAbsent }

// Optional is what a decoder needs to fill any *Opt[T] without knowing T.
type Optional interface {
	// Unset makes the parameter cleared.
	Unset()
	// Fill makes the parameter given and returns the pointer to its value, to decode into.
	Fill() any
}

// Unset makes the parameter cleared.
func (o *Opt[T]) Unset() { *o = Clear[T]() }

// Fill makes the parameter given and returns the pointer to its value, to decode into.
func (o *Opt[T]) Fill() any {
	o.state = optValue
	return &o.value
}

// MarshalJSON writes null for absent, [] for cleared and [value] for a value, so that a journal can tell the three apart.
func (o Opt[T]) MarshalJSON() ([]byte, error) {
	switch o.state {
	case optAbsent:
		return []byte("null"), nil
	case optCleared:
		return []byte("[]"), nil
	}
	v, err := json.Marshal(o.value)
	if err != nil {
		return nil, err
	}
	return append(append([]byte{'['}, v...), ']'), nil
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (o *Opt[T]) UnmarshalJSON(data []byte) error {
	*o = Opt[T]{}
	if string(data) == "null" {
		return nil
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(data, &parts); err != nil {
		return err
	}
	if len(parts) == 0 {
		o.state = optCleared
		return nil
	}
	o.state = optValue
	return json.Unmarshal(parts[0], &o.value)
}

// Instant is a time parameter that also takes words: a Unix time, or "now", "min_period_end", …
type Instant struct {
	Word string // "" when Unix is meant
	Unix int64
}

// At is the Instant of a Unix time.
func At(unix int64) Instant { return Instant{Unix: unix} }

// Now is the Instant "now".
var Now = Instant{Word: "now"}

// UnmarshalText reads digits as a Unix time and anything else as a word.
func (i *Instant) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		return errors.New("empty time")
	}
	unix, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		*i = Instant{Word: string(text)}
		return nil
	}
	*i = Instant{Unix: unix}
	return nil
}

// MarshalText writes what UnmarshalText reads.
func (i Instant) MarshalText() ([]byte, error) {
	if i.Word != "" {
		return []byte(i.Word), nil
	}
	return strconv.AppendInt(nil, i.Unix, 10), nil
}

// Resolve is the Unix time meant at the moment now; other words than "now" give false.
func (i Instant) Resolve(now int64) (int64, bool) {
	if i.Word == "" {
		return i.Unix, true
	}
	return now, i.Word == "now"
}

// mergeMetadata applies a metadata parameter: keys are merged, an empty value removes its key, a cleared parameter removes all.
func mergeMetadata(old map[string]string, p Opt[map[string]string]) map[string]string {
	if p.Cleared() {
		return nil
	}
	given, ok := p.Get()
	if !ok {
		return old
	}
	merged := make(map[string]string, len(old)+len(given))
	for k, v := range old {
		merged[k] = v
	}
	for k, v := range given {
		if v == "" {
			delete(merged, k)
			continue
		}
		merged[k] = v
	}
	return merged
}

// Scalar is a struct parameter that may also be sent as one plain value: created=5 beside created[gte]=5.
type Scalar interface {
	FromScalar(text string) error
}
