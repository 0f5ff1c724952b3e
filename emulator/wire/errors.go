package wire

import (
	"fmt"
	"strings"

	"github.com/dues-billing/dues/emulator/engine"
)

// badRequest is a 400 about the request itself. Code and param may be empty.
func badRequest(code, param, format string, args ...any) *engine.Error {
	return &engine.Error{Status: 400, Type: engine.InvalidRequest, Code: code, Param: param, Message: fmt.Sprintf(format, args...)}
}

// failure is an error with a status of its own.
func failure(status int, code, format string, args ...any) *engine.Error {
	return &engine.Error{Status: status, Type: engine.InvalidRequest, Code: code, Message: fmt.Sprintf(format, args...)}
}

func unrecognizedURL(method, path string) *engine.Error {
	return failure(404, "", "Unrecognized request URL (%s: %s). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.", method, path)
}

// notServed is the answer to an operation that Stripe has and this emulator has not.
func notServed(method, path string) *engine.Error {
	return badRequest("operation_unsupported", "", "%s %s is an operation of Stripe that this emulator does not serve yet.", method, path)
}

// RequestPath is where the dashboard shows a request of an account.
func RequestPath(account, request string) string {
	return "/_emulator/accounts/" + account + "/requests/" + request
}

// logURL is where the request can be looked at; at Stripe it is a page of the Dashboard.
func (c *call) logURL() string {
	return c.account.server.opts.Settings.BaseURL + RequestPath(c.account.id, c.id)
}

// errorBody renders an error in the native version, with the fields that apply to it. A refused key has no account, and so no log.
func (v *view) errorBody(e *engine.Error, log string) object {
	body := v.errorFields(e)
	if log != "" {
		body["request_log_url"] = log
	}
	if e.PaymentIntent != "" {
		if intent, ok := engine.Get[engine.PaymentIntent](v.world, e.PaymentIntent); ok {
			body["payment_intent"] = v.native(intent)
		}
	}
	if e.SetupIntent != "" {
		if intent, ok := engine.Get[engine.SetupIntent](v.world, e.SetupIntent); ok {
			body["setup_intent"] = v.native(intent)
		}
	}
	return object{"error": body}
}

// errorFields are those of an error that also stand in last_payment_error.
func (v *view) errorFields(e *engine.Error) object {
	code := e.Code
	if codesOfV2[code] || v.era != nil && v.era.version < codesSince[code] {
		code = ""
	}
	body := object{"message": e.Message, "type": e.Type}
	decline := e.DeclineCode
	if decline == code && v.era != nil && v.era.version < declineCodeAlways {
		decline = ""
	}
	optional := map[string]string{
		"code": code, "decline_code": decline, "param": e.Param, "charge": e.Charge, "advice_code": e.AdviceCode,
		"network_advice_code": e.NetworkAdviceCode, "network_decline_code": e.NetworkDeclineCode, "payment_method_type": e.PaymentMethodType,
	}
	for name, text := range optional {
		if text != "" {
			body[name] = text
		}
	}
	if e.EmptyParam {
		body["param"] = e.Param
	}
	if code != "" && !ownCodes[code] {
		body["doc_url"] = "https://stripe.com/docs/error-codes/" + strings.ReplaceAll(code, "_", "-")
	}
	if e.PaymentMethod != "" {
		if method, ok := engine.Get[engine.PaymentMethod](v.world, e.PaymentMethod); ok {
			body["payment_method"] = v.native(method)
		}
	}
	return body
}

// declineCodeAlways is the first version whose decline_code also says what the code says already. Recordings of 2023 leave it out, those of
// dahlia have it; it is taken for the first version after the former.
const declineCodeAlways = "2024-04-10"

// codesOfV2 are codes that only the second version of the API has; the first says the same without.
var codesOfV2 = map[string]bool{"archived_meter": true, "duplicate_meter_event": true, "no_meter": true}

// codesSince are codes that came with a version; the versions before say the same without.
var codesSince = map[string]string{"invalid_canceled_subscription_fields": "2026-08-26"}

// ownCodes are not Stripe's, so no page of its documentation explains them.
var ownCodes = map[string]bool{"parameter_unsupported": true, "operation_unsupported": true, "version_unsupported": true}
