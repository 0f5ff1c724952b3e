package sqlstore

import (
	"context"
	"fmt"

	"github.com/dues-billing/dues/billing"
)

const (
	productColumns = `id, name, active, deleted, created_at`
	everyProduct   = `SELECT ` + productColumns + ` FROM products ORDER BY id`
	productByID    = `SELECT ` + productColumns + ` FROM products WHERE id = $1`
	saveProduct    = `INSERT INTO products (` + productColumns + `) VALUES ($1, $2, $3, 0, $4)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, active = excluded.active, deleted = 0, created_at = excluded.created_at`
	dropProduct = `UPDATE products SET deleted = 1 WHERE id = $1`

	priceColumns = `id, product, price_key, active, deleted, currency, amount, period, period_count, created_at`
	everyPrice   = `SELECT ` + priceColumns + ` FROM prices ORDER BY id`
	priceByID    = `SELECT ` + priceColumns + ` FROM prices WHERE id = $1`
	savePrice    = `INSERT INTO prices (` + priceColumns + `) VALUES ($1, $2, $3, $4, 0, $5, $6, $7, $8, $9)
		ON CONFLICT (id) DO UPDATE SET price_key = excluded.price_key, active = excluded.active, deleted = 0, amount = excluded.amount`
	dropPrice = `UPDATE prices SET deleted = 1 WHERE id = $1`
)

// Goods returns every product and price of the mirror, those that were deleted at the provider too, with the objects as it sent them.
func (r reads) Goods(ctx context.Context) (all billing.Goods, err error) {
	if all.Products, err = rows(ctx, r, scanProduct, everyProduct); err != nil {
		return all, err
	}
	if all.Prices, err = rows(ctx, r, scanPrice, everyPrice); err != nil {
		return all, err
	}
	all.Objects, err = r.Objects(ctx, "")
	return all, err
}

// GoodsBy returns what Goods returns of one product or price: nothing when the mirror does not hold it.
func (r reads) GoodsBy(ctx context.Context, id string) (one billing.Goods, err error) {
	if one.Products, err = rows(ctx, r, scanProduct, productByID, id); err != nil {
		return one, err
	}
	if one.Prices, err = rows(ctx, r, scanPrice, priceByID, id); err != nil {
		return one, err
	}
	one.Objects, err = rows(ctx, r, scanObject, objectByID, id)
	return one, err
}

func scanProduct(from scanner) (p billing.Product, err error) {
	return p, from.Scan(&p.ID, &p.Name, &p.Active, &p.Deleted, moment{&p.CreatedAt})
}

func scanPrice(from scanner) (p billing.ProductPrice, err error) {
	return p, from.Scan(&p.ID, &p.Product, &p.PriceKey, &p.Active, &p.Deleted, &p.Amount.Currency, &p.Amount.Minor, &p.Period, &p.PeriodCount,
		moment{&p.CreatedAt})
}

// SaveGoods writes products and prices that were read. Of one that was deleted at the provider only that is noted.
func (tx *Tx) SaveGoods(ctx context.Context, read billing.Goods) error {
	for _, p := range read.Products {
		save, args := saveProduct, []any{p.ID, p.Name, flag(p.Active), micros(p.CreatedAt)}
		if p.Deleted {
			save, args = dropProduct, args[:1]
		}
		if _, err := tx.db.ExecContext(ctx, save, args...); err != nil {
			return fmt.Errorf("product %s: %w", p.ID, err)
		}
	}
	for _, p := range read.Prices {
		save, args := savePrice, []any{p.ID, p.Product, p.PriceKey, flag(p.Active), p.Amount.Currency, p.Amount.Minor, p.Period, p.PeriodCount, micros(p.CreatedAt)}
		if p.Deleted {
			save, args = dropPrice, args[:1]
		}
		if _, err := tx.db.ExecContext(ctx, save, args...); err != nil {
			return fmt.Errorf("price %s: %w", p.ID, err)
		}
	}
	return tx.saveObjects(ctx, "", read.Objects)
}
