package engine

// Settings are the choices of the account that Stripe keeps in its Dashboard.
type Settings struct {
	APIVersion      string // default version of events and of endpoints without their own
	AccountName     string
	AccountCountry  string
	DefaultCurrency string
	BillingMode     string // of new subscriptions that do not say: flexible or classic

	RetryDays             []int64 // each retry is so many days after the attempt before it
	EndOfDunning          string  // cancel, unpaid or past_due
	UncollectibleAtEnd    bool    // mark the invoice uncollectible when dunning is exhausted
	ChallengeDays         int64   // 3-D Secure of a renewal, unfinished for so many days, cancels its subscription; 0 leaves that to dunning
	WillBeDueDays         int64   // invoice.will_be_due so many days before a mailed invoice is due; 0 sends none
	PastDueDays           int64   // so many days (30, 60 or 90) after a mailed invoice was due,
	EndOfPastDue          string  // its subscription is canceled, unpaid or left past due: cancel, unpaid or past_due
	DisputeCancels        string  // what a full dispute does to its subscription: nothing (""), DisputeCancelsNow or DisputeCancelsAtPeriodEnd
	UpcomingLeadDays      int64   // invoice.upcoming so many days before a renewal; 0 sends none
	FinalizationDelay     int64   // seconds between a renewal's draft and its finalization
	PortalDefaultFeatures bool    // a default portal configuration exists, as after its first save in the Dashboard
	AdvanceIntervals      int64   // a test clock moves by at most so many intervals of its shortest subscription at once; 0 is no limit
	BaseURL               string  // of the hosted pages, without a slash at the end; the engine only carries it for the wire
}

// How dunning ends.
const (
	EndCancel  = "cancel"
	EndUnpaid  = "unpaid"
	EndPastDue = "past_due"
)

// What a dispute of the whole amount does to the subscription that was paid, about an hour later.
const (
	DisputeCancelsNow         = "cancel_now"
	DisputeCancelsAtPeriodEnd = "cancel_at_period_end"
)

// DefaultSettings are those of a new account.
func DefaultSettings() Settings {
	return Settings{
		APIVersion:            "2026-06-24.dahlia",
		AccountName:           "Dues Test",
		AccountCountry:        "US",
		DefaultCurrency:       "usd",
		BillingMode:           ModeFlexible,
		RetryDays:             []int64{3, 5, 7, 6},
		EndOfDunning:          EndCancel,
		ChallengeDays:         challengeDays,
		PastDueDays:           pastDueDays,
		EndOfPastDue:          pastDueEnd,
		UpcomingLeadDays:      7,
		FinalizationDelay:     3600,
		PortalDefaultFeatures: true,
		AdvanceIntervals:      2,
	}
}
