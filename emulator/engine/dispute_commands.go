package engine

import "strings"

// DisputeEvidenceParams are the texts with which a merchant answers a dispute. Evidence in files is refused: the emulator stores no files.
type DisputeEvidenceParams struct {
	AccessActivityLog            Opt[string]                 `form:"access_activity_log"`
	BillingAddress               Opt[string]                 `form:"billing_address"`
	CancellationPolicyDisclosure Opt[string]                 `form:"cancellation_policy_disclosure"`
	CancellationRebuttal         Opt[string]                 `form:"cancellation_rebuttal"`
	CustomerEmailAddress         Opt[string]                 `form:"customer_email_address"`
	CustomerName                 Opt[string]                 `form:"customer_name"`
	CustomerPurchaseIP           Opt[string]                 `form:"customer_purchase_ip"`
	DuplicateChargeExplanation   Opt[string]                 `form:"duplicate_charge_explanation"`
	DuplicateChargeID            Opt[string]                 `form:"duplicate_charge_id"`
	Enhanced                     Opt[EnhancedEvidenceParams] `form:"enhanced_evidence"`
	ProductDescription           Opt[string]                 `form:"product_description"`
	RefundPolicyDisclosure       Opt[string]                 `form:"refund_policy_disclosure"`
	RefundRefusalExplanation     Opt[string]                 `form:"refund_refusal_explanation"`
	ServiceDate                  Opt[string]                 `form:"service_date"`
	ShippingAddress              Opt[string]                 `form:"shipping_address"`
	ShippingCarrier              Opt[string]                 `form:"shipping_carrier"`
	ShippingDate                 Opt[string]                 `form:"shipping_date"`
	ShippingTrackingNumber       Opt[string]                 `form:"shipping_tracking_number"`
	UncategorizedText            Opt[string]                 `form:"uncategorized_text"`
}

// EnhancedEvidenceParams acknowledge the fee of a compliance case.
type EnhancedEvidenceParams struct {
	Visa       Opt[ComplianceParams] `form:"visa_compliance"`
	Mastercard Opt[ComplianceParams] `form:"mastercard_compliance"`
}

// ComplianceParams acknowledge one network's fee.
type ComplianceParams struct {
	FeeAcknowledged Opt[bool] `form:"fee_acknowledged"`
}

func (p DisputeEvidenceParams) fill(e *DisputeEvidence) {
	p.AccessActivityLog.Set(&e.AccessActivityLog)
	p.BillingAddress.Set(&e.BillingAddress)
	p.CancellationPolicyDisclosure.Set(&e.CancellationPolicyDisclosure)
	p.CancellationRebuttal.Set(&e.CancellationRebuttal)
	p.CustomerEmailAddress.Set(&e.CustomerEmailAddress)
	p.CustomerName.Set(&e.CustomerName)
	p.CustomerPurchaseIP.Set(&e.CustomerPurchaseIP)
	p.DuplicateChargeExplanation.Set(&e.DuplicateChargeExplanation)
	p.DuplicateChargeID.Set(&e.DuplicateChargeID)
	p.ProductDescription.Set(&e.ProductDescription)
	p.RefundPolicyDisclosure.Set(&e.RefundPolicyDisclosure)
	p.RefundRefusalExplanation.Set(&e.RefundRefusalExplanation)
	p.ServiceDate.Set(&e.ServiceDate)
	p.ShippingAddress.Set(&e.ShippingAddress)
	p.ShippingCarrier.Set(&e.ShippingCarrier)
	p.ShippingDate.Set(&e.ShippingDate)
	p.ShippingTrackingNumber.Set(&e.ShippingTrackingNumber)
	p.UncategorizedText.Set(&e.UncategorizedText)
	if p.Enhanced.Cleared() {
		e.VisaComplianceFee, e.MastercardComplianceFee = false, false
	}
	enhanced := p.Enhanced.Or(EnhancedEvidenceParams{})
	enhanced.Visa.Or(ComplianceParams{}).FeeAcknowledged.Set(&e.VisaComplianceFee)
	enhanced.Mastercard.Or(ComplianceParams{}).FeeAcknowledged.Set(&e.MastercardComplianceFee)
}

// The texts with which a test decides how a dispute ends.
const (
	winningEvidence  = "winning_evidence"
	losingEvidence   = "losing_evidence"
	escalateEvidence = "escalate_inquiry_evidence"
)

// evidenceMax is how many characters all texts of an answer may have together.
const evidenceMax = 150_000

// DisputeChange is what an update of a dispute may say.
type DisputeChange struct {
	Evidence Opt[DisputeEvidenceParams] `form:"evidence"`
	Metadata Opt[map[string]string]     `form:"metadata"`
	Submit   Opt[bool]                  `form:"submit"`
}

// UpdateDispute is POST /v1/disputes/{id}: evidence is sent to the bank at once, unless submit=false only stages it.
type UpdateDispute struct {
	ID string `form:"-"`
	DisputeChange
}

func (c UpdateDispute) apply(t *tx) (Result, error) {
	d, err := t.disputeAtPath(c.ID)
	if err != nil {
		return nil, err
	}
	return t.answerDispute(d, c.DisputeChange)
}

// answerDispute stages or submits evidence.
func (t *tx) answerDispute(before *Dispute, c DisputeChange) (Result, error) {
	d := *before
	d.Metadata = mergeMetadata(d.Metadata, c.Metadata)
	c.Evidence.Or(DisputeEvidenceParams{}).fill(&d.Evidence)
	if d.Evidence.length() > evidenceMax {
		return nil, invalid("evidence", "", "The combined character count of the evidence must not exceed %d.", evidenceMax)
	}
	submits := c.Submit.Or(c.Evidence.Given())
	if !submits && !c.Evidence.Given() {
		return update(t, "charge.dispute.updated", before, &d), nil
	}
	if !strings.HasSuffix(d.Status, DisputeNeedsResponse) {
		return nil, invalid("", "", "The dispute %s takes no more evidence: its status is %s.", d.ID, d.Status)
	}
	if submits {
		if !d.Evidence.given() {
			return nil, invalid("evidence", "", "The dispute %s has no evidence to submit.", d.ID)
		}
		d.Submissions++
		d.PastDue = t.now > d.DueBy
		d.Status = strings.TrimSuffix(d.Status, DisputeNeedsResponse) + DisputeUnderReview
		t.unschedule(timerDisputeDue, d.ID)
		t.afterwards(func() { t.judge(must[Dispute](t, before.ID)) })
	}
	return update(t, "charge.dispute.updated", before, &d), nil
}

// judge is the bank's decision on submitted evidence. Only the three magic texts bring one; anything else stays under review.
func (t *tx) judge(d *Dispute) {
	switch text := strings.TrimSpace(d.Evidence.UncategorizedText); {
	case text == winningEvidence && d.inquiry(), text == losingEvidence && d.inquiry():
		t.decide(d, InquiryClosed)
	case text == winningEvidence:
		t.decide(d, DisputeWon)
	case text == losingEvidence:
		t.decide(d, DisputeLost)
	case text == escalateEvidence && d.inquiry():
		t.escalate(d)
	}
}

func (e *DisputeEvidence) texts() []string {
	return []string{
		e.AccessActivityLog, e.BillingAddress, e.CancellationPolicyDisclosure, e.CancellationRebuttal, e.CustomerEmailAddress, e.CustomerName,
		e.CustomerPurchaseIP, e.DuplicateChargeExplanation, e.DuplicateChargeID, e.ProductDescription, e.RefundPolicyDisclosure,
		e.RefundRefusalExplanation, e.ServiceDate, e.ShippingAddress, e.ShippingCarrier, e.ShippingDate, e.ShippingTrackingNumber,
		e.UncategorizedText,
	}
}

func (e *DisputeEvidence) length() int {
	n := 0
	for _, text := range e.texts() {
		n += len([]rune(text))
	}
	return n
}

func (e *DisputeEvidence) given() bool {
	return e.length() > 0 || e.VisaComplianceFee || e.MastercardComplianceFee
}

// HasEvidence says whether there is any evidence, staged or submitted.
func (d *Dispute) HasEvidence() bool { return d.Evidence.given() }

// CloseDispute is POST /v1/disputes/{id}/close: the merchant gives in.
type CloseDispute struct {
	ID string `form:"-"`
}

func (c CloseDispute) apply(t *tx) (Result, error) {
	d, err := t.disputeAtPath(c.ID)
	if err != nil {
		return nil, err
	}
	return t.concede(d)
}

func (t *tx) concede(d *Dispute) (Result, error) {
	if !strings.HasSuffix(d.Status, DisputeNeedsResponse) {
		return nil, invalid("", "", "The dispute %s cannot be closed: its status is %s.", d.ID, d.Status)
	}
	if d.inquiry() {
		return t.decide(d, InquiryClosed), nil
	}
	return t.decide(d, DisputeLost), nil
}

func (t *tx) disputeAtPath(id string) (*Dispute, error) {
	d, ok := Get[Dispute](t.world, id)
	if !ok {
		return nil, NotFound("dispute", id, "dispute")
	}
	return d, t.enterClockOf(d.TestClock)
}

// enterClockOf moves to the time line of an object whose test clock may be gone.
func (t *tx) enterClockOf(clock string) error {
	if _, ok := Get[TestClock](t.world, clock); !ok {
		return nil
	}
	return t.enter(clock)
}

// DisputeOf is the latest dispute of a charge.
func (w *World) DisputeOf(charge string) (*Dispute, error) {
	if _, ok := Get[Charge](w, charge); !ok {
		return nil, NotFound("charge", charge, "charge")
	}
	all := w.tables.disputes.all("charge", charge)
	if len(all) == 0 {
		return nil, NotFound("dispute", "for charge "+charge, "charge")
	}
	return all[len(all)-1], nil
}

func (t *tx) disputeOfCharge(charge string) (*Dispute, error) {
	d, err := t.world.DisputeOf(charge)
	if err != nil {
		return nil, err
	}
	return d, t.enterClockOf(d.TestClock)
}

// UpdateChargeDispute is POST /v1/charges/{charge}/dispute, the old path.
type UpdateChargeDispute struct {
	Charge string `form:"-"`
	DisputeChange
}

func (c UpdateChargeDispute) apply(t *tx) (Result, error) {
	d, err := t.disputeOfCharge(c.Charge)
	if err != nil {
		return nil, err
	}
	return t.answerDispute(d, c.DisputeChange)
}

// CloseChargeDispute is POST /v1/charges/{charge}/dispute/close, the old path.
type CloseChargeDispute struct {
	Charge string `form:"-"`
}

func (c CloseChargeDispute) apply(t *tx) (Result, error) {
	d, err := t.disputeOfCharge(c.Charge)
	if err != nil {
		return nil, err
	}
	return t.concede(d)
}

// ListDisputes is GET /v1/disputes.
type ListDisputes struct {
	Page
	Charge        Opt[string] `form:"charge"`
	Created       Range       `form:"created"`
	PaymentIntent Opt[string] `form:"payment_intent"`
}

func (q ListDisputes) run(w *World) (*Listing, error) {
	s := selection[Dispute]{index: "clock", cursorName: "dispute"}
	if pi, ok := q.PaymentIntent.Get(); ok {
		s.index, s.value = "payment_intent", pi
	}
	if ch, ok := q.Charge.Get(); ok {
		s.index, s.value = "charge", ch
	}
	s.keep = func(d *Dispute) bool {
		return q.Created.holds(d.Created) && q.PaymentIntent.Or(d.PaymentIntent) == d.PaymentIntent
	}
	return list(w, q.Page, s)
}

// ListFraudWarnings is GET /v1/radar/early_fraud_warnings.
type ListFraudWarnings struct {
	Page
	Charge        Opt[string] `form:"charge"`
	Created       Range       `form:"created"`
	PaymentIntent Opt[string] `form:"payment_intent"`
}

func (q ListFraudWarnings) run(w *World) (*Listing, error) {
	s := selection[FraudWarning]{index: "clock", cursorName: "early_fraud_warning"}
	if ch, ok := q.Charge.Get(); ok {
		s.index, s.value = "charge", ch
	}
	s.keep = func(f *FraudWarning) bool {
		return q.Created.holds(f.Created) && q.PaymentIntent.Or(f.PaymentIntent) == f.PaymentIntent
	}
	return list(w, q.Page, s)
}

var _ = register(UpdateDispute{}, CloseDispute{}, UpdateChargeDispute{}, CloseChargeDispute{})
