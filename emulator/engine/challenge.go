package engine

// ResolveChallenge is the payer's answer on the 3-D Secure page, for a PaymentIntent or SetupIntent that requires action, whoever made it.
// What waited for the intent goes on: an invoice, a Checkout session, the portal. An answer of fail, or a bank that declines after the
// challenge was passed, is an *Error whose writes stand.
type ResolveChallenge struct {
	Intent  string `form:"-"`
	Outcome string `form:"outcome"` // succeed or fail
}

// ChallengeOutcome is what the answer led to: one of the intents, and the session that it completed, if any.
type ChallengeOutcome struct {
	PaymentIntent *PaymentIntent
	SetupIntent   *SetupIntent
	Session       *CheckoutSession
}

const authenticationFailed = "We are unable to authenticate your payment method. Please choose a different payment method and try again."

func (c ResolveChallenge) apply(t *tx) (Result, error) {
	if err := oneOf("outcome", c.Outcome, "succeed", "fail"); err != nil {
		return nil, err
	}
	if pi, ok := Get[PaymentIntent](t.world, c.Intent); ok {
		if err := t.enter(pi.TestClock); err != nil {
			return nil, err
		}
		return t.resolvePayment(pi, c.Outcome == "succeed")
	}
	si, ok := Get[SetupIntent](t.world, c.Intent)
	if !ok {
		return nil, NotFound("payment_intent", c.Intent, "intent")
	}
	if err := t.enter(si.TestClock); err != nil {
		return nil, err
	}
	return t.resolveSetup(si, c.Outcome == "succeed")
}

func (t *tx) resolvePayment(pi *PaymentIntent, passed bool) (Result, error) {
	if pi.Status != RequiresAction {
		return nil, unexpectedPayment(pi, "This PaymentIntent does not wait for an authentication: its status is %s.", pi.Status)
	}
	pm := must[PaymentMethod](t, pi.PaymentMethod)
	session, hosted := Get[CheckoutSession](t.world, pi.CheckoutSession)
	if hosted = hosted && session.Status == SessionOpen; hosted && passed && session.Mode == ModeSubscription {
		if code := t.declineOf(pm); code != "" {
			p := t.decline(pi, pm, code)
			return &ChallengeOutcome{PaymentIntent: p.intent, Session: session}, p.err
		}
		return t.challengeCompletes(session, pm, pi.ID)
	}
	if passed && pi.ConfirmationMethod == "manual" {
		next := *pi
		next.Status, next.NextAction, next.Authenticated = RequiresConfirmation, nil, true
		put(t, &next)
		return &ChallengeOutcome{PaymentIntent: &next}, nil
	}
	p := payment{}
	if passed {
		p = t.confirm(pi, pm, authenticated)
	} else {
		cause := invalid("", "payment_intent_authentication_failure", authenticationFailed)
		cause.PaymentMethod, cause.PaymentMethodType = pm.ID, pm.Type
		p = t.refuse(pi, cause)
	}
	t.follow(p)
	if p.err != nil {
		return &ChallengeOutcome{PaymentIntent: p.intent}, p.err
	}
	if hosted {
		return t.challengeCompletes(session, pm, pi.ID)
	}
	return &ChallengeOutcome{PaymentIntent: p.intent}, nil
}

// challengeCompletes ends the Checkout session for which the challenge was passed.
func (t *tx) challengeCompletes(s *CheckoutSession, pm *PaymentMethod, intent string) (Result, error) {
	done, err := t.completeCheckout(s, pm, authenticated)
	if err != nil {
		return nil, err
	}
	out := &ChallengeOutcome{Session: done.(*CheckoutOutcome).Session}
	out.PaymentIntent, _ = Get[PaymentIntent](t.world, intent)
	out.SetupIntent, _ = Get[SetupIntent](t.world, intent)
	return out, nil
}

func (t *tx) resolveSetup(si *SetupIntent, passed bool) (Result, error) {
	if si.Status != RequiresAction {
		return nil, unexpectedSetup(si, "This SetupIntent does not wait for an authentication: its status is %s.", si.Status)
	}
	if !passed {
		next, refused := t.refuseSetup(si, invalid("", "setup_intent_authentication_failure", authenticationFailed))
		return &ChallengeOutcome{SetupIntent: next}, refused
	}
	next, refused := t.trySetup(si, must[PaymentMethod](t, si.PaymentMethod), authenticated, "")
	if refused != nil {
		return &ChallengeOutcome{SetupIntent: next}, refused
	}
	pm := must[PaymentMethod](t, next.PaymentMethod)
	if session, ok := Get[CheckoutSession](t.world, si.CheckoutSession); ok && session.Status == SessionOpen {
		return t.challengeCompletes(session, pm, si.ID)
	}
	if si.PortalSession != "" {
		t.adoptCard(pm)
	}
	return &ChallengeOutcome{SetupIntent: next}, nil
}

var _ = register(ResolveChallenge{})
