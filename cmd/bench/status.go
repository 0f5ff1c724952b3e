package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/dues-billing/dues"
	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/catalog"
	"github.com/dues-billing/dues/httpapi"
	"github.com/dues-billing/dues/money"
	"github.com/dues-billing/dues/sqlstore"
)

// What an application asks most, from a small service and from a large one: the answer must not take longer for having a million accounts.

const (
	serverKey = "sk_dues_bench_0123456789"
	// statusGoal is what a status check must reach of a bare handler, in percent.
	statusGoal = 60
	fewPeople  = 1_000
	// tokens is how many people ask for themselves, of few accounts as of many: what a token costs is not what an account costs. Making one for each of a
	// million accounts would take longer than the rest.
	tokens = 20_000
	// cachePerAccount is more than the answers about an account take, and the quarter of the cache beside them that is for what they are made of.
	cachePerAccount = 2000
	// fillTime bounds the making of a population and its first reading.
	fillTime  = 15 * time.Minute
	fillBatch = 1_000
	readers   = 8
)

// population is a service with so many accounts.
type population struct {
	accounts int
	url      string
	tokens   []string
}

// statusTable measures checks of a few accounts and of many, each account as likely as the other and each read once before.
func statusTable(ctx context.Context, path string, span time.Duration, most int, profiles string) (err error) {
	s := &stage{}
	defer func() { err = errors.Join(err, s.close()) }()
	if s.stripe, err = launchEmulator(ctx, path); err != nil {
		return err
	}
	s.closers = append(s.closers, s.stripe.stop)
	if err := s.startBare(); err != nil {
		return err
	}
	all := []workload{s.bareWorkload()}
	for _, accounts := range []int{fewPeople, most} {
		p, err := s.populate(ctx, accounts)
		if err != nil {
			return err
		}
		all = append(all, p.workloads()...)
		if accounts == most {
			all = append(all, workload{name: bareAskedWork, peer: bareWork, make: s.bareAsked(p)})
		}
	}
	fmt.Fprintf(os.Stderr, "%d workloads, %d times %s each …\n", len(all), rounds, span)
	taken, err := median(ctx, all, span, profiles)
	if err != nil {
		return err
	}
	if err := table(all, taken); err != nil {
		return err
	}
	for _, path := range statusPaths {
		few, many := rate(taken, path, fewPeople), rate(taken, path, most)
		fmt.Printf("%s of %d: %d %% of the rate with %d (goal %d %%)\n", path, most, many*100/max(1, few), fewPeople, flatGoal)
	}
	return nil
}

// rate is that of a path asked about so many accounts.
func rate(taken []measurement, path string, accounts int) int64 {
	i := slices.IndexFunc(taken, func(m measurement) bool { return m.name == statusWork(path, accounts) })
	return taken[i].perSecond
}

// The paths that are asked, and what a row is called.
const (
	mePath           = "/v1/me"
	entitlementsPath = "/v1/me/entitlements"
	checkPath        = "/v1/me/check"
	accountPath      = "/v1/accounts/{id}"
)

var statusPaths = []string{mePath, entitlementsPath, checkPath, accountPath}

func statusWork(path string, accounts int) string { return fmt.Sprintf("GET %s of %d", path, accounts) }

// bareAskedWork shows what of the distance to the bare handler lies in the requests themselves: their tokens have to be sent and read, too.
const bareAskedWork = "bare, sent the requests of /v1/me"

func (s *stage) bareAsked(p population) func(n int64) (*http.Request, error) {
	return func(n int64) (*http.Request, error) {
		req, err := http.NewRequest(http.MethodGet, s.bare, nil)
		if err == nil {
			req.Header.Set("Authorization", "Bearer "+p.tokens[n*7919%int64(len(p.tokens))])
		}
		return req, err
	}
}

func (p population) workloads() []workload {
	ask := func(path string) func(n int64) (*http.Request, error) {
		return func(n int64) (*http.Request, error) {
			req, err := http.NewRequest(http.MethodGet, p.url+path, nil)
			if err == nil {
				req.Header.Set("Authorization", "Bearer "+p.tokens[n*7919%int64(len(p.tokens))])
			}
			return req, err
		}
	}
	of := func(n int64) string { return fmt.Sprintf("acc-%d", n*7919%int64(p.accounts)) }
	row := func(path string, ask func(n int64) (*http.Request, error)) workload {
		return workload{name: statusWork(path, p.accounts), peer: bareWork, goal: statusGoal, make: ask}
	}
	return []workload{
		row(mePath, ask(mePath)),
		row(entitlementsPath, ask(entitlementsPath)),
		row(checkPath, ask(checkPath+"?feature=export")),
		row(accountPath, func(n int64) (*http.Request, error) {
			req, err := http.NewRequest(http.MethodGet, p.url+"/v1/accounts/"+of(n), nil)
			if err == nil {
				req.Header.Set("Authorization", "Bearer "+serverKey)
			}
			return req, err
		}),
	}
}

// populate runs a service with so many accounts on the paid plan, and reads each once.
func (s *stage) populate(ctx context.Context, accounts int) (p population, err error) {
	ctx, cancel := context.WithTimeout(ctx, fillTime)
	defer cancel()
	dir, err := os.MkdirTemp("", "dues-bench")
	if err != nil {
		return p, err
	}
	s.closers = append(s.closers, func() error { return os.RemoveAll(dir) })
	database := "sqlite:" + filepath.Join(dir, "dues.db")
	start := time.Now()
	if err := fill(ctx, database, accounts); err != nil {
		return p, fmt.Errorf("make %d accounts: %w", accounts, err)
	}
	made := time.Now()
	svc, err := s.serveDues(ctx, dues.Config{Database: database, CacheBytes: int64(accounts)*cachePerAccount + 1<<20, ServerKeys: []string{serverKey}})
	if err != nil {
		return p, err
	}
	if err := readAll(ctx, svc, accounts); err != nil {
		return p, err
	}
	stats := svc.Cache()
	fmt.Fprintf(os.Stderr, "%d accounts made in %s, read in %s; the cache holds %d in %d MiB\n", accounts,
		made.Sub(start).Round(time.Millisecond), time.Since(made).Round(time.Millisecond), stats.Accounts, stats.Bytes>>20)
	p = population{accounts: accounts, url: s.dues}
	for i := range tokens {
		token, err := tokenOf(fmt.Sprintf("acc-%d", i*max(1, accounts/tokens)%accounts), fmt.Sprintf("person-%d", i))
		if err != nil {
			return p, err
		}
		p.tokens = append(p.tokens, token)
	}
	return p, nil
}

func tokenOf(account, person string) (string, error) {
	return jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"sub": account, "jti": person, "iss": issuer, "aud": audience, "exp": time.Now().Add(time.Hour).Unix(),
	}).SignedString(tokenSecret)
}

// serveDues runs a service, and serves it until the stage closes.
func (s *stage) serveDues(ctx context.Context, c dues.Config) (*dues.Service, error) {
	c.Stripe = dues.Stripe{Key: stripeKey, BaseURL: s.stripe.url, WebhookSecrets: []string{webhookSecret}}
	c.Catalog, c.PublicURL = catalog.Default(), "http://127.0.0.1"
	c.JWT = httpapi.JWT{Algorithm: "HS256", Key: tokenSecret, Issuer: issuer, Audience: audience}
	c.Limits = httpapi.Limits{Key: math.MaxInt32, Account: math.MaxInt32, Changes: math.MaxInt32} // they cost what they cost, and are never reached
	svc, err := dues.Open(ctx, c)
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, svc.Close)
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	var group sync.WaitGroup
	group.Go(func() { _ = svc.Run(working) }) // says no more than that it was stopped
	s.closers = append(s.closers, func() error {
		stop()
		group.Wait()
		return nil
	})
	s.dues, err = s.listen(svc.Handler())
	return svc, err
}

// fill makes accounts on the paid plan, as creation and a sync leave them.
func fill(ctx context.Context, database string, accounts int) (err error) {
	store, err := sqlstore.Open(ctx, database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if err := store.Migrate(ctx); err != nil {
		return err
	}
	now := time.Now()
	for first := 0; first < accounts; first += fillBatch {
		err := store.InTx(ctx, func(tx *sqlstore.Tx) error {
			for i := first; i < min(first+fillBatch, accounts); i++ {
				if err := addSubscriber(ctx, tx, i, now); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func addSubscriber(ctx context.Context, tx *sqlstore.Tx, i int, now time.Time) error {
	id, customer := billing.AccountID(fmt.Sprintf("acc-%d", i)), billing.CustomerID(fmt.Sprintf("cus_bench%09d", i))
	_, err := tx.AddAccount(ctx, billing.Account{ID: id, Email: string(id) + "@example.com", Name: "Ada Lovelace", CreatedAt: now})
	_, linked := tx.SetCustomer(ctx, id, customer)
	state := billing.State{
		Customer: customer, Known: true, SyncedAt: now,
		Methods: []billing.PaymentMethod{{ID: "pm_bench", Type: "card", Brand: "visa", Last4: "4242", ExpMonth: 12, ExpYear: 2034, Default: true}},
		Subscriptions: []billing.Subscription{{
			ID: billing.SubscriptionID(fmt.Sprintf("sub_bench%09d", i)), Customer: customer, Status: billing.Active, StartedAt: now, CreatedAt: now,
			Items: []billing.Item{{
				ID: "si_bench", PriceKey: "premium-monthly", Quantity: 1, Amount: money.New(1900, "eur"), Period: billing.Period{Start: now, End: now.AddDate(0, 1, 0)},
			}},
		}},
	}
	return errors.Join(err, linked, tx.SaveState(ctx, billing.State{}, state))
}

// readAll asks once for all that the workloads ask of every account.
func readAll(ctx context.Context, svc *dues.Service, accounts int) error {
	handler := svc.Handler()
	return each(accounts, readers, func(i int) error {
		for _, path := range []string{"", "/entitlements", "/check?feature=export"} {
			req := httptest.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("/v1/accounts/acc-%d%s", i, path), nil)
			req.Header.Set("Authorization", "Bearer "+serverKey)
			answer := httptest.NewRecorder()
			if handler.ServeHTTP(answer, req); answer.Code != http.StatusOK {
				return fmt.Errorf("GET %s: status %d: %s", req.URL, answer.Code, answer.Body)
			}
		}
		return nil
	})
}
