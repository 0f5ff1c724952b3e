package engine

import "slices"

// Points that Stripe's documentation leaves open, by their numbers in chapter 99 of our notes, and smaller ones without a number. What a
// consumer's test may want the other way is a switch of the account (Decisions); the rest is a constant. testdata/decisions.txt lists the
// points with the tests that show them, docs/emulator.md how to switch.
const (
	// clockAdvancingCode is the error code of a write to a test clock that is advancing (point 16; chapter 8.2 knows the 429 and no code).
	clockAdvancingCode = "rate_limit"
	// clockDaysKept is how long a test clock lives (point 16).
	clockDaysKept = 30
	// secondsPerDay turns days of settings into seconds.
	secondsPerDay = 86400
	// settlementDays is how long a charge takes to become available on the account's balance.
	settlementDays = 2
	// feePerMille and feeFixed are Stripe's fee on a charge: 2.9 % and 30 (formula 9).
	feePerMille, feeFixed = 29, 30
	// asyncCaptureSeconds is when an asynchronous capture has its money, counted from the answer. Stripe takes a few seconds; here it is done
	// before anybody asks again, so that nobody has to wait and the order of events is always the same.
	asyncCaptureSeconds = 0
	// captureSeconds is how long an authorised charge can be captured.
	captureSeconds = 7 * secondsPerDay
	// taxIDSeconds is how long an authority takes to answer about a tax id.
	taxIDSeconds = 60
	// refundSettleSeconds is how long the refunds of the two asynchronous test cards take.
	refundSettleSeconds = 60
	// disputeFee is Stripe's fee on a dispute; a dispute that is won gives it back.
	disputeFee = 1500
	// disputeEvidenceDays is how many days a merchant has for an answer, and inquirySeconds how long an inquiry can become a dispute.
	disputeEvidenceDays, inquirySeconds = 9, 120 * secondsPerDay
	// disputeCancelSeconds is how long after a dispute its subscription ends, where the account is set so.
	disputeCancelSeconds = 3600
	// portalSessionSeconds is how long a portal session can be used (point 27).
	portalSessionSeconds = 3600
	// upcomingLeadDays is how long before a renewal invoice.upcoming comes unless an account chooses otherwise (point 19).
	upcomingLeadDays = 7
	// challengeDays is how long an account waits for 3-D Secure of a renewal unless it chooses otherwise.
	challengeDays = 15
	// meterDedupeSeconds is how long the identifier of a meter event is taken; a second one is refused meanwhile (point 17).
	meterDedupeSeconds = secondsPerDay
	// meterCancelSeconds is how long after its arrival a meter event can be canceled.
	meterCancelSeconds = secondsPerDay
	// adjustmentStatus is what the cancellation of a meter event answers: Stripe works it off later, here it has happened.
	adjustmentStatus = "pending"
	// usageGraceSeconds is how long after a period's end usage records of it are taken (point 18).
	usageGraceSeconds = 5 * 60
	// appliedGrantsVoidable says whether a credit grant that has paid for something can be voided.
	appliedGrantsVoidable = false
	// pastDueDays and pastDueEnd are what becomes of mailed invoices unless an account chooses otherwise: after 60 days they stay past due.
	pastDueDays, pastDueEnd = 60, EndPastDue
)

const (
	// firstPaymentChallengeCode answers a create with error_if_incomplete whose card asks for 3-D Secure (point 22: older lists of codes have
	// it, the newest has not); invoiceChallengeCode is what POST /v1/invoices/{id}/pay answers.
	firstPaymentChallengeCode = "subscription_payment_intent_requires_action"
	invoiceChallengeCode      = "invoice_payment_intent_requires_action"
	// webhookTimeoutSeconds is how long an endpoint has to answer (point 12: people report 10 to 30 s).
	webhookTimeoutSeconds = 10
	// canceledMessage is Stripe's refusal to change a subscription that has ended.
	canceledMessage = "A canceled subscription can only update its cancellation_details and metadata."
	// taxRounding is how manual tax is rounded unless an account chooses otherwise (point 20).
	taxRounding = RoundTaxByLine
	// webhookRetries is which of the back-offs below an account has unless it chooses otherwise.
	webhookRetries = RetryAsLive
	// quantityAfterSwap is the quantity of an item whose price changed without one being sent, where that is one (point 5).
	quantityAfterSwap = 1
)

// Of schedules, quotes, credit notes and search.
const (
	// expiringSeconds is how long before a schedule's end subscription_schedule.expiring comes (chapter 3.13: seven days).
	expiringSeconds = 7 * secondsPerDay
	// phasesMax is how many phases that run or are to come a schedule has at most, extrasMax how many items a phase adds to its invoice.
	phasesMax, extrasMax = 10, 20
	// quoteDays is how long a quote can be accepted unless it says otherwise (the account's setting at Stripe), quoteLinesMax how many lines
	// it has at most.
	quoteDays, quoteLinesMax = 30, 100
	// creditNoteNumber makes the number of a credit note from that of its invoice and a count from 1.
	creditNoteNumber = "%s-CN-%02d"
	// searchSubstringLeast is the shortest part of a text that can be searched for, searchClausesMost how many clauses a query has at most,
	// searchTotalMost where counting the found objects ends. Stripe's index is a minute behind; ours never is.
	searchSubstringLeast, searchClausesMost, searchTotalMost = 3, 10, 10_000
)

// retryDays are the days between the attempts on a failed renewal unless an account chooses otherwise (point 21: the times of Smart Retries
// are nobody's to know; four tries within three weeks are one of the plans that one can choose, and leave time between their events).
func retryDays() []int64 { return []int64{3, 5, 7, 6} }

// BackOff is how many seconds pass after each failed try of a webhook; after the last, the delivery is given up (point 12). In live mode
// Stripe tries for three days, in test mode three times over some hours.
func BackOff(retries string) []int64 {
	if retries == RetryAsTest {
		return []int64{30 * 60, 3600, 2 * 3600}
	}
	return []int64{1, 5, 30, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 12 * 3600, 12 * 3600, 12 * 3600, 12 * 3600}
}

// entitledStatuses are those of subscriptions whose features their customer may use in any case; entitles says which others.
var entitledStatuses = []string{SubTrialing, SubActive}

// Decisions are our answers to the points of chapter 99 whose other answer somebody's test may want: part of the account's settings, by
// the same names in a settings file, a flag and the control API. No consumer may depend on one of them.
type Decisions struct {
	ConcurrentKeyError   string `json:"concurrent_key_error"`   // 1: type of the 409 for an idempotency key in use: invalid_request_error or idempotency_error
	CanceledTwice        string `json:"canceled_twice"`         // 3: a canceled subscription is canceled again: missing (404) or canceled (400)
	ExpandCountsData     bool   `json:"expand_counts_data"`     // 4: a literal data counts towards the 4 levels of expand
	SwapQuantity         string `json:"swap_quantity"`          // 5: quantity after a price swap that sends none: one or kept
	IncompleteDeleted    string `json:"incomplete_deleted"`     // 6: what a DELETE makes of an incomplete subscription: canceled or incomplete_expired
	ProrationZone        int64  `json:"proration_zone"`         // 7: minutes east of UTC of the date in proration texts
	ProrationTies        string `json:"proration_ties"`         // 9: a proration of exactly half a unit goes away from zero or to the even unit: away or even
	FreeTrialUsesOnce    bool   `json:"free_trial_uses_once"`   // 11: the invoice of 0 that begins a trial uses a once coupon up
	WebhookTimeout       int64  `json:"webhook_timeout"`        // 12: seconds that an endpoint has to answer
	ChallengeFails       string `json:"challenge_fails"`        // 13: invoice.payment_failed beside payment_action_required: renewals, always or never
	ExpiredDeleted       bool   `json:"expired_deleted"`        // 13: customer.subscription.deleted for incomplete_expired too
	EntitledPastDue      bool   `json:"entitled_past_due"`      // 15: a past due subscription keeps its entitlements
	EntitledUnpaid       bool   `json:"entitled_unpaid"`        // 15: an unpaid one does
	ClockDaysKept        int64  `json:"clock_days_kept"`        // 16: days a test clock lives
	ClockBusyCode        string `json:"clock_busy_code"`        // 16: code of the 429 while a clock advances: rate_limit or lock_timeout
	ClockLimitFrom       string `json:"clock_limit_from"`       // 16: an advance is limited from where the clock stands or began: frozen_time or start
	MeterDuplicate       string `json:"meter_duplicate"`        // 17: a meter event's identifier comes again: refused or dropped
	UsageGrace           int64  `json:"usage_grace"`            // 18: seconds after a period's end in which usage records of it are taken
	FirstChallengeCode   string `json:"first_challenge_code"`   // 22: code of the 402 of error_if_incomplete for 3-D Secure
	RateLimit            int64  `json:"rate_limit"`             // 24: requests a second, 0 is no limit
	MixedIntervals       string `json:"mixed_intervals"`        // 25: intervals in one flexible subscription: multiples of the shortest, or any
	RenewalChallenge     string `json:"renewal_challenge"`      // 26: the PaymentIntent of a renewal that needs 3-D Secure: requires_action or requires_payment_method
	PortalSessionSeconds int64  `json:"portal_session_seconds"` // 27: how long a portal session can be used
	DeclinedFirstCounts  bool   `json:"declined_first_counts"`  // 29: a declined first invoice has attempt_count 1
	ItemNetAmount        bool   `json:"item_net_amount"`        // 30: invoice items show net_amount
	TrialSetupIntent     bool   `json:"trial_setup_intent"`     // 32: a trial without any payment method has a pending_setup_intent
	CaptureSeconds       int64  `json:"capture_seconds"`        // seconds after the answer in which an asynchronous capture has its money
}

// The words of decisions that are no words of Stripe's.
const (
	TwiceMissing     = "missing"
	TwiceCanceled    = "canceled"
	SwapToOne        = "one"
	SwapKeeps        = "kept"
	TiesAway         = "away"
	TiesEven         = "even"
	FailsAtRenewals  = "renewals"
	FailsAlways      = "always"
	FailsNever       = "never"
	LimitFromFrozen  = "frozen_time"
	LimitFromStart   = "start"
	DuplicateRefused = "refused"
	DuplicateDropped = "dropped"
	MixedMultiples   = "multiples"
	MixedAny         = "any"
)

// DefaultDecisions are our working choices.
func DefaultDecisions() Decisions {
	return Decisions{
		ConcurrentKeyError:   InvalidRequest,
		CanceledTwice:        TwiceMissing,
		SwapQuantity:         SwapToOne,
		IncompleteDeleted:    SubCanceled,
		ProrationTies:        TiesAway,
		FreeTrialUsesOnce:    true,
		WebhookTimeout:       webhookTimeoutSeconds,
		ChallengeFails:       FailsAtRenewals,
		EntitledPastDue:      true,
		ClockDaysKept:        clockDaysKept,
		ClockBusyCode:        clockAdvancingCode,
		ClockLimitFrom:       LimitFromFrozen,
		MeterDuplicate:       DuplicateRefused,
		UsageGrace:           usageGraceSeconds,
		FirstChallengeCode:   firstPaymentChallengeCode,
		MixedIntervals:       MixedMultiples,
		RenewalChallenge:     RequiresAction,
		PortalSessionSeconds: portalSessionSeconds,
		DeclinedFirstCounts:  true,
		ItemNetAmount:        true,
		CaptureSeconds:       asyncCaptureSeconds,
	}
}

// decided are the account's answers to what Stripe leaves open.
func (t *tx) decided() *Decisions { return &t.world.settings.Decisions }

// fails says whether a challenge is a failed payment in the events too (point 13).
func (d *Decisions) fails(first bool) bool {
	return d.ChallengeFails == FailsAlways || d.ChallengeFails == FailsAtRenewals && !first
}

// entitles says whether subscriptions of a status grant what they sell. A customer in dunning keeps it; one whose subscription is unpaid or
// paused does not (point 15).
func (d *Decisions) entitles(status string) bool {
	switch status {
	case SubPastDue:
		return d.EntitledPastDue
	case SubUnpaid:
		return d.EntitledUnpaid
	}
	return slices.Contains(entitledStatuses, status)
}

// canceledTwice answers the cancellation of what has ended already: as an unknown subscription, or by its state (point 3).
func (d *Decisions) canceledTwice(id string) *Error {
	if d.CanceledTwice == TwiceCanceled {
		return invalid("", "", canceledMessage)
	}
	return NotFound("subscription", id, "id")
}
