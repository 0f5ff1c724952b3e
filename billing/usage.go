package billing

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Limits of usage.
const (
	// UsageKeyBytesMax is as long as a key may be. Stripe is sent a digest of it, which is shorter than Stripe's limit.
	UsageKeyBytesMax = 200
	// UsageQuantityMax is Stripe's limit of digits, rounded down to what a sum of a million of them still holds.
	UsageQuantityMax = 1_000_000_000_000
	// UsageLateMax is how old usage may be when it comes: a day less than Stripe's 35, so that it reaches Stripe even after a day's outage.
	UsageLateMax = 34 * 24 * time.Hour
	// UsageStaleMax is how old usage may be when it is sent on: Stripe refuses what is older.
	UsageStaleMax = 35 * 24 * time.Hour
	// UsageEarlyMax is how far ahead the application's clock may be, as at Stripe.
	UsageEarlyMax = 5 * time.Minute
)

// UsageEvent is so much of a metered feature that an account used at a moment.
type UsageEvent struct {
	Key      string // the application's; of an account it is unique, so that what is sent twice counts once
	Account  AccountID
	Feature  FeatureID
	Quantity int64
	At       time.Time
}

// Same reports whether an event with the same key says the same: only then is it the one that is sent again.
func (e UsageEvent) Same(other UsageEvent) bool {
	return e.Feature == other.Feature && e.Quantity == other.Quantity
}

// CheckUsage returns an error of code invalid that names the field of the event that is wrong, if one is.
func (c Catalog) CheckUsage(e UsageEvent, now time.Time) error {
	feature, known := c.Feature(e.Feature)
	switch {
	case e.Key == "":
		return Errorf(Invalid, "key is empty: it is what keeps usage that is sent twice from being counted twice").In("key")
	case len(e.Key) > UsageKeyBytesMax:
		return Errorf(Invalid, "a key is at most %d bytes long, got %d", UsageKeyBytesMax, len(e.Key)).In("key")
	case !utf8.ValidString(e.Key) || strings.ContainsFunc(e.Key, unicode.IsControl):
		return Errorf(Invalid, "key must be printable text").In("key")
	case !known:
		return Errorf(Invalid, "the catalogue has no feature %q", e.Feature).In("feature")
	case feature.Type != Usage:
		return Errorf(Invalid, "%s is %s; usage is reported of metered features", e.Feature, feature.Type).In("feature")
	case e.Quantity < 0:
		return Errorf(Invalid, "a quantity cannot be negative, got %d", e.Quantity).In("quantity")
	case e.Quantity > UsageQuantityMax:
		return Errorf(Invalid, "a quantity is at most %d, got %d", UsageQuantityMax, e.Quantity).In("quantity")
	case e.At.Before(now.Add(-UsageLateMax)):
		return Errorf(Invalid, "usage is taken until %d days after it, for the payment provider takes nothing older", int(UsageLateMax.Hours()/24)).In("at")
	case e.At.After(now.Add(UsageEarlyMax)):
		return Errorf(Invalid, "usage is taken up to %d minutes ahead of our clock; it is %s here", int(UsageEarlyMax.Minutes()), now.UTC().Format(time.RFC3339)).In("at")
	}
	return nil
}

// UsageDay is what an account used of a feature on a day (UTC), as its meter aggregates it.
type UsageDay struct {
	Day      time.Time
	Quantity int64
	Events   int64
	Waiting  int64 // events that are not sent to the provider yet
}

// Total is what a meter makes of days that follow one another.
func (m Meter) Total(days []UsageDay) (total int64) {
	for _, day := range days {
		switch m.Aggregate {
		case Last:
			total = day.Quantity
		default:
			total += day.Quantity
		}
	}
	return total
}
