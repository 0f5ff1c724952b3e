package service

import (
	"context"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// Seats are the seats of an account: how many it has, and who holds one.
type Seats struct {
	Total int64
	Seats []billing.Seat // in the order in which they were given; those beyond Total are not held
}

// Seats returns how many seats the account has, and whom they were given to.
func (s *Service) Seats(ctx context.Context, id billing.AccountID) (Seats, error) {
	status, err := s.Status(ctx, id)
	if err != nil {
		return Seats{}, err
	}
	return s.seatsWith(ctx, id, status.Accesses())
}

func (s *Service) seatsWith(ctx context.Context, id billing.AccountID, accesses []billing.Access) (Seats, error) {
	total := s.cfg.Catalog.Seats(accesses...)
	seats, err := s.cfg.Store.Seats(ctx, id)
	return Seats{Total: total, Seats: billing.Seated(seats, total)}, err
}

// AssignSeat gives a person one of the account's seats; who has one already keeps it. Without a free seat it is an error of code conflict.
func (s *Service) AssignSeat(ctx context.Context, id billing.AccountID, holder string) (Seats, error) {
	return s.changeSeats(ctx, id, func(tx *sqlstore.Tx, seats Seats) error {
		needed, err := billing.Assign(seats.Seats, seats.Total, holder)
		if err != nil || !needed {
			return err
		}
		return tx.AddSeat(ctx, billing.Seat{Account: id, Holder: holder, AssignedAt: s.cfg.Clock.Business()})
	})
}

// ReleaseSeat takes a person's seat back; who has none is an error of code not_found.
func (s *Service) ReleaseSeat(ctx context.Context, id billing.AccountID, holder string) (Seats, error) {
	return s.changeSeats(ctx, id, func(tx *sqlstore.Tx, _ Seats) error {
		released, err := tx.ReleaseSeat(ctx, id, holder)
		if err == nil && !released {
			return billing.Errorf(billing.NotFound, "%q has no seat of this account", holder).In("holder")
		}
		return err
	})
}

// changeSeats lets one change of an account's seats happen at a time, or a hundred at once would each see the last one free.
func (s *Service) changeSeats(ctx context.Context, id billing.AccountID, change func(tx *sqlstore.Tx, seats Seats) error) (Seats, error) {
	account, err := s.Account(ctx, id)
	if err != nil {
		return Seats{}, err
	}
	err = s.locked(ctx, accountLock(account.ID), func(ctx context.Context, h *hold) error {
		// Read from the store and not from memory: seats that were given up a moment ago elsewhere are not given away here.
		state, err := s.cfg.Store.Standing(ctx, account.Customer)
		if err != nil {
			return err
		}
		seats, err := s.seatsWith(ctx, id, billing.AccessesOf(s.cfg.Catalog, state, s.cfg.Clock.Business()))
		if err != nil {
			return err
		}
		return s.inTxHeld(ctx, h, func(tx *sqlstore.Tx) error { return change(tx, seats) })
	})
	if err != nil {
		return Seats{}, err
	}
	return s.Seats(ctx, id)
}
