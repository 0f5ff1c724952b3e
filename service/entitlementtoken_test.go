package service_test

import (
	"crypto/ed25519"
	"strings"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/license"
	"github.com/dues-billing/dues/service"
)

func TestATokenHoldsAFewMinutesAndNeverBeyondAChangeOfAccess(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		key := ed25519.NewKeyFromSeed([]byte(strings.Repeat("k", ed25519.SeedSize)))
		s := w.serviceWith(func(c *service.Config) { c.Licenses.Key = key })
		account := w.signUp(s)
		w.saveCard(account.Customer, "pm_card_visa")
		sign := func() license.Entitlements {
			t.Helper()
			made, err := s.EntitlementToken(t.Context(), "ada")
			if err != nil {
				t.Fatal(err)
			}
			published, err := s.JWKS()
			if err != nil {
				t.Fatal(err)
			}
			keys, err := license.ParseJWKS(published)
			if err != nil {
				t.Fatal(err)
			}
			says, err := keys.VerifyEntitlements(made.Token, w.publicURL, w.now.Now())
			if err != nil {
				t.Fatal(err)
			}
			all, err := s.Entitlements(t.Context(), "ada")
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range all {
				if says.May(string(e.Feature)) != e.Enabled || says.Features[string(e.Feature)].Limit != e.Limit*flag(e.Enabled) {
					t.Errorf("of %s the token says %v, and the check %+v", e.Feature, says.Features, e)
				}
			}
			return says
		}
		if free := sign(); free.Plan != "starter" || !free.EndsAt.Equal(start.Add(15*time.Minute)) || !free.IssuedAt.Equal(start) {
			t.Errorf("on the free plan: %+v", free)
		}
		w.upgrade(s, "premium-monthly")
		paid := sign()
		if paid.Plan != "premium" || paid.Level != "full" || !paid.EndsAt.Equal(start.Add(15*time.Minute)) {
			t.Errorf("on the paid plan: %+v", paid)
		}
		ends := start.Add(5*time.Minute + 500*time.Millisecond)
		if _, err := s.Grant(t.Context(), "ada", billing.Grant{Feature: "projects", Limit: 2, EndsAt: ends}); err != nil {
			t.Fatal(err)
		}
		if granted := sign(); !granted.EndsAt.Equal(ends.Truncate(time.Second)) || granted.Features["projects"].Limit <= paid.Features["projects"].Limit {
			t.Errorf("with a grant until %s: %+v", ends, granted)
		}
		status, err := s.Status(t.Context(), "ada")
		if err != nil || status.Until.IsZero() {
			t.Fatalf("status %+v, %v", status, err)
		}
		w.now.set(status.Until.Add(-time.Minute)) // no news of a renewal has come
		if last := sign(); last.Level != "full" || !last.EndsAt.Equal(status.Until) {
			t.Errorf("a minute before access ends at %s: %+v", status.Until, last)
		}
		w.now.set(status.Until)
		if after := sign(); after.Level == "full" || !after.EndsAt.Equal(status.Until.Add(15*time.Minute)) {
			t.Errorf("after it has ended: %+v", after)
		}
		if _, err := s.EntitlementToken(t.Context(), "nobody"); billing.CodeOf(err) != billing.NotFound {
			t.Errorf("of nobody: %v", err)
		}
		if _, err := w.service().EntitlementToken(t.Context(), "ada"); billing.CodeOf(err) != billing.Conflict {
			t.Errorf("without a key: %v", err)
		}
	})
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func TestAReplacedKeyIsPublishedUntilItsLastTokenHasEnded(t *testing.T) {
	t.Parallel()
	old, young := ed25519.NewKeyFromSeed([]byte(strings.Repeat("o", 32))), ed25519.NewKeyFromSeed([]byte(strings.Repeat("y", 32)))
	w := newWorld(t, "sqlite:"+t.TempDir()+"/dues.db")
	before := w.serviceWith(func(c *service.Config) { c.Licenses = service.LicenseSigning{Key: old, TokenFor: time.Hour} })
	after := w.serviceWith(func(c *service.Config) {
		c.Licenses = service.LicenseSigning{Key: young, Retired: []ed25519.PublicKey{old.Public().(ed25519.PublicKey)}}
	})
	w.signUp(before)
	text, err := after.JWKS()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := license.ParseJWKS(text)
	if err != nil || len(keys) != 2 || !strings.Contains(string(text)[:200], license.KeyID(young.Public().(ed25519.PublicKey))) {
		t.Fatalf("published is %s, %v", text, err)
	}
	for name, s := range map[string]*service.Service{"the old key": before, "the new one": after} {
		made, err := s.EntitlementToken(t.Context(), "ada")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := keys.VerifyEntitlements(made.Token, w.publicURL, start); err != nil {
			t.Errorf("signed by %s: %v", name, err)
		}
	}
}
