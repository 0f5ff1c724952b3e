package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/dues-billing/dues"
	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

const (
	stripeKey     = "sk_test_bench"
	webhookSecret = "whsec_bench"
	issuer        = "bench"
	audience      = "dues"
)

var tokenSecret = []byte("the benchmark's secret, 32 bytes long or more")

// A stage is everything that is measured, each on a port of its own: a bare handler, the emulator, stripe-mock, and the service on SQLite.
type stage struct {
	bare, dues string                        // base URLs
	intake     string                        // of the bare server that takes webhooks in
	onPostgres struct{ dues, intake string } // "" without PostgreSQL
	stripe     *process                      // the emulator
	mock       *process                      // stripe-mock; nil when it could not be built
	payers     []string                      // customers with a card
	price      string
	tokens     []string
	closers    []func() error
	countings  []*usageCount
}

// open starts what a part needs, or all, and signs accounts up, so that status checks find something.
func open(ctx context.Context, path string, b bench) (*stage, error) {
	s := &stage{}
	if err := s.start(ctx, path, b); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *stage) start(ctx context.Context, path string, b bench) (err error) {
	if s.stripe, err = launchEmulator(ctx, path); err != nil {
		return err
	}
	s.closers = append(s.closers, s.stripe.stop)
	if b.only != partStripe {
		if err := s.startPostgres(ctx, b.worked.postgres); err != nil {
			return err
		}
		if err := s.startService(ctx, b.accounts); err != nil {
			return err
		}
	}
	if b.only == partService {
		return nil
	}
	if s.payers, err = s.addPayers(ctx); err != nil {
		return err
	}
	if err := s.startMock(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench: without stripe-mock:", err)
	}
	return nil
}

// startBare serves the bare handler.
func (s *stage) startBare() (err error) {
	s.bare, err = s.listen(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"account":"acc-1","plan":"starter","level":"full"}`)) // the client is gone if this fails
	}))
	return err
}

// startService runs Dues and its peer, the bare handler.
func (s *stage) startService(ctx context.Context, accounts int) (err error) {
	if err := s.startBare(); err != nil {
		return err
	}
	made, err := newSQLite()
	if err != nil {
		return err
	}
	s.closers = append(s.closers, made.drop)
	bare := "file:" + strings.TrimPrefix(made.url, "sqlite:") + ".bare?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate"
	if s.intake, err = s.startIntake(ctx, "sqlite", bare); err != nil {
		return err
	}
	svc, err := s.serveDues(ctx, dues.Config{Database: made.url})
	if err != nil {
		return err
	}
	return s.signUp(ctx, svc, accounts)
}

// startPostgres runs the service and the bare server that takes webhooks in on a PostgreSQL server, with a database for each.
func (s *stage) startPostgres(ctx context.Context, server string) error {
	if server == "" {
		return nil
	}
	bare, err := newPostgres(ctx, server)
	if err != nil {
		return err
	}
	s.closers = append(s.closers, bare.drop)
	if s.onPostgres.intake, err = s.startIntake(ctx, "pgx", bare.url); err != nil {
		return err
	}
	made, err := newPostgres(ctx, server)
	if err != nil {
		return err
	}
	s.closers = append(s.closers, made.drop)
	_, err = s.serveDues(ctx, dues.Config{Database: made.url})
	s.onPostgres.dues = s.dues
	return err
}

// listen serves h on a free port until the stage closes.
func (s *stage) listen(h http.Handler) (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }() // ends with Close
	s.closers = append(s.closers, server.Close)
	return "http://" + listener.Addr().String(), nil
}

// close ends everything, last started first.
func (s *stage) close() error {
	var all error
	for i := len(s.closers) - 1; i >= 0; i-- {
		all = errors.Join(all, s.closers[i]())
	}
	return all
}

func (s *stage) signUp(ctx context.Context, svc *dues.Service, accounts int) error {
	fmt.Fprintf(os.Stderr, "signing %d accounts up …\n", accounts)
	for i := range accounts {
		id := fmt.Sprintf("acc-%d", i)
		if _, _, err := svc.CreateAccount(ctx, service.NewAccount{ID: billing.AccountID(id), Email: id + "@example.com"}); err != nil {
			return fmt.Errorf("sign %s up: %w", id, err)
		}
		token, err := tokenOf(id, id)
		if err != nil {
			return err
		}
		s.tokens = append(s.tokens, token)
	}
	return nil
}

// workloads lists what is measured.
func (s *stage) workloads(only string) []workload {
	switch only {
	case partService:
		return s.serviceWorkloads()
	case partStripe:
		return s.stripeWorkloads()
	}
	return append(s.serviceWorkloads(), s.stripeWorkloads()...)
}

func (s *stage) serviceWorkloads() []workload {
	all := []workload{
		s.bareWorkload(),
		{name: "status check: GET /v1/me", peer: bareWork, goal: statusGoal, make: func(n int64) (*http.Request, error) {
			req, err := http.NewRequest(http.MethodGet, s.dues+"/v1/me", nil)
			if err == nil {
				req.Header.Set("Authorization", "Bearer "+s.tokens[n%int64(len(s.tokens))])
			}
			return req, err
		}},
		{name: bareIntake, make: s.webhook(s.intake)},
		{name: "webhook taken in: 4 KB, signed, committed", peer: bareIntake, goal: intakeGoal, make: s.webhook(s.dues + "/webhooks/stripe")},
	}
	if s.onPostgres.dues == "" {
		return all
	}
	const suffix = ", " + onPostgres
	return append(all,
		workload{name: bareIntake + suffix, make: s.webhook(s.onPostgres.intake)},
		workload{
			name: "webhook taken in: 4 KB, signed, committed" + suffix, peer: bareIntake + suffix, goalRate: intakeGoalPostgres,
			make: s.webhook(s.onPostgres.dues + "/webhooks/stripe"),
		})
}

// bareWork is what the service's own requests are compared with.
const bareWork = "bare net/http JSON"

func (s *stage) bareWorkload() workload {
	return workload{name: bareWork, make: func(int64) (*http.Request, error) { return http.NewRequest(http.MethodGet, s.bare, nil) }}
}

// eventBytes is the size of a middling event of Stripe.
const eventBytes = 4096

// webhook makes events that nobody works off, for a coupon is neither somebody's nor in the mirror: only taking them in is measured. Each
// round has events of its own.
func (s *stage) webhook(url string) func(n int64) (*http.Request, error) {
	made := new(atomic.Int64)
	return func(int64) (*http.Request, error) { return event(url, made.Add(1)) }
}

func event(url string, n int64) (*http.Request, error) {
	now := time.Now().Unix()
	head := fmt.Sprintf(`{"id":"evt_bench%d","object":"event","api_version":"2026-06-24.dahlia","created":%d,"livemode":false,"type":"coupon.updated",`, n, now)
	tail := `"data":{"object":{"id":"bench","object":"coupon","name":"`
	const end = `"}}}`
	body := head + tail + strings.Repeat("x", eventBytes-len(head)-len(tail)-len(end)) + end
	mac := hmac.New(sha256.New, []byte(webhookSecret))
	fmt.Fprintf(mac, "%d.%s", now, body)
	req, err := http.NewRequest(http.MethodPost, url, strings.NewReader(body))
	if err == nil {
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
		req.Header.Set("Stripe-Signature", fmt.Sprintf("t=%d,v1=%s", now, hex.EncodeToString(mac.Sum(nil))))
	}
	return req, err
}
