package httpapi

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// Problem is the body of every failure, as RFC 9457 has it. Code is for programs, Detail for people, Field names what to mend.
type Problem struct {
	Type      string       `json:"type" doc:"Always about:blank: code says which kind of failure it is"`
	Title     string       `json:"title" doc:"The status in words"`
	Status    int          `json:"status" doc:"The HTTP status"`
	Code      billing.Code `json:"code" doc:"The kind of failure, for programs"`
	Detail    string       `json:"detail" doc:"What is wrong and what to do, for people"`
	Field     string       `json:"field,omitempty" doc:"The field of the request that is at fault"`
	RequestID string       `json:"request_id" doc:"Names this request in the log"`
	// Preview comes with the conflict of a change whose price is not the one that was shown.
	Preview *ChangePreview `json:"preview,omitempty" doc:"What the change costs now, when that is not what was shown"`
	// URL comes with the conflict of an invoice that the saved method did not pay.
	URL string `json:"url,omitempty" doc:"Where the customer can pay the invoice with another card, or confirm the payment"`
}

// What is said in more than one place.
const (
	internalDetail = "something failed on our side; the log has it under the request id"
	tooLargeDetail = "the body is over 1 MB"
)

// Codes that only HTTP knows.
const (
	codeMethod      billing.Code = "method_not_allowed"
	codeContentType billing.Code = "unsupported_media_type"
	codeInternal    billing.Code = "internal"
)

// statusOf is the one place where codes become statuses.
func statusOf(code billing.Code) int {
	switch code {
	case billing.Invalid:
		return http.StatusBadRequest
	case billing.Unauthorized:
		return http.StatusUnauthorized
	case billing.Forbidden:
		return http.StatusForbidden
	case billing.NotFound:
		return http.StatusNotFound
	case codeMethod:
		return http.StatusMethodNotAllowed
	case billing.Conflict:
		return http.StatusConflict
	case billing.TooLarge:
		return http.StatusRequestEntityTooLarge
	case codeContentType:
		return http.StatusUnsupportedMediaType
	case codeTooMany:
		return http.StatusTooManyRequests
	case billing.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// codeOf finds the code of a status that the framework chose by itself.
func codeOf(status int) billing.Code {
	for _, code := range []billing.Code{billing.TooLarge, codeContentType, billing.NotFound, codeMethod} {
		if statusOf(code) == status {
			return code
		}
	}
	if status < http.StatusInternalServerError {
		return billing.Invalid
	}
	return codeInternal
}

// problemOf is what an outsider may know of err: nothing, unless it is a *billing.Error.
func problemOf(ctx context.Context, err error) *Problem {
	var known *billing.Error
	switch {
	case errors.As(err, &known):
		p := newProblem(ctx, known.Code, known.Field, known.Message)
		var stale *service.StalePreview
		if errors.As(err, &stale) {
			now := previewOf(stale.Now)
			p.Preview = &now
		}
		var unpaid *service.UnpaidInvoice
		if errors.As(err, &unpaid) {
			p.URL = unpaid.URL
		}
		return p
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return newProblem(ctx, billing.Unavailable, "", "the request took too long; it may be sent again")
	}
	return newProblem(ctx, codeInternal, "", internalDetail)
}

func newProblem(ctx context.Context, code billing.Code, field, detail string) *Problem {
	status := statusOf(code)
	return &Problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status,
		Code: code, Detail: detail, Field: field, RequestID: RequestID(ctx),
	}
}

// Error implements error.
func (p *Problem) Error() string { return p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// oneShape turns the few errors that the framework writes by itself (an empty body, one over the limit) into a Problem.
func oneShape(ctx huma.Context, _ string, v any) (any, error) {
	e, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	code, detail := codeOf(e.Status), e.Detail
	if code == billing.TooLarge {
		detail = tooLargeDetail
	}
	p := newProblem(ctx.Context(), code, "", detail)
	p.Status, p.Title = e.Status, http.StatusText(e.Status)
	return p, nil
}

// writeProblem answers a request that no operation handles.
func writeProblem(w http.ResponseWriter, p *Problem) {
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	writeJSON(w, p)
}
