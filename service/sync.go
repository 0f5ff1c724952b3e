package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// callTime bounds one call to the provider, the SDK's retries included.
const callTime = 40 * time.Second

// Sync reads the customer's state from the provider and commits it with all its effects. It is the one way in, for webhooks,
// return pages and requests alike, and runs for one customer at a time; callers that wait together share one fetch.
func (s *Service) Sync(ctx context.Context, customer billing.CustomerID) error {
	name := customerLock(customer)
	row := s.locks.enter(name)
	defer s.locks.leave(name, row)
	ticket := s.locks.ask(row)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-row.turn:
	}
	defer func() { row.turn <- struct{}{} }()
	if s.locks.isAnswered(row, ticket) {
		return nil
	}
	return s.leased(ctx, name, row, true, func(ctx context.Context, h *hold) error {
		_, err := s.sync(ctx, h, customer)
		return err
	})
}

// sync is Sync for those who hold the customer's lease. It returns the state that it committed.
func (s *Service) sync(ctx context.Context, h *hold, customer billing.CustomerID) (billing.State, error) {
	began := s.cfg.Clock.Wall()
	state, err := s.fetchAndCommit(ctx, h, customer)
	s.cfg.Meter.Synced(s.cfg.Clock.Wall().Sub(began), err)
	return state, err
}

func (s *Service) fetchAndCommit(ctx context.Context, h *hold, customer billing.CustomerID) (billing.State, error) {
	covers := s.locks.lastAsked(h.row)
	// What was taken in before the fetch begins is in what it shows.
	event, err := s.cfg.Store.LastEvent(ctx, customer)
	if err != nil {
		return billing.State{}, err
	}
	snapshot, err := call(ctx, func(ctx context.Context) (Snapshot, error) { return s.cfg.Provider.Fetch(ctx, customer) })
	if err != nil {
		return billing.State{}, fmt.Errorf("fetch customer %s: %w", customer, err)
	}
	now := snapshot.state(customer)
	now.SyncedAt = s.cfg.Clock.Wall()
	var added brought
	err = s.cfg.Store.InTx(ctx, func(tx *sqlstore.Tx) error {
		added = brought{}
		if err := tx.Hold(ctx, h.lease); err != nil {
			return err
		}
		mirror, err := tx.State(ctx, customer)
		if err != nil {
			return err
		}
		if err := tx.SaveState(ctx, mirror, now); err != nil {
			return err
		}
		account, err := tx.AccountByCustomer(ctx, customer)
		switch {
		case billing.CodeOf(err) == billing.NotFound: // somebody else's customer: mirrored, without effects
		case err != nil:
			return err
		default:
			if added, err = s.apply(ctx, tx, account.Account, mirror, now); err != nil {
				return err
			}
			closing, err := s.settle(ctx, tx, account.ID, snapshot.Checkouts, now)
			if err != nil {
				return err
			}
			added.effects = added.effects || closing
		}
		return tx.EventsDone(ctx, customer, event, now.SyncedAt)
	})
	if err != nil {
		return billing.State{}, fmt.Errorf("sync customer %s: %w", customer, err)
	}
	s.locks.answer(h.row, covers)
	if added.effects {
		wake(s.outbox)
	}
	if added.notices {
		s.wakeEndpoints()
	}
	return now, nil
}

// brought is what a change has given the outbox to do.
type brought struct {
	effects bool // mails and calls
	notices bool
}

// apply writes what the change from mirror to now brings about.
func (s *Service) apply(ctx context.Context, tx *sqlstore.Tx, account billing.Account, mirror, now billing.State) (added brought, err error) {
	decision := billing.Decide(s.cfg.Catalog, account.ID, mirror, now)
	if n := s.cfg.Catalog.PaidRunning(now); n > 1 {
		// We open no second one; somebody did at the provider. Which one is meant, a person must say.
		s.log.WarnContext(ctx, "an account pays for several subscriptions", "account", account.ID, "subscriptions", n)
	}
	change := billing.Change{Mirror: mirror, Now: now}
	if change.Extended, change.Licenses, err = s.license(ctx, tx, account.ID, decision.Licenses); err != nil {
		return added, err
	}
	for _, effect := range decision.Effects {
		fresh, err := s.addEffect(ctx, tx, account.ID, effect, now)
		if err != nil {
			return added, err
		}
		added.effects = added.effects || fresh
	}
	added.notices, err = s.tell(ctx, tx, account, change)
	return added, err
}

// license records the lines that license something and are not recorded yet. They follow from the state alone and not from what
// is new in it, so that a line that was missed is recorded by the next sync; most of them are known, and are not written again.
// It returns those that it recorded, and what is held with them.
func (s *Service) license(ctx context.Context, tx *sqlstore.Tx, account billing.AccountID, lines []billing.LicenseLine) (
	fresh []billing.LicenseLine, held []billing.License, err error,
) {
	if len(lines) == 0 {
		return nil, nil, nil
	}
	recorded, err := tx.LicenseLines(ctx, account)
	if err != nil {
		return nil, nil, err
	}
	type key struct {
		line  string
		asset billing.AssetID
	}
	known := make(map[key]bool, len(recorded))
	for _, line := range recorded {
		known[key{line.Line, line.Asset}] = true
	}
	for _, line := range lines {
		if known[key{line.Line, line.Asset}] {
			continue
		}
		line.RecordedAt = s.cfg.Clock.Business()
		added, err := tx.AddLicenseLine(ctx, line)
		if err != nil {
			return nil, nil, err
		}
		if added {
			fresh = append(fresh, line)
		}
	}
	return fresh, billing.Licenses(append(recorded, fresh...)), nil
}

// addEffect stores an effect with the facts of this moment, and reports whether it is new.
func (s *Service) addEffect(ctx context.Context, tx *sqlstore.Tx, account billing.AccountID, e billing.Effect, now billing.State) (bool, error) {
	var facts any = callFacts{Subscription: e.Subscription, Price: e.Price}
	if e.Kind == billing.MailEffect {
		facts = s.mailFacts(e, now)
	}
	payload, err := json.Marshal(facts)
	if err != nil {
		return false, err
	}
	return tx.AddEffect(ctx, sqlstore.Effect{
		Key: e.Key, Kind: string(e.Kind), Name: e.Name, Account: account, Payload: payload, CreatedAt: s.cfg.Clock.Wall(),
	})
}

// settle writes what has become of the account's open purchase, and reports whether the outbox got something to do: a page that
// is still open beside a paid plan is closed, for whoever pays on it would pay for two.
func (s *Service) settle(ctx context.Context, tx *sqlstore.Tx, account billing.AccountID, pages []CheckoutState, now billing.State) (bool, error) {
	open, found, err := tx.OpenPurchase(ctx, account)
	if err != nil || !found {
		return false, err
	}
	settled := open.Settle(s.cfg.Catalog, pages, now, s.cfg.Clock.Business())
	if settled != open {
		return false, tx.SavePurchase(ctx, settled)
	}
	if open.Checkout == "" || s.cfg.Catalog.PaidRunning(now) == 0 {
		return false, nil
	}
	payload, err := json.Marshal(callFacts{Purchase: open.ID})
	if err != nil {
		return false, err
	}
	return tx.AddEffect(ctx, sqlstore.Effect{
		Key: "close-page:" + string(open.ID), Kind: string(billing.CallEffect), Name: billing.ClosePageCall, Account: account,
		Payload: payload, CreatedAt: s.cfg.Clock.Wall(),
	})
}

// call makes one bounded call to the provider. One that takes too long is an error worth a retry.
func call[T any](ctx context.Context, fn func(context.Context) (T, error)) (T, error) {
	bounded, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	answer, err := fn(bounded)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		err = &billing.Error{Code: billing.Unavailable, Message: "the payment provider did not answer in time; try again", Err: err}
	}
	return answer, err
}

// wake tells a worker that there is something to do. One that is awake needs no second call.
func wake(worker chan struct{}) {
	select {
	case worker <- struct{}{}:
	default:
	}
}
