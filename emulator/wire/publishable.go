package wire

import (
	"net/http"
	"strings"

	"github.com/dues-billing/dues/emulator/engine"
)

// A publishable key (pk_test_…) stands in web pages and apps. It belongs to the account whose secret key ends as it does (sk_test_…), opens
// only what a payer's device has to do, shows no more of an intent than that needs, and that only to whoever knows its client secret.

// publishable are the operations that it opens. Stripe lists none; these are what its libraries for browsers and phones call.
var publishable = map[string]bool{
	"POST /v1/tokens":                           true,
	"POST /v1/payment_methods":                  true,
	"GET /v1/payment_intents/{intent}":          true,
	"POST /v1/payment_intents/{intent}/confirm": true,
	"GET /v1/setup_intents/{intent}":            true,
	"POST /v1/setup_intents/{intent}/confirm":   true,
}

const publicPrefix, secretPrefix = "pk_test_", "sk_test_"

// isPublic says whether a request comes with a publishable key.
func isPublic(r *http.Request) bool {
	return strings.HasPrefix(sentKey(r.Header.Get("Authorization")), publicPrefix)
}

// secretOf is the secret key of the account of a publishable one, if that opens what is asked for.
func secretOf(r *http.Request, key string) (string, *engine.Error) {
	found, _ := servedRoutes().find(r.Method, r.URL.Path)
	if found == nil || !publishable[found.method+" "+found.path] {
		return "", secretKeyRequired()
	}
	secret := secretPrefix + strings.TrimPrefix(key, publicPrefix)
	if !isTestKey(secret) {
		return "", failure(401, "", "Invalid API Key provided: %s", mask(key))
	}
	return secret, nil
}

func secretKeyRequired() *engine.Error {
	return failure(403, "secret_key_required", "This API call cannot be made with a publishable API key. Please use a secret API key. "+
		"You can find a list of your API keys at https://dashboard.stripe.com/account/apikeys.")
}

// checkPublic refuses what a publishable key may not ask of an operation that it opens.
func (c *call) checkPublic() *engine.Error {
	if !c.public {
		return nil
	}
	for _, path := range c.expand {
		if len(path) != 1 || path[0] != "payment_method" {
			return secretKeyRequired()
		}
	}
	if secret := c.form.Child("client_secret"); len(c.ids) > 0 && (secret == nil || secret.Text == "") {
		return badRequest("", "client_secret", "Missing required param: client_secret.")
	}
	return nil
}

// shownPublicly are the keys of intents that Stripe's documentation marks as retrievable with a publishable key.
var shownPublicly = map[string]map[string]bool{
	"payment_intent": keySet("id object amount amount_details automatic_payment_methods canceled_at cancellation_reason capture_method client_secret " +
		"confirmation_method created currency description last_payment_error livemode next_action payment_method " +
		"payment_method_configuration_details payment_method_types processing receipt_email setup_future_usage shipping source status"),
	"setup_intent": keySet("id object automatic_payment_methods cancellation_reason client_secret created description last_setup_error livemode " +
		"next_action payment_method payment_method_configuration_details payment_method_types status usage"),
}

func keySet(keys string) map[string]bool {
	set := map[string]bool{}
	for key := range strings.FieldsSeq(keys) {
		set[key] = true
	}
	return set
}

// hide takes away from an answer what a publishable key does not show: metadata everywhere, and of intents all but a few keys.
func hide(value any) {
	switch v := value.(type) {
	case object:
		delete(v, "metadata")
		shown, intent := shownPublicly[text(v["object"])]
		for key, inner := range v {
			if intent && !shown[key] {
				delete(v, key)
				continue
			}
			hide(inner)
		}
	case []any:
		for _, inner := range v {
			hide(inner)
		}
	}
}

// preflight answers a browser that asks, before the request itself, whether a page of another origin may make it. It may.
func preflight(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Access-Control-Allow-Methods", "GET, HEAD, PUT, PATCH, POST, DELETE")
	if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
		header.Set("Access-Control-Allow-Headers", asked)
	}
	header.Set("Access-Control-Max-Age", "300")
	w.WriteHeader(http.StatusOK)
}
