package wire

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// number is a JSON number that is no integer, as text.
type number string

// object is a rendered JSON object. Its values are nil, string, bool, int64, number, object, []any, []string or map[string]string.
type object map[string]any

// encode writes a rendered value as Stripe does: two spaces of indentation, keys as id, object, then alphabetical.
func encode(v any) []byte {
	e := encoders.Get().(*encoder)
	defer e.free()
	return bytes.Clone(e.encode(v))
}

// encoder writes renderings, one at a time.
type encoder struct {
	out    []byte
	orders map[shape][]string
}

// encode is the function of that name, in memory that is the encoder's until it writes again or is free.
func (e *encoder) encode(v any) []byte {
	e.out = e.out[:0]
	e.value(v, "", "\n")
	e.out = append(e.out, '\n')
	return e.out
}

func (e *encoder) free() {
	if cap(e.out) <= scratchMax {
		encoders.Put(e)
	}
}

// shape is what objects with the same keys have in common. Sorting the keys of an object takes longer than writing it, so the order of the last
// one of a shape is kept, and serves the next if that has every key of it.
type shape struct {
	name string // the object's own kind, or the key that it stands under
	keys int
}

// encoders are kept with their memory and the orders they have learnt.
var encoders = sync.Pool{New: func() any { return &encoder{orders: map[shape][]string{}} }}

// scratchMax is the longest memory that is kept: a page of a hundred invoices.
const scratchMax = 1 << 20

// indentation is a line break and more spaces than a rendering is deep.
var indentation = "\n" + strings.Repeat(" ", 80)

// deeper is the line break inside a value whose own is newline.
func deeper(newline string) string {
	if n := len(newline) + 2; n <= len(indentation) {
		return indentation[:n]
	}
	return newline + "  "
}

// value writes v, which stands under key; newline is a line break followed by the indentation of the surrounding value.
func (e *encoder) value(v any, key, newline string) {
	switch v := v.(type) {
	case nil:
		e.out = append(e.out, "null"...)
	case string:
		e.out = appendString(e.out, v)
	case bool:
		e.out = strconv.AppendBool(e.out, v)
	case int64:
		e.out = strconv.AppendInt(e.out, v, 10)
	case int:
		e.out = strconv.AppendInt(e.out, int64(v), 10)
	case number:
		e.out = append(e.out, v...)
	case object:
		e.object(v, key, newline)
	case map[string]string:
		e.texts(v, newline)
	case []any:
		appendList(e, v, key, newline)
	case []string:
		appendList(e, v, key, newline)
	case []object:
		appendList(e, v, key, newline)
	default:
		panic("wire: a rendering holds a value that JSON has no place for")
	}
}

func (e *encoder) object(o object, key, newline string) {
	if len(o) == 0 {
		e.out = append(e.out, "{}"...)
		return
	}
	s := shape{name: key, keys: len(o)}
	if kind, ok := o["object"].(string); ok {
		s.name = kind
	}
	begin := len(e.out)
	if order, known := e.orders[s]; known && e.members(o, order, newline) {
		return
	}
	e.out = e.out[:begin]
	order := sortedKeys(nil, o)
	e.orders[s] = order
	e.members(o, order, newline)
}

// members writes an object with its keys in an order, unless one of them is missing.
func (e *encoder) members(o object, order []string, newline string) bool {
	inner := deeper(newline)
	e.out = append(e.out, '{')
	for i, key := range order {
		v, there := o[key]
		if !there {
			return false
		}
		e.name(i, key, inner)
		e.value(v, key, inner)
	}
	e.end('}', newline)
	return true
}

// texts writes a map of a client's, whose keys are anybody's.
func (e *encoder) texts(m map[string]string, newline string) {
	if len(m) == 0 {
		e.out = append(e.out, "{}"...)
		return
	}
	inner := deeper(newline)
	e.out = append(e.out, '{')
	var few [metadataKeysMax]string // stay on the stack
	for i, key := range sortedKeys(few[:0], m) {
		e.name(i, key, inner)
		e.out = appendString(e.out, m[key])
	}
	e.end('}', newline)
}

// name begins the i-th member of an object.
func (e *encoder) name(i int, key, inner string) {
	if i > 0 {
		e.out = append(e.out, ',')
	}
	e.out = append(e.out, inner...)
	e.out = appendString(e.out, key)
	e.out = append(e.out, ": "...)
}

func (e *encoder) end(bracket byte, newline string) {
	e.out = append(append(e.out, newline...), bracket)
}

func appendList[V any](e *encoder, list []V, key, newline string) {
	if len(list) == 0 {
		e.out = append(e.out, "[]"...)
		return
	}
	inner := deeper(newline)
	e.out = append(e.out, '[')
	for i, v := range list {
		if i > 0 {
			e.out = append(e.out, ',')
		}
		e.out = append(e.out, inner...)
		e.value(v, key, inner)
	}
	e.end(']', newline)
}

// sortedKeys adds the keys in Stripe's order.
func sortedKeys[M ~map[string]V, V any](keys []string, m M) []string {
	for key := range m {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int {
		if ra, rb := keyRank(a), keyRank(b); ra != rb {
			return ra - rb
		}
		return strings.Compare(a, b)
	})
	return keys
}

func keyRank(key string) int {
	switch key {
	case "id":
		return 0
	case "object":
		return 1
	}
	return 2
}

const hexDigits = "0123456789abcdef"

// appendString writes a JSON string. Text that is not UTF-8 never gets this far: the form parser refuses it.
func appendString(out []byte, s string) []byte {
	out = append(out, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf && c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == '\u2028' || r == '\u2029' { // legal in JSON, not in a script that quotes it
				out = append(out, s[start:i]...)
				out = append(out, `\u202`...)
				out = append(out, hexDigits[r&0xF])
				start = i + size
			}
			i += size
			continue
		}
		out = append(out, s[start:i]...)
		switch c {
		case '"', '\\':
			out = append(out, '\\', c)
		case '\n':
			out = append(out, `\n`...)
		case '\r':
			out = append(out, `\r`...)
		case '\t':
			out = append(out, `\t`...)
		default:
			out = append(out, `\u00`...)
			out = append(out, hexDigits[c>>4], hexDigits[c&0xF])
		}
		i++
		start = i
	}
	out = append(out, s[start:]...)
	return append(out, '"')
}
