package service

import (
	"context"

	"golang.org/x/time/rate"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// Migrating says whom to move from an archived price to a newer one.
type Migrating struct {
	From, To string // the catalogue's keys; To "" is the price that From names as move_to
	DryRun   bool   // decide, and change nothing
	// Rate bounds the subscriptions per second; 0 is migrateRate. One costs some fifteen requests to the provider.
	Rate float64
	// Done is told each subscription, from one goroutine; nil tells nobody. Of a dry run the moves that would be made are pending.
	Done func(billing.PriceMove)
}

// Migrated counts what became of the subscriptions that were on the price.
type Migrated struct {
	Moved   int `json:"moved"`
	Skipped int `json:"skipped"`
	Failed  int `json:"failed"`
}

const (
	// migrateRate leaves the greater part of what Stripe allows to the service that runs beside it.
	migrateRate = 1
	// migratePage is how many customers of the mirror are read at once.
	migratePage = 500
	// whyBytesMax bounds an error that is kept in the ledger.
	whyBytesMax = 500
)

// Migrate moves the subscribers of an archived price to a newer one, from their next period on, and keeps a row of each in a ledger: moved,
// skipped or failed, and why. It may run beside the service, and again: who was moved is not on the old price any more, who was skipped or failed
// is tried once more. Prices that the catalogue does not let follow one another are an error of code invalid.
func (s *Service) Migrate(ctx context.Context, how Migrating) (sum Migrated, err error) {
	if how.To, err = s.checkMigrating(how); err != nil {
		return sum, err
	}
	if how.Done == nil {
		how.Done = func(billing.PriceMove) {}
	}
	if how.Rate <= 0 {
		how.Rate = migrateRate
	}
	limit := rate.NewLimiter(rate.Limit(how.Rate), 1)
	after := billing.CustomerID("")
	for {
		page, err := s.cfg.Store.LiveCustomers(ctx, after, migratePage)
		if err != nil || len(page) == 0 {
			return sum, err
		}
		for _, customer := range page {
			after = customer
			subs, err := s.cfg.Store.Subscriptions(ctx, customer)
			if err != nil {
				return sum, err
			}
			for _, sub := range subs {
				if sub.Status.Ended() || !sub.On(how.From) {
					continue
				}
				if err := limit.Wait(ctx); err != nil {
					return sum, err
				}
				move, err := s.migrate(ctx, customer, sub, how)
				if err != nil {
					return sum, err
				}
				sum.count(move)
				how.Done(move)
			}
		}
	}
}

func (m *Migrated) count(move billing.PriceMove) {
	switch move.Status {
	case billing.MoveSkipped:
		m.Skipped++
	case billing.MoveFailed:
		m.Failed++
	default:
		m.Moved++
	}
}

func (s *Service) checkMigrating(how Migrating) (to string, err error) {
	named, ok := s.cfg.Catalog.MovablePrices()[how.From]
	switch {
	case !ok:
		return "", billing.Errorf(billing.Invalid, "the catalogue does not say where the subscribers of %q move: give that price archived: true and move_to:", how.From)
	case how.To != "" && how.To != named:
		return "", billing.Errorf(billing.Invalid, "the catalogue says that the subscribers of %q move to %q, not to %q", how.From, named, how.To)
	}
	return named, nil
}

// migrate moves one subscription, or says why not. Its error ends the run: the database is not there, or nobody wants it any more.
func (s *Service) migrate(ctx context.Context, customer billing.CustomerID, sub billing.Subscription, how Migrating) (move billing.PriceMove, err error) {
	account, err := s.AccountByCustomer(ctx, customer)
	if err != nil && billing.CodeOf(err) != billing.NotFound {
		return move, err
	}
	move = billing.PriceMove{
		ID: billing.PriceMoveID(newID("move")), Account: account.ID, Subscription: sub.ID, From: how.From, To: how.To, Status: billing.MovePending,
		CreatedAt: s.cfg.Clock.Business(),
	}
	if how.DryRun {
		if _, move.Why = s.cfg.Catalog.Movable(sub, how.From, how.To); move.Why != "" {
			move.Status = billing.MoveSkipped
		}
		return move, nil
	}
	err = s.locked(ctx, customerLock(customer), func(ctx context.Context, h *hold) error {
		state, err := s.sync(ctx, h, customer)
		if err != nil {
			return err
		}
		now, _ := state.Subscription(sub.ID)
		item, why := s.cfg.Catalog.Movable(now, how.From, how.To)
		if why != "" {
			move.Status, move.Why = billing.MoveSkipped, why
			return nil
		}
		if move, err = s.beginMove(ctx, h, move); err != nil {
			return err
		}
		return s.reprice(ctx, h, customer, item, move)
	})
	switch {
	case err == nil && move.Status == billing.MovePending:
		move.Status = billing.Moved
	case err != nil && ctx.Err() != nil:
		return move, err // pending: the next run goes on with it
	case err != nil:
		move.Status, move.Why = billing.MoveFailed, err.Error()
		move.Why = move.Why[:min(len(move.Why), whyBytesMax)]
	}
	return move, s.endMove(ctx, &move)
}

// beginMove commits the intent. Its id is the idempotency key, so after a lost answer the same move goes on.
func (s *Service) beginMove(ctx context.Context, h *hold, move billing.PriceMove) (billing.PriceMove, error) {
	err := s.inTx(ctx, func(tx *sqlstore.Tx) error {
		if err := tx.Hold(ctx, h.lease); err != nil {
			return err
		}
		begun, found, err := tx.PendingPriceMove(ctx, move.Subscription)
		if err != nil {
			return err
		}
		if found && begun.From == move.From && begun.To == move.To {
			move = begun
			return nil
		}
		if found { // of an earlier catalogue
			begun.Status, begun.Why, begun.DoneAt = billing.MoveFailed, "another move took its place", move.CreatedAt
			if err := tx.SavePriceMove(ctx, begun); err != nil {
				return err
			}
		}
		return tx.AddPriceMove(ctx, move)
	})
	return move, err
}

// reprice asks for a move. A customer of the mirror may be nobody's account, so it is looked up where he is billed.
func (s *Service) reprice(ctx context.Context, h *hold, customer billing.CustomerID, item billing.Item, move billing.PriceMove) error {
	p, err := s.of(ctx, customer)
	if err != nil {
		return err
	}
	price, err := s.priceID(ctx, p, move.To)
	if err != nil {
		return err
	}
	if _, err := call(ctx, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, p.Prices.Reprice(ctx, RepriceRequest{Subscription: move.Subscription, Item: item.ID, Price: price, Key: string(move.ID)})
	}); err != nil {
		return err
	}
	_, err = s.sync(ctx, h, customer)
	return err
}

// endMove writes what became of a move. One that is skipped for the same reason as before needs no second row.
func (s *Service) endMove(ctx context.Context, move *billing.PriceMove) error {
	move.DoneAt = s.cfg.Clock.Business()
	return s.inTx(ctx, func(tx *sqlstore.Tx) error {
		last, found, err := tx.LastPriceMove(ctx, move.Subscription)
		switch {
		case err != nil:
			return err
		case found && last.ID == move.ID:
			return tx.SavePriceMove(ctx, *move)
		case found && last.From == move.From && last.To == move.To && last.Status == move.Status && last.Why == move.Why:
			return nil
		}
		return tx.AddPriceMove(ctx, *move)
	})
}

// priceMovesMax bounds one answer of PriceMoves.
const priceMovesMax = 500

// PriceMoves returns the ledger of a price in the order of the ids, from the one after the given id on, at most 500 rows.
func (s *Service) PriceMoves(ctx context.Context, from string, after billing.PriceMoveID) ([]billing.PriceMove, error) {
	return s.cfg.Store.PriceMoves(ctx, from, after, priceMovesMax)
}
