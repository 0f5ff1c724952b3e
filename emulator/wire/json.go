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
	scratch := scratches.Get().(*[]byte)
	text := append(appendValue((*scratch)[:0], v, "\n"), '\n')
	out := bytes.Clone(text)
	if cap(text) <= scratchMax {
		*scratch = text
		scratches.Put(scratch)
	}
	return out
}

// scratches are memory to write renderings in before their length is known.
var scratches = sync.Pool{New: func() any { return new([]byte) }}

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

// appendValue writes v; newline is a line break followed by the indentation of the surrounding value.
func appendValue(out []byte, v any, newline string) []byte {
	switch v := v.(type) {
	case nil:
		return append(out, "null"...)
	case string:
		return appendString(out, v)
	case bool:
		return strconv.AppendBool(out, v)
	case int64:
		return strconv.AppendInt(out, v, 10)
	case int:
		return strconv.AppendInt(out, int64(v), 10)
	case number:
		return append(out, v...)
	case object:
		return appendObject(out, v, newline)
	case map[string]string:
		return appendObject(out, v, newline)
	case []any:
		return appendList(out, v, newline)
	case []string:
		return appendList(out, v, newline)
	case []object:
		return appendList(out, v, newline)
	}
	panic("wire: a rendering holds a value that JSON has no place for")
}

func appendObject[M ~map[string]V, V any](out []byte, m M, newline string) []byte {
	if len(m) == 0 {
		return append(out, "{}"...)
	}
	inner := deeper(newline)
	out = append(out, '{')
	var most [96]string // keys of an object as large as an invoice stay on the stack
	for i, key := range sortedKeys(most[:0], m) {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, inner...)
		out = appendString(out, key)
		out = append(out, ": "...)
		out = appendValue(out, m[key], inner)
	}
	out = append(out, newline...)
	return append(out, '}')
}

func appendList[V any](out []byte, list []V, newline string) []byte {
	if len(list) == 0 {
		return append(out, "[]"...)
	}
	inner := deeper(newline)
	out = append(out, '[')
	for i, v := range list {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, inner...)
		out = appendValue(out, v, inner)
	}
	out = append(out, newline...)
	return append(out, ']')
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
