package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/emulator/engine"
)

// TestMain lets this program be the emulator that is measured, as dues emulate is outside of tests: to build the command would take longer than
// all of these.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "emulate" {
		if err := emulate(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func emulate() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	url := "http://" + listener.Addr().String()
	stripe, err := emulator.New(emulator.Options{Now: time.Now, Settings: engine.DefaultSettings(), BaseURL: url})
	if err != nil {
		return err
	}
	fmt.Printf("Stripe API  %s\n", url)
	server := &http.Server{Handler: stripe, ReadHeaderTimeout: time.Minute}
	return server.Serve(listener)
}

// itself is the path of this program.
func itself(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// What is measured must not rot between two benchmarks. These run each part for a moment; how fast it was they do not judge.

// wantMeasured measures each workload for a moment. A wrong answer is an error.
func wantMeasured(t *testing.T, all []workload, want int) {
	t.Helper()
	if len(all) < want {
		t.Errorf("%d workloads, want %d at least", len(all), want)
	}
	for _, w := range all {
		const few = 20
		m, err := measure(t.Context(), w, time.Minute, few)
		if err != nil || m.requests != few || m.perSecond <= 0 || m.p99 < m.p50 {
			t.Errorf("%s: %+v, %v; want %d requests measured", w.name, m, err, few)
		}
		if w.peer != "" && !strings.Contains(names(all), w.peer) && !strings.Contains(w.peer, "stripe-mock") {
			t.Errorf("%s has a peer that is not measured: %s", w.name, w.peer)
		}
	}
}

func names(all []workload) string {
	var out strings.Builder
	for _, w := range all {
		out.WriteString(w.name + "\n")
	}
	return out.String()
}

// staged is a stage with what add starts, and an emulator.
func staged(t *testing.T, add func(context.Context, *stage) error) *stage {
	t.Helper()
	s := &stage{}
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	})
	var err error
	if s.stripe, err = launchEmulator(t.Context(), itself(t)); err != nil {
		t.Fatal(err)
	}
	s.closers = append(s.closers, s.stripe.stop)
	if err := add(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStatusChecksCanBeMeasured(t *testing.T) {
	t.Parallel()
	var p population
	s := staged(t, func(ctx context.Context, s *stage) (err error) {
		if err := s.startBare(); err != nil {
			return err
		}
		p, err = s.populate(ctx, 10)
		return err
	})
	wantMeasured(t, append(p.workloads(), s.bareWorkload()), 4)
}

func TestTheServiceCanBeMeasured(t *testing.T) {
	t.Parallel()
	s := staged(t, func(ctx context.Context, s *stage) error {
		if err := s.startPostgres(ctx, os.Getenv("TEST_POSTGRES_URL")); err != nil {
			return err
		}
		return s.startService(ctx, 3)
	})
	wantMeasured(t, s.serviceWorkloads(), 4)
}

func TestTheEmulatorCanBeMeasured(t *testing.T) {
	t.Parallel()
	s := staged(t, func(ctx context.Context, s *stage) (err error) {
		s.payers, err = s.addPayers(ctx)
		return err
	})
	wantMeasured(t, s.stripeWorkloads(), 2)
}

func TestWebhooksWorkedOffCanBeMeasured(t *testing.T) {
	t.Parallel()
	made, err := newSQLite()
	if err != nil {
		t.Fatal(err)
	}
	done, err := processed(t.Context(), itself(t), made.url, "", 2, 3)
	if err != nil || done.took <= 0 || len(done.bodies) == 0 {
		t.Errorf("%d webhooks in %s: %v", len(done.bodies), done.took, err)
	}
	if err := made.drop(); err != nil {
		t.Error(err)
	}
}

func TestComparisonsCanBeMeasured(t *testing.T) {
	t.Parallel()
	const customers = 3
	m, err := newMonth(t.Context(), itself(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.stripe.stop() })
	if err := m.subscribe(t.Context(), 0, customers); err != nil {
		t.Fatal(err)
	}
	repaired, dry, err := m.compareAll(t.Context(), customers)
	if err != nil || repaired.customers != customers || dry.customers != customers {
		t.Errorf("compared %d, then %d customers: %v", repaired.customers, dry.customers, err)
	}
}

func TestTheEngineCanBeMeasured(t *testing.T) {
	t.Parallel()
	if took, _, err := renewals(2); err != nil || took <= 0 {
		t.Errorf("renewals: %s, %v", took, err)
	}
	if _, _, _, err := reads(150); err != nil {
		t.Error(err)
	}
	if bareStructs(10) <= 0 {
		t.Error("bare structs took no time")
	}
	if first, err := firstAnswer(t.Context(), itself(t)); err != nil || first <= 0 {
		t.Errorf("the first answer took %s: %v", first, err)
	}
}
