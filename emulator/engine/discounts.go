package engine

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Discounts: how they are given, which of them run, and how they end.

const timerDiscount = "discount.end"

func init() { onTimer(timerDiscount, (*tx).discountEnds) }

// discountsMax is how many discounts one object can have.
const discountsMax = 20

// DiscountParams are one element of discounts: one of the three.
type DiscountParams struct {
	Coupon        Opt[string] `form:"coupon"`
	Discount      Opt[string] `form:"discount"`
	PromotionCode Opt[string] `form:"promotion_code"`
}

// granting is where discounts are given.
type granting struct {
	level    Discount // its owners
	has      []string // the discounts there so far
	currency string
	param    string
	from     int64  // where durations begin to count, if that is before now
	worth    *int64 // the amount that a code's minimum is held against; nil where such codes are not taken
	switches bool   // a customer has one discount: another in its place is one change, not an end and a beginning
}

// couponExpired answers the use of a coupon that cannot be redeemed any more.
func couponExpired(c *Coupon, param string) *Error {
	return invalid(param, "coupon_expired", "Coupon expired: %s", c.ID)
}

// grant gives the discounts of a parameter and answers their ids: a list stands for all there were, an empty one ends them, an absent
// parameter leaves them.
func (t *tx) grant(p Opt[[]DiscountParams], g granting) ([]string, error) {
	if !p.Given() {
		return g.has, nil
	}
	given, _ := p.Get()
	if len(given) > discountsMax {
		return nil, invalid(g.param, "", "You can apply at most %d discounts.", discountsMax)
	}
	var ids, coupons []string
	for i, one := range given {
		d, err := t.asked(one, g, element(g.param, i))
		if err != nil {
			return nil, err
		}
		if slices.Contains(coupons, d.Coupon) {
			return nil, invalid(element(g.param, i), "", "Each discount must be unique: coupon %s is there more than once.", d.Coupon)
		}
		if d.ID == "" {
			t.redeem(d)
			t.given(d, g)
		}
		ids, coupons = append(ids, d.ID), append(coupons, d.Coupon)
	}
	if g.switches && len(ids) > 0 {
		return ids, nil
	}
	for _, id := range g.has {
		if !slices.Contains(ids, id) {
			t.dropped(id)
		}
	}
	return ids, nil
}

// asked is the discount that a parameter means: one that is there already, or a new one that is not stored yet.
func (t *tx) asked(p DiscountParams, g granting, param string) (*Discount, error) {
	id, byID := p.Discount.Get()
	word, byCode := p.PromotionCode.Get()
	coupon, byCoupon := p.Coupon.Get()
	next := g.level
	next.Start = t.now
	switch {
	case byID && !byCode && !byCoupon:
		old, ok := Get[Discount](t.world, id)
		if !ok || old.Customer != g.level.Customer {
			return nil, noSuchParam("discount", id, param+"[discount]")
		}
		if slices.Contains(g.has, id) {
			return old, nil
		}
		next.Coupon, next.PromotionCode, next.Start, next.End = old.Coupon, old.PromotionCode, old.Start, old.End
		return &next, nil
	case byCode && !byID && !byCoupon:
		code, err := t.redeemableCode(word, g, param+"[promotion_code]")
		if err != nil {
			return nil, err
		}
		next.PromotionCode, coupon = code.ID, code.Coupon
		param += "[promotion_code]"
	case byCoupon && !byID && !byCode:
		param += "[coupon]"
	default:
		return nil, invalid(param, "", "You must specify exactly one of `coupon`, `discount` and `promotion_code`.")
	}
	c, ok := Get[Coupon](t.world, coupon)
	if !ok || c.Deleted {
		return nil, noSuchParam("coupon", coupon, param)
	}
	if !c.Valid() || c.RedeemBy != 0 && t.now > c.RedeemBy {
		return nil, couponExpired(c, param)
	}
	if g.currency != "" && !c.counts(g.currency) {
		return nil, invalid(param, "", "The coupon's currency (%s) is not the one it is applied to (%s).", c.Currency, g.currency)
	}
	next.Coupon = c.ID
	if c.Duration == DurationRepeating {
		next.End = addMonths(cmp.Or(g.from, t.now), c.DurationInMonths)
	}
	return &next, nil
}

// codeMinimumNotMet is the error of a code that asks for a larger purchase.
const codeMinimumNotMet = "promotion_code_minimum_amount_not_met"

// redeemableCode finds a promotion code that may be redeemed here.
func (t *tx) redeemableCode(id string, g granting, param string) (*PromotionCode, error) {
	code, ok := Get[PromotionCode](t.world, id)
	if !ok || code.Customer != "" && code.Customer != g.level.Customer {
		return nil, noSuchParam("promotion code", id, param)
	}
	switch {
	case !code.Active || code.over(t.now):
		return nil, invalid(param, "", "This promotion code is inactive, expired or used up: %s", code.Code)
	case code.FirstTimeTransaction && t.hasPaid(g.level.Customer):
		return nil, invalid(param, "promotion_code_customer_not_first_time", "This promotion code is for first transactions, and the customer has paid before.")
	case code.MinimumAmount != 0 && g.worth == nil:
		return nil, invalid(param, "", "A promotion code with a minimum amount cannot be applied here.")
	case code.MinimumAmount != 0 && (*g.worth < code.MinimumAmount || code.MinimumAmountCurrency != g.currency):
		return nil, invalid(param, codeMinimumNotMet, "This promotion code asks for a purchase of at least %s %s.",
			money(code.MinimumAmountCurrency, DecimalOf(code.MinimumAmount)), strings.ToUpper(code.MinimumAmountCurrency))
	}
	return code, nil
}

// hasPaid says whether a customer has ever paid an invoice or a payment of their own.
func (t *tx) hasPaid(customer string) bool {
	for _, charge := range t.world.tables.charges.all("customer", customer) {
		if charge.Status == "succeeded" {
			return true
		}
	}
	return false
}

// redeem stores a new discount and counts it on its coupon and code.
func (t *tx) redeem(d *Discount) {
	d.ID = t.long("di_")
	put(t, d)
	coupon := *must[Coupon](t, d.Coupon)
	coupon.TimesRedeemed++
	t.putCoupon(&coupon)
	if code, ok := Get[PromotionCode](t.world, d.PromotionCode); ok {
		counted := *code
		counted.TimesRedeemed++
		put(t, &counted)
		if counted.over(t.now) {
			t.retireCode(&counted)
		}
	}
	if d.End != 0 {
		t.schedule(timerDiscount, d.ID, d.End)
	}
}

// given tells that a new discount was given, or took the place of the customer's other.
func (t *tx) given(d *Discount, g granting) {
	switch {
	case !d.recurs():
	case g.switches && len(g.has) > 0:
		t.unschedule(timerDiscount, g.has[0])
		t.emitChange("customer.discount.updated", must[Discount](t, g.has[0]), d)
	default:
		t.emit("customer.discount.created", d)
	}
}

// recurs says whether a discount was given for more than one invoice or payment: to a customer, a subscription or an item of one.
func (d *Discount) recurs() bool {
	return d.Invoice == "" && d.InvoiceItem == "" && d.CheckoutSession == ""
}

// dropped tells that a discount was taken off its owner, who forgets it by the caller's hand.
func (t *tx) dropped(id string) {
	d := must[Discount](t, id)
	t.unschedule(timerDiscount, id)
	if d.recurs() {
		t.emit("customer.discount.deleted", d)
	}
}

// grantItem gives the discounts of a subscription item.
func (t *tx) grantItem(s *Subscription, item *SubscriptionItem, p Opt[[]DiscountParams], param string) error {
	level := Discount{Customer: s.Customer, Subscription: s.ID, SubscriptionItem: item.ID}
	ids, err := t.grant(p, granting{level: level, has: item.Discounts, currency: s.Currency, param: param + "[discounts]", from: s.counted(t.now)})
	item.Discounts = ids
	return err
}

// worth is what the items of a subscription cost for a whole period.
func (t *tx) worth(s *Subscription) *int64 {
	sum := int64(0)
	for _, item := range s.Items {
		sum += t.ahead(s, item)
	}
	return &sum
}

func (s *Subscription) itemsDiscounted() bool {
	return slices.ContainsFunc(s.Items, func(item *SubscriptionItem) bool { return len(item.Discounts) > 0 })
}

// running keeps the discounts that apply to what is billed at a moment.
func (t *tx) running(ids []string, at int64) []string {
	return t.keep(ids, func(d *Discount) bool { return !d.Used && (d.End == 0 || at < d.End) })
}

// unused keeps the discounts that no other invoice has used up.
func (t *tx) unused(ids []string) []string {
	return t.keep(ids, func(d *Discount) bool { return !d.Used })
}

func (t *tx) keep(ids []string, wanted func(*Discount) bool) []string {
	var out []string
	for _, id := range ids {
		if wanted(must[Discount](t, id)) {
			out = append(out, id)
		}
	}
	return out
}

// inherited are the discounts of a subscription's invoices: its own, else the customer's.
func (t *tx) inherited(s *Subscription, at int64) []string {
	if own := t.running(s.Discounts, at); len(own) > 0 {
		return own
	}
	if c, ok := Get[Customer](t.world, s.Customer); ok {
		return t.ofCustomer(c, at)
	}
	return nil
}

func (t *tx) ofCustomer(c *Customer, at int64) []string {
	if c.Discount == "" {
		return nil
	}
	return t.running([]string{c.Discount}, at)
}

// discountsOf are the discounts of a whole invoice.
func (t *tx) discountsOf(b bill, at int64) []string {
	switch {
	case b.Discounts != nil:
		return *b.Discounts
	case b.Subscription != nil:
		return t.inherited(b.Subscription, at)
	}
	return t.ofCustomer(b.Customer, at)
}

// rediscount puts other discounts on a draft.
func (t *tx) rediscount(inv *Invoice, p Opt[[]DiscountParams], g granting) error {
	g.worth = &inv.Subtotal
	ids, err := t.grant(p, g)
	if err != nil {
		return err
	}
	inv.Discounts = ids
	t.sum(inv, inv.StartingBalance)
	return nil
}

// unboundInvoice stands for an invoice that has no id yet.
const unboundInvoice = "in_"

// bindDiscounts tells the discounts of a new invoice which one it is.
func (t *tx) bindDiscounts(inv *Invoice) {
	for _, id := range inv.Discounts {
		d := *must[Discount](t, id)
		d.Invoice = inv.ID
		put(t, &d)
	}
}

// consume uses up the once discounts of an invoice that is being finalized.
func (t *tx) consume(inv *Invoice) {
	if inv.Subtotal == 0 && !t.decided().FreeTrialUsesOnce {
		return
	}
	for _, total := range inv.TotalDiscounts {
		d := must[Discount](t, total.Discount)
		if !d.recurs() || must[Coupon](t, d.Coupon).Duration != DurationOnce {
			continue
		}
		used := *d
		used.Used = true
		put(t, &used)
		t.endDiscount(&used)
	}
}

// discountEnds is the end of a repeating discount.
func (t *tx) discountEnds(id string) {
	if d, ok := Get[Discount](t.world, id); ok {
		t.endDiscount(d)
	}
}

// endDiscount takes a discount off its owner.
func (t *tx) endDiscount(d *Discount) {
	without := func(ids []string) []string {
		return t.keep(ids, func(other *Discount) bool { return other.ID != d.ID })
	}
	t.dropped(d.ID)
	before, ok := Get[Subscription](t.world, d.Subscription)
	if !ok {
		if c, found := Get[Customer](t.world, d.Customer); found && c.Discount == d.ID {
			after := *c
			after.Discount = ""
			update(t, "customer.updated", c, &after)
		}
		return
	}
	s := before.clone()
	s.Discounts = without(s.Discounts)
	for _, item := range s.Items {
		item.Discounts = without(item.Discounts)
	}
	t.putChanged(before, s)
}

// fillDiscount takes coupon and promotion_code of a customer.
func (p CustomerParams) fillDiscount(t *tx, cus *Customer) error {
	one, list := DiscountParams{Coupon: p.Coupon, PromotionCode: p.PromotionCode}, Opt[[]DiscountParams]{}
	switch {
	case !p.Coupon.Given() && !p.PromotionCode.Given():
		return nil
	case p.Coupon.Cleared() || p.PromotionCode.Cleared():
		list = Clear[[]DiscountParams]()
	default:
		list = Some([]DiscountParams{one})
	}
	var has []string
	if cus.Discount != "" {
		has = []string{cus.Discount}
	}
	ids, err := t.grant(list, granting{level: Discount{Customer: cus.ID}, has: has, currency: cus.Currency, switches: true})
	if err != nil {
		e := *err.(*Error)
		e.Param = strings.Trim(strings.TrimPrefix(e.Param, "[0]"), "[]")
		return &e
	}
	if cus.Discount = ""; len(ids) > 0 {
		cus.Discount = ids[0]
	}
	return nil
}

// DeleteCustomerDiscount is DELETE /v1/customers/{id}/discount.
type DeleteCustomerDiscount struct {
	Customer string `form:"-"`
}

func (c DeleteCustomerDiscount) apply(t *tx) (Result, error) {
	cus, err := t.customerAtPath(c.Customer)
	if err != nil {
		return nil, err
	}
	if cus.Discount == "" {
		return nil, noDiscount("customer", cus.ID)
	}
	d := must[Discount](t, cus.Discount)
	t.endDiscount(d)
	return &DeletedDiscount{d}, nil
}

// DeleteSubscriptionDiscount is DELETE /v1/subscriptions/{id}/discount: all discounts of the subscription itself go.
type DeleteSubscriptionDiscount struct {
	Subscription string `form:"-"`
}

func (c DeleteSubscriptionDiscount) apply(t *tx) (Result, error) {
	s, err := t.subscriptionAtPath(c.Subscription, "id")
	if err != nil {
		return nil, err
	}
	if len(s.Discounts) == 0 {
		return nil, noDiscount("subscription", s.ID)
	}
	after := s.clone()
	after.Discounts = nil
	for _, id := range s.Discounts {
		t.dropped(id)
	}
	t.putChanged(s, after)
	return &DeletedDiscount{must[Discount](t, s.Discounts[0])}, nil
}

func noDiscount(kind, id string) *Error {
	return &Error{Status: 404, Type: InvalidRequest, Code: "resource_missing", Message: fmt.Sprintf("No active discount for %s: %s", kind, id)}
}

// DiscountOf is the discount of a customer, GET /v1/customers/{id}/discount.
func (w *World) DiscountOf(customer string) (*Discount, error) {
	c, ok := Get[Customer](w, customer)
	if !ok || c.Deleted {
		return nil, NotFound("customer", customer, "id")
	}
	if d, ok := Get[Discount](w, c.Discount); ok {
		return d, nil
	}
	return nil, noDiscount("customer", customer)
}

// DiscountOfSubscription is the first discount of a subscription, GET /v1/customers/{id}/subscriptions/{id}/discount.
func (w *World) DiscountOfSubscription(id string) (*Discount, error) {
	if s, ok := Get[Subscription](w, id); ok && len(s.Discounts) > 0 {
		if d, ok := Get[Discount](w, s.Discounts[0]); ok {
			return d, nil
		}
	}
	return nil, noDiscount("subscription", id)
}

var _ = register(DeleteCustomerDiscount{}, DeleteSubscriptionDiscount{})
