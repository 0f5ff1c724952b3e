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

// What decides about an account's access is kept in memory between two checks, and so is what was answered, until the moment at which access
// ends by time alone. ADR 8 says what holds and why.
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
	// factsBytes is how much facts may take, unless a Config says otherwise: the answers about 150,000 accounts.
	factsBytes = 256 << 20
)

// facts keep accounts, what decides about their access, and what was answered about it: the answers of many, for these are asked for, and the rest of fewer.
type facts struct {
	store     *sqlstore.Store
	catalog   billing.Catalog
	wall      func() time.Time
	business  func() time.Time
	accounts  *recent[billing.AccountID, *holder]
	standings *recent[billing.CustomerID, billing.State]
	answers   *answers
	heard     atomic.Pointer[time.Time] // every change that was committed before has been told
	// hits and misses count checks.
	hits, misses atomic.Int64
}

// holder is an account's row with the grants that had not ended when it was read.
type holder struct {
	billing.Account
	grants []billing.Grant
}

type (
	// row is what is kept of an account.
	row = entry[billing.AccountID, *holder]
	// standing is what is kept of a customer's state.
	standing = entry[billing.CustomerID, billing.State]
)

// fact is what decides about an account's access and entitlements.
type fact struct {
	account *holder
	state   billing.State
	row     *row      // where account is from, nil when it is not kept
	kept    *standing // where state is from, nil when it is not kept
}

// judged is a fact and what the rules say of it.
type judged struct {
	fact
	billing.Verdict
}

// factsMax bounds the bytes of what answers are made of, of accounts and of states each. These are small objects that point to one another, which the
// garbage collector follows: half a gigabyte of them took half a processor for three seconds at each of its turns. Two times 32 MiB are marked in a
// tenth of that, and what is not there is read again, when an answer has to be made anew.
const factsMax = 32 << 20

// newFacts returns facts that take at most so many bytes, three quarters of them or more for answers.
func newFacts(cfg Config) *facts {
	eighth := min(cfg.CacheBytes/8, factsMax)
	f := &facts{
		store: cfg.Store, catalog: cfg.Catalog, wall: cfg.Clock.Wall, business: cfg.Clock.Business,
		accounts: newRecent(eighth, weighAccount), standings: newRecent(eighth, weighStanding),
		answers: newAnswers(cfg.CacheBytes-2*eighth, cfg.Clock.Wall()),
	}
	f.heard.Store(&time.Time{})
	f.store.Watch(func(changes []sqlstore.Change) {
		for _, change := range changes {
			f.drop(change)
		}
	})
	return f
}

// text returns one of the things that are said about an account: what was said before while it is true, else what render makes of the verdict now.
func (f *facts) text(ctx context.Context, id billing.AccountID, p part, render func(*judged) []byte) ([]byte, error) {
	if said := f.answers.get(id, p, f.wall(), *f.heard.Load(), f.business()); said != nil {
		f.count(true)
		return said, nil
	}
	made, err := f.verdict(ctx, id)
	if err != nil {
		return nil, err
	}
	text := render(made)
	f.answers.put(p, made, text)
	return text, nil
}

// entitlements returns what an account may use of every feature now.
func (f *facts) entitlements(ctx context.Context, id billing.AccountID) ([]billing.Entitlement, error) {
	packed, err := f.text(ctx, id, packedPart, func(now *judged) []byte { return packEntitlements(now.Entitlements) })
	if err != nil {
		return nil, err
	}
	return unpackEntitlements(f.catalog, packed), nil
}

// verdict returns what the rules say of an account now, and of what.
func (f *facts) verdict(ctx context.Context, id billing.AccountID) (*judged, error) {
	today := f.business()
	about, err := f.of(ctx, id)
	if err != nil {
		return nil, err
	}
	return &judged{fact: about, Verdict: billing.VerdictOf(f.catalog, about.state, about.account.grants, today)}, nil
}

// of returns an account and what decides about its access: as they are, or as they were within the limits above. What it returns is
// shared, and not to be written to.
func (f *facts) of(ctx context.Context, id billing.AccountID) (fact, error) {
	now, heard := f.wall(), *f.heard.Load()
	about, known, err := f.account(ctx, id)
	if err != nil || about.account.Customer == "" { // its creation is under way: nothing can be known yet
		f.count(known)
		return about, err
	}
	customer := about.account.Customer
	about.kept = f.standings.get(customer, now, heard)
	f.count(known && about.kept != nil)
	if about.kept != nil {
		about.state = about.kept.value
		return about, nil
	}
	reading := f.standings.begin(customer)
	whole, err := f.store.Standing(ctx, customer)
	about.state = whole.Deciding(f.catalog)
	about.kept = f.standings.end(customer, reading, about.state, now, err == nil)
	return about, err
}

// account returns a fact of which only the account is known, and whether it was kept.
func (f *facts) account(ctx context.Context, id billing.AccountID) (about fact, known bool, err error) {
	now, heard := f.wall(), *f.heard.Load()
	if e := f.accounts.get(id, now, heard); e != nil {
		return fact{account: e.value, row: e}, true, nil
	}
	reading := f.accounts.begin(id)
	held, err := f.read(ctx, id)
	return fact{account: held, row: f.accounts.end(id, reading, held, now, err == nil)}, false, err
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

// drop forgets what was changed: the fact, and then what was said because of it, in the order that answers.put needs.
func (f *facts) drop(c sqlstore.Change) {
	if c.Customer != "" {
		f.standings.drop(c.Customer)
		f.answers.dropOf(c.Customer)
	} else {
		f.accounts.drop(c.Account)
		f.answers.drop(c.Account)
	}
}

func (f *facts) dropAll() {
	f.accounts.dropAll()
	f.standings.dropAll()
	f.answers.dropAll()
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
	standings, bytes := f.standings.size()
	_, rows := f.accounts.size()
	answered, said := f.answers.size()
	return CacheStats{
		Hits: f.hits.Load(), Misses: f.misses.Load(), Accounts: max(standings, answered), Bytes: bytes + rows + said, HeardAt: *f.heard.Load(),
	}
}

// Bytes that things take, counted a little high; TestTheCacheKeepsToItsBytes compares them with what is taken.
const (
	accountBytes      = 420
	grantBytes        = 240
	standingBytes     = 280
	subscriptionBytes = 390
	itemBytes         = 170
	methodBytes       = 176
	debtBytes         = 512
)

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
