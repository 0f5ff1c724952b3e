package engine

import "crypto/subtle"

// An intent's secret lets the payer's browser read and confirm it. Whoever names one must name the intent's own.

// ReadPaymentIntent is GET /v1/payment_intents/{intent}.
type ReadPaymentIntent struct {
	Intent       string      `form:"-"`
	ClientSecret Opt[string] `form:"client_secret"`
}

func (q ReadPaymentIntent) run(w *World) (*Listing, error) {
	pi, ok := Get[PaymentIntent](w, q.Intent)
	if !ok {
		return nil, NotFound("payment_intent", q.Intent, "intent")
	}
	if err := knows(q.ClientSecret, pi.ClientSecret, "PaymentIntent"); err != nil {
		return nil, err
	}
	return &Listing{Data: []any{pi}}, nil
}

// ReadSetupIntent is GET /v1/setup_intents/{intent}.
type ReadSetupIntent struct {
	Intent       string      `form:"-"`
	ClientSecret Opt[string] `form:"client_secret"`
}

func (q ReadSetupIntent) run(w *World) (*Listing, error) {
	si, ok := Get[SetupIntent](w, q.Intent)
	if !ok {
		return nil, NotFound("setupintent", q.Intent, "intent")
	}
	if err := knows(q.ClientSecret, si.ClientSecret, "SetupIntent"); err != nil {
		return nil, err
	}
	return &Listing{Data: []any{si}}, nil
}

// knows refuses a secret that is not the intent's. Callers with the account's key need none. How long it takes tells nothing of the secret.
func knows(given Opt[string], secret, of string) error {
	if subtle.ConstantTimeCompare([]byte(given.Or(secret)), []byte(secret)) == 0 {
		return invalid("client_secret", "", "The client_secret provided does not match the client_secret associated with the %s.", of)
	}
	return nil
}

// mayConfirm says why whoever asks may not confirm a payment: without its secret nobody's device may, and where the merchant confirms by hand
// none may at all.
func (c ConfirmPaymentIntent) mayConfirm(pi *PaymentIntent) error {
	if err := knows(c.ClientSecret, pi.ClientSecret, "PaymentIntent"); err != nil {
		return err
	}
	if c.Publishable && pi.ConfirmationMethod == "manual" {
		return invalid("", "", "This PaymentIntent cannot be confirmed using your publishable key because its `confirmation_method` is set to `manual`. Please "+
			"use your secret key instead, or create a PaymentIntent with `confirmation_method` set to `automatic`.")
	}
	return nil
}
