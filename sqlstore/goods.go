package sqlstore

import (
	"context"
	"fmt"
	"strings"

	"github.com/dues-billing/dues/billing"
)

// An object is one within its provider account: the products that are made of the catalogue have the same ids in all. Of another account than
// the default one ids are stored with the account's name before them, as events' are.
const (
	productColumns = `id, name, active, deleted, created_at`
	everyProduct   = `SELECT ` + productColumns + ` FROM products WHERE provider_account = $1 ORDER BY id`
	productByID    = `SELECT ` + productColumns + ` FROM products WHERE id = $1`
	saveProduct    = `INSERT INTO products (` + productColumns + `, provider_account) VALUES ($1, $2, $3, 0, $4, $5)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, active = excluded.active, deleted = 0, created_at = excluded.created_at`
	dropProduct = `UPDATE products SET deleted = 1 WHERE id = $1`

	priceColumns = `id, product, price_key, active, deleted, currency, amount, period, period_count, created_at`
	everyPrice   = `SELECT ` + priceColumns + ` FROM prices WHERE provider_account = $1 ORDER BY id`
	priceByID    = `SELECT ` + priceColumns + ` FROM prices WHERE id = $1`
	savePrice    = `INSERT INTO prices (` + priceColumns + `, provider_account) VALUES ($1, $2, $3, $4, 0, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (id) DO UPDATE SET price_key = excluded.price_key, active = excluded.active, deleted = 0, amount = excluded.amount`
	dropPrice = `UPDATE prices SET deleted = 1 WHERE id = $1`

	objectsSold = `SELECT id, kind, raw FROM objects WHERE customer = '' AND provider_account = $1 ORDER BY kind, id`
	saveSold    = `INSERT INTO objects (id, kind, customer, raw, provider_account) VALUES ($1, $2, '', $3, $4)
		ON CONFLICT (id) DO UPDATE SET raw = excluded.raw WHERE objects.raw <> excluded.raw`
)

// Goods returns every product and price that the mirror holds of a provider account, those that were deleted there too, with the objects as
// it sent them.
func (r reads) Goods(ctx context.Context, of billing.ProviderAccount) (billing.Goods, error) {
	return r.goods(ctx, of, everyProduct, everyPrice, objectsSold, of)
}

// GoodsBy returns what Goods returns of one product or price: nothing when the mirror does not hold it.
func (r reads) GoodsBy(ctx context.Context, of billing.ProviderAccount, id string) (billing.Goods, error) {
	return r.goods(ctx, of, productByID, priceByID, objectByID, storedID(of, id))
}

func (r reads) goods(ctx context.Context, of billing.ProviderAccount, products, prices, objects string, chosen any) (all billing.Goods, err error) {
	own := func(id string) string { return strings.TrimPrefix(id, string(of)+"/") }
	if all.Products, err = rows(ctx, r, scanProduct, products, chosen); err != nil {
		return all, err
	}
	if all.Prices, err = rows(ctx, r, scanPrice, prices, chosen); err != nil {
		return all, err
	}
	if all.Objects, err = rows(ctx, r, scanObject, objects, chosen); err != nil || of == "" {
		return all, err
	}
	for i := range all.Products {
		all.Products[i].ID = billing.ProductID(own(string(all.Products[i].ID)))
	}
	for i := range all.Prices {
		p := &all.Prices[i]
		p.ID, p.Product = billing.PriceID(own(string(p.ID))), billing.ProductID(own(string(p.Product)))
	}
	for i := range all.Objects {
		all.Objects[i].ID = own(all.Objects[i].ID)
	}
	return all, nil
}

func scanProduct(from scanner) (p billing.Product, err error) {
	return p, from.Scan(&p.ID, &p.Name, &p.Active, &p.Deleted, moment{&p.CreatedAt})
}

func scanPrice(from scanner) (p billing.ProductPrice, err error) {
	return p, from.Scan(&p.ID, &p.Product, &p.PriceKey, &p.Active, &p.Deleted, &p.Amount.Currency, &p.Amount.Minor, &p.Period, &p.PeriodCount,
		moment{&p.CreatedAt})
}

// SaveGoods writes products and prices that were read in a provider account. Of one that was deleted there only that is noted.
func (tx *Tx) SaveGoods(ctx context.Context, of billing.ProviderAccount, read billing.Goods) error {
	for _, p := range read.Products {
		save, args := saveProduct, []any{storedID(of, string(p.ID)), p.Name, flag(p.Active), micros(p.CreatedAt), of}
		if p.Deleted {
			save, args = dropProduct, args[:1]
		}
		if _, err := tx.db.ExecContext(ctx, save, args...); err != nil {
			return fmt.Errorf("product %s: %w", p.ID, err)
		}
	}
	for _, p := range read.Prices {
		save, args := savePrice, []any{
			storedID(of, string(p.ID)), storedID(of, string(p.Product)), p.PriceKey, flag(p.Active), p.Amount.Currency, p.Amount.Minor, p.Period, p.PeriodCount,
			micros(p.CreatedAt), of,
		}
		if p.Deleted {
			save, args = dropPrice, args[:1]
		}
		if _, err := tx.db.ExecContext(ctx, save, args...); err != nil {
			return fmt.Errorf("price %s: %w", p.ID, err)
		}
	}
	for _, o := range read.Objects {
		if _, err := tx.db.ExecContext(ctx, saveSold, storedID(of, o.ID), o.Kind, o.Raw, of); err != nil {
			return fmt.Errorf("%s %s: %w", o.Kind, o.ID, err)
		}
	}
	return nil
}
