package service

import (
	"context"
	"time"

	"github.com/dues-billing/dues/billing"
)

// MeteredMax is how many events one call of SendUsage takes.
const MeteredMax = 100

// Metering counts usage at the provider, which bills it.
type Metering interface {
	// SendUsage brings events to the provider's meters, at most MeteredMax. An event that came before, by its identifier within a day, is success and
	// counts once.
	SendUsage(ctx context.Context, events []MeterEvent) error
	// MeteredUsage is what a meter counts of a customer, by days in UTC; both moments are the beginning of one. A meter that the provider does not have
	// is an error of code conflict.
	MeteredUsage(ctx context.Context, customer billing.CustomerID, event string, since, until time.Time) (map[time.Time]int64, error)
}

// MeterEvent is usage as the provider takes it.
type MeterEvent struct {
	Identifier string // unique at the provider, 100 bytes at most
	Event      string // the name of the meter's events
	Customer   billing.CustomerID
	Quantity   int64
	At         time.Time
}
