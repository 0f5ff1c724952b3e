package httpapi

import (
	"encoding/json"
	"reflect"
	"testing"
)

// FuzzDecode: whatever is sent, the answer is a value that Go's own decoder reads the same, or one message.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{"price":"p","success_url":"s","cancel_url":"c"}`, `{"price":"p","success_url":"s","cancel_url":"c","method":null,"new_method":true}`,
		`{"price":7}`, `{}`, `null`, `[]`, `"x"`, `{"price":"a\u0000"}`, `{"PRICE":"p"}`, `{"price":"p","price":7}`, `{`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var got, want checkoutRequest
		if err := decode(data, &got); err != nil {
			if err.Message == "" || len(err.Field) > 300 {
				t.Fatalf("%q: message %q, field %q", data, err.Message, err.Field)
			}
			return
		}
		if err := json.Unmarshal(data, &want); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%q: got %+v, want %+v (%v)", data, got, want, err)
		}
	})
}
