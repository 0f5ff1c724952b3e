package engine

// Points that Stripe's documentation leaves open (chapter 99 of our notes). Each is one constant here, and no consumer may depend on it.
const (
	// clockAdvancingCode is the error code of a write to a test clock that is advancing (point 16).
	clockAdvancingCode = "rate_limit"
	// clockDaysKept is how long a test clock lives (point 16).
	clockDaysKept = 30
	// secondsPerDay turns days of settings into seconds.
	secondsPerDay = 86400
	// settlementDays is how long a charge takes to become available on the account's balance.
	settlementDays = 2
	// feePerMille and feeFixed are Stripe's fee on a charge: 2.9 % and 30 (formula 9).
	feePerMille, feeFixed = 29, 30
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
	// incompleteDeleted is what a DELETE makes of an incomplete subscription (point 6).
	incompleteDeleted = SubCanceled
	// failedBesideActionRequired says that a challenged renewal emits invoice.payment_failed too, a first invoice never (point 13).
	failedBesideActionRequired = true
	// firstPaymentChallengeCode answers a create with error_if_incomplete whose card asks for 3-D Secure (point 22).
	firstPaymentChallengeCode = "subscription_payment_intent_requires_action"
	// taxRounding is how manual tax is rounded unless an account chooses otherwise (point 20).
	taxRounding = RoundTaxByLine
	// quantityAfterSwap is the quantity of an item whose price changed without one being sent (point 5).
	quantityAfterSwap = 1
)

// canceledTwice answers the cancellation of what has ended already: as an unknown subscription (point 3).
func canceledTwice(id string) *Error { return NotFound("subscription", id, "id") }

// entitledStatuses are those of subscriptions whose features their customer may use. A customer in dunning keeps them; one whose subscription
// is unpaid or paused does not.
var entitledStatuses = []string{SubTrialing, SubActive, SubPastDue}
