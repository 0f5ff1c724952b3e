package stripeprovider

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
)

// Stock implements service.Stocker. A thousand products with their prices are some twenty requests.
func (c *Client) Stock(ctx context.Context) (stock billing.Stock, err error) {
	if err = c.stockGoods(ctx, &stock, true); err != nil {
		return stock, err
	}
	return stock, c.stockCoupons(ctx, &stock)
}

// stockGoods reads meters, where they are wanted, products and prices.
func (c *Client) stockGoods(ctx context.Context, stock *billing.Stock, withMeters bool) error {
	events := map[string]string{}
	if withMeters {
		meterList := &stripe.BillingMeterListParams{}
		meterList.Limit = stripe.Int64(pageRows)
		meters, err := collect(c.sc.V1BillingMeters.List(ctx, meterList).All(ctx), "list meters")
		if err != nil {
			return err
		}
		for _, m := range meters {
			events[m.ID] = m.EventName
			stock.Meters = append(stock.Meters, stockMeter(m))
		}
	}
	productList := &stripe.ProductListParams{}
	productList.Limit = stripe.Int64(pageRows)
	products, err := collect(c.sc.V1Products.List(ctx, productList).All(ctx), "list products")
	if err != nil {
		return err
	}
	for _, p := range products {
		stock.Products = append(stock.Products, stockProduct(p))
	}
	prices, err := c.listPrices(ctx, &stripe.PriceListParams{})
	if err != nil {
		return err
	}
	for _, p := range prices {
		if price, ok := stockPrice(p, events); ok {
			stock.Prices = append(stock.Prices, price)
		}
	}
	return nil
}

// listPrices lists prices with all that they say.
func (c *Client) listPrices(ctx context.Context, list *stripe.PriceListParams) ([]*stripe.Price, error) {
	list.Limit = stripe.Int64(pageRows)
	list.Expand = stripe.StringSlice([]string{"data.tiers", "data.currency_options"})
	return collect(c.sc.V1Prices.List(ctx, list).All(ctx), "list prices")
}

func (c *Client) stockCoupons(ctx context.Context, stock *billing.Stock) error {
	couponList := &stripe.CouponListParams{Expand: stripe.StringSlice([]string{"data.applies_to", "data.currency_options"})}
	couponList.Limit = stripe.Int64(pageRows)
	coupons, err := collect(c.sc.V1Coupons.List(ctx, couponList).All(ctx), "list coupons")
	if err != nil {
		return err
	}
	for _, coupon := range coupons {
		stock.Coupons = append(stock.Coupons, stockCoupon(coupon))
	}
	codeList := &stripe.PromotionCodeListParams{}
	codeList.Limit = stripe.Int64(pageRows)
	codes, err := collect(c.sc.V1PromotionCodes.List(ctx, codeList).All(ctx), "list promotion codes")
	if err != nil {
		return err
	}
	for _, code := range codes {
		if code.Promotion != nil && code.Promotion.Coupon != nil && code.Customer == nil { // one for a customer alone is not the catalogue's
			stock.Codes = append(stock.Codes, stockCode(code))
		}
	}
	return nil
}

func stockMeter(m *stripe.BillingMeter) billing.StockMeter {
	out := billing.StockMeter{ID: m.ID, Name: m.DisplayName, Active: m.Status == stripe.BillingMeterStatusActive, Meter: billing.Meter{Event: m.EventName}}
	if m.DefaultAggregation != nil {
		out.Aggregate = billing.Aggregate(m.DefaultAggregation.Formula)
	}
	return out
}

func stockProduct(p *stripe.Product) billing.StockProduct {
	out := billing.StockProduct{
		ID: billing.ProductID(p.ID), Ours: p.Metadata[planKey] != "", Active: p.Active, Name: p.Name, Description: p.Description, Unit: p.UnitLabel,
	}
	if p.TaxCode != nil {
		out.TaxCode = p.TaxCode.ID
	}
	return out
}

// stockPrice reads a price, or false for one that no catalogue can say: a choice of the customer's, a package that rounds down, an amount that was
// once summed up by Stripe's old usage records.
func stockPrice(p *stripe.Price, events map[string]string) (out billing.StockPrice, ok bool) {
	if p.CustomUnitAmount != nil {
		return out, false
	}
	recurring := p.Recurring
	if recurring == nil { // it is paid once
		recurring = &stripe.PriceRecurring{}
	}
	currency := money.Currency(p.Currency)
	rate := rateOf(p.UnitAmountDecimal, p.UnitAmount, currency)
	out = billing.StockPrice{
		ID: billing.PriceID(p.ID), Active: p.Active, Event: events[recurring.Meter],
		Price: billing.Price{
			Key: keyOf(p), Amount: rate.Amount, Pico: rate.Pico, Tiering: billing.Tiering(p.TiersMode),
			Interval: billing.Interval(recurring.Interval), IntervalCount: int(recurring.IntervalCount),
		},
	}
	if p.Product != nil {
		out.Product = billing.ProductID(p.Product.ID)
	}
	if recurring.UsageType == stripe.PriceRecurringUsageTypeMetered {
		out.Kind = billing.Metered
	}
	if p.TransformQuantity != nil {
		if p.TransformQuantity.Round != stripe.PriceTransformQuantityRoundUp {
			return out, false
		}
		out.Package = p.TransformQuantity.DivideBy
	}
	if p.TaxBehavior != stripe.PriceTaxBehaviorUnspecified {
		out.Tax = billing.TaxBehavior(p.TaxBehavior)
	}
	for _, tier := range p.Tiers {
		out.Tiers = append(out.Tiers, billing.Tier{
			UpTo: tier.UpTo, Unit: rateOf(tier.UnitAmountDecimal, tier.UnitAmount, currency), Flat: money.New(tier.FlatAmount, currency),
		})
	}
	for code, option := range p.CurrencyOptions {
		other := money.Currency(code)
		if other == currency {
			continue
		}
		price := billing.CurrencyPrice{Rate: rateOf(option.UnitAmountDecimal, option.UnitAmount, other)}
		for _, tier := range option.Tiers {
			price.Tiers = append(price.Tiers, billing.Tier{
				UpTo: tier.UpTo, Unit: rateOf(tier.UnitAmountDecimal, tier.UnitAmount, other), Flat: money.New(tier.FlatAmount, other),
			})
		}
		out.Currencies = append(out.Currencies, price)
	}
	slices.SortFunc(out.Currencies, func(a, b billing.CurrencyPrice) int {
		return strings.Compare(string(a.Amount.Currency), string(b.Amount.Currency))
	})
	return out, true
}

// rateOf reads an amount that the SDK holds as a float: its shortest text is what Stripe sent.
func rateOf(decimal float64, whole int64, currency money.Currency) billing.Rate { //tidy:allow float the SDK has no other type
	text := strconv.FormatFloat(decimal, 'f', -1, 64)
	if minor, parts, found := strings.Cut(text, "."); found && len(parts) <= 12 {
		n, err := strconv.ParseInt(minor, 10, 64)
		pico, again := strconv.ParseInt((parts + "000000000000")[:12], 10, 64)
		if err == nil && again == nil {
			return billing.Rate{Amount: money.New(n, currency), Pico: pico}
		}
	}
	return billing.Rate{Amount: money.New(whole, currency)}
}

func stockCoupon(p *stripe.Coupon) billing.StockCoupon {
	out := billing.StockCoupon{
		ID: p.ID, Ours: p.Metadata[couponKey] != "", Valid: p.Valid,
		Coupon: billing.Coupon{
			ID: billing.CouponID(p.Metadata[couponKey]), Name: p.Name, Percent: billing.Percent(math.Round(p.PercentOff * 100)),
			Duration: billing.CouponDuration(p.Duration), Months: int(p.DurationInMonths), RedeemBy: at(p.RedeemBy), MaxRedemptions: p.MaxRedemptions,
		},
	}
	if p.AmountOff > 0 {
		out.Amount = money.New(p.AmountOff, money.Currency(p.Currency))
	}
	if p.AppliesTo != nil {
		for _, id := range p.AppliesTo.Products {
			out.Products = append(out.Products, billing.ProductID(id))
		}
	}
	for code, option := range p.CurrencyOptions {
		if other := money.Currency(code); other != out.Amount.Currency {
			out.Currencies = append(out.Currencies, money.New(option.AmountOff, other))
		}
	}
	return out
}

func stockCode(p *stripe.PromotionCode) billing.StockCode {
	out := billing.StockCode{
		ID: p.ID, Coupon: p.Promotion.Coupon.ID, Active: p.Active,
		PromotionCode: billing.PromotionCode{Code: p.Code, ExpiresAt: at(p.ExpiresAt), MaxRedemptions: p.MaxRedemptions},
	}
	if r := p.Restrictions; r != nil {
		out.FirstTime = r.FirstTimeTransaction
		if r.MinimumAmount > 0 {
			out.Minimum = money.New(r.MinimumAmount, money.Currency(r.MinimumAmountCurrency))
		}
	}
	return out
}
