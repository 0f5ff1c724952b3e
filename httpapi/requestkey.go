package httpapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// replayedHeader marks an answer that was given before, as Stripe does.
const replayedHeader = "Idempotent-Replayed"

// keyed are the methods whose requests may carry a key. The others change nothing.
func keyed(method string) bool { return method == http.MethodPost || method == http.MethodDelete }

// requestKeyParameter is how the document has the header.
func (a *api) requestKeyParameter() *huma.Param {
	length := service.RequestKeyBytesMax
	a.huma.OpenAPI().Components.Parameters = map[string]*huma.Param{"RequestKey": {
		Name: service.RequestKeyHeader, In: "header", Schema: &huma.Schema{Type: huma.TypeString, MaxLength: &length},
		Description: "Names this request: sent again within 24 hours it does nothing again and gets the same answer, with the header " + replayedHeader + ": true",
	}}
	return &huma.Param{Ref: "#/components/parameters/RequestKey"}
}

// once carries a request with a key out once, and answers it again when it comes again. It stands behind admit: who may not ask gets
// no answer of somebody else's.
//
// Only a success is kept. A failure of the 4xx kind has changed nothing, so the same request may be sent again, or mended, under its key; after
// one of the 5xx kind sending it again is what finishes it.
func (a *api) once(who audience) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(ctx)
		given := r.Header.Values(service.RequestKeyHeader)
		if len(given) == 0 {
			next(ctx)
			return
		}
		asked, err := keyedRequest(who, given, r)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		claim, before, claimed, err := a.service.ClaimRequest(r.Context(), asked)
		switch {
		case err != nil:
			a.fail(w, r, err)
		case claimed:
			a.carryOut(claim, r, w, func(w http.ResponseWriter) { next(humago.NewContext(ctx.Operation(), r, w)) })
		default:
			w.Header().Set(replayedHeader, "true")
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(before.Status)
			_, _ = io.WriteString(w, before.Body) // the reader went away: he may ask again
		}
	}
}

// unkeyed refuses a request with a key where an answer holds a secret: kept for a second one, the database would have it.
func (a *api) unkeyed(ctx huma.Context, next func(huma.Context)) {
	r, w := humago.Unwrap(ctx)
	if len(r.Header.Values(service.RequestKeyHeader)) > 0 {
		a.fail(w, r, billing.Errorf(billing.Invalid, "an %s is not possible here: a secret is answered once, and not kept", service.RequestKeyHeader).In(service.RequestKeyHeader))
		return
	}
	next(ctx)
}

// keyedRequest reads the request's body and puts it back.
func keyedRequest(who audience, given []string, r *http.Request) (asked service.Request, err error) {
	if len(given) > 1 {
		return asked, billing.Errorf(billing.Invalid, "the header %s was sent %d times", service.RequestKeyHeader, len(given)).In(service.RequestKeyHeader)
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, bodyBytesMax+1))
	if err != nil {
		return asked, billing.Errorf(billing.Invalid, "the body could not be read to its end").Because(err)
	}
	if len(body) > bodyBytesMax {
		return asked, billing.Errorf(billing.TooLarge, tooLargeDetail)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	hash := sha256.New()
	_, _ = fmt.Fprintf(hash, "%s %s\n", r.Method, r.URL.RequestURI()) // a hash takes everything
	_, _ = hash.Write(body)
	asked = service.Request{Key: given[0], Hash: hex.EncodeToString(hash.Sum(nil)), Account: billing.AccountID(r.PathValue("id"))}
	if who == endUsers { // his token is another one each hour
		asked.Account = caller(r.Context())
		asked.Credential = "account:" + string(asked.Account)
		return asked, nil
	}
	if by := visitOf(r.Context()).actor; by.Kind == service.KeyActor { // its secret may have been rotated
		asked.Credential = by.String()
		return asked, nil
	}
	credential, _ := bearer(r)
	of := sha256.Sum256([]byte(credential))
	asked.Credential = "key:" + hex.EncodeToString(of[:])
	return asked, nil
}

// carryOut answers a request when its answer is kept, so that no answer reaches the caller that a second request would not get.
func (a *api) carryOut(claim service.RequestClaim, r *http.Request, w http.ResponseWriter, answer func(http.ResponseWriter)) {
	// The caller may go away; what was done for him is noted all the same.
	ctx, held, kept := context.WithoutCancel(r.Context()), heldAnswer{ResponseWriter: w}, false
	defer func() { // a panic goes on from here
		if kept {
			return
		}
		if err := a.service.FreeRequest(ctx, claim); err != nil {
			a.log.ErrorContext(ctx, "http: an Idempotency-Key could not be freed; it frees itself", "error", err)
		}
	}()
	answer(&held)
	if held.status >= http.StatusOK && held.status < http.StatusMultipleChoices {
		// Without it the claim stays until its time is over: it is not freed, for the request was carried out.
		kept = true
		if err := a.service.AnswerRequest(ctx, claim, held.status, held.body.String()); err != nil {
			a.log.ErrorContext(ctx, "http: an answer could not be kept for its Idempotency-Key", "error", err)
		}
	}
	w.WriteHeader(held.status)
	_, _ = w.Write(held.body.Bytes()) // the reader went away: he may ask again
}

// heldAnswer is an answer that is not sent yet. Its headers are the real one's.
type heldAnswer struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

// WriteHeader implements http.ResponseWriter.
func (h *heldAnswer) WriteHeader(status int) {
	if h.status == 0 {
		h.status = status
	}
}

// Write implements http.ResponseWriter.
func (h *heldAnswer) Write(p []byte) (int, error) {
	h.WriteHeader(http.StatusOK)
	return h.body.Write(p)
}
