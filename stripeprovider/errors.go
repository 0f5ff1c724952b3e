package stripeprovider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// failure turns an error of the SDK into one with a billing.Code. It is the only place where Stripe's error codes are read.
func failure(doing string, err error) error {
	if err == nil {
		return nil
	}
	var refused *stripe.Error
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("stripe: %s: %w", doing, err)
	case !errors.As(err, &refused):
		return &billing.Error{Code: billing.Unavailable, Message: "the payment provider did not answer; try again", Err: &service.Trouble{Err: fmt.Errorf("%s: %w", doing, err)}}
	}
	code, message := reading(refused)
	return &billing.Error{Code: code, Message: message, Err: &cause{doing: doing, refused: refused, kind: kindOf(refused)}}
}

// reading says what a refusal means to the caller and to people.
func reading(e *stripe.Error) (billing.Code, string) {
	switch status := e.HTTPStatusCode; {
	case needsConfirmation(e):
		return billing.Conflict, "the bank asks the customer to confirm this payment"
	case declined(e):
		// Stripe's texts for cards are written for the cardholder and do not tell a stolen card from a refused one.
		return billing.Conflict, e.Msg
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return billing.Unavailable, "the payment provider does not accept our key"
	case status == http.StatusTooManyRequests, status == http.StatusConflict, status >= http.StatusInternalServerError:
		return billing.Unavailable, "the payment provider is busy; try again"
	case e.Type == stripe.ErrorTypeIdempotency:
		return billing.Conflict, "this was asked before, in other words"
	case status == http.StatusNotFound:
		return billing.NotFound, "the payment provider does not know this"
	case e.Code == stripe.ErrorCodeEmailInvalid:
		return billing.Invalid, "the e-mail address is not valid"
	}
	return billing.Invalid, "the payment provider refused the request: " + e.Msg
}

// confirmationCodes are those of a payment that waits for 3-D Secure. Stripe has renamed them over the years.
var confirmationCodes = []stripe.ErrorCode{
	stripe.ErrorCodeAuthenticationRequired,
	stripe.ErrorCodeInvoicePaymentIntentRequiresAction,
	"subscription_payment_intent_requires_action",
}

func needsConfirmation(e *stripe.Error) bool {
	return slices.Contains(confirmationCodes, e.Code) || string(e.DeclineCode) == string(stripe.ErrorCodeAuthenticationRequired) ||
		e.PaymentIntent != nil && e.PaymentIntent.Status == stripe.PaymentIntentStatusRequiresAction
}

func declined(e *stripe.Error) bool {
	return e.Type == stripe.ErrorTypeCard || e.HTTPStatusCode == http.StatusPaymentRequired || noMethod(e)
}

// noMethod reports that a payment was due and the customer has nothing to pay with. Stripe gives it no code of its own: it is
// the one resource_missing that names no parameter.
func noMethod(e *stripe.Error) bool {
	return e.HTTPStatusCode == http.StatusBadRequest && e.Code == stripe.ErrorCodeResourceMissing && e.Param == ""
}

func kindOf(e *stripe.Error) error {
	switch {
	case needsConfirmation(e):
		return service.ErrNeedsConfirmation
	case declined(e):
		return service.ErrDeclined
	case e.HTTPStatusCode == http.StatusTooManyRequests && e.Code != stripe.ErrorCodeLockTimeout: // that one is about an object
		return &service.Trouble{Limited: true, After: retryAfter(e)}
	case e.HTTPStatusCode == http.StatusUnauthorized, e.HTTPStatusCode >= http.StatusInternalServerError:
		return &service.Trouble{After: retryAfter(e)}
	}
	return nil
}

// retryAfter is how long Stripe, or what stands before it, asks to wait; 0 when it does not say so in seconds.
func retryAfter(e *stripe.Error) time.Duration {
	if e.LastResponse == nil {
		return 0
	}
	seconds, err := strconv.ParseUint(e.LastResponse.Header.Get("Retry-After"), 10, 16)
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// cause is the log's side of a refusal. It leaves out the SDK's own text, which holds client secrets and customer data.
type cause struct {
	doing   string
	refused *stripe.Error
	kind    error
}

func (c *cause) Error() string {
	e := c.refused
	return fmt.Sprintf("stripe: %s: %d %s %s (param %q, decline %q, request %s)", c.doing, e.HTTPStatusCode, e.Type, e.Code, e.Param, e.DeclineCode, e.RequestID)
}

func (c *cause) Unwrap() error { return c.kind }

// missing reports that Stripe does not know the object that was asked for.
func missing(err error) bool {
	var e *stripe.Error
	return errors.As(err, &e) && e.Code == stripe.ErrorCodeResourceMissing && e.HTTPStatusCode == http.StatusNotFound
}

// refusedFor reports whether Stripe refused the request with an error of that type.
func refusedFor(err error, kind stripe.ErrorType) bool {
	var e *stripe.Error
	return errors.As(err, &e) && e.Type == kind
}

// forgotten reports that the object from which a list should go on is not there. Stripe says so with 400, for a parameter names it.
func forgotten(err error) bool {
	var e *stripe.Error
	return errors.As(err, &e) && e.Code == stripe.ErrorCodeResourceMissing && e.Param != ""
}
