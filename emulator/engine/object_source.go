package engine

// BankAccount is a bank account of a customer. It can be kept and verified; the emulator charges cards only.
type BankAccount struct {
	ID          string
	Created     int64
	Customer    string
	HolderName  string
	HolderType  string
	Country     string
	Currency    string
	Fingerprint string
	Last4       string
	Routing     string
	Status      string // new or verified
	Metadata    map[string]string
}

// Source is a payment source of the old kind: a card or a bank account. A card is a PaymentMethod too, whose id begins with card_.
type Source struct {
	Card *PaymentMethod
	Bank *BankAccount
}

// Token stands for a card or a bank account until it is used, once.
type Token struct {
	ID      string
	Created int64
	Used    bool
	Card    *PaymentMethod // as it will be stored
	Bank    *BankAccount
}

// SetupAttempt is one try of a SetupIntent.
type SetupAttempt struct {
	ID            string
	Created       int64
	Customer      string
	PaymentMethod string
	Card          Card
	SetupIntent   string
	Status        string
	Error         *Error
	Usage         string
	ThreeDSecure  bool
}

// BalanceSettings are the account's choices about its balance.
type BalanceSettings struct {
	DelayDays int64 // how long charged money waits; 0 is the account's usual time
}

// Balance is what the account has of each currency.
type Balance struct {
	Available []BalanceAmount
	Pending   []BalanceAmount
}

// BalanceAmount is money of one currency.
type BalanceAmount struct {
	Amount   int64
	Currency string
}
