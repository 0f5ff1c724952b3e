package stripeprovider

import (
	"context"
	"strings"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
	"github.com/dues-billing/dues/service"
)

// FetchUnnamed implements service.Source.
func (c *Client) FetchUnnamed(ctx context.Context, about service.NamedObject) (service.Unnamed, error) {
	switch kind, _, _ := strings.Cut(about.Event, "."); kind {
	case "product":
		return c.product(ctx, about.ID)
	case "price":
		return c.price(ctx, about.ID)
	}
	read, err := c.sc.V1Charges.Retrieve(ctx, about.ID, nil)
	if err := failure("retrieve charge", err); billing.CodeOf(err) == billing.NotFound {
		return service.Unnamed{}, nil
	} else if err != nil || read.Customer == nil {
		return service.Unnamed{}, err
	}
	return service.Unnamed{Customer: billing.CustomerID(read.Customer.ID)}, nil
}

func (c *Client) product(ctx context.Context, id string) (found service.Unnamed, err error) {
	read, err := c.sc.V1Products.Retrieve(ctx, id, nil)
	if err := failure("retrieve product", err); billing.CodeOf(err) == billing.NotFound || err == nil && read.Deleted {
		found.Products = []billing.Product{{ID: billing.ProductID(id), Deleted: true}}
		return found, nil
	} else if err != nil {
		return found, err
	}
	addProduct(&found.Goods, read)
	return found, nil
}

func (c *Client) price(ctx context.Context, id string) (found service.Unnamed, err error) {
	read, err := c.sc.V1Prices.Retrieve(ctx, id, nil)
	if err := failure("retrieve price", err); billing.CodeOf(err) == billing.NotFound || err == nil && read.Deleted {
		found.Prices = []billing.ProductPrice{{ID: billing.PriceID(id), Deleted: true}}
		return found, nil
	} else if err != nil {
		return found, err
	}
	c.remember(read)
	addPrice(&found.Goods, read)
	return found, nil
}

func addProduct(to *billing.Goods, p *stripe.Product) {
	to.Products = append(to.Products, billing.Product{ID: billing.ProductID(p.ID), Name: p.Name, Active: p.Active, CreatedAt: at(p.Created)})
	to.Objects = append(to.Objects, original(billing.ProductObject, p.ID, p.LastResponse.RawJSON, noFold))
}

func addPrice(to *billing.Goods, p *stripe.Price) {
	out := billing.ProductPrice{
		ID: billing.PriceID(p.ID), PriceKey: keyOf(p), Active: p.Active, Amount: money.New(p.UnitAmount, money.Currency(p.Currency)), CreatedAt: at(p.Created),
	}
	if p.Product != nil {
		out.Product = billing.ProductID(p.Product.ID)
	}
	if p.Recurring != nil {
		out.Period, out.PeriodCount = billing.Interval(p.Recurring.Interval), int(p.Recurring.IntervalCount)
	}
	to.Prices = append(to.Prices, out)
	to.Objects = append(to.Objects, original(billing.PriceObject, p.ID, p.LastResponse.RawJSON, noFold))
}
