package engine

import "strings"

const timerPromotion = "promotion_code.expires_at"

func init() { onTimer(timerPromotion, (*tx).codeExpires) }

// CreatePromotionCode is POST /v1/promotion_codes.
type CreatePromotionCode struct {
	Active         Opt[bool]               `form:"active"`
	Code           Opt[string]             `form:"code"`
	Customer       Opt[string]             `form:"customer"`
	ExpiresAt      Opt[int64]              `form:"expires_at"`
	MaxRedemptions Opt[int64]              `form:"max_redemptions"`
	Metadata       Opt[map[string]string]  `form:"metadata"`
	Promotion      Opt[PromotionParams]    `form:"promotion"`
	Restrictions   Opt[RestrictionsParams] `form:"restrictions"`
}

// PromotionParams say what a code redeems.
type PromotionParams struct {
	Type   Opt[string] `form:"type"`
	Coupon Opt[string] `form:"coupon"`
}

// RestrictionsParams limit who can redeem a code.
type RestrictionsParams struct {
	FirstTimeTransaction  Opt[bool]   `form:"first_time_transaction"`
	MinimumAmount         Opt[int64]  `form:"minimum_amount"`
	MinimumAmountCurrency Opt[string] `form:"minimum_amount_currency"`
}

func (c CreatePromotionCode) apply(t *tx) (Result, error) {
	promotion := c.Promotion.Or(PromotionParams{})
	if kind := promotion.Type.Or("coupon"); kind != "coupon" {
		return nil, invalid("promotion[type]", "", "Invalid promotion[type]: must be coupon")
	}
	id, ok := promotion.Coupon.Get()
	if !ok {
		return nil, required("promotion[coupon]")
	}
	coupon, ok := Get[Coupon](t.world, id)
	if !ok || coupon.Deleted {
		return nil, noSuchParam("coupon", id, "promotion[coupon]")
	}
	if !coupon.Valid() {
		return nil, couponExpired(coupon, "promotion[coupon]")
	}
	code := &PromotionCode{
		ID: t.long("promo_"), Created: t.now, Active: c.Active.Or(true), Code: c.Code.Or(""), Coupon: coupon.ID, Customer: c.Customer.Or(""),
		Metadata: mergeMetadata(nil, c.Metadata),
	}
	if code.Customer != "" {
		if cus, ok := Get[Customer](t.world, code.Customer); !ok || cus.Deleted {
			return nil, noSuchParam("customer", code.Customer, "customer")
		}
	}
	for _, take := range []func(*tx, *Coupon, *PromotionCode) error{c.limits, c.restrict, c.word} {
		if err := take(t, coupon, code); err != nil {
			return nil, err
		}
	}
	if code.ExpiresAt != 0 {
		t.schedule(timerPromotion, code.ID, code.ExpiresAt)
	}
	return create(t, "promotion_code.created", code), nil
}

// limits takes how long and how often a code works; the coupon's own limits stand above.
func (c CreatePromotionCode) limits(t *tx, coupon *Coupon, code *PromotionCode) error {
	code.ExpiresAt = coupon.RedeemBy
	if at, ok := c.ExpiresAt.Get(); ok {
		if at <= t.now {
			return invalid("expires_at", "", "Invalid timestamp: must be an integer Unix timestamp in the future.")
		}
		if err := checkTimestamp(at, "expires_at"); err != nil {
			return err
		}
		if coupon.RedeemBy != 0 && at > coupon.RedeemBy {
			return invalid("expires_at", "", "`expires_at` cannot be after the coupon's `redeem_by` (%d).", coupon.RedeemBy)
		}
		code.ExpiresAt = at
	}
	most, ok := c.MaxRedemptions.Get()
	if !ok {
		return nil
	}
	limit := int64(redemptionsMax)
	if coupon.MaxRedemptions != 0 {
		limit = coupon.MaxRedemptions
	}
	code.MaxRedemptions = most
	return within(most, 1, limit, "max_redemptions")
}

func (c CreatePromotionCode) restrict(_ *tx, _ *Coupon, code *PromotionCode) error {
	r := c.Restrictions.Or(RestrictionsParams{})
	code.FirstTimeTransaction = r.FirstTimeTransaction.Or(false)
	amount, ok := r.MinimumAmount.Get()
	if !ok {
		return nil
	}
	if err := within(amount, 1, unitAmountMost, "restrictions[minimum_amount]"); err != nil {
		return err
	}
	currency, err := currencyParam(r.MinimumAmountCurrency, "restrictions[minimum_amount_currency]")
	code.MinimumAmount, code.MinimumAmountCurrency = amount, currency
	return err
}

// word takes the code itself, or draws one. Among active codes it is unique for every customer, whatever its case.
func (c CreatePromotionCode) word(t *tx, _ *Coupon, code *PromotionCode) error {
	if code.Code == "" {
		code.Code = t.capitals(8)
	}
	if strings.Trim(code.Code, alphabet+"-") != "" {
		return invalid("code", "", "Promotion codes can only contain letters, digits and dashes.")
	}
	if code.Active && t.codeTaken(code) {
		return invalid("code", "", "An active promotion code with `code: %s` already exists.", code.Code)
	}
	return nil
}

// codeTaken says whether another active code has the same word for the same customer, or either is for everybody.
func (t *tx) codeTaken(code *PromotionCode) bool {
	for _, other := range t.world.tables.promotions.all("code", strings.ToLower(code.Code)) {
		same := other.Customer == code.Customer || other.Customer == "" || code.Customer == ""
		if other.ID != code.ID && other.Active && same {
			return true
		}
	}
	return false
}

func (t *tx) codeExpires(id string) {
	if code, ok := Get[PromotionCode](t.world, id); ok {
		t.retireCode(code)
	}
}

// retireCode makes a code inactive for good.
func (t *tx) retireCode(before *PromotionCode) {
	code := *before
	code.Active = false
	t.unschedule(timerPromotion, code.ID)
	update(t, "promotion_code.updated", before, &code)
}

// UpdatePromotionCode is POST /v1/promotion_codes/{id}.
type UpdatePromotionCode struct {
	ID       string                 `form:"-"`
	Active   Opt[bool]              `form:"active"`
	Metadata Opt[map[string]string] `form:"metadata"`
}

func (c UpdatePromotionCode) apply(t *tx) (Result, error) {
	before, ok := Get[PromotionCode](t.world, c.ID)
	if !ok {
		return nil, NotFound("promotion code", c.ID, "promotion_code")
	}
	code := *before
	code.Active = c.Active.Or(code.Active)
	code.Metadata = mergeMetadata(code.Metadata, c.Metadata)
	if code.Active && !before.Active {
		if !must[Coupon](t, code.Coupon).Valid() || code.over(t.now) {
			return nil, invalid("active", "", "This promotion code cannot be activated: it, or its coupon, is expired or used up.")
		}
		if t.codeTaken(&code) {
			return nil, invalid("active", "", "An active promotion code with `code: %s` already exists.", code.Code)
		}
	}
	return update(t, "promotion_code.updated", before, &code), nil
}

// over says whether a code has run out by itself.
func (p *PromotionCode) over(now int64) bool {
	return p.ExpiresAt != 0 && now >= p.ExpiresAt || p.MaxRedemptions != 0 && p.TimesRedeemed >= p.MaxRedemptions
}

// ListPromotionCodes is GET /v1/promotion_codes.
type ListPromotionCodes struct {
	Page
	Active   Opt[bool]   `form:"active"`
	Code     Opt[string] `form:"code"`
	Coupon   Opt[string] `form:"coupon"`
	Created  Range       `form:"created"`
	Customer Opt[string] `form:"customer"`
}

func (q ListPromotionCodes) run(w *World) (*Listing, error) {
	s := selection[PromotionCode]{cursorName: "promotion code"}
	if coupon, ok := q.Coupon.Get(); ok {
		s.index, s.value = "coupon", coupon
	}
	if code, ok := q.Code.Get(); ok {
		s.index, s.value = "code", strings.ToLower(code)
	}
	s.keep = func(p *PromotionCode) bool {
		return q.Active.Or(p.Active) == p.Active && q.Coupon.Or(p.Coupon) == p.Coupon && q.Customer.Or(p.Customer) == p.Customer &&
			q.Created.holds(p.Created)
	}
	return list(w, q.Page, s)
}

var _ = register(CreatePromotionCode{}, UpdatePromotionCode{})
