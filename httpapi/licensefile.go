package httpapi

import (
	"context"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/license"
)

// LicenseFile is a signed file by which an application knows without a network that an account holds an asset.
type LicenseFile struct {
	Asset    billing.AssetID `json:"asset"`
	StartsAt Moment          `json:"starts_at"`
	EndsAt   Moment          `json:"ends_at" doc:"Until when the file holds: ask for a new one before. It cannot be taken back"`
	Key      string          `json:"key" doc:"Names the key that signed it, as in GET /v1/license-keys"`
	File     string          `json:"file" doc:"The text to keep; package license reads it"`
}

// LicenseKeys are the public keys that license files are signed with.
type LicenseKeys struct {
	Keys []LicenseKey `json:"keys" nullable:"false" doc:"The one that signs now first; the others signed files that have not ended yet"`
}

// LicenseKey is a public key.
type LicenseKey struct {
	ID  string `json:"id"`
	Key string `json:"key" doc:"Ed25519, 32 bytes in base64: what an application carries"`
}

type assetOf struct {
	ID    string `path:"id" doc:"The app's own id"`
	Asset string `path:"asset"`
}

type myAsset struct {
	Asset string `path:"asset"`
}

func (a *api) licenseFile(ctx context.Context, in *assetOf) (*reply[LicenseFile], error) {
	return a.licenseFileOf(ctx, billing.AccountID(in.ID), in.Asset)
}

func (a *api) myLicenseFile(ctx context.Context, in *myAsset) (*reply[LicenseFile], error) {
	return a.licenseFileOf(ctx, caller(ctx), in.Asset)
}

func (a *api) licenseFileOf(ctx context.Context, id billing.AccountID, asset string) (*reply[LicenseFile], error) {
	f, err := a.service.LicenseFile(ctx, id, billing.AssetID(asset))
	if err != nil {
		return nil, err
	}
	return ok(LicenseFile{
		Asset: billing.AssetID(f.License.Asset), StartsAt: Moment(f.License.StartsAt), EndsAt: Moment(f.License.EndsAt), Key: f.Key, File: string(f.File),
	}), nil
}

func (a *api) licenseKeys(context.Context, *struct{}) (*reply[LicenseKeys], error) {
	out := LicenseKeys{Keys: []LicenseKey{}}
	for _, key := range a.service.LicenseKeys() {
		out.Keys = append(out.Keys, LicenseKey{ID: license.KeyID(key), Key: license.EncodeKey(key)})
	}
	return ok(out), nil
}
