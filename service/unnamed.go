package service

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// Unnamed is what was read because of an event that names no customer: whose the object is, or a product or price.
type Unnamed struct {
	Customer billing.CustomerID
	billing.Goods
}

// objectLock is the lease under which a product or price is read and written.
func objectLock(id string) string { return sqlstore.ObjectLease(id) }

// syncUnnamed works off the events about an object that name no customer. Refunds and disputes are given to the customer of their charge,
// whose reading brings them; products and prices are read and written alone.
func (s *Service) syncUnnamed(ctx context.Context, h *hold, d sqlstore.Due) error {
	customer, err := s.cfg.Store.Charged(ctx, billing.ChargeID(d.Object))
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	found := Unnamed{Customer: customer}
	p, err := s.configured(d.ProviderAccount)
	if err != nil {
		return err
	}
	if customer == "" {
		found, err = s.fetchUnnamed(ctx, p, NamedObject{Event: d.Type, ID: d.Object})
		if err != nil {
			return err
		}
	}
	h.last = true
	err = s.inTxHeld(ctx, h, func(tx *sqlstore.Tx) error {
		if found.Customer != "" {
			if err := tx.SetHome(ctx, found.Customer, p.Name); err != nil {
				return err
			}
			return tx.Address(ctx, p.Name, d.Object, d.Seq, found.Customer)
		}
		state := sqlstore.Done
		if len(found.Products)+len(found.Prices) == 0 {
			state = sqlstore.Ignored // a payment of a guest
		}
		if err := tx.SaveGoods(ctx, p.Name, found.Goods); err != nil {
			return err
		}
		return tx.ObjectDone(ctx, p.Name, d.Object, d.Seq, state, s.cfg.Clock.Wall())
	})
	if err == nil && found.Customer != "" {
		wake(p.awake)
	}
	return err
}

func (s *Service) fetchUnnamed(ctx context.Context, p *providerAccount, about NamedObject) (Unnamed, error) {
	found, err := call(ctx, func(ctx context.Context) (Unnamed, error) { return p.Provider.FetchUnnamed(ctx, about) })
	if err != nil {
		return found, fmt.Errorf("fetch %s for %s: %w", about.ID, about.Event, err)
	}
	return found, nil
}
