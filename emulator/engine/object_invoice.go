package engine

// The statuses of invoices.
const (
	InvoiceDraft         = "draft"
	InvoiceOpen          = "open"
	InvoicePaid          = "paid"
	InvoiceVoid          = "void"
	InvoiceUncollectible = "uncollectible"
)

// Period is a span of time in Unix seconds, the end not included.
type Period struct {
	Start int64
	End   int64
}

// CreditedItems name the invoice and the lines that billed the time which a proration credit gives back.
type CreditedItems struct {
	Invoice string
	Lines   []string
}

// StatusTransitions are the times of an invoice's life.
type StatusTransitions struct {
	FinalizedAt           int64
	MarkedUncollectibleAt int64
	PaidAt                int64
	VoidedAt              int64
}

// Invoice is a bill. Its lines are part of it.
type Invoice struct {
	*InvoiceTerms
	ID                       string
	Created                  int64
	CustomerTaxIDs           []NamedTaxID // settled at finalization
	Status                   string
	BillingReason            string
	SubscriptionProration    int64 // subscription_proration_date; 0 is absent
	Number                   string
	Lines                    []*InvoiceLine // in the order they are shown
	Discounts                []string       // of the whole invoice, in the order they apply
	TotalDiscounts           []DiscountAmount
	TotalTaxes               []TaxAmount
	Subtotal                 int64
	Total                    int64
	SubtotalExcludingTax     int64
	TotalExcludingTax        int64
	AmountDue                int64
	AmountPaid               int64
	AmountRemaining          int64
	Overpaid                 int64 // went to the customer's balance
	PaidOffStripe            int64
	PreCredited              int64 // by credit notes, of what was to be paid
	PostCredited             int64 // by credit notes, of what was paid
	StartingBalance          int64
	EndingBalance            *int64 // nil while draft
	AttemptCount             int64
	Retries                  int64 // how many automatic retries were planned so far
	AutomaticallyFinalizesAt int64
	NextPaymentAttempt       int64
	DueDate                  int64
	EffectiveAt              int64
	PeriodStart              int64
	PeriodEnd                int64
	WebhooksDeliveredAt      int64    // 0 while endpoints have not taken its invoice.created
	Awaiting                 []string // those endpoints
	PaymentIntent            string   // of the default payment
	DefaultPayment           string   // the InvoicePayment that asks for what is left of it
	Charge                   string   // the latest one; only versions before basil show it
	HostedToken              string   // the unguessable part of the hosted page's URL; "" on drafts
	Attempted                bool
	AutoAdvance              bool
	PaidOutOfBand            bool
	Threshold                *ThresholdReason // why it was made before its period's end
	StatusTransitions        StatusTransitions
	FinalizationError        *Error // why the latest finalization failed
}

// InvoiceTerms are the part of an invoice that hardly ever changes: its states share one, and so do the renewals of a subscription. A state
// that is stored must not be written to, so whoever changes a stored invoice takes terms of its own first (own).
type InvoiceTerms struct {
	TestClock            string
	CollectionMethod     string
	Currency             string
	Customer             string
	CustomerAddress      *Address
	CustomerEmail        string
	CustomerName         string
	CustomerPhone        string
	CustomerShipping     *Shipping
	CustomerTaxExempt    string
	Subscription         string
	SubscriptionMetadata map[string]string // snapshot
	DefaultTaxRates      []string          // of the lines that have none of their own
	DefaultPaymentMethod string
	PaymentMethodTypes   []string
	Description          string
	Footer               string
	CustomFields         []CustomField
	StatementDescriptor  string
	Quote                string // whose acceptance made it
	ForPending           bool   // an update waits for it: it is not retried, and its failure is not the subscription's
	Scheduled            bool   // the first of a subscription that a schedule started: collected as a renewal is
	Rendering            *InvoiceRendering
	ShippingDetails      *Shipping
	Uncollectible        string // why it is not collected any more
	Metadata             map[string]string
}

// Why an invoice is uncollectible.
const (
	UncollectibleTries    = "max_payment_attempts"
	UncollectiblePaused   = "subscription_paused"
	UncollectibleForgiven = "user_forgiven"
)

// InvoiceRendering is how an invoice looks, where it was said.
type InvoiceRendering struct {
	AmountTaxDisplay string
	PageSize         string // auto, a4 or letter
	Template         string
	TemplateVersion  int64
}

// InvoiceLine is one line of an invoice.
type InvoiceLine struct {
	ID               string
	Invoice          string
	Amount           int64
	Currency         string
	Description      string
	Discountable     bool
	Period           Period
	Price            string
	Product          string
	UnitAmount       *Decimal // nil on prorations
	Quantity         *int64
	Used             *Decimal // of usage: the exact quantity, of which Quantity is the whole part
	TiersFrom        int64    // of usage behind some that a threshold has billed: where their tiers begin
	Proration        bool
	CreditedItems    *CreditedItems
	Subscription     string
	SubscriptionItem string
	InvoiceItem      string
	FromSubscription bool     // parent is subscription_item_details, else invoice_item_details
	OwnMetadata      bool     // it was changed by hand, and is not the subscription's any more
	Discounts        []string // of this line alone; they apply before the invoice's
	DiscountAmounts  []DiscountAmount
	Reduced          []DiscountAmount // of an itemized proration: what discounts took off it when it was made
	Credits          []AppliedCredit  // what credit grants paid of it, at finalization
	TaxRates         []string         // of this line alone; nil takes the invoice's, an empty list is no tax
	Taxes            []TaxAmount
	TakenOut         int64 // inclusive tax that an exempt payer does not pay
	Metadata         map[string]string
}

// InvoiceItem is an amount that waits for an invoice, or sits on a draft.
type InvoiceItem struct {
	ID               string
	Created          int64
	TestClock        string
	Customer         string
	Invoice          string // "" while pending
	Amount           int64
	Currency         string
	Date             int64
	Description      string
	Discountable     bool
	Period           Period
	Price            string
	Product          string
	UnitAmount       *Decimal
	Quantity         int64
	Used             *Decimal // of usage: the exact quantity, of which Quantity is the whole part
	Proration        bool
	CreditedItems    *CreditedItems
	Reduced          []DiscountAmount // of an itemized proration, as on its line
	Subscription     string
	SubscriptionItem string
	Discounts        []string
	TaxRates         []string // as on its line
	Metadata         map[string]string
}

// InvoicePayment links an invoice with the payment that pays it.
type InvoicePayment struct {
	ID              string
	Created         int64
	Invoice         string
	PaymentIntent   string
	AmountRequested int64
	AmountPaid      *int64 // nil until paid
	Currency        string
	IsDefault       bool
	Status          string // open, paid or canceled
	PaidAt          int64
	CanceledAt      int64
}
