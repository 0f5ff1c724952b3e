// Package emulator is a Stripe of one's own: it speaks Stripe's API to the official SDKs, keeps state, computes invoices to the cent, sends
// signed webhooks and obeys test clocks, without an account, a key or a network.
//
// Any secret key of test mode opens a world of its own on first use. In a test, [Start] runs one on a free port:
//
//	server := emulator.Start(t)
//	client := server.Client()
package emulator

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/dues-billing/dues/emulator/dashboard"
	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/emulator/pages"
	"github.com/dues-billing/dues/emulator/stripejs"
	"github.com/dues-billing/dues/emulator/wire"
)

// defaultBaseURL is where dues emulate listens unless it is told otherwise.
const defaultBaseURL = "http://127.0.0.1:12111"

// Options say how an emulator is run. Only Now is required.
type Options struct {
	Now        func() time.Time // the wall clock
	Journal    string           // the file the worlds live on; "" keeps them in memory only
	Seed       string           // the same seed and the same requests give the same ids; "" is a seed too
	Settings   engine.Settings  // what Stripe keeps in its Dashboard; the zero value is the journal's, or engine.DefaultSettings()
	BaseURL    string           // the public URL of this emulator, for the links to its hosted pages
	Log        *slog.Logger     // nil discards
	HTTPClient *http.Client     // sends the webhooks; nil is a plain one
	BackOff    []time.Duration  // waits between the tries of a webhook; nil is what Settings.WebhookRetries says

	// LiveKeys takes keys that begin with sk_live_, too, whose accounts say livemode: true, for tests of what keeps both modes apart. A key of
	// a real account does not belong here: without it the emulator refuses them.
	LiveKeys bool

	Wrap func(http.Handler) http.Handler // around everything that is served, for tests that watch the traffic; nil is nothing
}

// Emulator is a Stripe as an http.Handler.
type Emulator struct {
	wire    *wire.Server
	mux     *http.ServeMux
	handler http.Handler
}

// New opens an emulator. With a journal it goes on where the journal ends; a journal that is damaged, or of another version of this program,
// is an error.
func New(opts Options) (*Emulator, error) {
	if opts.Now == nil {
		return nil, errors.New("emulator: Options.Now is missing")
	}
	switch {
	case opts.BaseURL == "" && opts.Settings.BaseURL == "":
		opts.Settings.BaseURL = defaultBaseURL
	case opts.BaseURL != "":
		opts.Settings.BaseURL = strings.TrimSuffix(opts.BaseURL, "/")
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	api, err := wire.New(wire.Options{
		Now: opts.Now, Seed: opts.Seed, Settings: opts.Settings, Journal: opts.Journal, Log: opts.Log, HTTPClient: opts.HTTPClient, BackOff: opts.BackOff,
		LiveKeys: opts.LiveKeys, QuotePDF: pages.QuotePDF,
	})
	if err != nil {
		return nil, err
	}
	e := &Emulator{wire: api, mux: http.NewServeMux()}
	e.mux.Handle("/", api)
	e.mux.Handle(wire.ControlPrefix, api.Control())
	e.mux.Handle(wire.SubscribePrefix, api.Subscribe())
	e.mux.Handle(wire.LoginPrefix, api.Login())
	e.mux.Handle(wire.LoginPrefix+"/", api.Login())
	pages.Register(e.mux, host{api})
	dashboard.Register(e.mux, api)
	stripejs.Register(e.mux)
	e.handler = http.HandlerFunc(e.serve)
	if opts.Wrap != nil {
		e.handler = opts.Wrap(e.handler)
	}
	return e, nil
}

// ServeHTTP serves Stripe's API below /v1 and /v2, and the hosted pages beside it.
func (e *Emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) { e.handler.ServeHTTP(w, r) }

func (e *Emulator) serve(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/v1/") || strings.HasPrefix(r.URL.Path, "/v2/") { // past the mux, which would redirect paths that Stripe refuses
		e.wire.ServeHTTP(w, r)
		return
	}
	e.mux.ServeHTTP(w, r)
}

// Close stops timers and webhooks and waits for them. Everything that was answered is in the journal by then.
func (e *Emulator) Close() error { return e.wire.Close() }
