package wire

import (
	"strings"

	"github.com/dues-billing/dues/emulator/engine"
)

func (v *view) coupon(c *engine.Coupon) object {
	var amount, currency any
	if c.PercentOff == nil {
		amount, currency = c.AmountOff, c.Currency
	}
	return object{
		"id": c.ID, "object": "coupon", "created": c.Created, "livemode": false, "metadata": metadata(c.Metadata),
		"amount_off": amount, "currency": currency, "duration": c.Duration, "duration_in_months": orNull(c.DurationInMonths),
		"max_redemptions": orNull(c.MaxRedemptions), "name": orNull(c.Name), "percent_off": percent(c.PercentOff), "redeem_by": orNull(c.RedeemBy),
		"times_redeemed": c.TimesRedeemed, "valid": c.Valid(),
	}
}

// couponCurrencies are the amounts of a coupon by their currency, its own among them.
func couponCurrencies(c *engine.Coupon) object {
	all := object{}
	if c.PercentOff == nil {
		all[c.Currency] = object{"amount_off": c.AmountOff}
	}
	for currency, amount := range c.CurrencyOptions {
		all[currency] = object{"amount_off": amount}
	}
	return all
}

// percent is a number with a decimal point always, as Stripe writes floats.
func percent(d *engine.Decimal) any {
	if d == nil {
		return nil
	}
	text := d.String()
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return number(text)
}

// appliesTo is left out by a coupon that applies to everything.
func appliesTo(c *engine.Coupon) any {
	if c.Products == nil {
		return object{"products": []any{}}
	}
	return object{"products": texts(c.Products)}
}

func (v *view) promotionCode(p *engine.PromotionCode) object {
	return object{
		"id": p.ID, "object": "promotion_code", "created": p.Created, "livemode": false, "metadata": metadata(p.Metadata),
		"active": p.Active, "code": p.Code, "customer": orNull(p.Customer), "customer_account": nil, "expires_at": orNull(p.ExpiresAt),
		"max_redemptions": orNull(p.MaxRedemptions), "promotion": object{"coupon": p.Coupon, "type": "coupon"}, "times_redeemed": p.TimesRedeemed,
		"restrictions": object{
			"first_time_transaction": p.FirstTimeTransaction, "minimum_amount": orNull(p.MinimumAmount),
			"minimum_amount_currency": orNull(p.MinimumAmountCurrency),
		},
	}
}

func (v *view) discount(d *engine.Discount) object {
	return object{
		"id": d.ID, "object": "discount", "checkout_session": orNull(d.CheckoutSession), "customer": orNull(d.Customer), "customer_account": nil,
		"end": orNull(d.End), "invoice": orNull(d.Invoice), "invoice_item": orNull(d.InvoiceItem), "promotion_code": orNull(d.PromotionCode),
		"source": object{"coupon": d.Coupon, "type": "coupon"}, "start": d.Start, "subscription": orNull(d.Subscription),
		"subscription_item": orNull(d.SubscriptionItem),
	}
}

func (v *view) deletedDiscount(d *engine.DeletedDiscount) object {
	o := v.discount(d.Discount)
	delete(o, "end")
	o["deleted"] = true
	return o
}

// discountIn is the discount inside a customer.
func (v *view) discountIn(id string) any {
	if d, ok := engine.Get[engine.Discount](v.world, id); ok {
		return v.discount(d)
	}
	return nil
}

func discountAmounts(list []engine.DiscountAmount) []any {
	out := make([]any, len(list))
	for i, d := range list {
		out[i] = object{"amount": d.Amount, "discount": d.Discount}
	}
	return out
}

func pretaxCredits(list []engine.DiscountAmount) []any {
	out := make([]any, len(list))
	for i, d := range list {
		out[i] = object{"amount": d.Amount, "discount": d.Discount, "type": "discount"}
	}
	return out
}
