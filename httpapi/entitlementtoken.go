package httpapi

import (
	"context"
	"net/http"

	"github.com/dues-billing/dues/billing"
)

// EntitlementToken is a signed token by which an application knows without a network what an account may use.
type EntitlementToken struct {
	Token    string `json:"token" doc:"A JWT (EdDSA). Its keys are at /.well-known/jwks.json"`
	IssuedAt Moment `json:"issued_at"`
	EndsAt   Moment `json:"ends_at" doc:"Until when it holds: ask for a new one before. It cannot be taken back"`
}

func (a *api) entitlementToken(ctx context.Context, in *byID) (*reply[EntitlementToken], error) {
	return a.entitlementTokenOf(ctx, billing.AccountID(in.ID))
}

func (a *api) myEntitlementToken(ctx context.Context, _ *oneself) (*reply[EntitlementToken], error) {
	return a.entitlementTokenOf(ctx, caller(ctx))
}

func (a *api) entitlementTokenOf(ctx context.Context, id billing.AccountID) (*reply[EntitlementToken], error) {
	t, err := a.service.EntitlementToken(ctx, id)
	if err != nil {
		return nil, err
	}
	return ok(EntitlementToken{Token: t.Token, IssuedAt: Moment(t.IssuedAt), EndsAt: Moment(t.EndsAt)}), nil
}

// jwks publishes the keys that tokens are signed with. They are no secret: everybody may read them, pages of other sites too, and keep them for
// some minutes.
func (a *api) jwks(w http.ResponseWriter, r *http.Request) {
	keys, err := a.service.JWKS()
	if err != nil {
		a.fail(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/jwk-set+json")
	h.Set("Cache-Control", "public, max-age=300")
	h.Set("Access-Control-Allow-Origin", "*")
	_, _ = w.Write(keys) // the reader went away: nobody is left to tell
}
