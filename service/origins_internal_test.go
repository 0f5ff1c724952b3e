package service

import (
	"fmt"
	"testing"
)

func TestWhereThingsComeFromIsRememberedForTheNewestOnly(t *testing.T) {
	t.Parallel()
	var o origins
	for i := range originsMax + 10 {
		o.note(fmt.Sprint("evt_", i), fmt.Sprint("trace-", i/2)) // two of a request
		o.note(fmt.Sprint("evt_", i), fmt.Sprint("trace-", i/2))
	}
	if len(o.of) != originsMax || len(o.order) != originsMax {
		t.Errorf("%d are remembered, want %d", len(o.of), originsMax)
	}
	if got := o.find("evt_9"); got != nil {
		t.Errorf("the oldest is remembered as %v", got)
	}
	last := originsMax + 9
	want := fmt.Sprint("trace-", last/2)
	if got := o.find(fmt.Sprint("evt_", last), fmt.Sprint("evt_", last-1), "evt_unknown", "evt_10"); len(got) != 2 || got[0] != want {
		t.Errorf("the newest come from %v, want %s once and one more", got, want)
	}
}
