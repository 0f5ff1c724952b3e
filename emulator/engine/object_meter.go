package engine

// The statuses of meters and of what else can be switched off.
const (
	StatusActive   = "active"
	StatusInactive = "inactive"
	StatusArchived = "archived"
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
	Created    int64
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

// Alert watches the usage of a meter.
type Alert struct {
	ID       string
	Created  int64
	Title    string
	Status   string
	Meter    string
	GTE      int64
	Customer string // "" watches everybody
	Since    int64  // usage that was reported before it does not count
}

// AlertTriggered says that a customer's usage has reached what an alert waits for, which it says once.
type AlertTriggered struct {
	ID       string
	Created  int64
	Alert    *Alert
	Customer string
	Value    Decimal
	Over     bool // the alert was activated anew and may trigger again
}

// FeedbackOption is a reason for leaving that an account offers its customers.
type FeedbackOption struct {
	ID            string
	Description   string
	Status        string
	DeactivatedAt int64
}
