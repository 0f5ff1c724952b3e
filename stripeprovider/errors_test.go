package stripeprovider

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// Rows: A8 A12 C30.
func TestARefusalSaysWhatItMeans(t *testing.T) {
	t.Parallel()
	const card, request = stripe.ErrorTypeCard, stripe.ErrorTypeInvalidRequest
	for _, c := range []struct {
		name  string
		err   stripe.Error
		code  billing.Code
		wraps error
	}{
		{"a declined card", stripe.Error{HTTPStatusCode: 402, Type: card, Code: "card_declined"}, billing.Conflict, service.ErrDeclined},
		{"an expired card", stripe.Error{HTTPStatusCode: 402, Type: card, Code: "expired_card"}, billing.Conflict, service.ErrDeclined},
		{"no card at all", stripe.Error{HTTPStatusCode: 400, Type: request, Code: "resource_missing"}, billing.Conflict, service.ErrDeclined},
		{"a challenge, off session", stripe.Error{HTTPStatusCode: 402, Type: card, Code: "authentication_required"}, billing.Conflict, service.ErrNeedsConfirmation},
		{"a challenge, by decline code", stripe.Error{HTTPStatusCode: 402, Type: card, Code: "card_declined", DeclineCode: "authentication_required"}, billing.Conflict, service.ErrNeedsConfirmation},
		{"a challenge of an invoice", stripe.Error{HTTPStatusCode: 402, Type: card, Code: "invoice_payment_intent_requires_action"}, billing.Conflict, service.ErrNeedsConfirmation},
		{"a challenge of a subscription", stripe.Error{HTTPStatusCode: 402, Type: card, Code: "subscription_payment_intent_requires_action"}, billing.Conflict, service.ErrNeedsConfirmation},
		{
			"a challenge, by the payment's state",
			stripe.Error{HTTPStatusCode: 402, Type: card, PaymentIntent: &stripe.PaymentIntent{Status: stripe.PaymentIntentStatusRequiresAction}},
			billing.Conflict, service.ErrNeedsConfirmation,
		},
		{"an unknown object in the path", stripe.Error{HTTPStatusCode: 404, Type: request, Code: "resource_missing", Param: "id"}, billing.NotFound, nil},
		{"an unknown object in a parameter", stripe.Error{HTTPStatusCode: 400, Type: request, Code: "resource_missing", Param: "items[0][price]"}, billing.Invalid, nil},
		{"an unknown parameter", stripe.Error{HTTPStatusCode: 400, Type: request, Code: "parameter_unknown"}, billing.Invalid, nil},
		{"a bad address", stripe.Error{HTTPStatusCode: 400, Type: request, Code: "email_invalid"}, billing.Invalid, nil},
		{"a key that was revoked", stripe.Error{HTTPStatusCode: 401, Type: request}, billing.Unavailable, nil},
		{"a key that may not", stripe.Error{HTTPStatusCode: 403, Type: request}, billing.Unavailable, nil},
		{"too many requests", stripe.Error{HTTPStatusCode: 429, Type: request, Code: "rate_limit"}, billing.Unavailable, nil},
		{"the same key at once", stripe.Error{HTTPStatusCode: 409, Type: request, Code: "idempotency_key_in_use"}, billing.Unavailable, nil},
		{"a key used for something else", stripe.Error{HTTPStatusCode: 400, Type: stripe.ErrorTypeIdempotency}, billing.Conflict, nil},
		{"Stripe's own fault", stripe.Error{HTTPStatusCode: 500, Type: stripe.ErrorTypeAPI}, billing.Unavailable, nil},
		{"a proxy in between", stripe.Error{HTTPStatusCode: 502}, billing.Unavailable, nil},
	} {
		err := failure("do it", &c.err)
		if got := billing.CodeOf(err); got != c.code {
			t.Errorf("%s: code %q, want %q", c.name, got, c.code)
		}
		for _, kind := range []error{service.ErrDeclined, service.ErrNeedsConfirmation} {
			if got, want := errors.Is(err, kind), kind == c.wraps; got != want {
				t.Errorf("%s: wraps %q: %v, want %v", c.name, kind, got, want)
			}
		}
	}
}

func TestWhatSpeaksOfStripeAsAWholeIsToldFromWhatIsAboutOneCustomer(t *testing.T) {
	t.Parallel()
	answer := func(after string) *stripe.APIResponse {
		return &stripe.APIResponse{Header: http.Header{"Retry-After": {after}}}
	}
	for _, c := range []struct {
		name string
		err  error
		want *service.Trouble
	}{
		{"too many requests", &stripe.Error{HTTPStatusCode: 429, Code: "rate_limit", APIResource: stripe.APIResource{LastResponse: answer("7")}}, &service.Trouble{Limited: true, After: 7 * time.Second}},
		{"too many, until a date", &stripe.Error{HTTPStatusCode: 429, APIResource: stripe.APIResource{LastResponse: answer("Wed, 21 Oct 2026 07:28:00 GMT")}}, &service.Trouble{Limited: true}},
		{"too many, without advice", &stripe.Error{HTTPStatusCode: 429}, &service.Trouble{Limited: true}},
		{"an object that is locked", &stripe.Error{HTTPStatusCode: 429, Code: stripe.ErrorCodeLockTimeout}, nil},
		{"Stripe's own fault", &stripe.Error{HTTPStatusCode: 500}, &service.Trouble{}},
		{"maintenance", &stripe.Error{HTTPStatusCode: 503, APIResource: stripe.APIResource{LastResponse: answer("30")}}, &service.Trouble{After: 30 * time.Second}},
		{"a key that was revoked", &stripe.Error{HTTPStatusCode: 401}, &service.Trouble{}},
		{"a key that may not do this", &stripe.Error{HTTPStatusCode: 403}, nil},
		{"an unknown customer", &stripe.Error{HTTPStatusCode: 404, Code: "resource_missing"}, nil},
		{"a connection refused", &net.OpError{Op: "dial", Err: errors.New("connection refused")}, &service.Trouble{}},
		{"our own stop", context.Canceled, nil},
	} {
		var got *service.Trouble
		if found := errors.As(failure("do it", c.err), &got); found != (c.want != nil) {
			t.Errorf("%s: is trouble %v, want %v", c.name, found, c.want != nil)
		} else if found && (got.Limited != c.want.Limited || got.After != c.want.After) {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestWhatIsNoRefusalIsWorthARetry(t *testing.T) {
	t.Parallel()
	lost := fmt.Errorf("post: %w", &net.OpError{Op: "dial", Err: errors.New("connection refused")})
	if err := failure("do it", lost); billing.CodeOf(err) != billing.Unavailable || !errors.Is(err, lost) {
		t.Errorf("a lost connection: %v", err)
	}
	for _, ended := range []error{context.Canceled, context.DeadlineExceeded} {
		if err := failure("do it", fmt.Errorf("post: %w", ended)); !errors.Is(err, ended) || billing.CodeOf(err) != "" {
			t.Errorf("%v became %v", ended, err)
		}
	}
	if err := failure("do it", nil); err != nil {
		t.Errorf("success became %v", err)
	}
}

func TestSecretsAndCustomersStayOutOfErrors(t *testing.T) {
	t.Parallel()
	err := failure("change subscription", &stripe.Error{
		HTTPStatusCode: 402, Type: stripe.ErrorTypeCard, Code: "card_declined", Msg: "Your card was declined.", RequestID: "req_1",
		PaymentIntent: &stripe.PaymentIntent{ClientSecret: "pi_1_secret_x", ReceiptEmail: "ada@example.com"},
	})
	for _, secret := range []string{"secret", "ada@example.com"} {
		if strings.Contains(fmt.Sprintf("%v %+v", err, err), secret) {
			t.Errorf("the error holds %q: %v", secret, err)
		}
	}
	for _, needed := range []string{"change subscription", "402", "card_declined", "req_1"} {
		if !strings.Contains(err.Error(), needed) {
			t.Errorf("the error lacks %q: %v", needed, err)
		}
	}
	var shown *billing.Error
	if errors.As(err, &shown); shown.Message != "Your card was declined." {
		t.Errorf("the customer reads %q", shown.Message)
	}
}
