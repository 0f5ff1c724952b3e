package engine

// The statuses of meters and of what else can be switched off.
const (
	StatusActive   = "active"
	StatusInactive = "inactive"
)

// How a meter aggregates the events of a window.
const (
	FormulaSum   = "sum"
	FormulaCount = "count"
	FormulaLast  = "last"
)

// Meter says how the events of one name become the usage of a customer.
type Meter struct {
	ID            string
	Created       int64
	Updated       int64
	DisplayName   string
	EventName     string
	Formula       string
	Window        string // event_time_window: events arrive aggregated by hour or day already; "" is raw
	CustomerKey   string // of the payload
	ValueKey      string // of the payload
	Status        string
	DeactivatedAt int64
}

// MeterEvent is one report of usage.
type MeterEvent struct {
	ID         string // of the engine: Stripe's own name for an event is its identifier, which may come again one day
	Created    int64
	TestClock  string
	Meter      string
	EventName  string
	Customer   string
	Identifier string
	Payload    map[string]string
	Value      Decimal
	Timestamp  int64
	Canceled   bool // by an adjustment
}

// MeterEventAdjustment takes back an event.
type MeterEventAdjustment struct {
	ID         string
	EventName  string
	Identifier string
	Status     string
}

// MeterEventSummary is the usage of a customer in a window.
type MeterEventSummary struct {
	ID    string
	Meter string
	Span  Period
	Value Decimal
}
