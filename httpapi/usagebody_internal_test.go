package httpapi

import (
	"reflect"
	"strings"
	"testing"
)

var usageBodies = []string{
	`{"events":[{"key":"k","account":"ada","feature":"calls","quantity":1}]}`,
	` { "events" : [ {"quantity":0,"key":"k", "account":"ada","feature":"calls","at":"2026-01-31T00:00:00Z"} ,` + "\n\t\r" + `{"key":"l","account":"a","feature":"f","quantity":1000000000000}]} `,
	`{"events":[]}`, `{"events":[{}]}`, `{"events":null}`, `{}`, `null`, ``, `[`, `{"events":[{"key":"k","account":"ada","feature":"calls","quantity":1}]} {}`,
	`{"events":[{"key":"k","account":"ada","feature":"calls","quantity":1},]}`,
	`{"events":[{"key":"k","account":"ada","feature":"calls","quantity":1,}]}`,
	`{"events":[{"key":"k","account":"ada","feature":"calls","quantity":1}],"more":1}`,
	`{"events":[{"key":"k","account":"ada","feature":"calls","quantity":1}],"events":[{"key":"l","account":"ada","feature":"calls","quantity":2}]}`,
	`{"events":[{"key":"k","key":"l","account":"ada","feature":"calls","quantity":1}]}`,
	`{"events":[{"key":"k","account":"ada","feature":"calls","quantity":1,"quantity":2}]}`,
	`{"events":[{"key":"k","account":"ada","feature":"calls","quantity":1.0}]}`,
	`{"events":[{"key":"k","account":"ada","feature":"calls","quantity":01}]}`,
	`{"events":[{"key":"k","account":"ada","feature":"calls","quantity":-1}]}`,
	`{"events":[{"key":"k","account":"ada","feature":"calls","quantity":1e3}]}`,
	`{"events":[{"key":"k","account":"ada","feature":"calls","quantity":"1"}]}`,
	`{"events":[{"key":"k","account":"ada","feature":"calls","quantity":99999999999999999999}]}`,
	`{"events":[{"key":"\u006b","account":"\"ada\"","feature":"calls","quantity":1}]}`,
	`{"events":[{"key":"äö€","account":"ada","feature":"calls","quantity":1}]}`,
	"{\"events\":[{\"key\":\"a\xffb\",\"account\":\"ada\",\"feature\":\"calls\",\"quantity\":1}]}",
	"{\"events\":[{\"key\":\"a\x7fb\",\"account\":\"ada\",\"feature\":\"calls\",\"quantity\":1}]}",
	"{\"events\":[{\"key\":\"a\nb\",\"account\":\"ada\",\"feature\":\"calls\",\"quantity\":1}]}",
	`{"events":[{"key":"","account":"ada","feature":"calls","quantity":1}]}`,
	`{"events":[{"key":"k","account":"ada","feature":"calls","quantity":1,"at":""}]}`,
	`{"events":[{"key":"k","account":"ada","feature":"calls","quantity":1,"at":null}]}`,
	`{"Events":[{"key":"k","account":"ada","feature":"calls","quantity":1}]}`,
	`{"events":[{"key":"k","account":"ada","feature":"calls"}]}`,
	`{"events":[{"key":"k","account":"ada","feature":"calls","quantity":}]}`,
	`{"events":[{"key":"k" "account":"ada","feature":"calls","quantity":1}]}`,
	`{"events":[{"key":"k","account":"ada","feature":"calls","quantity":1}`,
}

// readAlike holds what is read quickly against what is read strictly.
func readAlike(t *testing.T, body string) (quickly bool) {
	var quick, strict usageRequest
	quickly = quick.readQuickly([]byte(body))
	err := decode([]byte(body), &strict)
	switch {
	case quickly && err != nil:
		t.Errorf("%s\nis read quickly, and refused strictly: %v", body, err)
	case quickly && !reflect.DeepEqual(quick, strict):
		t.Errorf("%s\nis read quickly as %+v, want %+v", body, quick, strict)
	case !quickly && quick.Events != nil:
		t.Errorf("%s\nleft %+v behind", body, quick)
	}
	return quickly
}

func TestUsageIsReadQuicklyAsItIsStrictlyOrNotAtAll(t *testing.T) {
	t.Parallel()
	for i, body := range usageBodies {
		if quickly := readAlike(t, body); quickly != (i < 2) {
			t.Errorf("%s\nread quickly: %v", body, quickly)
		}
	}
	large := `{"events":[` + strings.Repeat(`{"key":"k","account":"ada","feature":"calls","quantity":1},`, 999) + `{"key":"k","account":"ada","feature":"calls","quantity":1}]}`
	if !readAlike(t, large) {
		t.Error("a thousand events are not read quickly")
	}
}

func FuzzUsageIsReadQuicklyAsItIsStrictly(f *testing.F) {
	for _, body := range usageBodies {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) { readAlike(t, body) })
}
