package wire

import (
	"slices"
	"strings"
	"sync"
)

// newRoutes are the operations that came after Stripe's document was made. Requests of earlier versions find nothing at their path.
var newRoutes = slices.Concat(
	pauseRoutes,
)

// since declares a route that is not in Stripe's document: the version that brought it, and its answer and parameters in the words of
// specText, as [before] has them.
func since(version, definition string, r *route) *route {
	r.from = version
	r.op = defined(definition, r)
	return r
}

// defined is an operation in the words of specText: "ANSWER PARAMETERS".
func defined(definition string, r *route) *operation {
	answer, params, _ := strings.Cut(definition, " ")
	answer, isList := strings.CutSuffix(answer, "*")
	return &operation{
		method: r.method, path: r.path, answers: strings.Split(answer, "|"), isList: isList,
		params: sync.OnceValue(func() *param { return stripeSpec().parse(params) }),
	}
}

// newRouteTree finds the new routes.
var newRouteTree = sync.OnceValue(func() *routeTree {
	tree := &routeTree{}
	for _, r := range newRoutes {
		tree.add(r)
	}
	return tree
})
