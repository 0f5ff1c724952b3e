package service

import (
	"context"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// Grant gives an account an entitlement beside its plan. ID, Account and CreatedAt are filled in. Errors of code invalid name the field; an account
// with billing.GrantsMax grants that have not ended is a conflict.
func (s *Service) Grant(ctx context.Context, id billing.AccountID, g billing.Grant) (billing.Grant, error) {
	if _, err := s.Account(ctx, id); err != nil {
		return billing.Grant{}, err
	}
	now := s.cfg.Clock.Business().Truncate(time.Microsecond) // as it is stored
	g.ID, g.Account, g.CreatedAt, g.EndsAt = billing.GrantID(newID("grant")), id, now, g.EndsAt.Truncate(time.Microsecond)
	if err := g.Check(s.cfg.Catalog, now); err != nil {
		return billing.Grant{}, err
	}
	return g, s.inTx(ctx, func(tx *sqlstore.Tx) error {
		held, err := tx.HeldGrants(ctx, id, now)
		if err != nil {
			return err
		}
		if len(held) >= billing.GrantsMax {
			return billing.Errorf(billing.Conflict, "the account has %d grants already; end some of them", billing.GrantsMax)
		}
		return tx.AddGrant(ctx, g)
	})
}

// EndGrant takes a grant back from now on. One that has ended already is success.
func (s *Service) EndGrant(ctx context.Context, id billing.AccountID, grant billing.GrantID) error {
	return s.inTx(ctx, func(tx *sqlstore.Tx) error { return tx.EndGrant(ctx, id, grant, s.cfg.Clock.Business()) })
}

// grantsListed is how many grants are shown of an account.
const grantsListed = 500

// Grants returns an account's grants, ended ones included, newest first, the newest 500.
func (s *Service) Grants(ctx context.Context, id billing.AccountID) ([]billing.Grant, error) {
	if _, err := s.Account(ctx, id); err != nil {
		return nil, err
	}
	return s.cfg.Store.Grants(ctx, id, grantsListed)
}
