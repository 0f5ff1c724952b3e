package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
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
		h.last = true
		_, err := s.sync(ctx, h, customer)
		return err
	})
}

// sync is Sync for those who hold the customer's lease. It returns the state that it committed.
func (s *Service) sync(ctx context.Context, h *hold, customer billing.CustomerID) (billing.State, error) {
	began := s.cfg.Clock.Wall()
	state, err := s.syncWhole(ctx, h, customer)
	s.cfg.Meter.Synced(s.cfg.Clock.Wall().Sub(began), err)
	return state, err
}

// reading is what was read of a customer, to be committed.
type reading struct {
	mirror, now billing.State
	record      billing.Record
	returned    billing.Record // what of it is news: refunds and disputes
	checkouts   []CheckoutState
	bought      []billing.OneOff // what has become of one-offs by it
	whole       bool             // everything was read: checkouts too, and the events up to last are answered
	last        int64
	events      []sqlstore.Event // that are answered when it was not
}

func (s *Service) syncWhole(ctx context.Context, h *hold, customer billing.CustomerID) (billing.State, error) {
	covers := s.locks.lastAsked(h.row)
	// Nobody but the holder of the lease writes the mirror, and the commit makes sure of the lease.
	mirror, err := s.cfg.Store.State(ctx, customer)
	if err != nil {
		return billing.State{}, err
	}
	p, err := s.of(ctx, customer)
	if err != nil {
		return billing.State{}, err
	}
	r, _, err := s.readWhole(ctx, p, customer, mirror)
	if err != nil {
		return billing.State{}, err
	}
	if err := s.commit(ctx, h, &r); err != nil {
		return billing.State{}, err
	}
	s.locks.answer(h.row, covers)
	return r.now, nil
}

// readWhole reads everything of a customer whose lease is held, to be committed over the mirror.
func (s *Service) readWhole(ctx context.Context, p *providerAccount, customer billing.CustomerID, mirror billing.State) (reading, Snapshot, error) {
	// What was taken in before the fetch begins is in what it shows.
	last, err := s.cfg.Store.LastEvent(ctx, customer)
	if err != nil {
		return reading{}, Snapshot{}, err
	}
	snapshot, err := call(ctx, func(ctx context.Context) (Snapshot, error) { return p.Provider.Fetch(ctx, customer) })
	if err != nil {
		return reading{}, Snapshot{}, fmt.Errorf("fetch customer %s: %w", customer, err)
	}
	r := reading{mirror: mirror, now: snapshot.State(customer), record: snapshot.Record, checkouts: snapshot.Checkouts, whole: true, last: last}
	return r, snapshot, nil
}

// errWhole says that a customer has to be read whole after all.
var errWhole = errors.New("service: the customer has to be read whole")

// commit writes what was read with all its effects.
func (s *Service) commit(ctx context.Context, h *hold, r *reading) error {
	r.now = r.now.Marked(s.cfg.Catalog, r.mirror, r.record)
	r.now.SyncedAt = s.cfg.Clock.Wall()
	var added brought
	err := s.inTxHeld(ctx, h, func(tx *sqlstore.Tx) (err error) {
		if err := tx.SaveState(ctx, r.mirror, r.now); err != nil {
			return err
		}
		if r.returned, err = s.returned(ctx, tx, r); err != nil {
			return err
		}
		if err := tx.SaveRecord(ctx, r.now.Customer, r.record); err != nil {
			return err
		}
		if added, err = s.follow(ctx, tx, r); err != nil {
			return err
		}
		if r.whole {
			return tx.EventsDone(ctx, r.now.Customer, r.last, r.now.SyncedAt)
		}
		first, last := r.events[0].Seq, r.events[len(r.events)-1].Seq
		if exactly, err := tx.NamedDone(ctx, r.now.Customer, first, last, len(r.events), r.now.SyncedAt); err != nil || exactly {
			return err
		}
		return errWhole // one came in between, of which nothing was read
	})
	if err != nil {
		return fmt.Errorf("sync customer %s: %w", r.now.Customer, err)
	}
	if added.effects {
		wake(s.outbox)
	}
	if added.notices {
		s.wakeEndpoints()
	}
	return nil
}

// follow writes what the customer's account has of it.
func (s *Service) follow(ctx context.Context, tx *sqlstore.Tx, r *reading) (added brought, err error) {
	account, err := tx.AccountByCustomer(ctx, r.now.Customer)
	if billing.CodeOf(err) == billing.NotFound { // somebody else's customer: mirrored, without effects
		return s.followGuest(ctx, tx, r)
	}
	if err != nil {
		return added, err
	}
	if r.bought, err = s.settleOneOffs(ctx, tx, account.ID, r); err != nil {
		return added, err
	}
	if added, err = s.apply(ctx, tx, account.Account, r); err != nil {
		return added, err
	}
	abused, err := s.claimTrials(ctx, tx, account.ID, r.now)
	if err != nil {
		return added, err
	}
	added.effects = added.effects || abused
	closing, err := s.settle(ctx, tx, account.ID, r)
	added.effects = added.effects || closing
	return added, err
}

// brought is what a change has given the outbox to do.
type brought struct {
	effects bool // mails and calls
	notices bool
}

// returned is what was read of refunds and disputes and is not in the mirror yet. Most readings bring none, and ask nothing.
func (s *Service) returned(ctx context.Context, tx *sqlstore.Tx, r *reading) (billing.Record, error) {
	if len(r.record.Refunds)+len(r.record.Disputes) == 0 {
		return billing.Record{}, nil
	}
	before, err := tx.Returned(ctx, r.now.Customer)
	return r.record.News(before, s.cfg.Clock.Business()), err
}

// apply writes what the change from the mirror to now brings about.
func (s *Service) apply(ctx context.Context, tx *sqlstore.Tx, account billing.Account, r *reading) (added brought, err error) {
	mirror, now := r.mirror, r.now
	decision := billing.Decide(s.cfg.Catalog, account.ID, mirror, now)
	for _, group := range s.cfg.Catalog.Groups() {
		if n := s.cfg.Catalog.In(group).PaidRunning(now); n > 1 {
			// We open no second one; somebody did at the provider. Which one is meant, a person must say.
			s.log.WarnContext(ctx, "an account pays for several subscriptions of a group", "account", account.ID, "plans", group, "subscriptions", n)
		}
	}
	decision.Effects = append(decision.Effects, billing.RefundEffects(s.cfg.Catalog, mirror, now, r.returned)...)
	decision.Effects = append(decision.Effects, billing.HoldEffects(s.cfg.Catalog, account, now)...)
	change := billing.Change{Mirror: mirror, Now: now, Returned: r.returned, Bought: r.bought}
	if err := s.license(ctx, tx, account.ID, decision.Licenses, &change); err != nil {
		return added, err
	}
	if mirror.Known {
		decision.Effects = append(decision.Effects, s.cfg.Catalog.TrialNews(now, s.cfg.Clock.Business())...)
	}
	for _, effect := range decision.Effects {
		fresh, err := s.addEffect(ctx, tx, account.ID, effect, now)
		if err != nil {
			return added, err
		}
		added.effects = added.effects || fresh
	}
	fresh, err := s.remind(ctx, tx, account.ID, now)
	if err != nil {
		return added, err
	}
	added.effects = added.effects || fresh
	added.notices, err = s.tell(ctx, tx, account, change)
	return added, err
}

// license records the lines that license something and are not recorded yet, and what was taken back of those that are. Both follow from the
// state alone and not from what is new in it, so that a line that was missed is recorded by the next sync; most of them are known, and are
// not written again. It tells the change which were recorded, and what was held before and is held with them.
func (s *Service) license(ctx context.Context, tx *sqlstore.Tx, account billing.AccountID, lines []billing.LicenseLine, change *billing.Change) error {
	if len(lines) == 0 {
		return nil
	}
	recorded, err := tx.LicenseLines(ctx, account)
	if err != nil {
		return err
	}
	type key struct {
		line  string
		asset billing.AssetID
	}
	now, known := s.cfg.Clock.Business(), make(map[key]bool, len(recorded))
	for _, line := range recorded {
		known[key{line.Line, line.Asset}] = true
	}
	change.Held = billing.Licenses(recorded, now)
	for _, line := range s.cfg.Catalog.Retaken(recorded, change.Now) {
		if err := tx.SaveLicenseLine(ctx, line); err != nil {
			return err
		}
		at := slices.IndexFunc(recorded, func(l billing.LicenseLine) bool { return l.Line == line.Line && l.Asset == line.Asset })
		recorded[at] = line
	}
	for _, line := range lines {
		if known[key{line.Line, line.Asset}] {
			continue
		}
		line.RecordedAt = now
		added, err := tx.AddLicenseLine(ctx, line)
		if err != nil {
			return err
		}
		if added {
			change.Extended = append(change.Extended, line)
		}
	}
	change.Licenses = billing.Licenses(append(recorded, change.Extended...), now)
	return nil
}

// addEffect stores an effect with the facts of this moment, and reports whether it is new. A mail that the catalogue has switched off is none.
func (s *Service) addEffect(ctx context.Context, tx *sqlstore.Tx, account billing.AccountID, e billing.Effect, now billing.State) (bool, error) {
	if e.Kind == billing.MailEffect && !s.cfg.Catalog.Mails.Sends(e.Name) {
		return false, nil
	}
	var facts any = callFacts{Subscription: e.Subscription, Price: e.Price, Method: e.Method, Invoice: e.Invoice.ID}
	if e.Kind == billing.MailEffect {
		facts = s.mailFacts(e, now)
	}
	payload, err := json.Marshal(facts)
	if err != nil {
		return false, err
	}
	s.originates(ctx, e.Key)
	return tx.AddEffect(ctx, sqlstore.Effect{
		Key: e.Key, Kind: string(e.Kind), Name: e.Name, Account: account, Payload: payload, CreatedAt: s.cfg.Clock.Wall(),
	})
}

// settle writes what has become of the account's open purchases, and reports whether the outbox got something to do.
func (s *Service) settle(ctx context.Context, tx *sqlstore.Tx, account billing.AccountID, r *reading) (added bool, err error) {
	open, err := tx.OpenPurchases(ctx, account)
	if err != nil {
		return false, err
	}
	for _, purchase := range open {
		closing, err := s.settleOne(ctx, tx, purchase, r)
		if err != nil {
			return added, err
		}
		added = added || closing
	}
	return added, nil
}

// settleOne settles one of them. A page that is still open beside a paid plan of its group is closed, for whoever pays on it would pay for two.
func (s *Service) settleOne(ctx context.Context, tx *sqlstore.Tx, open billing.Purchase, r *reading) (bool, error) {
	if open.Checkout != "" && !r.whole {
		return false, errWhole // the page may have been completed
	}
	settled := open.Settle(s.cfg.Catalog, r.checkouts, r.now, s.cfg.Clock.Business())
	if settled != open {
		return false, tx.SavePurchase(ctx, settled)
	}
	if open.Checkout == "" || s.cfg.Catalog.In(open.Group).PaidRunning(r.now) == 0 {
		return false, nil
	}
	payload, err := json.Marshal(callFacts{Purchase: open.ID})
	if err != nil {
		return false, err
	}
	key := "close-page:" + string(open.ID)
	s.originates(ctx, key)
	return tx.AddEffect(ctx, sqlstore.Effect{
		Key: key, Kind: string(billing.CallEffect), Name: billing.ClosePageCall, Account: open.Account,
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
