package engine

// The statuses of subscriptions.
const (
	SubIncomplete        = "incomplete"
	SubIncompleteExpired = "incomplete_expired"
	SubTrialing          = "trialing"
	SubActive            = "active"
	SubPastDue           = "past_due"
	SubCanceled          = "canceled"
	SubUnpaid            = "unpaid"
	SubPaused            = "paused"
)

// Billing modes and collection methods.
const (
	ModeClassic         = "classic"
	ModeFlexible        = "flexible"
	ChargeAutomatically = "charge_automatically"
	InvoiceByMail       = "send_invoice"
)

// BillingMode is how prorations and cycles of a subscription are computed.
type BillingMode struct {
	Type               string
	ProrationDiscounts string
	UpdatedAt          int64
}

// BillingCycleAnchorConfig asks for an anchor by calendar parts; nil is a part that follows the creation time.
type BillingCycleAnchorConfig struct {
	DayOfMonth int64  `form:"day_of_month"`
	Month      *int64 `form:"month"`
	Hour       *int64 `form:"hour"`
	Minute     *int64 `form:"minute"`
	Second     *int64 `form:"second"`
}

// CancellationDetails say why a subscription ends.
type CancellationDetails struct {
	Comment  string
	Feedback string
	Reason   string
}

// PauseCollection stops collecting payments for a time.
type PauseCollection struct {
	Behavior  string
	ResumesAt int64 // 0 is until unset
}

// Subscription bills a customer in a rhythm. Its items are part of it: a change of an item is a new state of the subscription.
type Subscription struct {
	ID                       string
	Created                  int64
	StartDate                int64
	TestClock                string
	Status                   string
	Customer                 string
	Currency                 string
	BillingCycleAnchor       int64
	CountedFrom              int64 // what periods are counted from while the anchor follows cancel_at; 0 is the anchor itself, see followCancel
	BillingCycleAnchorConfig *BillingCycleAnchorConfig
	BillingMode              BillingMode
	Thresholds               *BillingThresholds
	CancelAt                 int64
	CancelAtPeriodEnd        bool
	CanceledAt               int64
	EndedAt                  int64
	CancellationDetails      CancellationDetails
	CollectionMethod         string
	DaysUntilDue             *int64
	DefaultPaymentMethod     string
	Description              string
	InvoiceSettings          InvoiceSettings
	Schedule                 string // that manages it; "" without one
	Discounts                []string
	DefaultTaxRates          []string
	Items                    []*SubscriptionItem // oldest first
	Granted                  []Granted           // the features of its products, see regrant
	LatestInvoice            string
	PauseCollection          *PauseCollection
	Pausing                  *Pausing // while the status is paused: since when, and why
	SaveDefaultPaymentMethod string   // off or on_subscription
	PaymentMethodTypes       []string
	PendingSetupIntent       string
	PendingUpdate            *PendingUpdate
	TrialStart               int64
	TrialEnd                 int64
	MissingPaymentMethod     string // trial_settings.end_behavior: create_invoice, cancel or pause
	PendingItemInterval      *Recurring
	NextPendingItemInvoice   int64
	Metadata                 map[string]string
}

// Pausing is how a subscription came to be paused.
type Pausing struct {
	At  int64
	Why string
}

// Why a subscription is paused.
const (
	PausedByRequest     = "pause_requested"
	PausedWithoutMethod = "trial_end_without_payment_method"
)

// SubscriptionItem is one price of a subscription.
type SubscriptionItem struct {
	ID                 string
	Created            int64
	Subscription       string
	Price              string
	Quantity           *int64 // nil for metered prices
	UsageFrom          int64  // of a metered price: usage before it is not this item's to bill
	UsageGTE           int64  // the threshold of its usage; 0 is none
	TiersFrom          int64  // where the tiers of the running period begin, when a threshold has billed some of it
	CurrentPeriodStart int64
	CurrentPeriodEnd   int64
	Discounts          []string
	TaxRates           []string // instead of the subscription's; nil takes those
	Debits             []Debit  // what was billed for the current period and not given back: the base of flexible credits
	Metadata           map[string]string
}
