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
// authenticate (auth.go) → Service.StatusText → what appendJSON of Account made of it, kept as long as it is true. Failures take the same way as everywhere: fail.

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

// addRead registers a read that answers with an O as text, its newline included: for servers of the account in the path, for end users of
// their own.
func addRead[I, O any](a *api, rt route, read func(context.Context, billing.AccountID) ([]byte, error)) {
	describe[I, O](a, rt)
	g := gateOf(rt)
	a.plain(rt.method, rt.path, func(w http.ResponseWriter, r *http.Request) {
		account, err := a.accountOfRead(g, r)
		var text []byte
		if err == nil {
			text, err = read(r.Context(), account)
		}
		if err != nil {
			a.fail(w, r, err)
			return
		}
		writeText(w, text)
	})
}

// addAsked registers a read whose answer follows from the query.
func addAsked[I any, O rendered](a *api, rt route, read func(*http.Request, billing.AccountID) (O, error)) {
	describe[I, O](a, rt)
	g := gateOf(rt)
	a.plain(rt.method, rt.path, func(w http.ResponseWriter, r *http.Request) {
		account, err := a.accountOfRead(g, r)
		var answer O
		if err == nil {
			answer, err = read(r, account)
		}
		if err != nil {
			a.fail(w, r, err)
			return
		}
		buffer := renderings.Get().(*[]byte)
		defer renderings.Put(buffer)
		*buffer = append(answer.appendJSON((*buffer)[:0]), '\n')
		writeText(w, *buffer)
	})
}

// describe puts a read into the document.
func describe[I, O any](a *api, rt route) {
	huma.Register(described{a.huma}, a.operation(rt, false), func(context.Context, *I) (*reply[O], error) {
		panic("httpapi: the framework answers a read") // described serves nothing
	})
}

// accountOfRead lets a read in, and says of whom it is.
func (a *api) accountOfRead(g gate, r *http.Request) (billing.AccountID, error) {
	account, err := a.authenticate(g, r)
	if g.who == servers {
		account = billing.AccountID(r.PathValue("id"))
	}
	return account, err
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

// renderings are buffers for answers that are not kept, a kilobyte each: none is longer today.
var renderings = sync.Pool{New: func() any { return new(make([]byte, 0, 1<<10)) }}

// textOf is an answer as it is sent and kept, with the newline that json.Encoder ends with.
func textOf(answer rendered) []byte { return append(answer.appendJSON(nil), '\n') }

// writeText answers with status 200.
func writeText(w http.ResponseWriter, text []byte) {
	w.Header()["Content-Type"] = jsonType
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(text) // the reader went away: nobody is left to tell
}
