package engine

// The categories of credit grants.
const (
	CreditPaid        = "paid"
	CreditPromotional = "promotional"
)

// What moves the balance of a credit grant.
const (
	CreditsGranted    = "credits_granted"
	CreditsReinstated = "credits_application_invoice_voided"
	CreditsApplied    = "credits_applied"
	CreditsExpired    = "credits_expired"
	CreditsVoided     = "credits_voided"
)

// CreditGrant is money that a customer has for usage. What is left of it follows from its transactions.
type CreditGrant struct {
	ID          string
	Created     int64
	Updated     int64
	TestClock   string
	Customer    string
	Name        string
	Category    string
	Amount      int64
	Currency    string
	Prices      []string // nil is every price of a meter
	Priority    int64    // 0 is applied first
	EffectiveAt int64
	ExpiresAt   int64 // 0 is never
	VoidedAt    int64
	Metadata    map[string]string
}

// CreditBalanceTransaction is one movement of a credit grant's balance.
type CreditBalanceTransaction struct {
	ID          string
	Created     int64
	EffectiveAt int64
	TestClock   string
	Customer    string
	Grant       string
	Kind        string // one of the Credits… constants
	Amount      int64  // always positive
	Currency    string
	Invoice     string
	Line        string
}

// Adds says whether a transaction is a credit; else it is a debit.
func (c *CreditBalanceTransaction) Adds() bool {
	return c.Kind == CreditsGranted || c.Kind == CreditsReinstated
}

// CreditBalance is what a customer has left in one currency.
type CreditBalance struct {
	Currency  string
	Available int64
	Ledger    int64
}

// CreditBalanceSummary is what a customer has left.
type CreditBalanceSummary struct {
	Customer string
	Balances []CreditBalance
}

// AppliedCredit is what a credit balance transaction took off a line.
type AppliedCredit struct {
	Amount      int64
	Transaction string
}
