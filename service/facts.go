package service

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// What decides about an account's access is kept in memory between two checks, and with it the latest answer, for access also ends by
// time alone only until the moment that it names. ADR 8 says what holds and why.
const (
	// staleMax bounds how long a change that another process has committed may go unseen here: when nothing proves that its news would
	// have arrived, what was read is forgotten at that age.
	staleMax = 3 * time.Second
	// beatPause is how often that proof is asked for, unless a Pace says otherwise: several times within staleMax, so that a late one
	// costs nothing.
	beatPause = 500 * time.Millisecond
	// keptMax is when facts are read anew whatever was heard: it bounds what somebody changes in the database by hand.
	keptMax = 10 * time.Minute
	// followPause is how long is waited before changes are followed again after a failure.
	followPause = time.Second
	// factsBytes is how much facts may take, unless a Config says otherwise: about 100,000 accounts.
	factsBytes = 256 << 20
)

// facts keep accounts and what decides about their access.
type facts struct {
	store     *sqlstore.Store
	catalog   billing.Catalog
	wall      func() time.Time
	business  func() time.Time
	accounts  *recent[billing.AccountID, *holder]
	standings *recent[billing.CustomerID, billing.State]
	heard     atomic.Pointer[time.Time] // every change that was committed before has been told
	// hits and misses count checks.
	hits, misses atomic.Int64
}

// holder is an account's row with the grants that had not ended when it was read.
type holder struct {
	billing.Account
	grants []billing.Grant
	// judged is the latest verdict. Others may make the next one at the same time; it does not matter which of them stays.
	judged atomic.Pointer[judged]
}

// standing is what is kept of a customer's state.
type standing = entry[billing.CustomerID, billing.State]

// fact is what decides about an account's access and entitlements.
type fact struct {
	account *holder
	state   billing.State
	kept    *standing // where state is from, nil when it is not kept
}

// judged is a fact, what the rules say of it, and how that was written down for those who ask from outside.
type judged struct {
	fact
	billing.Verdict
	status, entitlements rendering
}

// rendering is an answer as it is sent, made when it is asked for first.
type rendering struct{ text atomic.Pointer[[]byte] }

func (r *rendering) get(render func() []byte) []byte {
	if text := r.text.Load(); text != nil {
		return *text
	}
	text := render()
	r.text.Store(&text)
	return text
}

// newFacts returns facts that take at most so many bytes; five eighths of them are for the accounts' rows and what was made of them.
func newFacts(cfg Config) *facts {
	forAccounts, made := cfg.CacheBytes/8*5, weighVerdict(len(cfg.Catalog.Features))
	f := &facts{
		store: cfg.Store, catalog: cfg.Catalog, wall: cfg.Clock.Wall, business: cfg.Clock.Business,
		accounts:  newRecent(forAccounts, func(id billing.AccountID, a *holder) int64 { return weighAccount(id, a) + made }),
		standings: newRecent(cfg.CacheBytes-forAccounts, weighStanding),
	}
	f.heard.Store(&time.Time{})
	f.store.Watch(func(changes []sqlstore.Change) {
		for _, change := range changes {
			f.drop(change)
		}
	})
	return f
}

// of returns an account and what decides about its access: as they are, or as they were within the limits above. What it returns is
// shared, and not to be written to.
func (f *facts) of(ctx context.Context, id billing.AccountID) (fact, error) {
	now, heard := f.wall(), *f.heard.Load()
	held, known, err := f.holder(ctx, id, now, heard)
	if err != nil || held.Customer == "" { // its creation is under way: nothing can be known yet
		f.count(known)
		return fact{account: held}, err
	}
	return f.stateOf(ctx, held, known, now, heard)
}

// verdict returns what the rules say of an account now, and of what. It makes none again that still holds: the account, its state and the
// time are what it depends on, and each is looked at.
func (f *facts) verdict(ctx context.Context, id billing.AccountID) (*judged, error) {
	now, heard, today := f.wall(), *f.heard.Load(), f.business()
	held, known, err := f.holder(ctx, id, now, heard)
	if err != nil {
		return nil, err
	}
	if last := held.judged.Load(); known && last != nil && last.Holds(today) && last.kept.good(now, heard) {
		f.count(true)
		return last, nil
	}
	about := fact{account: held}
	if held.Customer == "" {
		f.count(known)
	} else if about, err = f.stateOf(ctx, held, known, now, heard); err != nil {
		return nil, err
	}
	made := &judged{fact: about, Verdict: billing.VerdictOf(f.catalog, about.state, held.grants, today)}
	if about.kept != nil {
		held.judged.Store(made)
	}
	return made, nil
}

// holder returns an account, and whether it was kept.
func (f *facts) holder(ctx context.Context, id billing.AccountID, now, heard time.Time) (held *holder, known bool, err error) {
	if e := f.accounts.get(id, now, heard); e != nil {
		return e.value, true, nil
	}
	reading := f.accounts.begin(id)
	held, err = f.read(ctx, id)
	f.accounts.end(id, reading, held, now, err == nil)
	return held, false, err
}

// unknown returns the place of the first event whose account there is not, below 0 when there are all. Those that are not in memory are asked
// for at once: what a batch tells of may be used by as many.
func (f *facts) unknown(ctx context.Context, events []billing.UsageEvent) (int, error) {
	now, heard := f.wall(), *f.heard.Load()
	known, asked := make(map[billing.AccountID]bool, len(events)), []billing.AccountID(nil)
	for _, e := range events {
		if _, seen := known[e.Account]; seen {
			continue
		}
		known[e.Account] = f.accounts.get(e.Account, now, heard) != nil
		if !known[e.Account] {
			asked = append(asked, e.Account)
		}
	}
	living, err := f.store.Living(ctx, asked)
	if err != nil {
		return 0, err
	}
	return slices.IndexFunc(events, func(e billing.UsageEvent) bool { return !known[e.Account] && !living[e.Account] }), nil
}

// stateOf returns an account with what decides about its access.
func (f *facts) stateOf(ctx context.Context, held *holder, known bool, now, heard time.Time) (fact, error) {
	e := f.standings.get(held.Customer, now, heard)
	f.count(known && e != nil)
	if e != nil {
		return fact{held, e.value, e}, nil
	}
	reading := f.standings.begin(held.Customer)
	whole, err := f.store.Standing(ctx, held.Customer)
	state := whole.Deciding(f.catalog)
	e = f.standings.end(held.Customer, reading, state, now, err == nil)
	return fact{held, state, e}, err
}

// read reads an account with its grants.
func (f *facts) read(ctx context.Context, id billing.AccountID) (*holder, error) {
	held := &holder{}
	row, err := f.store.Account(ctx, id)
	if err != nil {
		return held, err
	}
	held.Account = row.Account
	held.grants, err = f.store.HeldGrants(ctx, id, f.business())
	return held, err
}

func (f *facts) count(hit bool) {
	if hit {
		f.hits.Add(1)
	} else {
		f.misses.Add(1)
	}
}

func (f *facts) drop(c sqlstore.Change) {
	if c.Customer != "" {
		f.standings.drop(c.Customer)
	} else {
		f.accounts.drop(c.Account)
	}
}

func (f *facts) dropAll() {
	f.accounts.dropAll()
	f.standings.dropAll()
}

// followChanges hears what other processes change, until ctx ends.
func (s *Service) followChanges(ctx context.Context) {
	f := s.facts
	for ctx.Err() == nil && s.cfg.Pace.Beat > 0 {
		err := f.store.Follow(ctx, f.wall, s.cfg.Pace.Beat, sqlstore.Follower{
			Changed: f.drop, Missed: f.dropAll, Heard: func(before time.Time) { f.heard.Store(&before) },
		})
		if err != nil && !errors.Is(err, context.Canceled) {
			s.log.WarnContext(ctx, "the changes of other processes are not heard; status checks may be behind by seconds meanwhile", "behind", staleMax, "error", err)
		}
		_ = sleep(ctx, followPause) // ends with ctx, as the loop does
	}
}

// CacheStats tells how status checks are answered.
type CacheStats struct {
	Hits, Misses int64 // checks that were answered from memory, and that had to read the database
	Accounts     int   // whose access can be told from memory
	Bytes        int64 // that this takes, roughly
	// HeardAt is the moment, by the wall clock, before which no change of another process was missed; zero when none are heard of.
	HeardAt time.Time
}

// Cache tells how status checks are answered in this process. It does no I/O.
func (s *Service) Cache() CacheStats {
	f := s.facts
	accounts, bytes := f.standings.size()
	_, more := f.accounts.size()
	return CacheStats{Hits: f.hits.Load(), Misses: f.misses.Load(), Accounts: accounts, Bytes: bytes + more, HeardAt: *f.heard.Load()}
}

// Bytes that things take, counted a little high; TestTheCacheKeepsToItsBytes compares them with what is taken. Texts come on top.
const (
	accountBytes      = 290
	grantBytes        = 240
	verdictBytes      = 1450 // with the status as text
	entitlementBytes  = 130  // with its text
	standingBytes     = 280
	subscriptionBytes = 390
	itemBytes         = 170
	methodBytes       = 176
	debtBytes         = 512
)

// weighVerdict counts what is made of an account: it comes later, and room is kept for it.
func weighVerdict(features int) int64 { return int64(verdictBytes + entitlementBytes*features) }

func weighAccount(id billing.AccountID, a *holder) int64 {
	bytes := accountBytes + 2*len(id) + len(a.Email) + len(a.Name) + len(a.Customer)
	for _, g := range a.grants {
		bytes += grantBytes + len(g.Note)
	}
	return int64(bytes)
}

func weighStanding(id billing.CustomerID, s billing.State) int64 {
	bytes := standingBytes + 2*len(id) + methodBytes*len(s.Methods)
	for _, sub := range s.Subscriptions {
		bytes += subscriptionBytes + len(sub.ID) + itemBytes*len(sub.Items)
	}
	for _, debt := range s.Invoices {
		bytes += debtBytes + len(debt.HostedURL)
	}
	return int64(bytes)
}
