package service

import (
	"context"
	"fmt"
	"slices"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// goodsPerTurn is how many products and prices are read in the time of one customer, who costs about as many requests.
const goodsPerTurn = 6

// goods compares the products and prices of a provider account. What the lists show to differ, or do not show, is read alone while nobody else writes it, and
// compared again.
func (r *reconciler) goods(ctx context.Context, in *providerAccount) error {
	mirror, err := r.cfg.Store.Goods(ctx, in.Name)
	if err != nil {
		return err
	}
	var listed billing.Goods
	for after, first := "", true; first || after != ""; first = false {
		page, err := call(ctx, func(ctx context.Context) (GoodsPage, error) { return in.Directory.Goods(ctx, after) })
		if err != nil {
			return fmt.Errorf("list products and prices: %w", err)
		}
		listed.Products, listed.Prices = append(listed.Products, page.Products...), append(listed.Prices, page.Prices...)
		listed.Objects = append(listed.Objects, page.Objects...)
		after = page.Next
	}
	drifts, err := driftOfGoods(mirror, listed)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, drift := range drifts {
		if seen[drift.ID] {
			continue
		}
		if len(seen)%goodsPerTurn == 0 && r.limit.Wait(ctx) != nil {
			return ctx.Err()
		}
		seen[drift.ID] = true
		if err := r.compareGoods(ctx, in, drift.Object, drift.ID); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			r.log.WarnContext(ctx, "a product or price was not compared", "object", drift.ID, "error", err)
			r.count(func(sum *Reconciled) { sum.Failed++ })
		}
	}
	return nil
}

// compareGoods holds one product or price against the provider, and repairs it.
func (r *reconciler) compareGoods(ctx context.Context, in *providerAccount, kind, id string) error {
	return r.locked(ctx, objectLock(id), func(ctx context.Context, h *hold) error {
		mirror, err := r.cfg.Store.GoodsBy(ctx, in.Name, id)
		if err != nil {
			return err
		}
		found, err := r.fetchUnnamed(ctx, in, NamedObject{Event: kind + ".", ID: id})
		if err != nil {
			return err
		}
		drifts, err := driftOfGoods(mirror, found.Goods)
		if err != nil {
			return err
		}
		waits, err := r.cfg.Store.ObjectWaits(ctx, in.Name, id)
		if err != nil || len(drifts) == 0 {
			return err
		}
		r.reportGoods(drifts, waits)
		if r.how.DryRun {
			return nil
		}
		err = r.cfg.Store.InTx(ctx, func(tx *sqlstore.Tx) error {
			if err := tx.Hold(ctx, h.lease); err != nil {
				return err
			}
			return tx.SaveGoods(ctx, in.Name, found.Goods)
		})
		if err == nil && !waits {
			r.count(func(sum *Reconciled) { sum.GoodsRepaired++ })
		}
		return err
	})
}

func (r *reconciler) reportGoods(drifts []Drift, late bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if late {
		return
	}
	r.sum.Goods++
	for _, drift := range drifts {
		if r.how.Found != nil {
			r.how.Found(drift)
		}
	}
}

// driftOfGoods lists what differs in products and prices. One that the provider has no more is told as Deleted, by itself or by its
// absence.
func driftOfGoods(mirror, now billing.Goods) ([]Drift, error) {
	d := differ{}
	productID := func(p billing.Product) string { return string(p.ID) }
	priceID := func(p billing.ProductPrice) string { return string(p.ID) }
	isDeleted := func(kind billing.ObjectKind, id string) {
		d.object(string(kind), id, map[string]bool{"Deleted": false}, map[string]bool{"Deleted": true})
	}
	for _, was := range mirror.Products {
		if is, listed := byID(now.Products, string(was.ID), productID); !was.Deleted && (!listed || is.Deleted) {
			isDeleted(billing.ProductObject, string(was.ID))
		}
	}
	for _, was := range mirror.Prices {
		if is, listed := byID(now.Prices, string(was.ID), priceID); !was.Deleted && (!listed || is.Deleted) {
			isDeleted(billing.PriceObject, string(was.ID))
		}
	}
	driftOfEach(&d, billing.ProductObject, mirror.Products, slices.DeleteFunc(slices.Clone(now.Products), func(p billing.Product) bool { return p.Deleted }), productID)
	driftOfEach(&d, billing.PriceObject, mirror.Prices, slices.DeleteFunc(slices.Clone(now.Prices), func(p billing.ProductPrice) bool { return p.Deleted }), priceID)
	d.originals(mirror.Objects, now.Objects)
	return d.found, d.err
}
