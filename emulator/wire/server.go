// Package wire speaks Stripe's HTTP API for worlds of the engine: form bodies in, JSON out, errors, idempotency, expansion, versions and
// webhooks, all as Stripe does them. Every API key of test mode is an account with a world of its own.
package wire

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/dues-billing/dues/emulator/engine"
)

// Options are what a Server needs from outside.
type Options struct {
	Now        func() time.Time // the wall clock
	Seed       string           // worlds with the same seed and the same commands are equal
	Settings   engine.Settings  // of every account; BaseURL is the public URL of the hosted pages
	Journal    string           // the file that the worlds live on; "" keeps them in memory only
	Log        *slog.Logger
	HTTPClient *http.Client    // sends the webhooks
	BackOff    []time.Duration // waits between the tries of a webhook; nil is about three days
}

// Server is Stripe's API over HTTP.
type Server struct {
	opts    Options
	client  *http.Client
	journal *journal

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	work   sync.WaitGroup

	sessions sync.Map // the accounts of the CLI's sessions, by websocket id

	mu       sync.RWMutex
	accounts map[string]*account
	opened   []*account // in the order they were opened
	closed   bool
}

var (
	errClosed = errors.New("the emulator is closed")
	errBroken = errors.New("a bug ended a command of this account half way; start the emulator again to go on from its journal")
)

// New opens a server. With a journal it first lives through everything the file tells, and then goes on where it ended.
func New(opts Options) (*Server, error) {
	if opts.BackOff == nil {
		opts.BackOff = defaultBackOff
	}
	s := &Server{opts: opts, client: webhookClient(opts.HTTPClient), accounts: map[string]*account{}}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	if opts.Journal == "" {
		return s, nil
	}
	begin := func(h header) {
		base := s.opts.Settings.BaseURL
		s.opts.Seed, s.opts.Settings = h.Seed, h.Settings
		s.opts.Settings.BaseURL = base
	}
	fresh := header{Format: journalFormat, Seed: opts.Seed, Settings: opts.Settings}
	var err error
	s.journal, err = openJournal(opts.Journal, fresh, begin, func(r record) error { return s.account(r.World).replay(r) })
	if err != nil {
		s.cancel()
		s.stop()
		return nil, err
	}
	for _, a := range s.opened {
		a.resume()
	}
	return s, nil
}

// webhookClient follows no redirects: Stripe counts them as failures.
func webhookClient(client *http.Client) *http.Client {
	var out http.Client
	if client != nil {
		out = *client
	} else if shared, ok := http.DefaultTransport.(*http.Transport); ok {
		out.Transport = shared.Clone() // Close closes its connections, and those of others are not ours to close
	}
	out.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &out
}

// Close stops the timers and the webhooks and waits for both. Webhooks that were not taken wait in the journal.
func (s *Server) Close() error {
	s.stop()
	s.cancel()
	s.work.Wait()
	s.client.CloseIdleConnections()
	if s.journal == nil {
		return nil
	}
	return s.journal.close()
}

func (s *Server) stop() {
	s.mu.Lock()
	s.closed = true
	accounts := slices.Clone(s.opened)
	s.mu.Unlock()
	for _, a := range accounts {
		a.close()
	}
}

// begin notes work that Close waits for; the caller ends it with work.Done. It is refused when the server is closed.
func (s *Server) begin() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if !s.closed {
		s.work.Add(1)
	}
	return !s.closed
}

// background runs f in a goroutine that Close waits for.
func (s *Server) background(f func()) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if !s.closed {
		s.work.Go(f)
	}
}

// account is the account of a key, opened on first use.
func (s *Server) account(key string) *account {
	s.mu.RLock()
	a := s.accounts[key]
	s.mu.RUnlock()
	if a != nil {
		return a
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if a = s.accounts[key]; a == nil {
		a = newAccount(s, key)
		a.closed = s.closed
		s.accounts[key] = a
		s.opened = append(s.opened, a)
	}
	return a
}
