package service_test

import (
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/license"
	"github.com/dues-billing/dues/service"
)

// Features: 90.
func TestASignedFileOutlivesItsPeriodByNoMoreThanTheLicense(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		old := ed25519.NewKeyFromSeed([]byte(strings.Repeat("o", ed25519.SeedSize)))
		fresh := ed25519.NewKeyFromSeed([]byte(strings.Repeat("n", ed25519.SeedSize)))
		public := func(key ed25519.PrivateKey) ed25519.PublicKey { return key.Public().(ed25519.PublicKey) }
		s := w.serviceWith(func(c *service.Config) { c.Licenses.Key = old })
		w.premium(s)
		first, err := s.LicenseFile(t.Context(), "ada", "handbook")
		if err != nil {
			t.Fatal(err)
		}
		held, err := license.NewKeys(public(old)).Verify(first.File)
		if until := w.held(s).ValidUntil; err != nil || held.Account != "ada" || held.Asset != "handbook" || !held.EndsAt.Equal(until) || held.Check(w.now.Now()) != nil {
			t.Errorf("the file says %+v, %v; want it until %v", held, err, until)
		}

		// The key is replaced: an application that trusts both goes on with either file.
		s = w.serviceWith(func(c *service.Config) {
			c.Licenses = service.LicenseSigning{Key: fresh, Retired: []ed25519.PublicKey{public(old)}, For: 7 * 24 * time.Hour}
		})
		second, err := s.LicenseFile(t.Context(), "ada", "handbook")
		if err != nil {
			t.Fatal(err)
		}
		keys := license.NewKeys(s.LicenseKeys()...)
		for _, file := range []service.LicenseFile{first, second} {
			if _, err := keys.Verify(file.File); err != nil {
				t.Errorf("key %s: %v", file.Key, err)
			}
		}
		if _, err := license.NewKeys(public(fresh)).Verify(first.File); !errors.Is(err, license.ErrUnknownKey) {
			t.Errorf("once the old key is not trusted any more: %v", err)
		}
		if want := w.now.Now().Add(7 * 24 * time.Hour); !second.License.EndsAt.Equal(want) {
			t.Errorf("a file for at most a week holds until %v, want %v", second.License.EndsAt, want)
		}

		if _, err := s.LicenseFile(t.Context(), "ada", "map"); billing.CodeOf(err) != billing.NotFound {
			t.Errorf("never held: got %v, want code not_found", err)
		}
		w.refunded(s, service.Refund{})
		if _, err := s.LicenseFile(t.Context(), "ada", "handbook"); billing.CodeOf(err) != billing.Conflict {
			t.Errorf("after a refund: got %v, want code conflict", err)
		}
		if _, err := w.service().LicenseFile(t.Context(), "ada", "handbook"); billing.CodeOf(err) != billing.Conflict {
			t.Errorf("without a key: got %v, want code conflict", err)
		}
	})
}
