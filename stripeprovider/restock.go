package stripeprovider

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
)

// Restock implements service.Stocker.
func (c *Client) Restock(ctx context.Context, change billing.StockChange) (string, error) {
	if change.Action == billing.RefuseStock {
		return change.ID, billing.Errorf(billing.Conflict, "%s %s: %s", change.Kind, change.Name, change.Refusal)
	}
	id, err := inTurn(ctx, func() (string, error) { return c.restock(ctx, change) })
	var known *billing.Error
	if errors.As(err, &known) {
		return id, err
	}
	return id, failure(fmt.Sprintf("%s %s %s", change.Action, change.Kind, change.Name), err)
}

func (c *Client) restock(ctx context.Context, change billing.StockChange) (id string, err error) {
	switch change.Kind {
	case billing.MeterStock:
		return c.restockMeter(ctx, change)
	case billing.ProductStock:
		return c.restockProduct(ctx, change)
	case billing.PriceStock:
		return c.restockPrice(ctx, change)
	case billing.CouponStock:
		return c.restockCoupon(ctx, change)
	case billing.CodeStock:
		return c.restockCode(ctx, change)
	}
	return change.ID, nil
}

// creationKey is the idempotency key of what is created: that of the wish, so that two who have it at once make one. When makes a second time
// after a deletion another thing.
func creationKey(change billing.StockChange) *string {
	digest := sha256.Sum256([]byte(fmt.Sprintf("%+v", []any{change.Meter, change.Product, change.Price, change.Coupon, change.Code})))
	return stripe.String("dues-" + string(change.Kind[:2]) + "-" + change.Name + "-" + hex.EncodeToString(digest[:8]))
}

func (c *Client) restockMeter(ctx context.Context, change billing.StockChange) (string, error) {
	if change.Action == billing.RestoreStock {
		_, err := c.sc.V1BillingMeters.Reactivate(ctx, change.ID, nil)
		return change.ID, err
	}
	params := &stripe.BillingMeterCreateParams{
		DisplayName:        stripe.String(change.Meter.Name),
		EventName:          stripe.String(change.Meter.Event),
		DefaultAggregation: &stripe.BillingMeterCreateDefaultAggregationParams{Formula: stripe.String(string(change.Meter.Aggregate))},
	}
	params.IdempotencyKey = creationKey(change)
	made, err := c.sc.V1BillingMeters.Create(ctx, params)
	if err != nil {
		return "", err
	}
	return made.ID, nil
}

func (c *Client) restockProduct(ctx context.Context, change billing.StockChange) (string, error) {
	want, ours := change.Product, map[string]string{planKey: change.Name}
	if change.Action == billing.CreateStock {
		params := &stripe.ProductCreateParams{
			ID: stripe.String(string(want.ID)), Name: stripe.String(want.Name), Description: optional(want.Description), UnitLabel: optional(want.Unit),
			TaxCode: optional(want.TaxCode), Metadata: ours,
		}
		params.IdempotencyKey = creationKey(change)
		_, err := c.sc.V1Products.Create(ctx, params)
		if refusedFor(err, stripe.ErrorTypeInvalidRequest) {
			if is, again := c.sc.V1Products.Retrieve(ctx, string(want.ID), nil); again == nil && !is.Deleted {
				err = nil // another process was faster
			}
		}
		return string(want.ID), err
	}
	params := &stripe.ProductUpdateParams{}
	switch change.Action {
	case billing.ArchiveStock, billing.RestoreStock:
		params.Active = stripe.Bool(change.Action == billing.RestoreStock)
	default:
		params.Name, params.Description, params.UnitLabel = stripe.String(want.Name), stripe.String(want.Description), stripe.String(want.Unit)
		params.TaxCode, params.Metadata = optional(want.TaxCode), ours
	}
	_, err := c.sc.V1Products.Update(ctx, change.ID, params)
	return change.ID, err
}

func (c *Client) restockPrice(ctx context.Context, change billing.StockChange) (string, error) {
	want := change.Price
	if change.Action == billing.CreateStock {
		params, err := c.newPrice(ctx, want)
		if err != nil {
			return "", err
		}
		params.IdempotencyKey = creationKey(change)
		made, err := c.sc.V1Prices.Create(ctx, params)
		if err != nil {
			return "", err
		}
		c.remember(made)
		return made.ID, nil
	}
	params := &stripe.PriceUpdateParams{}
	switch change.Action {
	case billing.ArchiveStock, billing.RestoreStock:
		params.Active = stripe.Bool(change.Action == billing.RestoreStock)
	default:
		params.LookupKey, params.TransferLookupKey = stripe.String(want.Key), stripe.Bool(true)
		params.Metadata = map[string]string{priceKey: want.Key}
		params.TaxBehavior = optional(string(want.Tax))
		params.CurrencyOptions = map[string]*stripe.PriceUpdateCurrencyOptionsParams{}
		for _, other := range want.Currencies {
			option := &stripe.PriceUpdateCurrencyOptionsParams{TaxBehavior: optional(string(want.Tax))}
			if len(other.Tiers) == 0 {
				option.UnitAmountDecimal = decimal(other.Rate)
			}
			for _, tier := range other.Tiers {
				option.Tiers = append(option.Tiers, &stripe.PriceUpdateCurrencyOptionsTierParams{
					UnitAmountDecimal: decimal(tier.Unit), FlatAmount: flat(tier), UpTo: upTo(tier), UpToInf: stripe.Bool(tier.UpTo == 0),
				})
			}
			params.CurrencyOptions[string(other.Amount.Currency)] = option
		}
	}
	is, err := c.sc.V1Prices.Update(ctx, change.ID, params)
	if err == nil {
		c.remember(is)
	}
	return change.ID, err
}

// newPrice says to Stripe what a price of the catalogue is.
func (c *Client) newPrice(ctx context.Context, want billing.StockPrice) (*stripe.PriceCreateParams, error) {
	params := &stripe.PriceCreateParams{
		Product: stripe.String(string(want.Product)), Currency: stripe.String(string(want.Amount.Currency)),
		LookupKey: stripe.String(want.Key), Metadata: map[string]string{priceKey: want.Key}, TaxBehavior: optional(string(want.Tax)),
	}
	if !want.Once() {
		params.Recurring = &stripe.PriceCreateRecurringParams{
			Interval: stripe.String(string(want.Interval)), IntervalCount: stripe.Int64(int64(want.IntervalCount)),
		}
	}
	if want.Kind == billing.Metered {
		meter, err := c.meterOf(ctx, want.Event)
		if err != nil {
			return nil, err
		}
		params.Recurring.Meter, params.Recurring.UsageType = stripe.String(meter), stripe.String(string(stripe.PriceRecurringUsageTypeMetered))
	}
	if want.Package > 0 {
		params.TransformQuantity = &stripe.PriceCreateTransformQuantityParams{
			DivideBy: stripe.Int64(want.Package), Round: stripe.String(string(stripe.PriceTransformQuantityRoundUp)),
		}
	}
	if want.Tiering == "" {
		params.UnitAmountDecimal = decimal(want.Rate())
	} else {
		params.BillingScheme, params.TiersMode = stripe.String(string(stripe.PriceBillingSchemeTiered)), stripe.String(string(want.Tiering))
	}
	for _, tier := range want.Tiers {
		params.Tiers = append(params.Tiers, &stripe.PriceCreateTierParams{
			UnitAmountDecimal: decimal(tier.Unit), FlatAmount: flat(tier), UpTo: upTo(tier), UpToInf: stripe.Bool(tier.UpTo == 0),
		})
	}
	for _, other := range want.Currencies {
		option := &stripe.PriceCreateCurrencyOptionsParams{TaxBehavior: optional(string(want.Tax))}
		if len(other.Tiers) == 0 {
			option.UnitAmountDecimal = decimal(other.Rate)
		}
		for _, tier := range other.Tiers {
			option.Tiers = append(option.Tiers, &stripe.PriceCreateCurrencyOptionsTierParams{
				UnitAmountDecimal: decimal(tier.Unit), FlatAmount: flat(tier), UpTo: upTo(tier), UpToInf: stripe.Bool(tier.UpTo == 0),
			})
		}
		if params.CurrencyOptions == nil {
			params.CurrencyOptions = map[string]*stripe.PriceCreateCurrencyOptionsParams{}
		}
		params.CurrencyOptions[string(other.Amount.Currency)] = option
	}
	return params, nil
}

// meterOf finds the meter of an event. It was made a moment ago, or years.
func (c *Client) meterOf(ctx context.Context, event string) (string, error) {
	list := &stripe.BillingMeterListParams{Status: stripe.String(string(stripe.BillingMeterStatusActive))}
	list.Limit = stripe.Int64(pageRows)
	meters, err := collect(c.sc.V1BillingMeters.List(ctx, list).All(ctx), "list meters")
	if err != nil {
		return "", err
	}
	for _, m := range meters {
		if m.EventName == event {
			return m.ID, nil
		}
	}
	return "", billing.Errorf(billing.Conflict, "there is no active meter for the event %q", event)
}

// decimal is an amount as the SDK takes it, which writes it out in full.
func decimal(r billing.Rate) *float64 { //tidy:allow float the SDK has no other type; it writes all digits
	f, _ := strconv.ParseFloat(r.MinorDecimal(), 64) // digits and a dot
	return &f
}

func flat(t billing.Tier) *int64 {
	if t.Flat.IsZero() {
		return nil
	}
	return stripe.Int64(t.Flat.Minor)
}

func upTo(t billing.Tier) *int64 {
	if t.UpTo == 0 {
		return nil
	}
	return stripe.Int64(t.UpTo)
}

func (c *Client) restockCoupon(ctx context.Context, change billing.StockChange) (string, error) {
	want := change.Coupon
	switch change.Action {
	case billing.DeleteStock:
		_, err := c.sc.V1Coupons.Delete(ctx, change.ID, nil)
		if missing(err) {
			err = nil
		}
		return change.ID, err
	case billing.UpdateStock:
		_, err := c.sc.V1Coupons.Update(ctx, change.ID, &stripe.CouponUpdateParams{Name: stripe.String(want.Name)})
		return change.ID, err
	}
	params := &stripe.CouponCreateParams{
		ID: stripe.String(want.ID), Name: stripe.String(want.Name), Duration: stripe.String(string(want.Duration)),
		Metadata: map[string]string{couponKey: string(want.Coupon.ID)},
	}
	if want.Percent > 0 {
		params.PercentOff = stripe.Float64(float64(want.Percent) / 100) //tidy:allow float a percentage, and the SDK has no other type
	} else {
		params.AmountOff, params.Currency = stripe.Int64(want.Amount.Minor), stripe.String(string(want.Amount.Currency))
	}
	if want.Months > 0 {
		params.DurationInMonths = stripe.Int64(int64(want.Months))
	}
	if !want.RedeemBy.IsZero() {
		params.RedeemBy = stripe.Int64(want.RedeemBy.Unix())
	}
	if want.MaxRedemptions > 0 {
		params.MaxRedemptions = stripe.Int64(want.MaxRedemptions)
	}
	if len(want.Products) > 0 {
		params.AppliesTo = &stripe.CouponCreateAppliesToParams{}
		for _, id := range want.Products {
			params.AppliesTo.Products = append(params.AppliesTo.Products, stripe.String(string(id)))
		}
	}
	for _, other := range want.Currencies {
		if params.CurrencyOptions == nil {
			params.CurrencyOptions = map[string]*stripe.CouponCreateCurrencyOptionsParams{}
		}
		params.CurrencyOptions[string(other.Currency)] = &stripe.CouponCreateCurrencyOptionsParams{AmountOff: stripe.Int64(other.Minor)}
	}
	// No idempotency key: the id is one, and a coupon that was deleted may be made again within a day.
	_, err := c.sc.V1Coupons.Create(ctx, params)
	if refusedFor(err, stripe.ErrorTypeInvalidRequest) {
		if _, again := c.sc.V1Coupons.Retrieve(ctx, want.ID, nil); again == nil {
			err = nil
		}
	}
	return want.ID, err
}

func (c *Client) restockCode(ctx context.Context, change billing.StockChange) (string, error) {
	want := change.Code
	if change.Action != billing.CreateStock {
		_, err := c.sc.V1PromotionCodes.Update(ctx, change.ID, &stripe.PromotionCodeUpdateParams{Active: stripe.Bool(change.Action == billing.RestoreStock)})
		return change.ID, err
	}
	params := &stripe.PromotionCodeCreateParams{
		Code:      stripe.String(want.PromotionCode.Code),
		Promotion: &stripe.PromotionCodeCreatePromotionParams{Type: stripe.String("coupon"), Coupon: stripe.String(want.Coupon)},
	}
	if !want.ExpiresAt.IsZero() {
		params.ExpiresAt = stripe.Int64(want.ExpiresAt.Unix())
	}
	if want.MaxRedemptions > 0 {
		params.MaxRedemptions = stripe.Int64(want.MaxRedemptions)
	}
	if want.FirstTime || !want.Minimum.IsZero() {
		params.Restrictions = &stripe.PromotionCodeCreateRestrictionsParams{}
		if want.FirstTime {
			params.Restrictions.FirstTimeTransaction = stripe.Bool(true)
		}
		if !want.Minimum.IsZero() {
			params.Restrictions.MinimumAmount = stripe.Int64(want.Minimum.Minor)
			params.Restrictions.MinimumAmountCurrency = stripe.String(string(want.Minimum.Currency))
		}
	}
	made, err := c.sc.V1PromotionCodes.Create(ctx, params)
	if err != nil {
		return "", err
	}
	return cmp.Or(made.ID, change.ID), nil
}
