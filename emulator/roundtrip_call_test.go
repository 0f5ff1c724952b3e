package emulator_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/emulator"
)

// call makes the request by the typed service of stripe-go.
func (tr *traveller) call(trip trip, params map[string]any) ([]byte, error) {
	tr.t.Helper()
	sc := tr.sc
	if trip.version != "" {
		key, _ := tr.resolve(trip.version).(string)
		sc = emulator.Client(tr.url, key)
	}
	method := methodOf(sc, trip.service)
	if !method.IsValid() {
		tr.fatal("stripe-go has no %s", trip.service)
	}
	kind := method.Type()
	names, ids := tr.ids(trip)
	args := []reflect.Value{reflect.ValueOf(tr.t.Context())}
	if kind.In(1).Kind() == reflect.String {
		args = append(args, reflect.ValueOf(ids[len(ids)-1]))
		names, ids = names[:len(names)-1], ids[:len(ids)-1]
	}
	typed := reflect.New(kind.In(kind.NumIn() - 1).Elem())
	for i, name := range names {
		field := typed.Elem().FieldByNameFunc(func(s string) bool { return plainName(s) == plainName(name) })
		if !field.IsValid() {
			tr.fatal("%s takes no %s", trip.service, name)
		}
		field.Set(reflect.ValueOf(&ids[i]))
	}
	tr.fill(typed, params, trip.service)
	results := method.Call(append(args, typed))
	if list, isList := results[0].Interface().(interface {
		Err() error
		LastResponse() *stripe.APIResponse
	}); isList {
		if list.Err() != nil {
			return nil, list.Err()
		}
		return list.LastResponse().RawJSON, nil
	}
	if err, _ := results[len(results)-1].Interface().(error); err != nil {
		return nil, err
	}
	if len(results) == 1 {
		return []byte("{}"), nil
	}
	if file, isFile := results[0].Interface().(*stripe.APIStream); isFile {
		if head, err := io.ReadAll(io.LimitReader(file.LastResponse.Body, 5)); string(head) != "%PDF-" || err != nil {
			tr.fatal("the file begins with %q, %v", head, err)
		}
		return []byte("{}"), file.LastResponse.Body.Close()
	}
	answer := results[0]
	for answer.Kind() != reflect.Struct {
		answer = answer.Elem()
	}
	return answer.FieldByName("LastResponse").Interface().(*stripe.APIResponse).RawJSON, nil
}

func plainName(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }

// methodOf finds the method that a line names as the library for Node does, billing.meters.create, or as stripe-go does.
func methodOf(sc *stripe.Client, name string) reflect.Value {
	parts := strings.Split(name, ".")
	last := len(parts) - 1
	service := plainName(strings.Join(parts[:last], ""))
	action := plainName(parts[last])
	if action == "del" {
		action = "delete"
	}
	client := reflect.ValueOf(sc).Elem()
	found := client.FieldByNameFunc(func(s string) bool { s = plainName(s); return s == service || s == "v1"+service })
	if !found.IsValid() {
		return reflect.Value{}
	}
	for i := range found.NumMethod() {
		if plainName(found.Type().Method(i).Name) == action {
			return found.Method(i)
		}
	}
	return reflect.Value{}
}

// fill puts a JSON value where the form tags of a type say.
func (tr *traveller) fill(into reflect.Value, value any, path string) {
	tr.t.Helper()
	switch into.Kind() {
	case reflect.Pointer:
		if into.IsNil() {
			into.Set(reflect.New(into.Type().Elem()))
		}
		tr.fill(into.Elem(), value, path)
	case reflect.Struct:
		fields, _ := value.(map[string]any)
		for name, element := range fields {
			_, whole := element.(map[string]any)
			field := tagged(into, name, whole)
			if !field.IsValid() {
				tr.fatal("stripe-go has no parameter %s[%s]", path, name)
			}
			tr.fill(field, element, path+"["+name+"]")
		}
	case reflect.Slice:
		elements, _ := value.([]any)
		into.Set(reflect.MakeSlice(into.Type(), len(elements), len(elements)))
		for i, element := range elements {
			tr.fill(into.Index(i), element, path+"[]")
		}
	default:
		raw, err := json.Marshal(value)
		if err == nil {
			err = json.Unmarshal(raw, into.Addr().Interface())
		}
		if err != nil {
			tr.fatal("%s: %v", path, err)
		}
	}
}

// tagged is the field that is sent under a name, in the struct or in those that are sent as if they were it. Of two under one name (a
// product, or its id) it is the one that is a struct or not.
func tagged(s reflect.Value, name string, whole bool) reflect.Value {
	for i := range s.NumField() {
		tag, _, _ := strings.Cut(s.Type().Field(i).Tag.Get("form"), ",")
		inner := s.Type().Field(i).Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if tag == name && (whole || inner.Kind() != reflect.Struct) {
			return s.Field(i)
		}
	}
	for i := range s.NumField() { // its own fields stand before those of all parameters
		tag, _, _ := strings.Cut(s.Type().Field(i).Tag.Get("form"), ",")
		inner := s.Type().Field(i).Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		isStruct := inner.Kind() == reflect.Struct
		if tag != "*" || !isStruct || !tagged(reflect.New(inner).Elem(), name, whole).IsValid() {
			continue
		}
		field := s.Field(i)
		if field.Kind() == reflect.Pointer {
			if field.IsNil() {
				field.Set(reflect.New(inner))
			}
			field = field.Elem()
		}
		return tagged(field, name, whole)
	}
	return reflect.Value{}
}

// send makes the request by stripe-go's RawRequest, which has no parameters of its own.
func (tr *traveller) send(trip trip, params map[string]any) ([]byte, error) {
	var path []string
	for segment := range strings.SplitSeq(trip.path, "/") {
		path = append(path, tr.segment(segment))
	}
	target, form := strings.Join(path, "/"), url.Values{}
	flatten(form, "", params)
	body := form.Encode()
	if trip.method != http.MethodPost && body != "" {
		target, body = target+"?"+body, ""
	}
	asked := &stripe.RawParams{}
	if trip.version != "" {
		asked.Headers = http.Header{"Stripe-Version": {trip.version}}
	}
	answer, err := tr.raw.RawRequest(trip.method, target, body, asked)
	if err != nil {
		return nil, err
	}
	return answer.RawJSON, nil
}

// control makes a request that stands for somebody at the Dashboard.
func (tr *traveller) control(trip trip, params map[string]any) ([]byte, error) {
	form := url.Values{}
	flatten(form, "", params)
	r, err := http.NewRequestWithContext(tr.t.Context(), trip.method, tr.url+trip.path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(tr.raw.Key, "")
	r.Close = true
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	return io.ReadAll(answer.Body)
}

// flatten writes a JSON value as the fields of a form.
func flatten(form url.Values, name string, value any) {
	inside := func(key string) string {
		if name == "" {
			return key
		}
		return name + "[" + key + "]"
	}
	switch v := value.(type) {
	case map[string]any:
		for key, element := range v {
			flatten(form, inside(key), element)
		}
	case []any:
		for i, element := range v {
			flatten(form, inside(fmt.Sprint(i)), element)
		}
	case float64:
		form.Set(name, fmt.Sprintf("%.0f", v))
	default:
		form.Set(name, fmt.Sprint(v))
	}
}
