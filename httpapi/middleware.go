package httpapi

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"math/rand/v2" //tidy:allow rand names for the log, see newID; nothing depends on them
	"net/http"
	"strconv"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// visit is what is known of a request while it is answered, and the context of it. It is one piece of memory with all that a request needs
// of its own here: status checks are answered in microseconds, and each further piece would be a part of them.
type visit struct {
	context.Context                   // that the request came with
	requestID       [1]string         // the list that is the header's value
	account         billing.AccountID // that the end user's token speaks for; admit puts it here
	actor           service.Actor     // who asks; admit puts him here, too
	act             *service.Act      // its line in the audit log, nil of what has none
	answer          recorder
}

type visitKey struct{}

// Value implements context.Context.
func (v *visit) Value(key any) any {
	if key == (visitKey{}) {
		return v
	}
	return v.Context.Value(key)
}

// visitOf is the visit that a context belongs to, nil outside of one.
func visitOf(ctx context.Context) *visit {
	v, _ := ctx.Value(visitKey{}).(*visit)
	return v
}

// RequestID names the request that a context belongs to, as the answer's header X-Request-Id does; "" outside of one. The log's lines
// carry it: see service.Logger.
func RequestID(ctx context.Context) string {
	if v := visitOf(ctx); v != nil {
		return v.requestID[0]
	}
	return ""
}

// everywhere are the headers of every answer, in their canonical form and shared: whoever sets another value puts it into a list of its own.
// An answer is JSON that no browser may take for anything else, so what is only said to pages (who may frame them, what they may load) is
// said where there is one (internal/design); in an answer it would be a third of all headers, for nobody.
var everywhere = []struct {
	name  string
	value []string
}{
	{"X-Content-Type-Options", []string{"nosniff"}},
	{"Cache-Control", []string{"no-store"}},
}

// wrap gives every request an id, its headers and one line in the log, and turns a panic into a 500.
func wrap(next http.Handler, c Config) http.Handler {
	log, wall := c.Log, c.Clock.Wall
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := wall()
		id := r.Header.Get("X-Request-Id")
		if !sensibleID(id) {
			id = newID()
		}
		v := &visit{Context: r.Context(), requestID: [1]string{id}, answer: recorder{ResponseWriter: w}}
		r = r.WithContext(v)
		h := w.Header()
		h["X-Request-Id"] = v.requestID[:]
		for _, header := range everywhere {
			h[header.name] = header.value
		}
		answer := &v.answer
		defer func() {
			if fault := recover(); fault != nil {
				if fault == http.ErrAbortHandler {
					panic(fault)
				}
				log.ErrorContext(r.Context(), "http: panic", "request_id", id, "panic", fault)
				if answer.status == 0 {
					writeProblem(answer, newProblem(r.Context(), codeInternal, "", internalDetail))
				}
			}
			if log.Enabled(r.Context(), slog.LevelDebug) {
				// The pattern, not the path: paths hold account ids, which may be personal.
				log.LogAttrs(r.Context(), slog.LevelDebug, "http", slog.String("request_id", id), slog.String("method", r.Method),
					slog.String("route", r.Pattern), slog.Int("status", answer.status), slog.Duration("took", wall().Sub(start)))
			}
			if c.Answered != nil {
				c.Answered(r.Pattern, answer.status, wall().Sub(start))
			}
		}()
		next.ServeHTTP(answer, r)
	})
}

// newID names a request in the log: two of a kind would confuse a reader, and nothing else depends on it.
func newID() string {
	id := append(make([]byte, 0, 32), "req_"...)
	for range 2 {
		id = strconv.AppendUint(id, rand.Uint64(), 32)
	}
	return string(id)
}

// sensibleID reports whether a caller's own request id may enter our log.
func sensibleID(id string) bool {
	const bytesMax = 64
	if id == "" || len(id) > bytesMax {
		return false
	}
	for _, c := range []byte(id) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

// recorder remembers the status for the log.
type recorder struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the connection's deadlines.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// logFailure writes down what the outside is not told.
func (a *api) logFailure(ctx context.Context, err error, p *Problem) {
	if p.Status < http.StatusInternalServerError {
		return
	}
	a.log.ErrorContext(ctx, "http: request failed", "request_id", p.RequestID, "code", string(p.Code), "error", err)
}

func writeJSON(w io.Writer, v any) {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // the reader went away: nobody is left to tell
}

func (a *api) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := problemOf(r.Context(), err)
	a.logFailure(r.Context(), err, p)
	if p.Code == billing.Unauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	tell(w.Header(), err)
	writeProblem(w, p)
}
