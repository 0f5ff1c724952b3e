package service

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// Directory lists the provider's customers, and what is sold to them.
type Directory interface {
	// Customers returns the page of customers that follows the given one, newest first; after "" is the first page.
	Customers(ctx context.Context, after billing.CustomerID) (CustomerPage, error)
	// Goods returns the page of products and prices that follows the one that said so as its Next; after "" is the first page.
	Goods(ctx context.Context, after string) (GoodsPage, error)
}

// GoodsPage is one page of products and prices.
type GoodsPage struct {
	billing.Goods
	Next string // what the page after it follows, "" after the last
}

// CustomerPage is one page of customers, newest first.
type CustomerPage struct {
	Customers []billing.CustomerID
	More      bool
}

// Reconciling says how a comparison is done. The zero value compares every customer and repairs.
type Reconciling struct {
	// DryRun compares and repairs nothing.
	DryRun bool
	// Unknown takes on only customers that the mirror lacks: a backfill. What it knows already is kept as it is.
	Unknown bool
	// History also reads what a customer was billed and charged before the newest hundred of each, which is all that a sync reads.
	History bool
	// Resume goes on where the last run that broke off had come to.
	Resume bool
	// Rate bounds the customers per second; 0 is reconcileRate. A customer costs seven requests, and Stripe allows 100 a second in
	// live mode and 25 in test mode.
	Rate float64
	// newest compares so many of the newest customers of each provider account and no more; 0 compares all.
	newest int
	// Found is told each drift, and Done each customer; both from one goroutine at a time. Either may be nil.
	Found func(Drift)
	Done  func(customer billing.CustomerID)
}

// Reconciled counts what a comparison did.
type Reconciled struct {
	Customers int `json:"customers"` // compared
	Skipped   int `json:"skipped"`   // known already, of a backfill
	Drifted   int `json:"drifted"`   // customers that differed though nothing about them waits in the inbox
	Late      int `json:"late"`      // customers that differed and whose events are about to be worked off
	Repaired  int `json:"repaired"`
	Older     int `json:"older"`  // invoices and charges that History brought
	Failed    int `json:"failed"` // customers, products and prices that could not be compared or repaired; the next run takes them on again

	Goods         int `json:"goods"`          // products and prices that differed though nothing about them waits in the inbox
	GoodsRepaired int `json:"goods_repaired"` // of them
}

const (
	// reconcileRate keeps a comparison below what Stripe allows in test mode, so that the application beside it is not refused.
	reconcileRate = 3
	// reconcileWorkers is how many customers are compared at once.
	reconcileWorkers = 4
	// reconcileTries is how often a customer is tried while the provider is unavailable, with the workers' back-off in between.
	reconcileTries = 6
	// reconcilePage is how many customers of the mirror are read at once.
	reconcilePage = 500
	// reconcileMark is where a run that breaks off is noted.
	reconcileMark, backfillMark = "reconcile", "backfill"
)

// Reconcile compares every product, price and customer of the provider with the mirror, and repairs what differs by the same reading as
// everything else.
// It may run beside the service, and needs memory for one page of customers and for the ids of all. A customer that fails is
// counted and left to the next run; the provider's list not being readable ends the run with an error.
func (s *Service) Reconcile(ctx context.Context, how Reconciling) (Reconciled, error) {
	if !slices.ContainsFunc(s.providers, func(p *providerAccount) bool { return p.Directory != nil }) {
		return Reconciled{}, errors.New("service: no Directory is configured")
	}
	r := newReconciler(s, how)
	perSecond := rate.Limit(how.Rate)
	if how.Rate <= 0 {
		perSecond = reconcileRate
	}
	r.limit = rate.NewLimiter(perSecond, reconcileWorkers)
	err := r.run(ctx)
	s.cfg.Meter.Drifted(r.sum.Drifted)
	// Only a run over everything closes the gap of the feed: one that went on somewhere does not know what failed before it.
	if err == nil && !how.DryRun && r.listed != nil && r.sum.Failed == 0 {
		err = s.inTx(ctx, func(tx *sqlstore.Tx) error {
			for _, p := range s.providers {
				if err := tx.SetGap(ctx, p.Name, time.Time{}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return r.sum, err
}

// NewestMax bounds CompareNewest: somebody waits for it.
const NewestMax = 100

// newestRate is faster than a whole comparison: it is over soon.
const newestRate = 10

// CompareNewest compares what is sold and the n newest customers of each provider account with the mirror, and repairs nothing. It returns what differs
// though nothing about it waits in the inbox.
func (s *Service) CompareNewest(ctx context.Context, n int) (sum Reconciled, found []Drift, err error) {
	sum, err = s.Reconcile(ctx, Reconciling{DryRun: true, newest: min(max(n, 1), NewestMax), Rate: newestRate, Found: func(d Drift) { found = append(found, d) }})
	return sum, found, err
}

// CustomersAhead counts the customers that Reconcile has to go over when it is begun so: with Resume, those that are left. It pages through
// the provider's lists, a hundred customers a request, where comparing them takes seven hundred.
func (s *Service) CustomersAhead(ctx context.Context, how Reconciling) (ahead int, err error) {
	r := newReconciler(s, how)
	from, after, err := r.resume(ctx)
	if err != nil {
		return 0, err
	}
	for _, p := range r.providers[from:] {
		if p.Directory == nil {
			continue
		}
		err := r.pages(ctx, p, after, func(customers []billing.CustomerID, _ bool) error {
			ahead += len(customers)
			return nil
		})
		if err != nil {
			return 0, err
		}
		after = ""
	}
	return ahead, nil
}

// reconciler is one Reconcile.
type reconciler struct {
	*Service
	how   Reconciling
	mark  string
	limit *rate.Limiter

	// listed are the customers that the provider has; one that only the mirror has was deleted there.
	listed map[billing.CustomerID]bool

	mu  sync.Mutex
	sum Reconciled
}

func newReconciler(s *Service, how Reconciling) *reconciler {
	mark := reconcileMark
	if how.Unknown {
		mark = backfillMark
	}
	return &reconciler{Service: s, how: how, mark: mark}
}

func (r *reconciler) run(ctx context.Context) error {
	from, after, err := r.resume(ctx)
	if err != nil {
		return err
	}
	if from == 0 && after == "" && !r.how.Unknown && r.how.newest == 0 {
		r.listed = map[billing.CustomerID]bool{}
	}
	for _, p := range r.providers[from:] {
		if p.Directory == nil {
			continue
		}
		if err := r.goods(ctx, p); err != nil {
			return err
		}
		read := r.list
		if r.how.newest > 0 {
			read = r.listNewest
		}
		if err := read(ctx, p, after); err != nil {
			return err
		}
		after = ""
	}
	if err := r.deleted(ctx); err != nil {
		return err
	}
	return r.note(ctx, "")
}

// markSeparator stands between provider account and customer where a run broke off; neither can have it in its name.
const markSeparator = "/"

// resume is where to begin: with which provider account, and after which of its customers.
func (r *reconciler) resume(ctx context.Context) (from int, after billing.CustomerID, err error) {
	if !r.how.Resume {
		return 0, "", nil
	}
	mark, err := r.cfg.Store.Mark(ctx, r.mark)
	if err != nil {
		return 0, "", err
	}
	name, customer, named := strings.Cut(mark, markSeparator)
	if !named {
		return 0, billing.CustomerID(mark), nil
	}
	for i, p := range r.providers {
		if string(p.Name) == name {
			return i, billing.CustomerID(customer), nil
		}
	}
	return 0, "", nil // it is not configured any more
}

// list compares the customers that a provider account lists.
func (r *reconciler) list(ctx context.Context, p *providerAccount, after billing.CustomerID) error {
	return r.pages(ctx, p, after, func(customers []billing.CustomerID, last bool) error {
		if r.listed != nil {
			for _, customer := range customers {
				r.listed[customer] = true
			}
		}
		if err := r.page(ctx, p, customers); err != nil || last {
			return err
		}
		mark := string(customers[len(customers)-1])
		if p.Name != "" {
			mark = string(p.Name) + markSeparator + mark
		}
		return r.note(ctx, mark)
	})
}

// listNewest compares the newest customers that a provider account lists.
func (r *reconciler) listNewest(ctx context.Context, p *providerAccount, after billing.CustomerID) error {
	for left := r.how.newest; left > 0; {
		page, err := call(ctx, func(ctx context.Context) (CustomerPage, error) { return p.Directory.Customers(ctx, after) })
		if err != nil {
			return fmt.Errorf("list customers: %w", err)
		}
		customers := page.Customers[:min(len(page.Customers), left)]
		if err := r.page(ctx, p, customers); err != nil || !page.More || len(customers) == 0 {
			return err
		}
		left -= len(customers)
		after = customers[len(customers)-1]
	}
	return nil
}

// pages hands over the customers that a provider account lists after one of them, page by page.
func (r *reconciler) pages(ctx context.Context, p *providerAccount, after billing.CustomerID, take func(customers []billing.CustomerID, last bool) error) error {
	for {
		page, err := call(ctx, func(ctx context.Context) (CustomerPage, error) { return p.Directory.Customers(ctx, after) })
		if after != "" && billing.CodeOf(err) == billing.NotFound {
			after = "" // the customer where the last run broke off is gone
			continue
		}
		if err != nil {
			return fmt.Errorf("list customers: %w", err)
		}
		last := !page.More || len(page.Customers) == 0
		if err := take(page.Customers, last); err != nil || last {
			return err
		}
		after = page.Customers[len(page.Customers)-1]
	}
}

// deleted compares the customers that the mirror believes in and the provider does not list.
func (r *reconciler) deleted(ctx context.Context) error {
	if r.listed == nil {
		return nil
	}
	for after := billing.CustomerID(""); ; {
		live, err := r.cfg.Store.LiveCustomers(ctx, after, reconcilePage)
		if err != nil {
			return err
		}
		var gone []billing.CustomerID
		for _, customer := range live {
			if !r.listed[customer] {
				gone = append(gone, customer)
			}
		}
		if err := r.page(ctx, nil, gone); err != nil || len(live) < reconcilePage {
			return err
		}
		after = live[len(live)-1]
	}
}

// note stores how far the run has come. A dry run leaves no trace.
func (r *reconciler) note(ctx context.Context, at string) error {
	if r.how.DryRun {
		return nil
	}
	return r.inTx(ctx, func(tx *sqlstore.Tx) error { return tx.SetMark(ctx, r.mark, at) })
}

// page compares the customers of one page, and returns our own stop only. in is the provider account that they were listed in, nil when
// none lists them.
func (r *reconciler) page(ctx context.Context, in *providerAccount, customers []billing.CustomerID) error {
	var wait sync.WaitGroup
	slots := make(chan struct{}, reconcileWorkers)
	for _, customer := range customers {
		if r.limit.Wait(ctx) != nil {
			break
		}
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			r.persist(ctx, in, customer)
		})
	}
	wait.Wait()
	return ctx.Err()
}

// persist compares a customer, again and again while the provider is unavailable.
func (r *reconciler) persist(ctx context.Context, in *providerAccount, customer billing.CustomerID) {
	err := r.compare(ctx, in, customer)
	for try := 1; billing.CodeOf(err) == billing.Unavailable && try < reconcileTries; try++ {
		if sleep(ctx, backOff(try)) != nil {
			return
		}
		err = r.compare(ctx, in, customer)
	}
	if err != nil && ctx.Err() == nil {
		r.log.WarnContext(ctx, "a customer was not compared", "customer", customer, "error", err)
		r.count(func(sum *Reconciled) { sum.Failed++ })
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.how.Done != nil {
		r.how.Done(customer)
	}
}

func (r *reconciler) count(add func(*Reconciled)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	add(&r.sum)
}

// compare holds one customer's mirror against the provider, while nobody else writes it.
func (r *reconciler) compare(ctx context.Context, in *providerAccount, customer billing.CustomerID) (err error) {
	if in == nil {
		if in, err = r.of(ctx, customer); err != nil {
			return err
		}
	}
	return r.locked(ctx, customerLock(customer), func(ctx context.Context, h *hold) error {
		mirror, err := r.cfg.Store.State(ctx, customer)
		if err != nil {
			return err
		}
		if r.how.Unknown && mirror.Known {
			r.count(func(sum *Reconciled) { sum.Skipped++ })
		} else if err := r.against(ctx, h, in, customer, mirror); err != nil {
			return err
		}
		if r.how.History && !r.how.DryRun {
			return r.history(ctx, h, in, customer)
		}
		return nil
	})
}

// against compares what the provider says with the mirror, and repairs what differs.
func (r *reconciler) against(ctx context.Context, h *hold, in *providerAccount, customer billing.CustomerID, mirror billing.State) error {
	read, snapshot, err := r.readWhole(ctx, in, customer, mirror)
	if err != nil {
		return err
	}
	drifts, err := driftOf(mirror, read.now.Marked(r.cfg.Catalog, mirror, billing.Record{}))
	if err != nil {
		return err
	}
	if mirror.Known {
		record, err := r.cfg.Store.Record(ctx, customer)
		if err != nil {
			return err
		}
		if drifts, err = driftOfRecord(drifts, record, snapshot.Record); err != nil {
			return err
		}
	}
	waiting, err := r.cfg.Store.EventsWait(ctx, customer)
	if err != nil {
		return err
	}
	account, err := r.cfg.Store.AccountByCustomer(ctx, customer)
	if err != nil && billing.CodeOf(err) != billing.NotFound {
		return err
	}
	r.report(customer, cmp.Or(account.ID, snapshot.Account), drifts, mirror.Known && waiting)
	if r.how.DryRun || len(drifts) == 0 {
		return nil
	}
	return r.repair(ctx, h, in, &read, snapshot)
}

func (r *reconciler) report(customer billing.CustomerID, account billing.AccountID, drifts []Drift, late bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sum.Customers++
	switch {
	case len(drifts) == 0:
	case late:
		r.sum.Late++
	default:
		r.sum.Drifted++
	}
	for _, drift := range drifts {
		drift.Customer, drift.Account = customer, account
		if r.how.Found != nil && !late {
			r.how.Found(drift)
		}
	}
}

// repair links the customer with its account where the mirror has lost it, and commits what was read as every sync does.
func (r *reconciler) repair(ctx context.Context, h *hold, in *providerAccount, read *reading, snapshot Snapshot) error {
	if err := r.setHome(ctx, read.now.Customer, in.Name); err != nil {
		return err
	}
	if err := r.adopt(ctx, in, read.now.Customer, snapshot); err != nil {
		return err
	}
	if err := r.commit(ctx, h, read); err != nil {
		return err
	}
	r.count(func(sum *Reconciled) { sum.Repaired++ })
	return nil
}

// adopt makes the account that a customer names at the provider, when we have none by that id: the customer comes from before Dues,
// or our database was lost. It is complete as it is: nobody is welcomed twice, and no second subscription is started.
func (r *reconciler) adopt(ctx context.Context, in *providerAccount, customer billing.CustomerID, snapshot Snapshot) error {
	if snapshot.Account == "" || snapshot.Deleted {
		return nil
	}
	now := r.cfg.Clock.Business()
	return r.inTx(ctx, func(tx *sqlstore.Tx) error {
		_, err := tx.AccountByCustomer(ctx, customer)
		if billing.CodeOf(err) != billing.NotFound {
			return err
		}
		added, err := tx.AddAccount(ctx, billing.Account{
			ID: snapshot.Account, Email: snapshot.Email, Name: snapshot.Name, CreatedAt: now, ProviderAccount: in.Name,
		})
		if err != nil || !added {
			return err
		}
		if _, err := tx.SetCustomer(ctx, snapshot.Account, customer); err != nil {
			return err
		}
		_, err = tx.SetReady(ctx, snapshot.Account, now)
		return err
	})
}

// State is what a snapshot says in the mirror's words. The lists are the snapshot's own.
func (s Snapshot) State(customer billing.CustomerID) billing.State {
	return billing.State{
		Customer: customer, Known: true, Deleted: s.Deleted, Subscriptions: s.Subscriptions, Invoices: s.Invoices, Methods: s.Methods,
		OwnMethod: s.OwnMethod,
	}
}
