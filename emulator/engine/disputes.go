package engine

import "strings"

// A charge to one of the cards that provoke disputes is disputed in the same step, after everything else that the step has to say: events
// run charge.succeeded … charge.dispute.created, charge.dispute.funds_withdrawn, charge.updated.

// What becomes of a dispute that nobody answers.
const (
	timerDisputeDue     = "dispute.due"
	timerInquiryExpired = "dispute.expire"
	timerDisputeCancel  = "dispute.cancel"
)

func init() {
	onTimer(timerDisputeDue, (*tx).missEvidence)
	onTimer(timerInquiryExpired, (*tx).expireInquiry)
	onTimer(timerDisputeCancel, (*tx).cancelDisputed)
}

// complaint is what a test card's holder does about a charge.
type complaint struct {
	reason      string
	kind        string // case_type
	code        string // the network's own
	eligibility string
}

// complaints are the test cards that provoke disputes (chapter 8.1), by the name of their row. Cards whose disputes an enrolled account
// prevents are disputed: a new account is not enrolled.
var complaints = map[string][]complaint{
	"createDispute":                          {{"fraudulent", "chargeback", "10.4", ""}},
	"createDisputeProductNotReceived":        {{"product_not_received", "chargeback", "13.1", ""}},
	"createDisputeInquiry":                   {{"fraudulent", "inquiry", "10.4", ""}},
	"createMultipleDisputes":                 {{"fraudulent", "chargeback", "10.4", ""}, {"product_not_received", "chargeback", "13.1", ""}},
	"createCe3EligibleDispute":               {{"fraudulent", "chargeback", "10.4", "visa_compelling_evidence_3"}},
	"createComplianceDispute":                {{"noncompliant", "compliance", "", "visa_compliance"}},
	"createMastercardComplianceDispute":      {{"noncompliant", "compliance", "", "mastercard_compliance"}},
	"createAutoRepresentmentEligibleDispute": {{"fraudulent", "chargeback", "10.4", ""}},
	"createRapidDisputeResolutionDispute":    {{"fraudulent", "chargeback", "10.4", ""}},
	"createCe3BlockDispute":                  {{"fraudulent", "chargeback", "10.4", ""}},
	"createEthocaAlert":                      {{"fraudulent", "chargeback", "4837", ""}},
}

// complain lets the holder of the card that was just charged do what the card is known for, once everything else is said.
func (t *tx) complain(ch *Charge) {
	listed := complaints[ch.Card.Behavior]
	warns := ch.Card.Behavior == "createIssuerFraudRecord"
	if len(listed) == 0 && !warns {
		return
	}
	id := ch.ID
	t.afterwards(func() {
		ch := must[Charge](t, id)
		if warns {
			create(t, "radar.early_fraud_warning.created", &FraudWarning{
				ID: t.long("issfr_"), TestClock: ch.TestClock, Created: t.now, Charge: ch.ID, PaymentIntent: ch.PaymentIntent,
				FraudType: "made_with_stolen_card", Actionable: true,
			})
		}
		left := ch.AmountCaptured
		for i, c := range listed {
			amount := left / int64(len(listed)-i) // several disputes share the charge between them
			left -= amount
			t.dispute(must[Charge](t, id), amount, c)
		}
	})
}

// heedWarning notes that there is nothing more to do about what an issuer reported: the charge was refunded.
func (t *tx) heedWarning(ch *Charge) {
	for _, before := range t.world.tables.warnings.all("charge", ch.ID) {
		next := *before
		next.Actionable = false
		update(t, "radar.early_fraud_warning.updated", before, &next)
	}
}

// afterwards runs f when the command or the timer has done and said everything else.
func (t *tx) afterwards(f func()) {
	t.last = append(t.last, f)
	t.onUndo(func() { t.last = t.last[:max(len(t.last)-1, 0)] })
}

// finish runs what was left to the end.
func (t *tx) finish() {
	for len(t.last) > 0 {
		next := t.last[0]
		t.last = t.last[1:]
		next()
	}
}

// dispute opens one dispute of a charge.
func (t *tx) dispute(ch *Charge, amount int64, c complaint) {
	d := &Dispute{
		ID: t.payment("du_", ch.PaymentIntent), TestClock: ch.TestClock, Created: t.now, Amount: amount, Charge: ch.ID, Currency: ch.Currency,
		PaymentIntent: ch.PaymentIntent, Reason: c.reason, Status: DisputeNeedsResponse, CaseType: c.kind, Brand: ch.Card.Brand,
		NetworkReason: c.code, Eligibility: c.eligibility, DueBy: evidenceDue(t.now),
	}
	disputed := *ch
	disputed.Disputed = true
	put(t, &disputed)
	if d.inquiry() {
		d.Status = InquiryNeedsResponse
		create(t, "charge.dispute.created", d)
		t.emitDisputed(ch, &disputed)
		t.schedule(timerInquiryExpired, d.ID, t.now+inquirySeconds)
		return
	}
	d.Movements = []string{t.withdraw(d)}
	create(t, "charge.dispute.created", d)
	t.emit("charge.dispute.funds_withdrawn", d)
	t.emitDisputed(ch, &disputed)
	t.schedule(timerDisputeDue, d.ID, d.DueBy+1)
	t.punish(ch, d)
}

// emitDisputed tells that a charge is disputed now; the second dispute of a charge changes nothing on it.
func (t *tx) emitDisputed(before, after *Charge) {
	if !before.Disputed {
		t.emitChange("charge.updated", before, after)
	}
}

// evidenceDue is the last second of the day on which evidence is due.
func evidenceDue(now int64) int64 {
	return (now/secondsPerDay+disputeEvidenceDays+1)*secondsPerDay - 1
}

// withdraw takes the disputed amount and the fee from the account's balance.
func (t *tx) withdraw(d *Dispute) string {
	return t.settle(d.PaymentIntent, -d.Amount, movement{
		kind: "adjustment", category: "dispute", source: d.ID, currency: d.Currency, clock: d.TestClock, text: "Chargeback withdrawal for " + d.Charge,
		fee: disputeFee, feeText: "Dispute fee",
	})
}

func (d *Dispute) inquiry() bool { return d.CaseType == "inquiry" }

// Open says whether the dispute is not decided yet.
func (d *Dispute) Open() bool {
	return strings.HasSuffix(d.Status, DisputeNeedsResponse) || strings.HasSuffix(d.Status, DisputeUnderReview)
}

// chargedBack says whether a dispute of the charge took its money: then there is nothing left to refund.
func (t *tx) chargedBack(ch *Charge) bool {
	for _, d := range t.world.tables.disputes.all("charge", ch.ID) {
		if !strings.HasPrefix(d.Status, "warning_") && d.Status != DisputeWon {
			return true
		}
	}
	return false
}

// decide ends a dispute.
func (t *tx) decide(d *Dispute, status string) *Dispute {
	t.unschedule(timerDisputeDue, d.ID)
	t.unschedule(timerInquiryExpired, d.ID)
	next := *d
	next.Status = status
	if status == DisputeWon {
		next.Movements = append(append([]string{}, d.Movements...), t.settle(d.PaymentIntent, d.Amount, movement{
			kind: "adjustment", category: "dispute_reversal", source: d.ID, currency: d.Currency, clock: d.TestClock, text: "Chargeback reversal for " + d.Charge,
			fee: -disputeFee, feeText: "Dispute fee refund",
		}))
	}
	put(t, &next)
	t.emitChange("charge.dispute.closed", d, &next)
	if status == DisputeWon {
		t.emit("charge.dispute.funds_reinstated", &next)
	}
	return &next
}

// escalate makes a chargeback of an inquiry: now the money goes.
func (t *tx) escalate(d *Dispute) {
	t.unschedule(timerInquiryExpired, d.ID)
	next := *d
	next.Status, next.CaseType, next.DueBy, next.Submissions = DisputeNeedsResponse, "chargeback", evidenceDue(t.now), 0
	next.Movements = []string{t.withdraw(&next)}
	put(t, &next)
	t.emitChange("charge.dispute.updated", d, &next)
	t.emit("charge.dispute.funds_withdrawn", &next)
	t.schedule(timerDisputeDue, d.ID, next.DueBy+1)
	t.punish(must[Charge](t, d.Charge), &next)
}

// missEvidence loses a dispute that nobody answered in time.
func (t *tx) missEvidence(id string) {
	if d := must[Dispute](t, id); d.Status == DisputeNeedsResponse {
		t.decide(d, DisputeLost)
	}
}

// expireInquiry closes an inquiry that never became a dispute.
func (t *tx) expireInquiry(id string) {
	if d := must[Dispute](t, id); d.Open() && d.inquiry() {
		t.decide(d, InquiryClosed)
	}
}

// punish ends the subscription of a payment that was disputed in full, where the account is set to do so; Stripe does not do it on test clocks.
func (t *tx) punish(ch *Charge, d *Dispute) {
	if t.settings().DisputeCancels == "" || d.Amount != ch.Amount || t.line != worldLine {
		return
	}
	t.schedule(timerDisputeCancel, d.ID, t.now+disputeCancelSeconds)
}

// cancelDisputed ends the subscription whose invoice the disputed charge had paid.
func (t *tx) cancelDisputed(id string) {
	inv, ok := Get[Invoice](t.world, must[Charge](t, must[Dispute](t, id).Charge).Invoice)
	if !ok {
		return
	}
	sub, ok := Get[Subscription](t.world, inv.Subscription)
	if !ok || !sub.live() {
		return
	}
	if t.settings().DisputeCancels == DisputeCancelsAtPeriodEnd {
		if sub.CancelAt == 0 {
			next := *sub
			next.CancelAtPeriodEnd, next.CancelAt, next.CanceledAt = true, sub.periodEnd(), t.now
			next.CancellationDetails.Reason = "payment_disputed"
			t.storeSubscription(sub, &next)
			t.emitChange("customer.subscription.updated", sub, &next)
		}
		return
	}
	t.end(sub, ending{reason: "payment_disputed"})
}

// disputeTables hold what cardholders and their banks complain about.
type disputeTables struct {
	disputes *table[Dispute]
	warnings *table[FraudWarning]
}

func (ts *disputeTables) open() []anyTable {
	ts.disputes = newTable("dispute", func(o *Dispute) string { return o.ID }).
		byAny("clock", func(o *Dispute) string { return o.TestClock }).
		by("charge", func(o *Dispute) string { return o.Charge }).
		by("payment_intent", func(o *Dispute) string { return o.PaymentIntent })
	ts.warnings = newTable("radar.early_fraud_warning", func(o *FraudWarning) string { return o.ID }).
		byAny("clock", func(o *FraudWarning) string { return o.TestClock }).
		by("charge", func(o *FraudWarning) string { return o.Charge })
	return []anyTable{ts.disputes, ts.warnings}
}
