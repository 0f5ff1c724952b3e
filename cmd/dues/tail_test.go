package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/dues-billing/dues/service"
)

func TestEachEventIsShownWhenItComesAndWhenItIsWorkedOff(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	seen, tail := map[string]string{}, eventTail{Last: 1}
	look := func(first bool, events ...service.Event) string { // newest first, as they are listed
		t.Helper()
		out.Reset()
		if err := tail.print(console{&out, &out}, events, seen, first); err != nil {
			t.Fatal(err)
		}
		var ids []string
		for line := range strings.Lines(out.String()) {
			fields := strings.Fields(line)
			ids = append(ids, fields[1]+" "+fields[3])
		}
		return strings.Join(ids, ", ")
	}
	e := func(id, state string) service.Event {
		return service.Event{ID: id, Type: "invoice.paid", State: state, Error: "none"}
	}
	for _, step := range []struct {
		first  bool
		events []service.Event
		want   string
	}{
		{true, []service.Event{e("b", "done"), e("a", "done")}, "done b"},
		{false, []service.Event{e("d", "pending"), e("c", "pending"), e("b", "done"), e("a", "done")}, "pending c, pending d"},
		{false, []service.Event{e("d", "running"), e("c", "running"), e("b", "done"), e("a", "done")}, ""},
		{false, []service.Event{e("d", "dead"), e("c", "done"), e("b", "done")}, "done c, dead d"},
		{false, []service.Event{e("d", "dead"), e("c", "done"), e("b", "done")}, ""},
	} {
		if got := look(step.first, step.events...); got != step.want {
			t.Errorf("got %q, want %q", got, step.want)
		}
	}
}
