package engine

// The durations of coupons.
const (
	DurationOnce      = "once"
	DurationRepeating = "repeating"
	DurationForever   = "forever"
)

// Coupon is what a discount takes off: a percentage or an amount. Its terms never change; a deleted one stays behind the discounts made from it.
type Coupon struct {
	ID               string
	Created          int64
	Deleted          bool
	Name             string
	PercentOff       *Decimal // nil for an amount
	AmountOff        int64
	Currency         string           // of AmountOff
	CurrencyOptions  map[string]int64 // the amounts in other currencies
	Duration         string
	DurationInMonths int64
	MaxRedemptions   int64 // 0 is no limit
	RedeemBy         int64 // 0 is for ever
	Expired          bool  // RedeemBy has passed
	TimesRedeemed    int64
	Products         []string // applies_to; nil is everything
	Metadata         map[string]string
}

// Valid says whether a coupon can still be redeemed.
func (c *Coupon) Valid() bool {
	return !c.Deleted && !c.Expired && (c.MaxRedemptions == 0 || c.TimesRedeemed < c.MaxRedemptions)
}

// PromotionCode is a word by which customers redeem a coupon.
type PromotionCode struct {
	ID                    string
	Created               int64
	Active                bool
	Code                  string
	Coupon                string
	Customer              string // "" is for everybody
	ExpiresAt             int64
	MaxRedemptions        int64
	TimesRedeemed         int64
	FirstTimeTransaction  bool
	MinimumAmount         int64 // 0 is none
	MinimumAmountCurrency string
	Metadata              map[string]string
}

// Discount is a coupon applied to something: the customer always, and beside it the level at which it was given.
type Discount struct {
	ID               string
	Coupon           string
	PromotionCode    string
	Customer         string
	Subscription     string
	SubscriptionItem string
	Invoice          string
	InvoiceItem      string
	CheckoutSession  string
	Start            int64
	End              int64 // 0 is never
	Used             bool  // a once discount after its invoice
}

// DeletedDiscount is the answer to the deletion of a discount.
type DeletedDiscount struct{ *Discount }

// DiscountAmount is what a discount took off a line or an invoice.
type DiscountAmount struct {
	Discount string
	Amount   int64
}
