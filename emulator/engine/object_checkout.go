package engine

// The statuses of Checkout sessions, and what is paid.
const (
	SessionOpen       = "open"
	SessionComplete   = "complete"
	SessionExpired    = "expired"
	SessionUnpaid     = "unpaid"
	SessionPaid       = "paid"
	NoPaymentRequired = "no_payment_required"
	ModePayment       = "payment"
	ModeSetup         = "setup"
	ModeSubscription  = "subscription"
	CollectAlways     = "always"
	CollectIfRequired = "if_required"
)

// CheckoutLine is one line of a Checkout session.
type CheckoutLine struct {
	ID             string
	Price          string
	Product        string
	Quantity       int64
	Metered        bool // billed by usage: it has no quantity
	Amount         int64
	AmountDiscount int64
	AmountTax      int64
	AmountTotal    int64
	TaxRates       []string
	Currency       string
	Description    string
	OneTime        bool // in subscription mode: on the first invoice only
	Optional       bool // one of optional_items that the payer took
	Adjustable     *AdjustableParams
	Metadata       map[string]string
}

// CheckoutSubscription is what the subscription will be made with (subscription_data).
type CheckoutSubscription struct {
	BillingMode          Opt[BillingModeParams]
	DefaultTaxRates      []string
	Description          string
	MissingPaymentMethod string
	TrialEnd             int64
	TrialPeriodDays      int64
	BillingCycleAnchor   int64
	AnchorConfig         Opt[AnchorConfigParams]
	PendingItemInterval  Opt[ItemIntervalParams]
	ProrationBehavior    string
	Metadata             map[string]string
}

// CheckoutPayment is what the PaymentIntent will be made with (payment_intent_data).
type CheckoutPayment struct {
	CaptureMethod       string
	Description         string
	ReceiptEmail        string
	SetupFutureUsage    string
	Shipping            *Shipping
	StatementDescriptor string
	Metadata            map[string]string
}

// CheckoutDetails are what the payer told on the page (customer_details).
type CheckoutDetails struct {
	Email   string
	Name    string
	Phone   string
	Address *Address

	BusinessName   string
	IndividualName string
	TaxIDs         []NamedTaxID
}

// CheckoutSession is one visit to the hosted payment page.
type CheckoutSession struct {
	ID                      string
	Created                 int64
	TestClock               string
	ExpiresAt               int64
	Mode                    string
	Status                  string
	PaymentStatus           string
	UIMode                  string
	SuccessURL              string
	CancelURL               string
	ReturnURL               string
	ClientSecret            string
	ClientReferenceID       string
	Customer                string
	CustomerEmail           string
	CustomerCreation        string
	CustomerDetails         *CheckoutDetails
	Currency                string
	AmountSubtotal          int64
	AmountDiscount          int64
	AmountTax               int64
	Discounts               []CheckoutDiscount // at most one
	AmountTotal             int64
	Lines                   []*CheckoutLine
	PaymentMethodCollection string
	PaymentMethodTypes      []string
	OptionalItems           []CheckoutOptionalItem
	Asks                    CheckoutAsks
	Consent                 *CheckoutConsent
	Locale                  string
	PaymentLink             string // that began it
	Recovery                *CheckoutRecovery
	RecoveredFrom           string // the expired session that this one takes up
	IntegrationIdentifier   string
	AllowRedisplay          string // of the card that is entered
	SubmitType              string
	AllowPromotionCodes     *bool
	Subscription            string
	PaymentIntent           string
	SetupIntent             string
	Invoice                 string
	SubscriptionData        CheckoutSubscription
	PaymentData             CheckoutPayment
	InvoiceCreation         CheckoutInvoice
	PendingIntent           string // the intent under challenge
	PendingMethod           string // the card that was entered for it
	Metadata                map[string]string
}

// PortalFeatures are what customers may do in the portal.
type PortalFeatures struct {
	CustomerUpdate      PortalCustomerUpdate
	InvoiceHistory      bool
	PaymentMethodUpdate bool
	SubscriptionCancel  PortalCancelFeature
	SubscriptionUpdate  PortalUpdateFeature
}

// PortalCustomerUpdate is the feature customer_update.
type PortalCustomerUpdate struct {
	Enabled        bool
	AllowedUpdates []string
}

// PortalCancelFeature is the feature subscription_cancel.
type PortalCancelFeature struct {
	Enabled           bool
	Mode              string
	ProrationBehavior string
	ReasonEnabled     bool
	ReasonOptions     []string
}

// PortalUpdateFeature is the feature subscription_update.
type PortalUpdateFeature struct {
	Enabled               bool
	DefaultAllowedUpdates []string
	Products              []PortalProduct
	ProrationBehavior     string
	BillingCycleAnchor    string
	TrialUpdateBehavior   string
}

// PortalProduct is a product that customers may switch to.
type PortalProduct struct {
	Product    string           `form:"product"`
	Prices     []string         `form:"prices"`
	Adjustable PortalAdjustable `form:"adjustable_quantity"`
}

// PortalConfiguration is what a portal looks like and allows.
type PortalConfiguration struct {
	ID                string
	Created           int64
	Updated           int64
	Active            bool
	IsDefault         bool
	Name              string
	Headline          string
	PrivacyPolicyURL  string
	TermsOfServiceURL string
	DefaultReturnURL  string
	Features          PortalFeatures
	Metadata          map[string]string
}

// PortalFlow is a deep link into the portal.
type PortalFlow struct {
	Type                string
	Subscription        string
	AfterCompletion     string // portal_homepage, redirect or hosted_confirmation
	ReturnURL           string
	ConfirmationMessage string
	Item                string // of subscription_update_confirm
	Change              PortalChange
}

// PortalSession is one visit to the customer portal.
type PortalSession struct {
	ID            string
	Created       int64
	ExpiresAt     int64
	Configuration string
	Customer      string
	Locale        string
	ReturnURL     string
	Token         string // the unguessable part of the URL
	Flow          *PortalFlow
}
