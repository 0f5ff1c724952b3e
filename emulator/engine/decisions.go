package engine

// Points that Stripe's documentation leaves open (chapter 99 of our notes). Each is one constant here, and no consumer may depend on it.
const (
	// clockAdvancingCode is the error code of a write to a test clock that is advancing (point 16).
	clockAdvancingCode = "rate_limit"
	// clockDaysKept is how long a test clock lives (point 16).
	clockDaysKept = 30
	// secondsPerDay turns days of settings into seconds.
	secondsPerDay = 86400
	// portalSessionSeconds is how long a portal session can be used (point 27).
	portalSessionSeconds = 3600
)
