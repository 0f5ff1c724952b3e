package billing

import (
	"time"

	"github.com/dues-billing/dues/money"
)

// ProductID is the provider's id of a product.
type ProductID string

// Product mirrors what the provider knows as something that is sold. A Plan of the catalogue is one, and there may be others.
type Product struct {
	ID        ProductID
	Name      string
	Active    bool
	Deleted   bool // at the provider; then the rest is as it was
	CreatedAt time.Time
}

// ProductPrice mirrors a price at the provider. A Price of the catalogue is one, and there may be others: retired ones, tiers, metered ones.
type ProductPrice struct {
	ID          PriceID
	Product     ProductID
	PriceKey    string // the catalogue's key, "" for a price that is not in the catalogue
	Active      bool
	Deleted     bool
	Amount      money.Amount // of one; 0 where the price has tiers
	Period      Interval     // "" for a price that is paid once
	PeriodCount int
	CreatedAt   time.Time
}

// Goods are products and prices that were read at the provider, with the objects as it sent them.
type Goods struct {
	Products []Product
	Prices   []ProductPrice
	Objects  []Object
}
