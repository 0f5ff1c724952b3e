package wire

import (
	"slices"
	"sync"
)

// oldRoutes are the operations that Stripe has taken away and that requests of older versions still reach. Those of later versions meet what
// has the path today, or nothing at all. A family keeps its list in its own file and stands here.
var oldRoutes = slices.Concat(
	recordRoutes,
	upcomingRoutes,
)

// before declares an old route: the version that took it away, and what Stripe's document said of it then, as "ANSWER PARAMETERS" in the
// words of specText:
//
//	before("2025-03-31.basil", "invoice {customer:s5000;expand:[s5000]}", read("/v1/invoices/upcoming", upcoming))
//
// The changes of the versions after the request's apply to its answer as to any other, and not to its parameters: they are those of its time.
func before(version, definition string, r *route) *route {
	r.until = version
	r.op = defined(definition, r)
	return r
}

// oldRouteTree finds the old routes.
var oldRouteTree = sync.OnceValue(func() *routeTree {
	tree := &routeTree{}
	for _, r := range oldRoutes {
		tree.add(r)
	}
	return tree
})
