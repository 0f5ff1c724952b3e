package engine

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

const timerCoupon = "coupon.redeem_by"

func init() { onTimer(timerCoupon, (*tx).couponExpires) }

// CreateCoupon is POST /v1/coupons.
type CreateCoupon struct {
	ID               Opt[string]                          `form:"id"`
	AmountOff        Opt[int64]                           `form:"amount_off"`
	AppliesTo        Opt[AppliesToParams]                 `form:"applies_to"`
	Currency         Opt[string]                          `form:"currency"`
	CurrencyOptions  Opt[map[string]CouponCurrencyParams] `form:"currency_options"`
	Duration         Opt[string]                          `form:"duration"`
	DurationInMonths Opt[int64]                           `form:"duration_in_months"`
	MaxRedemptions   Opt[int64]                           `form:"max_redemptions"`
	Metadata         Opt[map[string]string]               `form:"metadata"`
	Name             Opt[string]                          `form:"name"`
	PercentOff       Opt[Decimal]                         `form:"percent_off"`
	RedeemBy         Opt[int64]                           `form:"redeem_by"`
}

// CouponCurrencyParams are what a coupon takes off in another currency.
type CouponCurrencyParams struct {
	AmountOff Opt[int64] `form:"amount_off"`
}

// AppliesToParams limit a coupon to products.
type AppliesToParams struct {
	Products Opt[[]string] `form:"products"`
}

// Limits of a coupon.
const (
	couponMonthsMax = 1200
	redemptionsMax  = 1<<31 - 1
	redeemYearsMax  = 5
)

func (c CreateCoupon) apply(t *tx) (Result, error) {
	coupon := &Coupon{
		ID: c.ID.Or(""), Created: t.now, Name: c.Name.Or(""), Duration: c.Duration.Or(DurationOnce), Metadata: mergeMetadata(nil, c.Metadata),
	}
	if coupon.ID == "" {
		coupon.ID = t.world.characters(8)
	}
	if err := ownID(coupon.ID); err != nil {
		return nil, err
	}
	if old, taken := Get[Coupon](t.world, coupon.ID); taken && !old.Deleted {
		return nil, invalid("id", "resource_already_exists", "Coupon already exists.")
	}
	for _, take := range []func(*tx, *Coupon) error{c.worth, c.duration, c.limits} {
		if err := take(t, coupon); err != nil {
			return nil, err
		}
	}
	if coupon.RedeemBy != 0 {
		t.schedule(timerCoupon, coupon.ID, coupon.RedeemBy)
	}
	return create(t, "coupon.created", coupon), nil
}

// ownID says what is wrong with an id that its owner chose, of a coupon, a product or a plan.
func ownID(id string) error {
	if strings.Trim(id, alphabet+"_-") != "" {
		return invalid("id", "", "Invalid id: only letters, digits, dashes and underscores are allowed.")
	}
	return nil
}

// worth takes what the coupon takes off.
func (c CreateCoupon) worth(_ *tx, coupon *Coupon) error {
	percent, byPercent := c.PercentOff.Get()
	amount, byAmount := c.AmountOff.Get()
	switch {
	case byPercent && byAmount:
		return invalid("", "parameters_exclusive", "You may only specify one of these parameters: amount_off, percent_off.")
	case byPercent:
		if err := CheckDecimal("percent_off", "percent_off", percent.String()); err != nil {
			return err
		}
		if percent.Negative() || percent.IsZero() || percent.above(DecimalOf(100)) {
			return invalid("percent_off", "", "Invalid percent_off: must be greater than 0 and at most 100.")
		}
		coupon.PercentOff = &percent
		return coupon.takeCurrencies(c.CurrencyOptions)
	case !byAmount:
		return invalid("", "parameter_missing", "Must provide percent_off or amount_off.")
	}
	if err := within(amount, 1, unitAmountMost, "amount_off"); err != nil {
		return err
	}
	currency, err := currencyParam(c.Currency, "currency")
	if err != nil {
		return err
	}
	coupon.AmountOff, coupon.Currency = amount, currency
	return coupon.takeCurrencies(c.CurrencyOptions)
}

// takeCurrencies adds amounts in other currencies, or changes them.
func (c *Coupon) takeCurrencies(p Opt[map[string]CouponCurrencyParams]) error {
	given, ok := p.Get()
	if !ok {
		return nil
	}
	if c.PercentOff != nil {
		return invalid("currency_options", "", "You can only set `currency_options` if the coupon has an `amount_off`.")
	}
	all := maps.Clone(c.CurrencyOptions)
	if all == nil {
		all = map[string]int64{}
	}
	for _, word := range slices.Sorted(maps.Keys(given)) {
		param := fmt.Sprintf("currency_options[%s]", word)
		currency, err := currencyParam(Some(word), param)
		if err != nil {
			return err
		}
		amount, has := given[word].AmountOff.Get()
		switch {
		case !has:
			return required(param + "[amount_off]")
		case currency == c.Currency:
			return invalid(param, "", "The amount in `%s` is the coupon's `amount_off`.", currency)
		}
		if err := within(amount, 1, unitAmountMost, param+"[amount_off]"); err != nil {
			return err
		}
		all[currency] = amount
	}
	c.CurrencyOptions = all
	return nil
}

// counts says whether a coupon takes something off in a currency.
func (c *Coupon) counts(currency string) bool {
	_, optional := c.CurrencyOptions[currency]
	return c.PercentOff != nil || c.Currency == currency || optional
}

func (c CreateCoupon) duration(_ *tx, coupon *Coupon) error {
	if err := oneOf("duration", coupon.Duration, DurationForever, DurationOnce, DurationRepeating); err != nil {
		return err
	}
	months, given := c.DurationInMonths.Get()
	if repeating := coupon.Duration == DurationRepeating; repeating != given {
		if repeating {
			return required("duration_in_months")
		}
		return invalid("duration_in_months", "", "You can only set `duration_in_months` if `duration` is `repeating`.")
	}
	coupon.DurationInMonths = months
	if given {
		return within(months, 1, couponMonthsMax, "duration_in_months")
	}
	return nil
}

func (c CreateCoupon) limits(t *tx, coupon *Coupon) error {
	if most, ok := c.MaxRedemptions.Get(); ok {
		if err := within(most, 1, redemptionsMax, "max_redemptions"); err != nil {
			return err
		}
		coupon.MaxRedemptions = most
	}
	if by, ok := c.RedeemBy.Get(); ok {
		if by <= t.now {
			return invalid("redeem_by", "", "Invalid timestamp: must be an integer Unix timestamp in the future.")
		}
		if by > (interval{Unit: IntervalYear, Count: 1}).at(t.now, redeemYearsMax) {
			return invalid("redeem_by", "", "`redeem_by` cannot be more than %d years in the future.", redeemYearsMax)
		}
		coupon.RedeemBy = by
	}
	products, _ := c.AppliesTo.Or(AppliesToParams{}).Products.Get()
	for _, id := range products {
		if _, ok := Get[Product](t.world, id); !ok {
			return noSuchParam("product", id, "applies_to[products]")
		}
	}
	coupon.Products = products
	return nil
}

// couponExpires ends a coupon at its redeem_by, and its promotion codes with it.
func (t *tx) couponExpires(id string) {
	if coupon, ok := Get[Coupon](t.world, id); ok && !coupon.Deleted {
		next := *coupon
		next.Expired = true
		t.putCoupon(&next)
	}
}

// putCoupon stores the next state of a coupon; the codes of one that cannot be redeemed any more become inactive.
func (t *tx) putCoupon(coupon *Coupon) {
	put(t, coupon)
	if coupon.Valid() {
		return
	}
	for _, code := range t.world.tables.promotions.all("coupon", coupon.ID) {
		t.retireCode(code)
	}
}

// UpdateCoupon is POST /v1/coupons/{id}: of its terms, a coupon only learns amounts in further currencies.
type UpdateCoupon struct {
	ID              string                               `form:"-"`
	CurrencyOptions Opt[map[string]CouponCurrencyParams] `form:"currency_options"`
	Metadata        Opt[map[string]string]               `form:"metadata"`
	Name            Opt[string]                          `form:"name"`
}

func (c UpdateCoupon) apply(t *tx) (Result, error) {
	before, err := t.couponAtPath(c.ID)
	if err != nil {
		return nil, err
	}
	coupon := *before
	c.Name.Set(&coupon.Name)
	coupon.Metadata = mergeMetadata(coupon.Metadata, c.Metadata)
	if err := coupon.takeCurrencies(c.CurrencyOptions); err != nil {
		return nil, err
	}
	return update(t, "coupon.updated", before, &coupon), nil
}

func (t *tx) couponAtPath(id string) (*Coupon, error) {
	if coupon, ok := Get[Coupon](t.world, id); ok && !coupon.Deleted {
		return coupon, nil
	}
	return nil, NotFound("coupon", id, "coupon")
}

// DeleteCoupon is DELETE /v1/coupons/{id}: discounts made from it stay.
type DeleteCoupon struct {
	ID string `form:"-"`
}

func (c DeleteCoupon) apply(t *tx) (Result, error) {
	coupon, err := t.couponAtPath(c.ID)
	if err != nil {
		return nil, err
	}
	deleted := *coupon
	deleted.Deleted = true
	t.unschedule(timerCoupon, coupon.ID)
	t.putCoupon(&deleted)
	t.emit("coupon.deleted", &deleted)
	return &Deleted{ID: c.ID, Object: "coupon"}, nil
}

// ListCoupons is GET /v1/coupons.
type ListCoupons struct {
	Page
	Created Range `form:"created"`
}

func (q ListCoupons) run(w *World) (*Listing, error) {
	return list(w, q.Page, selection[Coupon]{cursorName: "coupon", keep: func(c *Coupon) bool {
		return !c.Deleted && q.Created.holds(c.Created)
	}})
}

var _ = register(CreateCoupon{}, UpdateCoupon{}, DeleteCoupon{})
