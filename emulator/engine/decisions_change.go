package engine

// What decisions may hold at most.
const (
	zoneMinutesLeast, zoneMinutesMost = -12 * 60, 14 * 60
	timeoutSecondsMost                = 60
	clockDaysMost                     = 365
	rateLimitMost                     = 1_000_000
	captureSecondsMost                = 3600
)

// check says which decision holds what it cannot hold.
func (d *Decisions) check() error {
	for _, choice := range []struct {
		name, value string
		allowed     []string
	}{
		{"concurrent_key_error", d.ConcurrentKeyError, []string{InvalidRequest, IdempotencyError}},
		{"canceled_twice", d.CanceledTwice, []string{TwiceMissing, TwiceCanceled}},
		{"swap_quantity", d.SwapQuantity, []string{SwapToOne, SwapKeeps}},
		{"incomplete_deleted", d.IncompleteDeleted, []string{SubCanceled, SubIncompleteExpired}},
		{"proration_ties", d.ProrationTies, []string{TiesAway, TiesEven}},
		{"challenge_fails", d.ChallengeFails, []string{FailsAtRenewals, FailsAlways, FailsNever}},
		{"clock_busy_code", d.ClockBusyCode, []string{clockAdvancingCode, "lock_timeout"}},
		{"clock_limit_from", d.ClockLimitFrom, []string{LimitFromFrozen, LimitFromStart}},
		{"meter_duplicate", d.MeterDuplicate, []string{DuplicateRefused, DuplicateDropped}},
		{"first_challenge_code", d.FirstChallengeCode, []string{firstPaymentChallengeCode, invoiceChallengeCode, "authentication_required"}},
		{"mixed_intervals", d.MixedIntervals, []string{MixedMultiples, MixedAny}},
		{"renewal_challenge", d.RenewalChallenge, []string{RequiresAction, RequiresPaymentMethod}},
	} {
		if err := oneOf(nested("decisions", choice.name), choice.value, choice.allowed...); err != nil {
			return err
		}
	}
	for _, number := range []struct {
		name               string
		value, least, most int64
	}{
		{"proration_zone", d.ProrationZone, zoneMinutesLeast, zoneMinutesMost},
		{"webhook_timeout", d.WebhookTimeout, 1, timeoutSecondsMost},
		{"clock_days_kept", d.ClockDaysKept, 1, clockDaysMost},
		{"usage_grace", d.UsageGrace, 0, secondsPerDay},
		{"rate_limit", d.RateLimit, 0, rateLimitMost},
		{"capture_seconds", d.CaptureSeconds, 0, captureSecondsMost},
		{"portal_session_seconds", d.PortalSessionSeconds, 60, 30 * secondsPerDay},
	} {
		if err := within(number.value, number.least, number.most, nested("decisions", number.name)); err != nil {
			return err
		}
	}
	return nil
}

// DecisionChanges are the decisions that a change of settings names.
type DecisionChanges struct {
	ConcurrentKeyError   Opt[string] `form:"concurrent_key_error"`
	CanceledTwice        Opt[string] `form:"canceled_twice"`
	ExpandCountsData     Opt[bool]   `form:"expand_counts_data"`
	SwapQuantity         Opt[string] `form:"swap_quantity"`
	IncompleteDeleted    Opt[string] `form:"incomplete_deleted"`
	ProrationZone        Opt[int64]  `form:"proration_zone"`
	ProrationTies        Opt[string] `form:"proration_ties"`
	FreeTrialUsesOnce    Opt[bool]   `form:"free_trial_uses_once"`
	WebhookTimeout       Opt[int64]  `form:"webhook_timeout"`
	ChallengeFails       Opt[string] `form:"challenge_fails"`
	ExpiredDeleted       Opt[bool]   `form:"expired_deleted"`
	EntitledPastDue      Opt[bool]   `form:"entitled_past_due"`
	EntitledUnpaid       Opt[bool]   `form:"entitled_unpaid"`
	ClockDaysKept        Opt[int64]  `form:"clock_days_kept"`
	ClockBusyCode        Opt[string] `form:"clock_busy_code"`
	ClockLimitFrom       Opt[string] `form:"clock_limit_from"`
	MeterDuplicate       Opt[string] `form:"meter_duplicate"`
	UsageGrace           Opt[int64]  `form:"usage_grace"`
	FirstChallengeCode   Opt[string] `form:"first_challenge_code"`
	RateLimit            Opt[int64]  `form:"rate_limit"`
	MixedIntervals       Opt[string] `form:"mixed_intervals"`
	RenewalChallenge     Opt[string] `form:"renewal_challenge"`
	PortalSessionSeconds Opt[int64]  `form:"portal_session_seconds"`
	DeclinedFirstCounts  Opt[bool]   `form:"declined_first_counts"`
	ItemNetAmount        Opt[bool]   `form:"item_net_amount"`
	TrialSetupIntent     Opt[bool]   `form:"trial_setup_intent"`
	CaptureSeconds       Opt[int64]  `form:"capture_seconds"`
}

// on is d with the changes.
func (c DecisionChanges) on(d Decisions) Decisions {
	c.ConcurrentKeyError.Set(&d.ConcurrentKeyError)
	c.CanceledTwice.Set(&d.CanceledTwice)
	c.ExpandCountsData.Set(&d.ExpandCountsData)
	c.SwapQuantity.Set(&d.SwapQuantity)
	c.IncompleteDeleted.Set(&d.IncompleteDeleted)
	c.ProrationZone.Set(&d.ProrationZone)
	c.ProrationTies.Set(&d.ProrationTies)
	c.FreeTrialUsesOnce.Set(&d.FreeTrialUsesOnce)
	c.WebhookTimeout.Set(&d.WebhookTimeout)
	c.ChallengeFails.Set(&d.ChallengeFails)
	c.ExpiredDeleted.Set(&d.ExpiredDeleted)
	c.EntitledPastDue.Set(&d.EntitledPastDue)
	c.EntitledUnpaid.Set(&d.EntitledUnpaid)
	c.ClockDaysKept.Set(&d.ClockDaysKept)
	c.ClockBusyCode.Set(&d.ClockBusyCode)
	c.ClockLimitFrom.Set(&d.ClockLimitFrom)
	c.MeterDuplicate.Set(&d.MeterDuplicate)
	c.UsageGrace.Set(&d.UsageGrace)
	c.FirstChallengeCode.Set(&d.FirstChallengeCode)
	c.RateLimit.Set(&d.RateLimit)
	c.MixedIntervals.Set(&d.MixedIntervals)
	c.RenewalChallenge.Set(&d.RenewalChallenge)
	c.PortalSessionSeconds.Set(&d.PortalSessionSeconds)
	c.DeclinedFirstCounts.Set(&d.DeclinedFirstCounts)
	c.ItemNetAmount.Set(&d.ItemNetAmount)
	c.TrialSetupIntent.Set(&d.TrialSetupIntent)
	c.CaptureSeconds.Set(&d.CaptureSeconds)
	return d
}
