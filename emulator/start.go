package emulator

import (
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/emulator/engine"
)

// Server is an emulator that listens on a port of its own for the time of a test.
type Server struct {
	*Emulator
	URL string // without a slash at the end
	Key string // an API key; any other sk_test_ key opens a world beside this one's

	tb testing.TB
}

// Start runs an emulator on 127.0.0.1 until the test ends. Options change what it runs with, for example
//
//	emulator.Start(t, func(o *emulator.Options) { o.Settings.EndOfDunning = engine.EndUnpaid })
func Start(tb testing.TB, options ...func(*Options)) *Server {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatalf("emulator: %v", err)
	}
	s := &Server{URL: "http://" + listener.Addr().String(), Key: "sk_test_dues", tb: tb}
	opts := Options{
		Now:      time.Now, //tidy:allow clock a test's emulator runs on the wall clock unless an option says otherwise
		Settings: engine.DefaultSettings(), BaseURL: s.URL,
	}
	for _, option := range options {
		option(&opts)
	}
	if s.Emulator, err = New(opts); err != nil {
		_ = listener.Close() // the first error is the one to tell
		tb.Fatalf("emulator: %v", err)
	}
	web := &http.Server{Handler: s.Emulator, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = web.Serve(listener) // ends with Close
	}()
	tb.Cleanup(func() {
		_ = web.Close()
		<-done
		if err := s.Close(); err != nil {
			tb.Errorf("emulator: %v", err)
		}
	})
	return s
}

// Client is the official SDK, talking to this server with its Key.
func (s *Server) Client() *stripe.Client { return s.ClientWith(s.Key) }

// ClientWith is the official SDK with a key of the caller's: each key is a world of its own.
func (s *Server) ClientWith(key string) *stripe.Client { return Client(s.URL, key) }

// Client is the official SDK with a key, talking to the emulator at a URL. It does not retry and leaves no connection open.
func Client(url, key string) *stripe.Client {
	backends := stripe.NewBackendsWithConfig(&stripe.BackendConfig{
		URL: stripe.String(url), LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull}, EnableTelemetry: stripe.Bool(false),
		MaxNetworkRetries: stripe.Int64(0), HTTPClient: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}},
	})
	return stripe.NewClient(key, stripe.WithBackends(backends))
}

// MoveTime moves the time of the world of Key forward, as [Emulator.MoveTime] does.
func (s *Server) MoveTime(by time.Duration) {
	s.tb.Helper()
	if err := s.Emulator.MoveTime(s.Key, by); err != nil {
		s.tb.Fatalf("emulator: move time: %v", err)
	}
}

// Now is the time in the world of Key.
func (s *Server) Now() time.Time { return s.Emulator.Now(s.Key) }

// AdvanceClock advances a test clock in the world of Key and waits until it is ready.
func (s *Server) AdvanceClock(id string, to time.Time) {
	s.tb.Helper()
	world := s.World(s.Key)
	if _, err := world.Apply(&engine.AdvanceTestClock{ID: id, FrozenTime: engine.Some(to.Unix())}); err != nil {
		s.tb.Fatalf("emulator: advance %s: %v", id, err)
	}
	// The server finishes the advance in the background; whoever comes first does it, and the other is refused.
	_, refused := world.Apply(&engine.FinishAdvance{Clock: id})
	world.Read(func(w *engine.World, _ int64) {
		if clock, ok := engine.Get[engine.TestClock](w, id); !ok || clock.Status != engine.ClockReady {
			s.tb.Fatalf("emulator: %s did not become ready: %v", id, refused)
		}
	})
}
