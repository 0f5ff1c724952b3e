package httpapi_test

import (
	"crypto/ed25519"
	"strings"
	"testing"

	"github.com/dues-billing/dues"
)

// Features: 90.
func TestALicenseFileIsAskedForAndItsKeysAreTold(t *testing.T) {
	t.Parallel()
	s := &script{world: newWorld(t, func(c *dues.Config) {
		c.Licenses.Key = ed25519.NewKeyFromSeed([]byte(strings.Repeat("k", ed25519.SeedSize)))
	})}
	ada := s.premium("ada")
	s.do(request{method: "GET", path: "/v1/me/licenses/handbook/file", credential: ada})
	s.do(request{method: "GET", path: "/v1/accounts/ada/licenses/map/file", credential: serverKey})
	s.do(request{method: "GET", path: "/v1/license-keys", credential: serverKey})
	s.check("licensefile")
}
