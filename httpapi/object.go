package httpapi

import (
	"bytes"
	"strconv"
)

// object is a JSON object while it is written, member by member, behind what was there before it.
type object struct{ json []byte }

func open(to []byte) object { return object{append(to, '{')} }

func (o *object) close() []byte { return append(o.json, '}') }

// name begins a member.
func (o *object) name(name string) {
	if o.json[len(o.json)-1] != '{' { // behind any member is another byte: texts end with a quote
		o.json = append(o.json, ',')
	}
	o.json = append(o.json, '"')
	o.json = append(o.json, name...)
	o.json = append(o.json, '"', ':')
}

func (o *object) text(name, value string) {
	o.name(name)
	o.json = appendText(o.json, value)
}

func (o *object) number(name string, value int64) {
	o.name(name)
	o.json = strconv.AppendInt(o.json, value, 10)
}

// optional writes null for a number that there is none of.
func (o *object) optional(name string, value *int64) {
	if value != nil {
		o.number(name, *value)
		return
	}
	o.name(name)
	o.json = append(o.json, "null"...)
}

func (o *object) truth(name string, value bool) {
	o.name(name)
	o.json = strconv.AppendBool(o.json, value)
}

// moment writes null for one that is not known.
func (o *object) moment(name string, at *Moment) {
	o.name(name)
	if at == nil {
		o.json = append(o.json, "null"...)
		return
	}
	o.json = append(at.appendText(append(o.json, '"')), '"')
}

func (o *object) value(name string, value rendered) {
	o.name(name)
	o.json = value.appendJSON(o.json)
}

// list writes a member that is a list.
func list[T rendered](o *object, name string, items []T) {
	o.name(name)
	o.json = append(o.json, '[')
	for i, item := range items {
		if i > 0 {
			o.json = append(o.json, ',')
		}
		o.json = item.appendJSON(o.json)
	}
	o.json = append(o.json, ']')
}

// appendText writes a JSON string. What is more than plain ASCII is left to the encoder, which knows what has to be escaped.
func appendText(to []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			var encoded bytes.Buffer
			writeJSON(&encoded, text)
			return append(to, bytes.TrimSuffix(encoded.Bytes(), []byte{'\n'})...)
		}
	}
	return append(append(append(to, '"'), text...), '"')
}
