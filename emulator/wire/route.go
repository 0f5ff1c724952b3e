package wire

import (
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/dues-billing/dues/emulator/engine"
)

// route is one operation that is served: what its method and path (as Stripe's OpenAPI document spells it) make of the world.
// Exactly one of command, query, read and act is set.
type route struct {
	method, path string
	command      string                                           // the name of an engine command
	query        reflect.Type                                     // of an engine query: the answer is a list,
	single       bool                                             // or the one thing in it
	read         func(w *engine.World, ids []string) (any, error) // a retrieve
	act          func(c *call) answer                             // anything else, which leaves the world as it is
	check        func(c *call) *engine.Error                      // of a command: what must hold of it in the world as it is
	op           *operation
	customer     *placement // of a route below a customer
	until        string     // of an old route: the version that took it away
	from         string     // of a new route: the version that brought it
}

func post(path, command string) *route { return &route{method: "POST", path: path, command: command} }

func remove(path, command string) *route {
	return &route{method: "DELETE", path: path, command: command}
}

func list(path string, query engine.Query) *route {
	return &route{method: "GET", path: path, query: reflect.TypeOf(query)}
}

// single reads by parameters what has no id.
func single(path string, query engine.Query) *route {
	r := list(path, query)
	r.single = true
	return r
}

func read(path string, f func(w *engine.World, ids []string) (any, error)) *route {
	return &route{method: "GET", path: path, read: f}
}

// retrieve reads the object that the last id of the path names; kind and param are what the error of an unknown id says.
func retrieve[T any](path, kind, param string) *route {
	return read(path, func(w *engine.World, ids []string) (any, error) {
		id := ids[len(ids)-1]
		found, ok := engine.Get[T](w, id)
		if !ok {
			return nil, engine.NotFound(kind, id, param)
		}
		return found, nil
	})
}

// routeTree finds the route of a path by its segments.
type routeTree struct {
	literal map[string]*routeTree
	any     *routeTree // a segment in braces
	methods map[string]*route
}

func (t *routeTree) add(r *route) {
	for segment := range strings.SplitSeq(strings.TrimPrefix(r.path, "/"), "/") {
		if strings.HasPrefix(segment, "{") {
			if t.any == nil {
				t.any = &routeTree{}
			}
			t = t.any
			continue
		}
		if t.literal == nil {
			t.literal = map[string]*routeTree{}
		}
		if t.literal[segment] == nil {
			t.literal[segment] = &routeTree{}
		}
		t = t.literal[segment]
	}
	if t.methods == nil {
		t.methods = map[string]*route{}
	}
	t.methods[r.method] = r
}

// find returns the route and the ids in its path. A literal segment goes before an id: /v1/invoices/create_preview is no invoice.
func (t *routeTree) find(method, path string) (*route, []string) {
	var ids []string
	rest := strings.TrimPrefix(path, "/")
	for {
		segment, after, more := strings.Cut(rest, "/")
		if next := t.literal[segment]; next != nil {
			t = next
		} else if t.any != nil && segment != "" {
			t = t.any
			ids = append(ids, segment)
		} else {
			return nil, nil
		}
		if !more {
			return t.methods[method], ids
		}
		rest = after
	}
}

// servedRoutes are the routes that are served, each with Stripe's definition of it.
var servedRoutes = sync.OnceValue(func() *routeTree {
	tree := &routeTree{}
	for _, r := range slices.Concat(routes, cliRoutes, v2Routes) {
		r.op = stripeSpec().ops[r.method+" "+r.path]
		if r.op == nil {
			panic("wire: Stripe has no operation " + r.method + " " + r.path)
		}
		tree.add(r)
	}
	return tree
})

// stripeRoutes tells what Stripe has, served or not.
var stripeRoutes = sync.OnceValue(func() *routeTree {
	tree := &routeTree{}
	for _, op := range stripeSpec().ops {
		tree.add(&route{method: op.method, path: op.path, op: op})
	}
	return tree
})
