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

// The two lists of Goods: a page follows the last of the page before, in its list.
const (
	productList = "products/"
	priceList   = "prices/"
)

// Goods implements service.Directory. Products come first.
func (c *Client) Goods(ctx context.Context, after string) (page service.GoodsPage, err error) {
	last, inPrices := strings.CutPrefix(after, priceList)
	if !inPrices {
		last = strings.TrimPrefix(after, productList)
		params := &stripe.ProductListParams{}
		params.Limit, params.Single, params.StartingAfter = stripe.Int64(pageRows), true, optional(last)
		list := c.sc.V1Products.List(ctx, params)
		all, err := collect(list.All(ctx), "list products")
		if err != nil {
			return page, err
		}
		for _, product := range all {
			addProduct(&page.Goods, product)
		}
		if page.Next = priceList; list.Meta().HasMore && len(all) > 0 {
			page.Next = productList + all[len(all)-1].ID
		}
		return page, nil
	}
	params := &stripe.PriceListParams{}
	params.Limit, params.Single, params.StartingAfter = stripe.Int64(pageRows), true, optional(last)
	list := c.sc.V1Prices.List(ctx, params)
	all, err := collect(list.All(ctx), "list prices")
	if err != nil {
		return page, err
	}
	for _, price := range all {
		addPrice(&page.Goods, price)
	}
	if list.Meta().HasMore && len(all) > 0 {
		page.Next = priceList + all[len(all)-1].ID
	}
	return page, nil
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
	to.Objects = append(to.Objects, original(billing.ProductObject, p.ID, p.LastResponse, noFold))
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
	to.Objects = append(to.Objects, original(billing.PriceObject, p.ID, p.LastResponse, noFold))
}
