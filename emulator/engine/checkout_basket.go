package engine

import (
	"errors"
	"slices"
	"strings"
)

// The basket of a session: what the payer may change on the page before paying, namely quantities, optional items and a promotion code.

// AdjustableParams say whether the payer may change a quantity on the page, and within which bounds.
type AdjustableParams struct {
	Enabled bool       `form:"enabled"`
	Maximum Opt[int64] `form:"maximum"`
	Minimum Opt[int64] `form:"minimum"`
}

// CheckoutOptionalItem is an offer that the payer may take on the page.
type CheckoutOptionalItem struct {
	Adjustable Opt[AdjustableParams] `form:"adjustable_quantity"`
	Price      string                `form:"price"`
	Quantity   int64                 `form:"quantity"`
}

// Limits of the basket.
const (
	adjustableMost   = 99     // the maximum of a quantity that names none
	adjustableMax    = 999999 // the largest maximum
	optionalItemsMax = 10
)

// Bounds are the least and the most of an adjustable quantity.
func (a AdjustableParams) Bounds() (least, most int64) {
	return a.Minimum.Or(0), a.Maximum.Or(adjustableMost)
}

// check refuses bounds that contradict each other or the quantity.
func (a AdjustableParams) check(quantity int64, param string) error {
	least, most := a.Bounds()
	switch {
	case !a.Enabled:
		return nil
	case most < 1 || most > adjustableMax:
		return invalid(param+"[maximum]", "", "The maximum must be between 1 and %d.", adjustableMax)
	case least < 0 || least > most:
		return invalid(param+"[minimum]", "", "The minimum must be between 0 and the maximum, which is %d.", most)
	case quantity < least || quantity > most:
		return invalid(param, "", "The quantity (%d) must be between the minimum (%d) and the maximum (%d).", quantity, least, most)
	}
	return nil
}

// adjustable takes the parameter of a line.
func (l *CheckoutLine) adjustable(p Opt[AdjustableParams], param string) error {
	a, ok := p.Get()
	if !ok || !a.Enabled {
		return nil
	}
	if l.Metered {
		return invalid(param, "", "The quantity of a metered price cannot be adjusted.")
	}
	l.Adjustable = &a
	return a.check(l.Quantity, param)
}

// optional takes optional_items.
func (t *tx) optional(items []CheckoutOptionalItem, s *CheckoutSession) error {
	if len(items) == 0 {
		return nil
	}
	if s.Mode == ModeSetup {
		return invalid("optional_items", "", "You can not pass `optional_items` in `setup` mode.")
	}
	if len(items) > optionalItemsMax {
		return invalid("optional_items", "", "A Checkout Session can have at most %d optional items.", optionalItemsMax)
	}
	for i, item := range items {
		param := element("optional_items", i)
		line, err := t.checkoutLine(CheckoutLineParams{Price: Some(item.Price), Quantity: Some(item.Quantity), Adjustable: item.Adjustable}, Some(s.Currency), param)
		if err != nil {
			return err
		}
		if s.Mode == ModePayment && !line.OneTime {
			return invalid(param+"[price]", "", "You specified `payment` mode but passed a recurring price.")
		}
		if slices.ContainsFunc(items[:i], func(other CheckoutOptionalItem) bool { return other.Price == item.Price }) {
			return invalid(param+"[price]", "", "Each optional item must be unique: price %s is there more than once.", item.Price)
		}
	}
	s.OptionalItems = items
	return nil
}

// offered says whether an optional item is still to be had: it is none of the lines yet.
func (s *CheckoutSession) offered(item CheckoutOptionalItem) bool {
	return !slices.ContainsFunc(s.Lines, func(l *CheckoutLine) bool { return l.Optional && l.Price == item.Price })
}

// Offers are the optional items that the payer has not taken.
func (s *CheckoutSession) Offers() []CheckoutOptionalItem {
	var out []CheckoutOptionalItem
	for _, item := range s.OptionalItems {
		if s.offered(item) {
			out = append(out, item)
		}
	}
	return out
}

// ChangeCheckout is what a payer changes of an open session on its page: the quantity of a line, an optional item, or the promotion code.
type ChangeCheckout struct {
	Session  string      `form:"-"`
	Code     Opt[string] `form:"promotion_code"` // as typed; cleared takes it off
	Item     string      `form:"item"`           // a line, or the price of an optional item
	Quantity int64       `form:"quantity"`       // 0 takes the line out
}

func (c ChangeCheckout) apply(t *tx) (Result, error) {
	before, err := t.openCheckout(c.Session)
	if err != nil {
		return nil, err
	}
	s := *before
	s.Lines = make([]*CheckoutLine, len(before.Lines))
	for i, line := range before.Lines {
		copied := *line
		s.Lines[i] = &copied
	}
	if c.Item != "" {
		if err := c.change(t, &s); err != nil {
			return nil, err
		}
	}
	if err := c.code(t, &s); err != nil {
		return nil, err
	}
	if s.AmountTotal != before.AmountTotal {
		t.forgetIntent(&s)
	}
	put(t, &s)
	return &s, nil
}

// forgetIntent gives up a payment that was begun for another amount.
func (t *tx) forgetIntent(s *CheckoutSession) {
	pi, ok := Get[PaymentIntent](t.world, s.PendingIntent)
	if !ok {
		return
	}
	if open(pi.Status) {
		t.cancelIntent(pi, "abandoned")
	}
	s.PendingIntent, s.PendingMethod = "", ""
}

// change is the quantity of a line, or of an optional item that becomes one.
func (c ChangeCheckout) change(t *tx, s *CheckoutSession) error {
	at := slices.IndexFunc(s.Lines, func(l *CheckoutLine) bool { return l.ID == c.Item })
	if at < 0 {
		if err := c.add(t, s); err != nil {
			return err
		}
		return t.costs(s)
	}
	line := s.Lines[at]
	switch {
	case line.Optional && c.Quantity == 0:
		s.Lines = slices.Delete(s.Lines, at, at+1)
		return t.costs(s)
	case line.Adjustable == nil:
		return invalid("quantity", "", "The quantity of %s cannot be changed.", line.Description)
	}
	if least, most := line.Adjustable.Bounds(); c.Quantity < least || c.Quantity > most {
		return invalid("quantity", "", "Choose a quantity between %d and %d.", least, most)
	}
	if c.Quantity == 0 {
		s.Lines = slices.Delete(s.Lines, at, at+1)
		if !s.sells() {
			return invalid("quantity", "", "At least one item must remain.")
		}
		return t.costs(s)
	}
	line.Quantity = c.Quantity
	line.Amount = tariffOf(must[Price](t, line.Price), line.Currency).total(c.Quantity)
	return t.costs(s)
}

// add takes an optional item into the basket.
func (c ChangeCheckout) add(t *tx, s *CheckoutSession) error {
	for _, item := range s.Offers() {
		if item.Price != c.Item {
			continue
		}
		line, err := t.checkoutLine(CheckoutLineParams{Price: Some(item.Price), Quantity: Some(item.Quantity), Adjustable: item.Adjustable}, Some(s.Currency), "item")
		if err != nil {
			return err
		}
		line.Optional = true
		s.Lines = append(s.Lines, line)
		return nil
	}
	return noSuchParam("item", c.Item, "item")
}

// sells says whether the lines of a session can be bought: there is one, and in subscription mode a recurring one.
func (s *CheckoutSession) sells() bool {
	return slices.ContainsFunc(s.Lines, func(l *CheckoutLine) bool { return s.Mode == ModePayment || !l.OneTime })
}

// code applies the promotion code that was typed, or takes it off.
func (c ChangeCheckout) code(t *tx, s *CheckoutSession) error {
	if !c.Code.Given() {
		return nil
	}
	if s.AllowPromotionCodes == nil || !*s.AllowPromotionCodes {
		return invalid("promotion_code", "", "This Checkout Session takes no promotion codes.")
	}
	s.Discounts = nil
	word, ok := c.Code.Get()
	if !ok {
		return t.costs(s)
	}
	code, ok := t.codeByWord(strings.TrimSpace(word), s.Customer)
	if !ok || code.FirstTimeTransaction && s.Customer == "" && !s.makesCustomer() {
		return invalid("promotion_code", "promotion_code_invalid", "This code is not valid.")
	}
	s.Discounts = []CheckoutDiscount{{PromotionCode: code.ID}}
	err := t.costsOf(s)
	var refused *Error
	switch {
	case errors.As(err, &refused) && strings.Contains(refused.Param, "promotion_code"):
		return invalid("promotion_code", refused.Code, "%s", refused.Message)
	case err != nil:
		return err
	case !slices.ContainsFunc(s.Lines, func(l *CheckoutLine) bool { return l.AmountDiscount > 0 }):
		return invalid("promotion_code", "promotion_code_invalid", "This code does not apply to what you are buying.")
	}
	return nil
}

// codeByWord finds the active promotion code that a customer, or somebody unknown, means by a word.
func (t *tx) codeByWord(word, customer string) (*PromotionCode, bool) {
	for _, code := range t.world.tables.promotions.all("code", strings.ToLower(word)) {
		if code.Active && !code.over(t.now) && (code.Customer == "" || code.Customer == customer) && must[Coupon](t, code.Coupon).Valid() {
			return code, true
		}
	}
	return nil, false
}

// costs works out anew what a session costs. A code that the payer gave goes when the basket no longer earns it.
func (t *tx) costs(s *CheckoutSession) error {
	err := t.costsOf(s)
	var refused *Error
	if len(s.Discounts) == 0 || s.AllowPromotionCodes == nil || !errors.As(err, &refused) || refused.Code != codeMinimumNotMet {
		return err
	}
	s.Discounts = nil
	if again := t.costsOf(s); again != nil {
		return again
	}
	return nil
}

func (t *tx) costsOf(s *CheckoutSession) error {
	if err := t.checkoutAmounts(s); err != nil {
		return err
	}
	if s.Mode == ModeSubscription {
		due, err := t.checkoutDue(s)
		if err != nil {
			return inside(err, "subscription_data")
		}
		s.charge(due)
		return nil
	}
	s.PaymentStatus = SessionUnpaid
	if s.AmountTotal == 0 {
		s.PaymentStatus = NoPaymentRequired
		return nil
	}
	if s.AmountTotal < minimum(s.Currency) {
		return invalid("", "amount_too_small", "The Checkout Session's total amount due must add up to at least %s %s",
			money(s.Currency, DecimalOf(minimum(s.Currency))), s.Currency)
	}
	return whole(s.AmountTotal, s.Currency, "")
}

var _ = register(ChangeCheckout{})
