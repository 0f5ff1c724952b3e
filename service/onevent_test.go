package service_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/events"
	"github.com/dues-billing/dues/service"
	"github.com/dues-billing/dues/webhook"
)

// asDocumented fails the test when a notice has a part with it of which docs/events.md says nothing.
func asDocumented(t testing.TB, n webhook.Notice) {
	for part, there := range map[string]bool{
		"subscription": n.Data.Subscription != nil, "invoice": n.Data.Invoice != nil, "license": n.Data.License != nil, "refund": n.Data.Refund != nil,
		"dispute": n.Data.Dispute != nil, "previous": n.Previous != nil,
	} {
		if there && !slices.Contains(events.With(n.Type), part) {
			t.Errorf("docs/events.md does not say that %s comes with %s: say it in internal/events", n.Type, part)
		}
	}
}

// listener is an application that Dues is a part of.
type listener struct {
	mu     sync.Mutex
	answer func(webhook.Notice) error // nil takes everything
	taken  map[string][]webhook.Notice
}

func (l *listener) hear(_ context.Context, n webhook.Notice) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.answer != nil {
		if err := l.answer(n); err != nil {
			return err
		}
	}
	if l.taken == nil {
		l.taken = map[string][]webhook.Notice{}
	}
	l.taken[n.Data.Account] = append(l.taken[n.Data.Account], n)
	return nil
}

func (l *listener) answering(answer func(webhook.Notice) error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answer = answer
}

// heard is what was taken about an account; it fails the test unless that came in order.
func (l *listener) heard(t *testing.T, account string) (types []string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, n := range l.taken[account] {
		types = append(types, n.Type)
		if n.Sequence != int64(i+1) {
			t.Errorf("notice %d about %s has number %d", i+1, account, n.Sequence)
		}
	}
	return types
}

// Features: 84.
func TestAFunctionHearsWhatAnEndpointHears(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		app, own := w.application(), &listener{}
		s := w.telling(app.endpoint("app"), service.OnEvent("own", own.hear))
		w.premium(s)
		w.move(w.status(s).PeriodEnd.Add(2 * time.Hour))
		w.settle(s)
		var want []string
		for _, n := range app.got {
			want = append(want, n.Type)
		}
		if got := own.heard(t, "ada"); len(got) < 8 || !slices.Equal(got, want) {
			t.Errorf("the function heard %q, the endpoint %q", got, want)
		}
	})
}

func TestAnEventThatAFunctionDoesNotTakeHoldsUpItsAccountAndNobodyElse(t *testing.T) {
	for name, refuse := range map[string]func() error{
		"error": func() error { return errors.New("the database is away") },
		"panic": func() error { panic("a bug") },
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				own, offered := &listener{}, map[string]bool{}
				s := w.telling(service.OnEvent("own", own.hear))
				own.answering(func(n webhook.Notice) error {
					if n.Data.Account == "ada" {
						offered[n.ID] = true
						return refuse()
					}
					return nil
				})
				w.premium(s)
				if _, _, err := s.CreateAccount(t.Context(), service.NewAccount{ID: "bob", Email: "bob@example.com"}); err != nil {
					t.Fatal(err)
				}
				w.settle(s)
				ada, bob := own.heard(t, "ada"), own.heard(t, "bob")
				if len(ada) != 0 || len(bob) == 0 {
					t.Errorf("ada's went by: %q; bob's: %q", ada, bob)
				}
				if len(offered) != 1 {
					t.Errorf("%d of ada's were offered before the first was taken", len(offered))
				}
				own.answering(nil)
				w.move(w.now.Now().Add(time.Minute))
				w.settle(s)
				if got := own.heard(t, "ada"); len(got) < 6 || got[0] != billing.AccountCreated {
					t.Errorf("afterwards ada's are %q", got)
				}
			})
		})
	}
}

func TestTwoProcessesHandEventsOverInOrderAndOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		own := &listener{}
		s := w.telling(service.OnEvent("own", own.hear))
		other := w.telling(service.OnEvent("own", own.hear))
		away := errors.New("not yet")
		own.answering(func(webhook.Notice) error { return away })
		w.premium(s)
		for i := range 20 {
			if _, _, err := s.CreateAccount(t.Context(), service.NewAccount{ID: billing.AccountID(fmt.Sprint("user-", i)), Email: "user@example.com"}); err != nil {
				t.Fatal(err)
			}
		}
		w.settle(s)
		own.answering(nil)
		w.move(w.now.Now().Add(time.Minute))
		var both sync.WaitGroup
		for _, process := range []*service.Service{s, other} {
			both.Go(func() {
				for range 5 {
					if err := process.Drain(t.Context()); err != nil {
						t.Error(err)
					}
				}
			})
		}
		both.Wait()
		w.settle(s)
		if got := own.heard(t, "ada"); len(got) < 6 {
			t.Errorf("ada's are %q", got)
		}
		for i := range 20 {
			if got := own.heard(t, fmt.Sprint("user-", i)); len(got) == 0 {
				t.Errorf("nothing was heard of user-%d", i)
			}
		}
	})
}

func TestAFunctionHasNeitherURLNorSecret(t *testing.T) {
	t.Parallel()
	own := &listener{}
	for name, change := range map[string]func(*service.Endpoint){
		"url":    func(e *service.Endpoint) { e.URL = "https://app.example.com" },
		"secret": func(e *service.Endpoint) { e.Secret = noticeSecret },
		"name":   func(e *service.Endpoint) { e.Name = "" },
		"types":  func(e *service.Endpoint) { e.Types = []string{"access.lost"} },
	} {
		e := service.OnEvent("own", own.hear, "access.*")
		if err := service.CheckEndpoints([]service.Endpoint{e}); err != nil {
			t.Errorf("a good one: %v", err)
		}
		change(&e)
		if err := service.CheckEndpoints([]service.Endpoint{e}); billing.CodeOf(err) != billing.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
