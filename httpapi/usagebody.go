package httpapi

import (
	"bytes"
	"unicode/utf8"
)

// Usage comes in calls of a hundred events and more, and reading them by reflection is half of what such a call costs. So there is a reader for the
// bodies that programs write: these very fields, each once, texts without escapes, whole numbers. It never says what is wrong: what it does not know, right or
// wrong, is left to decode, and what it does know it reads as decode would.

// quickly is implemented by requests that have such a reader.
type quickly interface {
	// readQuickly fills the request from a body, or reports false, and then has changed nothing.
	readQuickly(body []byte) bool
}

func (u *usageRequest) readQuickly(body []byte) bool {
	in := quick{rest: body}
	if !in.next('{') || in.text() != "events" || !in.next(':') || !in.next('[') {
		return false
	}
	events := make([]usageReported, 0, bytes.Count(body, []byte{'{'})-1)
	for more := true; more; more = in.next(',') {
		e, ok := in.usage()
		if !ok {
			return false
		}
		events = append(events, e)
	}
	if !in.next(']') || !in.next('}') || !in.over() {
		return false
	}
	u.Events = events
	return true
}

// usage reads one event. A field that comes twice is not known here: decode takes the last.
func (q *quick) usage() (e usageReported, ok bool) {
	if !q.next('{') {
		return e, false
	}
	counted := false
	for more := true; more; more = q.next(',') {
		name := q.text()
		if !q.next(':') {
			return e, false
		}
		var into *string
		switch name {
		case "key":
			into = &e.Key
		case "account":
			into = &e.Account
		case "feature":
			into = &e.Feature
		case "at":
			into = (*string)(&e.At)
		case "quantity":
			n, whole := q.number()
			if !whole || counted {
				return e, false
			}
			e.Quantity, counted = n, true
			continue
		default:
			return e, false
		}
		if *into != "" {
			return e, false
		}
		if *into = q.text(); *into == "" {
			return e, false
		}
	}
	return e, q.next('}') && counted && e.Key != "" && e.Account != "" && e.Feature != ""
}

// quick is what is left of a body.
type quick struct{ rest []byte }

// next takes a byte of JSON's own, behind white space, or reports that another one is there.
func (q *quick) next(want byte) bool {
	q.skip()
	if len(q.rest) == 0 || q.rest[0] != want {
		return false
	}
	q.rest = q.rest[1:]
	return true
}

func (q *quick) skip() {
	for len(q.rest) > 0 && (q.rest[0] == ' ' || q.rest[0] == '\n' || q.rest[0] == '\t' || q.rest[0] == '\r') {
		q.rest = q.rest[1:]
	}
}

func (q *quick) over() bool {
	q.skip()
	return len(q.rest) == 0
}

// text takes a text that is printable and has no escapes; "" is one that is not, or is empty.
func (q *quick) text() string {
	if !q.next('"') {
		return ""
	}
	end := bytes.IndexByte(q.rest, '"')
	if end < 0 {
		return ""
	}
	text, plain := q.rest[:end], true
	for _, c := range text {
		plain = plain && c >= ' ' && c != '\\' && c < utf8.RuneSelf-1
	}
	if !plain {
		return ""
	}
	q.rest = q.rest[end+1:]
	return string(text)
}

// number takes a whole number from 0 on that has at most the digits of the largest quantity.
func (q *quick) number() (n int64, ok bool) {
	const digitsMax = 13
	q.skip()
	digits := 0
	for digits < len(q.rest) && digits <= digitsMax && q.rest[digits] >= '0' && q.rest[digits] <= '9' {
		n = n*10 + int64(q.rest[digits]-'0')
		digits++
	}
	if digits == 0 || digits > digitsMax || digits > 1 && q.rest[0] == '0' {
		return 0, false
	}
	q.rest = q.rest[digits:]
	return n, true // what follows, such as a point, is none of what may come next
}
