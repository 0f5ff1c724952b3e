package httpapi

import (
	"context"
	"net/http"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dues-billing/dues/billing"
)

// A read is what an application asks on every request of its own: one account's status or entitlements. The service answers from memory
// (ADR 8), and the framework's ways to find a parameter, choose a format and encode by reflection would be most of what an answer costs. So
// the framework only describes these operations in the OpenAPI document, and this file answers them: wrap (middleware.go) → answerRead →
// authenticate (auth.go) → Service.Status → appendJSON of Account or Entitlements. Failures take the same way as everywhere: fail.

// The inputs of reads, as the document shows them.
type (
	byID struct {
		ID string `path:"id" doc:"The app's own id"`
	}
	oneself struct{} // the token says who
)

// rendered is an answer that writes itself as JSON, behind what is there already: the same bytes as encoding/json makes of its fields and
// their tags.
type rendered interface {
	appendJSON(to []byte) []byte
}

// addRead registers a read: for servers of the account in the path, for end users of their own.
func addRead[I any, O rendered](a *api, rt route, read func(context.Context, billing.AccountID) (O, error)) {
	addAsked[I](a, rt, func(r *http.Request, account billing.AccountID) (O, error) { return read(r.Context(), account) })
}

// addAsked is addRead for what is asked in the query.
func addAsked[I any, O rendered](a *api, rt route, read func(*http.Request, billing.AccountID) (O, error)) {
	g := gateOf(rt)
	huma.Register(described{a.huma}, a.operation(rt, false), func(context.Context, *I) (*reply[O], error) {
		panic("httpapi: the framework answers a read") // described serves nothing
	})
	a.plain(rt.method, rt.path, func(w http.ResponseWriter, r *http.Request) {
		account, err := a.authenticate(g, r)
		if rt.who == servers {
			account = billing.AccountID(r.PathValue("id"))
		}
		var answer O
		if err == nil {
			answer, err = read(r, account)
		}
		if err != nil {
			a.fail(w, r, err)
			return
		}
		writeRendered(w, answer)
	})
}

// described is the framework without its server: what is registered there is in the document, and somebody else answers.
type described struct{ huma.API }

// Adapter implements huma.API.
func (described) Adapter() huma.Adapter { return unserved{} }

type unserved struct{ huma.Adapter }

// Handle implements huma.Adapter.
func (unserved) Handle(*huma.Operation, func(huma.Context)) {}

// jsonType is shared by all answers, like everywhere.
var jsonType = []string{"application/json"}

// renderings are buffers for answers, a kilobyte each: accounts take half of that.
var renderings = sync.Pool{New: func() any { return new(make([]byte, 0, 1<<10)) }}

// writeRendered writes an answer of status 200, with the newline that json.Encoder ends with.
func writeRendered[O rendered](w http.ResponseWriter, answer O) {
	w.Header()["Content-Type"] = jsonType
	buffer := renderings.Get().(*[]byte)
	defer renderings.Put(buffer)
	*buffer = append(answer.appendJSON((*buffer)[:0]), '\n')
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(*buffer) // the reader went away: nobody is left to tell
}
