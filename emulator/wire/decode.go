package wire

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"sync"

	"github.com/dues-billing/dues/emulator/engine"
)

// decode fills a command or a query from a request's parameters. The form tags of the target are the parameters that the emulator honours:
// a parameter of Stripe without a place in the target is refused by name, never ignored.
func decode(form *Node, target any) *engine.Error {
	return decodeStruct(form, reflect.ValueOf(target).Elem(), "")
}

// layout is where the parameters of a struct type go: the index paths of its fields by form name, embedded structs included.
type layout map[string][]int

var layouts sync.Map // reflect.Type → layout

func layoutOf(t reflect.Type) layout {
	if known, ok := layouts.Load(t); ok {
		return known.(layout)
	}
	fields := layout{}
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("form")
		switch {
		case f.Anonymous && name == "":
			for inner, path := range layoutOf(f.Type) {
				fields[inner] = append([]int{i}, path...)
			}
		case name != "" && name != "-":
			fields[name] = []int{i}
		}
	}
	layouts.Store(t, fields)
	return fields
}

func decodeStruct(n *Node, target reflect.Value, name string) *engine.Error {
	fields := layoutOf(target.Type())
	for _, child := range n.Children {
		inner := join(name, child.Key)
		path, honoured := fields[child.Key]
		if !honoured {
			return badRequest("parameter_unsupported", inner, "%s is a parameter of Stripe that this emulator does not honour yet.", inner)
		}
		if err := decodeValue(child.Node, target.FieldByIndex(path), inner); err != nil {
			return err
		}
	}
	return nil
}

func decodeValue(n *Node, target reflect.Value, name string) *engine.Error {
	switch t := target.Addr().Interface().(type) {
	case engine.Optional:
		if !n.branch && n.Text == "" {
			t.Unset()
			return nil
		}
		return decodeValue(n, reflect.ValueOf(t.Fill()).Elem(), name)
	case engine.Scalar:
		if !n.branch {
			if err := t.FromScalar(n.Text); err != nil {
				return badRequest("", name, "Invalid value: %s", shorten(n.Text))
			}
			return nil
		}
	case encoding.TextUnmarshaler:
		if n.branch || t.UnmarshalText([]byte(n.Text)) != nil {
			return badRequest("", name, "Invalid value: %s", shorten(n.Text))
		}
		return nil
	}
	switch target.Kind() {
	case reflect.Pointer:
		target.Set(reflect.New(target.Type().Elem()))
		return decodeValue(n, target.Elem(), name)
	case reflect.Struct:
		if !n.branch {
			return badRequest("", name, "Invalid object")
		}
		return decodeStruct(n, target, name)
	case reflect.Slice:
		return decodeSlice(n, target, name)
	case reflect.Map:
		return decodeMap(n, target, name)
	}
	if n.branch {
		return badRequest("", name, "Invalid string: must be a single value")
	}
	return decodeScalar(n.Text, target, name)
}

// listMax is more than Stripe allows in any list of its billing parameters.
const listMax = 1000

func decodeSlice(n *Node, target reflect.Value, name string) *engine.Error {
	if !n.branch && n.Text == "" {
		return nil // an empty text empties a list
	}
	elements, ok := n.Elements()
	if !n.branch || !ok {
		return badRequest("", name, "Invalid array")
	}
	if len(elements) > listMax {
		return badRequest("", name, "An array may have at most %d elements, %s has %d.", listMax, name, len(elements))
	}
	list := reflect.MakeSlice(target.Type(), len(elements), len(elements))
	for i, child := range elements {
		if err := decodeValue(child.Node, list.Index(i), join(name, child.Key)); err != nil {
			return err
		}
	}
	target.Set(list)
	return nil
}

func decodeMap(n *Node, target reflect.Value, name string) *engine.Error {
	if !n.branch {
		return badRequest("", name, "Invalid object")
	}
	values := reflect.MakeMapWithSize(target.Type(), len(n.Children))
	for _, child := range n.Children {
		value := reflect.New(target.Type().Elem()).Elem()
		if err := decodeValue(child.Node, value, join(name, child.Key)); err != nil {
			return err
		}
		values.SetMapIndex(reflect.ValueOf(child.Key), value)
	}
	target.Set(values)
	return nil
}

func decodeScalar(text string, target reflect.Value, name string) *engine.Error {
	switch target.Kind() {
	case reflect.String:
		target.SetString(text)
	case reflect.Int64:
		v, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return badRequest("parameter_invalid_integer", name, "Invalid integer: %s", shorten(text))
		}
		target.SetInt(v)
	case reflect.Bool:
		if text != "true" && text != "false" {
			return badRequest("", name, "Invalid boolean: %s", shorten(text))
		}
		target.SetBool(text == "true")
	default:
		panic(fmt.Sprintf("wire: a command has a parameter %s of kind %s, which no form can fill", name, target.Kind()))
	}
	return nil
}

// setPath writes the ids of the route into the fields of a command that are no parameters (form:"-"), in their order.
func setPath(target any, ids []string) {
	v := reflect.ValueOf(target).Elem()
	for i := 0; i < v.NumField() && len(ids) > 0; i++ {
		f := v.Type().Field(i)
		if f.Tag.Get("form") == "-" && f.Type.Kind() == reflect.String {
			v.Field(i).SetString(ids[0])
			ids = ids[1:]
		}
	}
	if len(ids) > 0 {
		panic(fmt.Sprintf("wire: %T has no field for the path's %q", target, ids[0]))
	}
}
