package service

import (
	"context"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/license"
)

// tokenFor is how long a token of entitlements holds, unless LicenseSigning says otherwise: so much later an application that asks nobody hears of
// a cancel, a refund or a failed payment.
const tokenFor = 15 * time.Minute

// EntitlementToken is a signed token, with what it says.
type EntitlementToken struct {
	license.Entitlements
	Token string
}

// EntitlementToken signs what an account may use now, with the key that signs license files, so that an application checks it without a network. It
// holds for some minutes, and never beyond the moment at which access changes by the passing of time alone. Without a key it is an error of code
// conflict.
func (s *Service) EntitlementToken(ctx context.Context, id billing.AccountID) (EntitlementToken, error) {
	signing, err := s.signing()
	if err != nil {
		return EntitlementToken{}, err
	}
	held, err := s.facts.verdict(ctx, id)
	if err != nil {
		return EntitlementToken{}, err
	}
	now, access := s.cfg.Clock.Business(), held.Accesses[0] // of the default group; the features are those of all
	says := license.Entitlements{
		Issuer: s.cfg.PublicURL, Account: string(id), Plan: string(access.Plan), Level: string(access.Level), Features: map[string]license.Feature{},
		IssuedAt: now.UTC().Truncate(time.Second), EndsAt: now.Add(signing.TokenFor).UTC().Truncate(time.Second),
	}
	if by := held.By.UTC().Truncate(time.Second); !held.By.IsZero() && by.Before(says.EndsAt) {
		says.EndsAt = by
	}
	for _, e := range held.Entitlements {
		if e.Enabled {
			says.Features[string(e.Feature)] = license.Feature{Limit: e.Limit}
		}
	}
	token, err := license.SignEntitlements(signing.Key, says)
	return EntitlementToken{says, token}, err
}

// signing is how is signed, an error of code conflict without a key.
func (s *Service) signing() (LicenseSigning, error) {
	if s.cfg.Licenses.Key == nil {
		return LicenseSigning{}, billing.Errorf(billing.Conflict, "no key is configured to sign with; dues license keygen makes one")
	}
	return s.cfg.Licenses, nil
}

// JWKS are the LicenseKeys as a JSON Web Key Set.
func (s *Service) JWKS() ([]byte, error) {
	return license.EncodeJWKS(s.LicenseKeys()...)
}
