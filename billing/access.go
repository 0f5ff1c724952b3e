package billing

import "time"

// Level is how much an account may use.
type Level string

// The levels, most to least.
const (
	Full     Level = "full"
	Limited  Level = "limited"
	FreeOnly Level = "free"
	None     Level = "none"
)

// AccessPolicy says what each status means for access. It is configuration: full access while Stripe retries is the default.
type AccessPolicy struct {
	Leeway time.Duration // how long access goes on after the period's end when no news has come from the provider
	Rules  []PolicyRule  // the first that matches decides
}

// PolicyRule gives Level to a subscription that has been in Status for less than Within (0: for ever).
type PolicyRule struct {
	Status Status
	Within time.Duration
	Level  Level
}

// Action is what the customer has to do to keep or regain access.
type Action string

// The actions.
const (
	NoAction       Action = ""
	UpdateCard     Action = "update_payment_method"
	ConfirmPayment Action = "confirm_payment"
)

// Access answers: what is the account on, may it use it, until when, why, and what must the customer do.
type Access struct {
	Plan         PlanID
	Price        string // the catalogue's key of the price, "" without subscription
	Subscription SubscriptionID
	Status       Status // the subscription's, "" without one
	Level        Level
	Until        time.Time // period end plus leeway; zero: no end is known (never invented)
	PeriodEnd    time.Time // the provider's
	CancelAt     time.Time // zero unless a cancel is scheduled
	Why          string    // one sentence for people
	Action       Action
	ActionURL    string // where to do it, "" for the portal
}
