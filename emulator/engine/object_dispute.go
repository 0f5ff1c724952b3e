package engine

// The statuses of disputes. Those that begin with warning are of inquiries, which move no money.
const (
	DisputeNeedsResponse = "needs_response"
	DisputeUnderReview   = "under_review"
	DisputeWon           = "won"
	DisputeLost          = "lost"

	InquiryNeedsResponse = "warning_needs_response"
	InquiryUnderReview   = "warning_under_review"
	InquiryClosed        = "warning_closed"
)

// DisputeEvidence is what the merchant tells the bank. Files are not part of it: the emulator stores none.
type DisputeEvidence struct {
	AccessActivityLog            string
	BillingAddress               string
	CancellationPolicyDisclosure string
	CancellationRebuttal         string
	CustomerEmailAddress         string
	CustomerName                 string
	CustomerPurchaseIP           string
	DuplicateChargeExplanation   string
	DuplicateChargeID            string
	ProductDescription           string
	RefundPolicyDisclosure       string
	RefundRefusalExplanation     string
	ServiceDate                  string
	ShippingAddress              string
	ShippingCarrier              string
	ShippingDate                 string
	ShippingTrackingNumber       string
	UncategorizedText            string
	VisaComplianceFee            bool // its fee is acknowledged
	MastercardComplianceFee      bool
}

// Dispute is a cardholder's complaint about a charge, or the inquiry that comes before one.
type Dispute struct {
	ID            string
	TestClock     string // of the charge; never rendered
	Created       int64
	Amount        int64
	Charge        string
	Currency      string
	PaymentIntent string
	Reason        string
	Status        string
	CaseType      string // chargeback, inquiry or compliance
	Brand         string
	NetworkReason string
	Eligibility   string // "" or the enhanced evidence that the card's network takes
	DueBy         int64
	Evidence      DisputeEvidence
	PastDue       bool
	Submissions   int64
	Movements     []string // of the account's balance: withdrawn, then perhaps reinstated
	Metadata      map[string]string
}

// FraudWarning is what a card's issuer reports before any dispute (radar.early_fraud_warning).
type FraudWarning struct {
	ID            string
	TestClock     string
	Created       int64
	Charge        string
	PaymentIntent string
	FraudType     string
	Actionable    bool // the charge is neither refunded nor disputed
}
