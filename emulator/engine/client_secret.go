package engine

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
	if err := knows(q.ClientSecret, pi.ClientSecret); err != nil {
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
	if err := knows(q.ClientSecret, si.ClientSecret); err != nil {
		return nil, err
	}
	return &Listing{Data: []any{si}}, nil
}

// knows refuses a secret that is not the intent's. Callers with the account's key need none.
func knows(given Opt[string], secret string) error {
	if given.Or(secret) != secret {
		return invalid("client_secret", "", "The client_secret provided does not match the client_secret of this intent.")
	}
	return nil
}
