package billing

import (
	"errors"
	"fmt"
)

// Code says what kind of failure an Error is, for programs. The HTTP layer maps each Code to one status.
type Code string

// The codes.
const (
	Invalid      Code = "invalid"      // the request cannot be right: 400
	Unauthorized Code = "unauthorized" // nobody is known: 401
	Forbidden    Code = "forbidden"    // known, and may not: 403
	NotFound     Code = "not_found"    // does not exist, or belongs to someone else: 404
	Conflict     Code = "conflict"     // true now, and in the way: 409
	TooLarge     Code = "too_large"    // the body is over its limit: 413
	Unavailable  Code = "unavailable"  // a provider or the database did not answer; retry: 503
)

// Error is a failure that outsiders may see: Code for programs, Field for the parameter at fault, Message for people with
// the way out, Err for the log only.
type Error struct {
	Code    Code
	Field   string
	Message string
	Err     error
}

func (e *Error) Error() string {
	if e.Err != nil {
		return e.Message + ": " + e.Err.Error()
	}
	return e.Message
}

func (e *Error) Unwrap() error { return e.Err }

// Errorf returns an *Error with a message. Causes stay out of it, for outsiders read it: see Because.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Because keeps the cause for the log and returns e.
func (e *Error) Because(err error) *Error {
	e.Err = err
	return e
}

// In names the request field that is at fault and returns e.
func (e *Error) In(field string) *Error {
	e.Field = field
	return e
}

// CodeOf returns the Code of the first *Error in err's chain, or "" when there is none.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
