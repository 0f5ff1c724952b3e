package service

import (
	"context"
	"crypto/ed25519"
	"slices"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/license"
)

// LicenseSigning is how license files and tokens of entitlements are signed. Without Key none are.
type LicenseSigning struct {
	Key     ed25519.PrivateKey
	Retired []ed25519.PublicKey // of keys before it whose files have not ended yet
	// For is how long a file holds at most, 0 is 35 days: it cannot be taken back, so an application asks for a new one now and then.
	For time.Duration
	// TokenFor is how long a token of entitlements holds at most, 0 is 15 minutes.
	TokenFor time.Duration
}

// licenseFor outlives a monthly period with its leeway, so that a renewal brings the next file in time.
const licenseFor = 35 * 24 * time.Hour

// LicenseFile is a signed file, with what it says.
type LicenseFile struct {
	License license.License
	Key     string // the license.KeyID of the key that signed it
	File    []byte
}

// LicenseFile signs a file by which an application knows without a network that the account holds an asset: until the license ends, and for no longer
// than the configuration says. An asset that the account has never held is an error of code not_found, one that it does not hold now of code
// conflict.
func (s *Service) LicenseFile(ctx context.Context, id billing.AccountID, asset billing.AssetID) (LicenseFile, error) {
	all, err := s.Licenses(ctx, id)
	if err != nil {
		return LicenseFile{}, err
	}
	signing, err := s.signing()
	if err != nil {
		return LicenseFile{}, err
	}
	at := slices.IndexFunc(all, func(h billing.Held) bool { return h.Asset == asset })
	switch {
	case at < 0:
		return LicenseFile{}, billing.Errorf(billing.NotFound, "the account has no license of %q", asset).In("asset")
	case !all[at].Valid:
		return LicenseFile{}, billing.Errorf(billing.Conflict, "the license of %q does not hold now", asset).In("asset")
	}
	now := s.cfg.Clock.Business().Truncate(time.Second)
	held := license.License{
		Account: string(id), Asset: string(asset), StartsAt: all[at].StartsAt, IssuedAt: now, EndsAt: now.Add(signing.For),
	}
	if until := all[at].ValidUntil; !until.IsZero() && until.Before(held.EndsAt) {
		held.EndsAt = until
	}
	file, err := license.Sign(signing.Key, held)
	return LicenseFile{License: held, Key: license.KeyID(signing.Key.Public().(ed25519.PublicKey)), File: file}, err
}

// LicenseKeys are the public keys that an application trusts: the one that signs now first.
func (s *Service) LicenseKeys() []ed25519.PublicKey {
	if s.cfg.Licenses.Key == nil {
		return nil
	}
	return append([]ed25519.PublicKey{s.cfg.Licenses.Key.Public().(ed25519.PublicKey)}, s.cfg.Licenses.Retired...)
}
