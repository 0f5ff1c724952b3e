package stripeprovider

import (
	"context"
	"errors"
	"strings"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// Discount implements service.Discounter. An update names all discounts of a subscription: what is not named ends.
func (c *Client) Discount(ctx context.Context, req service.DiscountRequest) error {
	params := &stripe.SubscriptionUpdateParams{}
	if req.Discount == (billing.Discount{}) {
		params.AddUnsetField(stripe.SubscriptionUpdateParamsUnsetFieldDiscounts)
	} else {
		coupon, code, err := c.discount(ctx, req.Discount)
		if err != nil {
			return err
		}
		params.Discounts = []*stripe.SubscriptionUpdateDiscountParams{{Coupon: coupon, PromotionCode: code}}
	}
	params.SetIdempotencyKey(req.Key)
	_, err := c.sc.V1Subscriptions.Update(ctx, string(req.Subscription), params)
	return refusedDiscount(req.Discount, failure("discount subscription", err))
}

// CheckDiscount implements service.Discounter.
func (c *Client) CheckDiscount(ctx context.Context, d billing.Discount) error {
	if d.Coupon == "" {
		_, _, err := c.discount(ctx, d)
		return err
	}
	coupon, err := c.sc.V1Coupons.Retrieve(ctx, billing.Coupon{ID: d.Coupon}.StockID(), nil)
	if missing(err) || err == nil && !coupon.Valid {
		return billing.Errorf(billing.Invalid, "the coupon %q is not valid any more, or was not made yet (dues catalog apply)", d.Coupon).In("coupon")
	}
	return failure("retrieve coupon", err)
}

// discount says to Stripe what a discount is: a coupon by its id, a promotion code by the id that its word has now.
func (c *Client) discount(ctx context.Context, d billing.Discount) (coupon, code *string, err error) {
	if d.Coupon != "" {
		return stripe.String(billing.Coupon{ID: d.Coupon}.StockID()), nil, nil
	}
	list := &stripe.PromotionCodeListParams{Code: stripe.String(d.Code), Active: stripe.Bool(true)}
	list.Limit = stripe.Int64(pageRows)
	found, err := collect(c.sc.V1PromotionCodes.List(ctx, list).All(ctx), "list promotion codes")
	if err != nil {
		return nil, nil, err
	}
	if len(found) == 0 {
		return nil, nil, billing.Errorf(billing.Invalid, "the promotion code %q is not valid", d.Code).In("promotion_code")
	}
	return nil, &found[0].ID, nil
}

// refusedDiscount names the field when Stripe does not take a discount: it is used up, for first purchases, or of another amount.
func refusedDiscount(d billing.Discount, err error) error {
	var refused *stripe.Error
	if d == (billing.Discount{}) || !errors.As(err, &refused) || refused.Type != stripe.ErrorTypeInvalidRequest {
		return err
	}
	switch about := refused.Param + " " + string(refused.Code); {
	case strings.Contains(about, "coupon"), strings.Contains(about, "promotion_code"), strings.Contains(about, "discount"):
	default:
		return err
	}
	field := "promotion_code"
	if d.Coupon != "" {
		field = "coupon"
	}
	message := &billing.Error{Code: billing.Invalid, Message: "this discount cannot be taken here: it is used up, over, or for other purchases", Err: err}
	return message.In(field)
}
