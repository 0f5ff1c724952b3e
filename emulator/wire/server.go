// Package wire speaks Stripe's HTTP API for worlds of the engine: form bodies in, JSON out, errors, idempotency, expansion, versions and
// webhooks, all as Stripe does them. Every API key of test mode is an account with a world of its own.
package wire

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/dues-billing/dues/emulator/engine"
)

// Options are what a Server needs from outside.
type Options struct {
	Now        func() time.Time // the wall clock
	Seed       string           // worlds with the same seed and the same commands are equal
	Settings   engine.Settings  // of every account; BaseURL is the public URL of the hosted pages. Without APIVersion they are the journal's, or the defaults
	Journal    string           // the file that the worlds live on; "" keeps them in memory only
	Log        *slog.Logger
	HTTPClient *http.Client    // sends the webhooks
	BackOff    []time.Duration // waits between the tries of a webhook; nil is what the settings say

	LiveKeys bool // keys of live mode are taken, too, and their accounts say so

	QuotePDF func(w *engine.World, q *engine.Quote) ([]byte, error) // draws a finalized quote; nil serves no PDF
}

// Server is Stripe's API over HTTP.
type Server struct {
	opts    Options
	client  *http.Client
	journal *journal

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	work   sync.WaitGroup

	sessions sync.Map // those of the CLI, by websocket id

	forks    sync.Mutex // held for the time of a fork, which locks two accounts
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
	given := opts.Settings
	if given.APIVersion == "" {
		opts.Settings = engine.DefaultSettings()
		opts.Settings.BaseURL = given.BaseURL
	}
	if err := checkSettings(opts.Settings); err != nil {
		return nil, err
	}
	s := &Server{opts: opts, client: webhookClient(opts.HTTPClient), accounts: map[string]*account{}}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	if opts.Journal == "" {
		return s, nil
	}
	if err := s.load(given); err != nil {
		s.cancel()
		s.stop()
		if s.journal != nil {
			err = errors.Join(err, s.journal.close())
		}
		return nil, fmt.Errorf("journal %s: %w", opts.Journal, err)
	}
	for _, a := range s.opened {
		a.resume()
	}
	return s, nil
}

// load lives through the journal, and lets the settings that were given go for all worlds.
func (s *Server) load(given engine.Settings) error {
	journal, err := openJournal(s.opts.Journal)
	if err != nil {
		return err
	}
	s.journal = journal
	begin := func(h header) error {
		if s.opts.Seed != "" && s.opts.Seed != h.Seed {
			return fmt.Errorf("it was begun with the seed %q, not %q; start with a new file, or without a seed", h.Seed, s.opts.Seed)
		}
		s.opts.Seed = h.Seed
		s.adopt(h.Settings)
		return nil
	}
	fresh := header{Format: journalFormat, Seed: s.opts.Seed, Settings: s.opts.Settings}
	err = journal.load(fresh, begin, func(r record, at place) error {
		if r.Base != nil {
			s.adopt(*r.Base)
			return nil
		}
		return s.account(r.World).replay(r, at)
	})
	if err != nil || given.APIVersion == "" {
		return err
	}
	return s.rebase(given)
}

// adopt makes settings those of worlds that are opened from now on.
func (s *Server) adopt(settings engine.Settings) {
	settings.BaseURL = s.opts.Settings.BaseURL
	s.opts.Settings = settings
}

// rebase lets other settings go for a journal that was begun with some: in the worlds there are, what they change is changed.
func (s *Server) rebase(given engine.Settings) error {
	change := engine.Difference(s.opts.Settings, given)
	if reflect.ValueOf(change).IsZero() {
		return nil
	}
	if _, err := s.journal.append(record{Base: &given}); err != nil {
		return err
	}
	s.adopt(given)
	for _, a := range s.opened {
		a.mu.Lock()
		_, err := a.apply(&change, entry{})
		a.mu.Unlock()
		if err != nil {
			return err
		}
	}
	return nil
}

// checkSettings says which setting is wrong.
func checkSettings(settings engine.Settings) error {
	if err := settings.Check(); err != nil {
		return err
	}
	if err := checkVersion(settings.APIVersion); err != nil {
		err.Param = "api_version"
		return err
	}
	return nil
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
