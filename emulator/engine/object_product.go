package engine

// Product is what is sold.
type Product struct {
	ID                  string
	Created             int64
	Updated             int64
	Name                string
	Active              bool
	DefaultPrice        string
	Description         string
	Images              []string
	MarketingFeatures   []string
	Shippable           *bool
	StatementDescriptor string
	TaxCode             string
	UnitLabel           string
	URL                 string
	Inline              bool // made from a bare amount or product_data on an invoice item
	Metadata            map[string]string
}

// The price words of Stripe.
const (
	PerUnit       = "per_unit"
	Tiered        = "tiered"
	Graduated     = "graduated"
	Volume        = "volume"
	OneTime       = "one_time"
	IsRecurring   = "recurring"
	Licensed      = "licensed"
	Metered       = "metered"
	RoundUp       = "up"
	RoundDown     = "down"
	IntervalDay   = "day"
	IntervalWeek  = "week"
	IntervalMonth = "month"
	IntervalYear  = "year"
)

// Recurring is the rhythm of a recurring price.
type Recurring struct {
	Interval        string
	IntervalCount   int64
	UsageType       string
	Meter           string
	AggregateUsage  string // of a metered price without a meter
	TrialPeriodDays int64  // 0 is none
}

// Tier is one step of a tiered price. Amounts that were not given are nil.
type Tier struct {
	UpTo       *int64 // nil is infinity
	UnitAmount *Decimal
	FlatAmount *Decimal
}

// TransformQuantity divides the quantity before it is priced.
type TransformQuantity struct {
	DivideBy int64  `form:"divide_by"`
	Round    string `form:"round"`
}

// CustomUnitAmount lets the customer choose the amount; nil is no bound.
type CustomUnitAmount struct {
	Minimum *int64
	Maximum *int64
	Preset  *int64
}

// CurrencyOption is the price in a further currency.
type CurrencyOption struct {
	UnitAmount       *Decimal
	Tiers            []Tier
	TaxBehavior      string
	CustomUnitAmount *CustomUnitAmount
}

// Price is what a product costs. A recurring price is a plan too: the same record, seen through the old API.
type Price struct {
	ID                string
	Created           int64
	Active            bool
	BillingScheme     string
	Currency          string
	CurrencyOptions   map[string]CurrencyOption
	CustomUnitAmount  *CustomUnitAmount
	LookupKey         string
	Nickname          string
	Product           string
	Recurring         *Recurring // nil is a one-time price
	TaxBehavior       string
	Tiers             []Tier
	TiersMode         string
	TransformQuantity *TransformQuantity
	UnitAmount        *Decimal // nil when tiered or chosen by the customer
	Inline            bool     // made by price_data: not listed
	Deleted           bool     // deleted through the plan API: not served any more, but its subscribers go on being billed
	Metadata          map[string]string
}

// Plan is a recurring price seen through the old API.
type Plan struct{ *Price }
