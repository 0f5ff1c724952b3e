package engine

// BillingDetails are what a payer told about themselves.
type BillingDetails struct {
	Address Address `form:"address"`
	Email   string  `form:"email"`
	Name    string  `form:"name"`
	Phone   string  `form:"phone"`
}

// Card is the part of a card that may be known: never its number.
type Card struct {
	Brand             string
	Country           string
	ExpMonth          int64
	ExpYear           int64
	Fingerprint       string
	Funding           string
	Last4             string
	CVCCheck          string // "", unchecked, pass or fail
	Line1Check        string
	PostalCheck       string
	Networks          []string
	ThreeDSecureUsage bool
	Wallet            string // "", apple_pay, google_pay, …

	// Behavior is which row of the test-card table this card follows; it is the emulator's own and never rendered.
	Behavior string
	// SetUp says that a SetupIntent or a setup_future_usage payment authenticated the card for off-session use.
	SetUp bool
}

// PaymentMethod is a card that can be charged.
type PaymentMethod struct {
	ID             string
	Created        int64
	Type           string
	Card           Card
	BillingDetails BillingDetails
	Customer       string
	Detached       bool // was attached or charged once: can never be attached again
	Redisplay      string
	Metadata       map[string]string
}

// The statuses of intents.
const (
	RequiresPaymentMethod = "requires_payment_method"
	RequiresConfirmation  = "requires_confirmation"
	RequiresAction        = "requires_action"
	RequiresCapture       = "requires_capture"
	IntentSucceeded       = "succeeded"
	IntentCanceled        = "canceled"
)

// NextAction is the authentication that an intent waits for.
type NextAction struct {
	Type      string // redirect_to_url or use_stripe_sdk
	ReturnURL string // where the payer goes after a challenge that has a page of its own; "" is nowhere
}

// byCard are the payment method types of payments that the engine begins itself.
var byCard = []string{"card"}

// PaymentIntent is one payment through its states.
type PaymentIntent struct {
	ID                  string
	TestClock           string // of its customer; never rendered, but it hides the intent from unfiltered lists
	Created             int64
	Status              string
	Amount              int64
	AmountCapturable    int64
	AmountReceived      int64
	Currency            string
	Customer            string
	Description         string
	PaymentMethod       string
	PaymentMethodTypes  []string // given by the caller; nil means automatic payment methods
	AllowRedirects      string   // of automatic payment methods
	CaptureMethod       string
	ConfirmationMethod  string
	ClientSecret        string
	SetupFutureUsage    string
	ReceiptEmail        string
	Shipping            *Shipping
	StatementDescriptor string
	DescriptorSuffix    string
	TransferGroup       string
	LatestCharge        string
	LastPaymentError    *Error
	NextAction          *NextAction
	ReturnURL           string // of the last confirm
	BySDK               bool   // the last confirm wants Stripe.js to show what comes next
	Authenticated       bool   // with confirmation_method=manual: the challenge was passed, and another confirm takes the money
	CanceledAt          int64
	CancellationReason  string
	Invoice             string // "" for one's own payment
	CheckoutSession     string // the session whose page made it
	OrderReference      string // payment_details of subscription invoices
	HostedInvoice       bool   // the last attempt was made on the hosted invoice page
	Metadata            map[string]string
}

// SetupIntent authenticates a payment method for later.
type SetupIntent struct {
	ID                 string
	TestClock          string
	Created            int64
	Status             string
	Customer           string
	Description        string
	PaymentMethod      string
	PaymentMethodTypes []string
	AllowRedirects     string
	ClientSecret       string
	Usage              string
	LastSetupError     *Error
	LatestAttempt      string
	NextAction         *NextAction
	BySDK              bool // the last confirm wants Stripe.js to show what comes next
	CancellationReason string
	CheckoutSession    string
	PortalSession      string
	Metadata           map[string]string
}

// ChargeOutcome is what the issuer or the risk rules said.
type ChargeOutcome struct {
	Type               string
	NetworkStatus      string
	Reason             string
	RiskLevel          string
	RiskScore          int64
	SellerMessage      string
	AdviceCode         string
	NetworkAdviceCode  string
	NetworkDeclineCode string
}

// Charge is one attempt to take money. What it says of the payer and the card it shares with the payment method: states never change.
type Charge struct {
	ID                  string
	TestClock           string
	Created             int64
	Status              string
	Amount              int64
	AmountCaptured      int64
	AmountRefunded      int64
	BalanceTransaction  string
	BillingDetails      *BillingDetails // never nil: the payment method's, as they were
	Captured            bool
	Currency            string
	Customer            string
	Description         string
	Disputed            bool
	FailureCode         string
	FailureMessage      string
	Invoice             string
	Outcome             *ChargeOutcome // never nil
	Paid                bool
	PaymentIntent       string
	PaymentMethod       string
	Card                *Card // never nil: the payment method's, unless the charge has taught something new
	ThreeDSecure        bool  // the payer passed a challenge for it
	ReceiptEmail        string
	Refunded            bool
	Shipping            *Shipping
	StatementDescriptor string
	DescriptorSuffix    string
	TransferGroup       string
	Metadata            map[string]string
}

// Refund gives money of a charge back.
type Refund struct {
	ID                 string
	Created            int64
	Amount             int64
	BalanceTransaction string
	Charge             string
	Currency           string
	PaymentIntent      string
	Reason             string
	Status             string
	FailureReason      string
	FailureMovement    string // of the balance: what a failed refund gave back
	Metadata           map[string]string
}

// BalanceTransaction is a movement on the account's own balance.
type BalanceTransaction struct {
	ID          string
	TestClock   string // of the customer; never rendered, but its time makes the money available
	Created     int64
	AvailableOn int64
	Amount      int64
	Currency    string
	Description string
	Fee         int64
	FeeText     string // what the fee is for
	Net         int64
	Source      string
	Type        string
	Category    string // reporting_category
}
