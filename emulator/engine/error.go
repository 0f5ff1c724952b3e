package engine

import (
	"errors"
	"fmt"
)

// The error types of Stripe.
const (
	InvalidRequest = "invalid_request_error"
	CardError      = "card_error"
	APIError       = "api_error"

	IdempotencyError = "idempotency_error"
)

// Error is a refusal, with everything that Stripe's error body says about it. Ids name objects that the wire renders in full.
type Error struct {
	Status      int
	Type        string
	Code        string
	DeclineCode string
	Message     string
	Param       string
	EmptyParam  bool // param is sent although it is ""

	AdviceCode         string
	NetworkAdviceCode  string
	NetworkDeclineCode string
	PaymentMethodType  string

	Charge        string
	PaymentIntent string
	SetupIntent   string
	PaymentMethod string

	// Keep says that the command's writes stand although it answers an error: a declined payment leaves its charge and events behind.
	Keep bool `json:"-"`
}

func (e *Error) Error() string {
	if e.Code == "" {
		return fmt.Sprintf("%d %s: %s", e.Status, e.Type, e.Message)
	}
	return fmt.Sprintf("%d %s: %s", e.Status, e.Code, e.Message)
}

// keeps says whether the writes of a command that answered err stand.
func keeps(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Keep
}

// Undone reports whether Apply answered with err a command that it took back whole: nothing but time has passed.
func Undone(err error) bool { return err != nil && !keeps(err) }

// invalid is a 400 for a parameter. Param and code may be empty.
func invalid(param, code, format string, args ...any) *Error {
	return &Error{Status: 400, Type: InvalidRequest, Code: code, Param: param, Message: fmt.Sprintf(format, args...)}
}

// unsupported refuses a value that Stripe knows and this emulator does not honour: ignoring it would be a lie.
func unsupported(param, value string) *Error {
	return invalid(param, "parameter_unsupported", "%s=%s is a choice of Stripe that this emulator does not honour yet.", param, value)
}

// required is the 400 for a parameter that is missing.
func required(param string) *Error {
	return invalid(param, "parameter_missing", "Missing required param: %s.", param)
}

// NotFound is the 404 for an unknown object in the path; kind is what Stripe calls it in the message, param is the route's own name for it (id, intent, payment_method, …).
func NotFound(kind, id, param string) *Error {
	return &Error{Status: 404, Type: InvalidRequest, Code: "resource_missing", Param: param, Message: noSuchMessage(kind, id)}
}

// noSuchParam is the 400 for an unknown object in a parameter.
func noSuchParam(kind, id, param string) *Error {
	return &Error{Status: 400, Type: InvalidRequest, Code: "resource_missing", Param: param, Message: noSuchMessage(kind, id)}
}

func noSuchMessage(kind, id string) string {
	msg := fmt.Sprintf("No such %s: '%s'", kind, id)
	if kind == "PaymentMethod" {
		msg += "; It's possible this PaymentMethod exists on one of your connected accounts, in which case you should retry this request" +
			" on that connected account. Learn more at https://stripe.com/docs/connect/authentication"
	}
	return msg
}

// element is the name of one element of a list parameter.
func element(param string, i int) string { return fmt.Sprintf("%s[%d]", param, i) }
