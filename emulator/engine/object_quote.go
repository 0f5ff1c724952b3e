package engine

// The statuses of quotes.
const (
	QuoteDraft    = "draft"
	QuoteOpen     = "open"
	QuoteAccepted = "accepted"
	QuoteCanceled = "canceled"
)

// Quote offers prices to a customer. Accepted, it becomes an invoice, a subscription or a schedule of one.
type Quote struct {
	ID                   string
	Created              int64
	TestClock            string
	Status               string
	Customer             string // "" while nobody is named
	Currency             string
	CollectionMethod     string
	Description          string
	Header               string
	Footer               string
	ExpiresAt            int64
	Number               string // "" until finalized
	Revision             int64
	FromQuote            string
	IsRevision           bool
	Lines                []*QuoteLine
	Discounts            []string
	DefaultTaxRates      []string
	InvoiceSettings      PhaseInvoiceSettings
	Subscribes           QuoteSubscription
	Totals               QuoteTotals // of all lines
	Upfront              QuoteTotals // of what is due when it is accepted
	Recurring            *QuoteTotals
	RecurringEvery       Recurring
	AcceptedAt           int64
	CanceledAt           int64
	FinalizedAt          int64
	Invoice              string
	Subscription         string
	SubscriptionSchedule string
	Metadata             map[string]string
}

// QuoteLine is one price of a quote, with what it comes to.
type QuoteLine struct {
	ID          string
	Price       string
	Quantity    *int64 // nil for metered prices
	Description string
	Currency    string
	Discounts   []string
	TaxRates    []string // instead of the quote's; nil takes those
	QuoteTotals
}

// QuoteTotals are the sums of some lines.
type QuoteTotals struct {
	Subtotal int64
	Discount int64
	Tax      int64
	Total    int64
}

// QuoteSubscription is subscription_data.
type QuoteSubscription struct {
	BillingMode     BillingMode
	Description     string
	EffectiveDate   int64
	Metadata        map[string]string
	TrialPeriodDays int64
}
