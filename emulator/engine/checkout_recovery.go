package engine

// A session that expired can be taken up again: its recovery URL begins a copy of it.

// recoveryDays is how long a recovery URL works.
const recoveryDays = 30

// CheckoutAfterExpiration is after_expiration.
type CheckoutAfterExpiration struct {
	Recovery Opt[CheckoutRecoveryParams] `form:"recovery"`
}

// CheckoutRecoveryParams are after_expiration[recovery].
type CheckoutRecoveryParams struct {
	AllowPromotionCodes bool `form:"allow_promotion_codes"`
	Enabled             bool `form:"enabled"`
}

// CheckoutRecovery is how a session is taken up again after it expired. Token and ExpiresAt come with that.
type CheckoutRecovery struct {
	AllowPromotionCodes bool
	Token               string
	ExpiresAt           int64
}

// recoveryToken is the unguessable part of the recovery URL, "" without one.
func (s *CheckoutSession) recoveryToken() string {
	if s.Recovery == nil {
		return ""
	}
	return s.Recovery.Token
}

// recovery takes after_expiration.
func (c CreateCheckoutSession) recovery(s *CheckoutSession) error {
	r := c.AfterExpiration.Or(CheckoutAfterExpiration{}).Recovery.Or(CheckoutRecoveryParams{})
	if !r.Enabled {
		return nil
	}
	if s.Mode == ModeSetup {
		return invalid("after_expiration", "", "You can not pass `after_expiration` in `setup` mode.")
	}
	s.Recovery = &CheckoutRecovery{AllowPromotionCodes: r.AllowPromotionCodes}
	return nil
}

// recoverable opens the way back to a session that is being closed.
func (t *tx) recoverable(s *CheckoutSession) {
	if s.Recovery == nil {
		return
	}
	r := *s.Recovery
	r.Token, r.ExpiresAt = "live_"+t.world.characters(16), t.now+recoveryDays*secondsPerDay
	s.Recovery = &r
}

// RecoverCheckout begins a copy of an expired session, as everybody does who opens its recovery URL.
type RecoverCheckout struct {
	Session string `form:"-"`
}

func (c RecoverCheckout) apply(t *tx) (Result, error) {
	old, ok := Get[CheckoutSession](t.world, c.Session)
	if !ok {
		return nil, NotFound("checkout.session", c.Session, "session")
	}
	if err := t.enter(old.TestClock); err != nil {
		return nil, err
	}
	if old.Status != SessionExpired || old.Recovery == nil || t.now >= old.Recovery.ExpiresAt {
		return nil, invalid("", "", "The Checkout Session %s cannot be recovered.", old.ID)
	}
	s := *old
	s.Status, s.Consent, s.RecoveredFrom, s.Created, s.ExpiresAt = SessionOpen, nil, old.ID, t.now, t.now+checkoutSecondsMax
	s.Recovery = &CheckoutRecovery{AllowPromotionCodes: old.Recovery.AllowPromotionCodes}
	if old.Recovery.AllowPromotionCodes {
		allowed := true
		s.AllowPromotionCodes = &allowed
	}
	if err := t.enterCheckout(&s); err != nil { // the customer may be gone
		return nil, err
	}
	s.Lines = make([]*CheckoutLine, len(old.Lines))
	for i, line := range old.Lines {
		copied := *line
		copied.ID = t.long("li_")
		s.Lines[i] = &copied
		if price := must[Price](t, line.Price); price.Inline && !price.Active {
			usable := *price
			usable.Active = true
			put(t, &usable)
		}
	}
	if t.costs(&s) != nil { // what took something off may have run out meanwhile
		s.Discounts = nil
		if err := t.costs(&s); err != nil {
			return nil, err
		}
	}
	s.ID = "cs_test_a1" + t.world.characters(56)
	put(t, &s)
	t.schedule(timerCheckout, s.ID, s.ExpiresAt)
	return &s, nil
}

// CheckoutByRecovery finds the expired session that a recovery URL takes up.
func (w *World) CheckoutByRecovery(token string) (*CheckoutSession, bool) {
	return one(w.tables.checkouts.all("recovery", token))
}

var _ = register(RecoverCheckout{})
