package service_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

func issue(t *testing.T, s *service.Service, scopes ...billing.Scope) service.IssuedKey {
	t.Helper()
	made, err := s.CreateKey(t.Context(), service.NewKey{Name: "web", Scopes: scopes})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestOfAHundredRotationsAtOnceOneIsMadeOnTwoReplicas(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for name, overlap := range map[string]time.Duration{"with overlap": time.Hour, "without": 0} {
			replicas := []*service.Service{w.service(), w.service()}
			first := issue(t, replicas[0], billing.AccountsRead)
			var mu sync.Mutex
			var all sync.WaitGroup
			secrets := []string{}
			for i := range 100 {
				all.Go(func() {
					made, err := replicas[i%2].RotateKey(t.Context(), first.ID, overlap)
					mu.Lock()
					defer mu.Unlock()
					if err == nil {
						secrets = append(secrets, made.Secret)
					} else if billing.CodeOf(err) != billing.Conflict {
						t.Errorf("%s: %v", name, err)
					}
				})
			}
			all.Wait()
			if overlap > 0 && len(secrets) != 1 || len(secrets) == 0 {
				t.Errorf("%s: %d rotations were made", name, len(secrets))
			}
			opens := 0
			for _, secret := range secrets {
				if _, err := w.service().Authenticate(t.Context(), secret); err == nil {
					opens++
				}
			}
			if opens != 1 {
				t.Errorf("%s: of %d new secrets %d open, want one", name, len(secrets), opens)
			}
			if _, err := w.service().Authenticate(t.Context(), first.Secret); (err == nil) != (overlap > 0) {
				t.Errorf("%s: the secret before: %v", name, err)
			}
		}
	})
}

func TestAKeyThatIsRevokedHereIsRefusedAtOnceAndElsewhereWithinSeconds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		here, there := w.service(), w.service()
		key := issue(t, here, billing.AccountsRead, billing.UsageWrite)
		open := func(s *service.Service) error {
			got, err := s.Authenticate(t.Context(), key.Secret)
			if err == nil && (got.ID != key.ID || !got.May(billing.UsageWrite) || got.May(billing.BillingRead)) {
				t.Errorf("the key is %+v", got)
			}
			return err
		}
		if err := open(there); err != nil {
			t.Fatalf("a key that was made in another process this moment: %v", err)
		}
		if err := open(here); err != nil {
			t.Fatal(err)
		}
		for range 2 { // a second time it changes nothing
			revoked, err := here.RevokeKey(t.Context(), key.ID)
			if err != nil || !revoked.RevokedAt.Equal(start) {
				t.Fatalf("revoked: %+v, %v", revoked, err)
			}
		}
		if err := open(here); billing.CodeOf(err) != billing.Unauthorized || !strings.Contains(err.Error(), "revoked") {
			t.Errorf("here, at once: %v", err)
		}
		w.now.set(start.Add(5 * time.Second))
		if err := open(there); billing.CodeOf(err) != billing.Unauthorized {
			t.Errorf("there, five seconds later: %v", err)
		}
		if _, err := here.RotateKey(t.Context(), key.ID, 0); billing.CodeOf(err) != billing.Conflict {
			t.Errorf("rotating it: %v", err)
		}
		if _, err := here.RevokeKey(t.Context(), "key_none"); billing.CodeOf(err) != billing.NotFound {
			t.Errorf("revoking another: %v", err)
		}
	})
}

func TestOnlyTheHourOfAKeysLastUseIsKeptAndOfItsSecretNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		key := issue(t, s, billing.AccountsRead)
		usedAt := func() time.Time {
			t.Helper()
			if err := s.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			all, err := s.Keys(t.Context())
			if err != nil || len(all) != 1 {
				t.Fatalf("keys %v, %v", all, err)
			}
			return all[0].UsedAt
		}
		if at := usedAt(); !at.IsZero() {
			t.Errorf("used at %s before it was", at)
		}
		for range 3 {
			if _, err := s.Authenticate(t.Context(), key.Secret); err != nil {
				t.Fatal(err)
			}
		}
		w.now.set(start.Add(25 * time.Minute))
		if at := usedAt(); !at.Equal(start) {
			t.Errorf("used at %s, want the hour %s", at, start)
		}
		w.now.set(start.Add(70 * time.Minute))
		if _, err := s.Authenticate(t.Context(), key.Secret); err != nil {
			t.Fatal(err)
		}
		if _, err := s.RotateKey(t.Context(), key.ID, 0); err != nil { // the keys are read again, and the use stays known
			t.Fatal(err)
		}
		if at := usedAt(); !at.Equal(start.Add(time.Hour)) {
			t.Errorf("used at %s, want the next hour", at)
		}
		var text strings.Builder
		if _, err := w.store().Export(t.Context(), &text); err != nil {
			t.Fatal(err)
		}
		if secret := key.Secret[strings.LastIndex(key.Secret, "_")+1:]; strings.Contains(text.String(), secret) || !strings.Contains(text.String(), key.Hash) {
			t.Error("the database holds a secret, or no hash of it")
		}
	})
}

func TestAKeyInATextIsFound(t *testing.T) {
	t.Parallel()
	key := "dues_abcdefghijklmnop_" + strings.Repeat("a", 52)
	for text, want := range map[string]bool{
		key: true, "a=b&key=" + key: true, "dues_dues_" + key + "&c=d": true, key[:len(key)-1]: false, "dues_ada": false, "": false, "customer=dues_and_debts": false,
		strings.Replace(key, "dues", "Dues", 1): false,
	} {
		if got := service.HoldsKey(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
