package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// Keys are the API keys, newest first.
type Keys struct {
	Keys []Key `json:"keys" nullable:"false"`
}

// Key is an API key without its secret.
type Key struct {
	ID        billing.KeyID   `json:"id"`
	Name      string          `json:"name"`
	Scopes    []billing.Scope `json:"scopes" nullable:"false"`
	CreatedAt Moment          `json:"created_at"`
	RotatedAt *Moment         `json:"rotated_at" nullable:"true"`
	OldUntil  *Moment         `json:"old_secret_until" nullable:"true" doc:"Until when the secret before the last rotation opens, too"`
	ExpiresAt *Moment         `json:"expires_at" nullable:"true" doc:"null: it does not"`
	RevokedAt *Moment         `json:"revoked_at" nullable:"true"`
	UsedAt    *Moment         `json:"used_at" nullable:"true" doc:"The hour in which it was used last; null: not yet"`
}

// IssuedKey is an API key with its secret.
type IssuedKey struct {
	Key    Key    `json:"key"`
	Secret string `json:"secret" doc:"What is sent as Authorization: Bearer. It is shown this once"`
}

type newKey struct {
	Name      string    `json:"name" maxLength:"100" doc:"What it is for"`
	Scopes    []string  `json:"scopes" doc:"What it may do, such as accounts:read"`
	ExpiresAt timestamp `json:"expires_at,omitempty" doc:"When it stops by itself; without it, it does not"`
}

// ByKeyID names a key by its id. The framework looks into embedded structs that are exported only.
type ByKeyID struct {
	Key string `path:"key" doc:"The id of the key, key_…"`
}

type rotation struct {
	ByKeyID
	withBody[overlap]
}

type overlap struct {
	Hours int64 `json:"overlap_hours" minimum:"0" maximum:"720" doc:"So much longer the secret before opens; 0 ends it, and any before it, at once"`
}

func keyOf(k billing.Key) Key {
	return Key{
		ID: k.ID, Name: k.Name, Scopes: k.Scopes, CreatedAt: Moment(k.CreatedAt), RotatedAt: moment(k.RotatedAt), OldUntil: moment(k.OldUntil),
		ExpiresAt: moment(k.ExpiresAt), RevokedAt: moment(k.RevokedAt), UsedAt: moment(k.UsedAt),
	}
}

func (a *api) allKeys(ctx context.Context, _ *struct{}) (*reply[Keys], error) {
	found, err := a.service.Keys(ctx)
	out := Keys{Keys: []Key{}}
	for _, k := range found {
		out.Keys = append(out.Keys, keyOf(k))
	}
	return ok(out), err
}

func (a *api) createKey(ctx context.Context, in *withBody[newKey]) (*reply[IssuedKey], error) {
	given := in.Body.value
	expires, err := given.ExpiresAt.moment("expires_at")
	if err != nil {
		return nil, err
	}
	req := service.NewKey{Name: given.Name, ExpiresAt: expires}
	for _, scope := range given.Scopes {
		req.Scopes = append(req.Scopes, billing.Scope(scope))
	}
	made, err := a.service.CreateKey(ctx, req)
	if err != nil {
		return nil, err
	}
	note(ctx, "", string(made.ID))
	out := ok(IssuedKey{keyOf(made.Key), made.Secret})
	out.Status = http.StatusCreated
	return out, nil
}

func (a *api) rotateKey(ctx context.Context, in *rotation) (*reply[IssuedKey], error) {
	hours := max(-1, min(in.Body.value.Hours, int64(billing.KeyOverlapMax/time.Hour)+1)) // what is outside is refused below, and does not overflow
	made, err := a.service.RotateKey(ctx, billing.KeyID(in.Key), time.Duration(hours)*time.Hour)
	if err != nil {
		return nil, err
	}
	return ok(IssuedKey{keyOf(made.Key), made.Secret}), nil
}

func (a *api) revokeKey(ctx context.Context, in *ByKeyID) (*reply[Key], error) {
	k, err := a.service.RevokeKey(ctx, billing.KeyID(in.Key))
	if err != nil {
		return nil, err
	}
	return ok(keyOf(k)), nil
}
