package httpapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dues-billing/dues/billing"
)

// body is a JSON request body that is read strictly: unknown fields, wrong types, missing and empty required fields are
// each refused with one message that names the field. T is a flat struct whose json tags carry omitempty where a field
// may be left out. The framework's own check is not used, for its errors name a missing field in their text only, repeat
// the body back and answer 422.
type body[T any] struct {
	value T
	err   *billing.Error
}

// jsonBody is implemented by body for each T.
type jsonBody interface{ read(data []byte) }

// Schema implements huma.SchemaProvider: the document shows T, and that nothing else may be sent.
func (b body[T]) Schema(r huma.Registry) *huma.Schema {
	ref := r.Schema(reflect.TypeFor[T](), true, "")
	r.SchemaFromRef(ref.Ref).AdditionalProperties = false
	return ref
}

func (b *body[T]) read(data []byte) {
	if known, ok := any(&b.value).(quickly); ok && known.readQuickly(data) {
		return
	}
	b.err = decode(data, &b.value)
}

// decode reads a JSON object into dst, a pointer to a struct, field by field.
func decode(data []byte, dst any) *billing.Error {
	var given map[string]json.RawMessage
	if err := json.Unmarshal(data, &given); err != nil {
		return notAnObject(err)
	}
	if given == nil {
		return billing.Errorf(billing.Invalid, "the body must be a JSON object, not null")
	}
	v := reflect.ValueOf(dst).Elem()
	if err := refuseUnknown(given, fieldNames(v.Type())); err != nil {
		return err
	}
	for i := range v.NumField() {
		name, options, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		raw, ok := given[name]
		if err := decodeField(v.Field(i), name, raw, ok, options == "omitempty"); err != nil {
			return err
		}
	}
	return nil
}

func notAnObject(err error) *billing.Error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return billing.Errorf(billing.Invalid, "the body is not valid JSON: it breaks at byte %d", syntax.Offset)
	}
	return billing.Errorf(billing.Invalid, "the body must be a JSON object")
}

func fieldNames(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

func refuseUnknown(given map[string]json.RawMessage, known []string) *billing.Error {
	var unknown []string
	for name := range given {
		if !slices.Contains(known, name) {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	name := slices.Min(unknown) // a map has no order; the answer must not change from call to call
	return billing.Errorf(billing.Invalid, "there is no field %q here; known are %s", shortened(name), strings.Join(known, ", ")).In(shortened(name))
}

// shortened keeps what a stranger wrote from filling the answer.
func shortened(name string) string {
	const runesMax = 64
	if runes := []rune(name); len(runes) > runesMax {
		return string(runes[:runesMax]) + "…"
	}
	return name
}

func decodeField(field reflect.Value, name string, raw json.RawMessage, given, optional bool) *billing.Error {
	if !given || string(raw) == "null" {
		if optional {
			return nil
		}
		return billing.Errorf(billing.Invalid, "%s is missing", name).In(name)
	}
	if field.Kind() == reflect.Slice && field.Type().Elem().Kind() == reflect.Struct {
		return decodeList(field, name, raw)
	}
	if err := json.Unmarshal(raw, field.Addr().Interface()); err != nil {
		return billing.Errorf(billing.Invalid, "%s must be %s", name, kindInWords(field.Kind())).In(name)
	}
	if field.Kind() != reflect.String {
		return nil
	}
	text := field.String()
	if text == "" && !optional {
		return billing.Errorf(billing.Invalid, "%s is empty", name).In(name)
	}
	if strings.ContainsFunc(text, unicode.IsControl) {
		return billing.Errorf(billing.Invalid, "%s must be printable text", name).In(name)
	}
	return nil
}

// decodeList reads a list of objects as strictly as the body itself; a fault names its place, such as checks[1].feature.
func decodeList(field reflect.Value, name string, raw json.RawMessage) *billing.Error {
	var items []json.RawMessage
	if json.Unmarshal(raw, &items) != nil {
		return billing.Errorf(billing.Invalid, "%s must be a list", name).In(name)
	}
	if len(items) == 0 {
		return billing.Errorf(billing.Invalid, "%s is empty", name).In(name)
	}
	field.Set(reflect.MakeSlice(field.Type(), len(items), len(items)))
	for i, item := range items {
		if err := decode(item, field.Index(i).Addr().Interface()); err != nil {
			place := fmt.Sprintf("%s[%d]", name, i)
			if err.Field != "" {
				place += "." + err.Field
			}
			return billing.Errorf(billing.Invalid, "in %s[%d]: %s", name, i, err.Message).In(place)
		}
	}
	return nil
}

func kindInWords(k reflect.Kind) string {
	switch k {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Int64:
		return "a whole number"
	case reflect.Slice:
		return "a list"
	}
	panic(fmt.Sprintf("httpapi: no word for a %s in a request", k)) // a bug: a new kind of field needs its word here
}
