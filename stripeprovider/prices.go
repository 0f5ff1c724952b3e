package stripeprovider

import (
	"context"
	"fmt"
	"slices"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
)

// EnsurePrices implements service.PriceMaker. Products get ids made of the plan's, prices the catalogue's key as lookup_key,
// so two processes that start at once make one of each.
func (c *Client) EnsurePrices(ctx context.Context, catalog billing.Catalog) (map[string]billing.PriceID, error) {
	there, err := c.pricesByKey(ctx, catalog)
	if err != nil {
		return nil, err
	}
	ids := map[string]billing.PriceID{}
	for _, plan := range catalog.Plans {
		productMade := false
		for _, want := range plan.Prices {
			got, ok := there[want.Key]
			if ok {
				if err := samePrice(want, got); err != nil {
					return nil, err
				}
			} else {
				if !productMade {
					if err := c.ensureProduct(ctx, plan); err != nil {
						return nil, err
					}
					productMade = true
				}
				if got, err = c.createPrice(ctx, plan, want); err != nil {
					return nil, err
				}
			}
			c.remember(got)
			ids[want.Key] = billing.PriceID(got.ID)
		}
	}
	return ids, nil
}

func (c *Client) pricesByKey(ctx context.Context, catalog billing.Catalog) (map[string]*stripe.Price, error) {
	var keys []string
	for _, plan := range catalog.Plans {
		for _, price := range plan.Prices {
			keys = append(keys, price.Key)
		}
	}
	there := map[string]*stripe.Price{}
	for some := range slices.Chunk(keys, keysPerPage) {
		list := &stripe.PriceListParams{LookupKeys: stripe.StringSlice(some), Active: stripe.Bool(true)}
		list.Limit = stripe.Int64(pageRows)
		for price, err := range c.sc.V1Prices.List(ctx, list).All(ctx) {
			if err != nil {
				return nil, failure("list prices", err)
			}
			there[price.LookupKey] = price
		}
	}
	return there, nil
}

// samePrice refuses a price at Stripe that is not what the catalogue says under the same key.
func samePrice(want billing.Price, got *stripe.Price) error {
	have := billing.Price{Key: want.Key, Amount: money.New(got.UnitAmount, money.Currency(got.Currency))}
	if got.Recurring != nil {
		have.Interval, have.IntervalCount = billing.Interval(got.Recurring.Interval), int(got.Recurring.IntervalCount)
	}
	if have.Amount == want.Amount && have.Interval == want.Interval && have.IntervalCount == want.IntervalCount {
		return nil
	}
	return billing.Errorf(billing.Conflict, "price %s is %s at Stripe and %s in the catalogue; prices never change: give the new one a new key",
		want.Key, describe(have), describe(want))
}

func describe(p billing.Price) string {
	if p.IntervalCount == 1 {
		return fmt.Sprintf("%s a %s", p.Amount, p.Interval)
	}
	return fmt.Sprintf("%s each %d %ss", p.Amount, p.IntervalCount, p.Interval)
}

func productID(plan billing.PlanID) string { return "dues_" + string(plan) }

func (c *Client) ensureProduct(ctx context.Context, plan billing.Plan) error {
	id := productID(plan.ID)
	_, err := c.sc.V1Products.Retrieve(ctx, id, nil)
	if !missing(err) {
		return failure("retrieve product", err)
	}
	params := &stripe.ProductCreateParams{
		ID:          stripe.String(id),
		Name:        stripe.String(plan.Name),
		Description: optional(plan.Description),
		Metadata:    map[string]string{planKey: string(plan.ID)},
	}
	params.SetIdempotencyKey("dues-product-" + string(plan.ID))
	_, err = c.sc.V1Products.Create(ctx, params)
	return failure("create product", err)
}

func (c *Client) createPrice(ctx context.Context, plan billing.Plan, want billing.Price) (*stripe.Price, error) {
	params := &stripe.PriceCreateParams{
		Product:    stripe.String(productID(plan.ID)),
		Currency:   stripe.String(string(want.Amount.Currency)),
		UnitAmount: stripe.Int64(want.Amount.Minor),
		LookupKey:  stripe.String(want.Key),
		Recurring: &stripe.PriceCreateRecurringParams{
			Interval: stripe.String(string(want.Interval)), IntervalCount: stripe.Int64(int64(want.IntervalCount)),
		},
		Metadata: map[string]string{priceKey: want.Key},
	}
	params.SetIdempotencyKey(fmt.Sprintf("dues-price-%s-%s", want.Key, describe(want)))
	made, err := c.sc.V1Prices.Create(ctx, params)
	if err != nil {
		return nil, failure("create price", err)
	}
	return made, nil
}

// keyOf returns the catalogue's key of a price, "" when it is not of the catalogue. The lookup_key moves to a successor when
// the catalogue changes, and then the metadata still tells.
func keyOf(p *stripe.Price) string {
	if p.LookupKey != "" {
		return p.LookupKey
	}
	return p.Metadata[priceKey]
}

func (c *Client) remember(p *stripe.Price) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.keys) >= pricesKnown {
		clear(c.keys)
	}
	c.keys[p.ID] = keyOf(p)
}

// priceKeyByID returns the catalogue's key of a price that is known by its id only, as on invoice lines.
func (c *Client) priceKeyByID(ctx context.Context, id string) (string, error) {
	c.mu.Lock()
	key, ok := c.keys[id]
	c.mu.Unlock()
	if ok || id == "" {
		return key, nil
	}
	price, err := c.sc.V1Prices.Retrieve(ctx, id, nil)
	if missing(err) {
		return "", nil
	}
	if err != nil {
		return "", failure("retrieve price", err)
	}
	c.remember(price)
	return keyOf(price), nil
}
