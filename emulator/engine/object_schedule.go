package engine

// The statuses of subscription schedules.
const (
	ScheduleNotStarted = "not_started"
	ScheduleActive     = "active"
	ScheduleCompleted  = "completed"
	ScheduleReleased   = "released"
	ScheduleCanceled   = "canceled"
)

// What becomes of the subscription when its schedule has come to its end.
const (
	EndRelease        = "release"
	EndCancelSchedule = "cancel"
)

// The words of a phase's billing_cycle_anchor.
const (
	AnchorAutomatic  = "automatic"
	AnchorPhaseStart = "phase_start"
)

// SubscriptionSchedule changes a subscription at times that were set ahead. Its phases follow on one another without a gap.
type SubscriptionSchedule struct {
	ID                   string
	Created              int64
	TestClock            string
	Status               string
	Customer             string
	BillingMode          BillingMode
	CanceledAt           int64
	CompletedAt          int64
	ReleasedAt           int64
	Current              *Period // of the phase that runs; nil unless active
	Defaults             PhaseSettings
	EndBehavior          string
	Phases               []*Phase
	Subscription         string
	ReleasedSubscription string
	Metadata             map[string]string
}

// PhaseSettings are what a phase and the schedule's defaults can both say about the subscription; "" and nil are silence.
type PhaseSettings struct {
	BillingCycleAnchor   string
	Thresholds           *BillingThresholds
	CollectionMethod     string
	DefaultPaymentMethod string
	Description          string
	Invoices             *PhaseInvoiceSettings
}

// PhaseInvoiceSettings are the invoice_settings of a phase.
type PhaseInvoiceSettings struct {
	InvoiceSettings
	DaysUntilDue *int64
}

// InvoiceSettings are what a subscription writes on its invoices.
type InvoiceSettings struct {
	CustomFields []CustomField
	Description  string
	Footer       string
}

// Phase is what a subscription looks like for a time.
type Phase struct {
	PhaseSettings
	Start             int64
	End               int64
	Currency          string
	Items             []PhaseItem
	Extras            []PhaseExtra
	Discounts         []PhaseDiscount
	DefaultTaxRates   []string
	ProrationBehavior string
	TrialEnd          int64
	Metadata          map[string]string
}

// PhaseItem is one price of a phase.
type PhaseItem struct {
	Price     string
	Quantity  *int64 // nil for metered prices
	Discounts []PhaseDiscount
	TaxRates  []string
	UsageGTE  int64
	Metadata  map[string]string
}

// PhaseExtra is a one-time price that entering the phase adds to the next invoice.
type PhaseExtra struct {
	Price        string
	Quantity     int64
	Discountable *bool
	Discounts    []PhaseDiscount
	TaxRates     []string
	Start        Moment
	End          Moment
	Metadata     map[string]string
}

// PhaseDiscount is a discount that the phase gives: exactly one of the three.
type PhaseDiscount struct {
	Coupon        string
	Discount      string
	PromotionCode string
}

// index is the phase that runs at a moment, -1 for none.
func (sc *SubscriptionSchedule) index(at int64) int {
	for i, p := range sc.Phases {
		if p.Start <= at && at < p.End {
			return i
		}
	}
	return -1
}

// end is where the last phase ends.
func (sc *SubscriptionSchedule) end() int64 { return sc.Phases[len(sc.Phases)-1].End }

// live says whether a schedule still has something to do.
func (sc *SubscriptionSchedule) live() bool {
	return sc.Status == ScheduleNotStarted || sc.Status == ScheduleActive
}
