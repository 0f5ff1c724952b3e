package engine

import (
	"fmt"
	"reflect"
	"slices"
)

// Command is one operation on a world. Each is an exported struct named for the operation; its exported fields with a form tag are exactly
// the parameters it honours. Commands survive a JSON round trip, so that they can be journalled.
type Command interface {
	apply(*tx) (Result, error)
}

// Result is what a command answers: a pointer to the object it made or changed, or nil.
type Result any

// Request is what an event says about its cause. It is empty for what Stripe does by itself: timers and hosted pages.
type Request struct {
	ID             string
	IdempotencyKey string
	Version        string
}

// Deleted is the answer to a delete.
type Deleted struct {
	ID     string
	Object string
}

var registry = map[string]reflect.Type{}

// register makes commands known by name. Files call it in a package variable, beside the commands they declare.
func register(commands ...Command) struct{} {
	for _, c := range commands {
		name := NameOf(c)
		if _, taken := registry[name]; taken {
			panic("engine: command registered twice: " + name)
		}
		registry[name] = reflect.TypeOf(c)
	}
	return struct{}{}
}

// NameOf is the name under which a command is registered and journalled, for example "CreateCustomer".
func NameOf(cmd Command) string {
	t := reflect.TypeOf(cmd)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Name()
}

// CommandByName returns a pointer to a fresh zero command, ready to be decoded into and applied.
func CommandByName(name string) (Command, bool) {
	t, ok := registry[name]
	if !ok {
		return nil, false
	}
	cmd, ok := reflect.New(t).Interface().(Command)
	if !ok {
		panic(fmt.Sprintf("engine: *%s is no Command", name))
	}
	return cmd, true
}

// CommandNames are the names of all commands, sorted.
func CommandNames() []string {
	var names []string
	for name := range registry {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
