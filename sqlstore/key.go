package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/dues-billing/dues/billing"
)

const (
	keyColumns = `id, name, scopes, hash, old_hash, old_until, created_at, rotated_at, expires_at, revoked_at, used_at`
	// One statement counts and adds, so that any number at once are no more than there may be; two at the same moment may be one more.
	addKey = `INSERT INTO api_keys (` + keyColumns + `)
		SELECT $1, $2, $3, $4, '', 0, $5, 0, $6, 0, 0 WHERE (SELECT COUNT(*) FROM api_keys WHERE revoked_at = 0) < CAST($7 AS BIGINT)`
	keyByID = `SELECT ` + keyColumns + ` FROM api_keys WHERE id = $1`
	allKeys = `SELECT ` + keyColumns + ` FROM api_keys ORDER BY created_at DESC, id LIMIT $1 + 0`
	// Whoever read another secret than is there now has lost: of any number at once one rotates.
	rotateKey  = `UPDATE api_keys SET hash = $2, old_hash = $3, old_until = $4, rotated_at = $5 WHERE id = $1 AND hash = $3 AND revoked_at = 0`
	revokeKey  = `UPDATE api_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at = 0`
	usedKeyAt  = `UPDATE api_keys SET used_at = $2 WHERE id = $1 AND used_at < $2`
	forgetDead = `DELETE FROM api_keys WHERE id IN (
		SELECT id FROM api_keys WHERE (revoked_at > 0 AND revoked_at < $1) OR (expires_at > 0 AND expires_at < $1) LIMIT $2 + 0)`
)

func scanKey(from scanner) (k billing.Key, err error) {
	var scopes string
	err = from.Scan(&k.ID, &k.Name, &scopes, &k.Hash, &k.OldHash, moment{&k.OldUntil}, moment{&k.CreatedAt}, moment{&k.RotatedAt}, moment{&k.ExpiresAt},
		moment{&k.RevokedAt}, moment{&k.UsedAt})
	for _, scope := range strings.Fields(scopes) {
		k.Scopes = append(k.Scopes, billing.Scope(scope))
	}
	return k, err
}

// AddKey stores a new API key, and reports false when there are limit of them that are not revoked.
func (tx *Tx) AddKey(ctx context.Context, k billing.Key, limit int) (bool, error) {
	var scopes []string
	for _, scope := range k.Scopes {
		scopes = append(scopes, string(scope))
	}
	return changed(tx.db.ExecContext(ctx, addKey, k.ID, k.Name, strings.Join(scopes, " "), k.Hash, micros(k.CreatedAt), micros(k.ExpiresAt), limit))
}

// Key returns an API key, or an error of code not_found.
func (r reads) Key(ctx context.Context, id billing.KeyID) (billing.Key, error) {
	k, err := row(ctx, r, scanKey, keyByID, id)
	if errors.Is(err, sql.ErrNoRows) {
		return k, billing.Errorf(billing.NotFound, "there is no key %q", id)
	}
	return k, err
}

// Keys returns the API keys, revoked ones included, newest first, at most limit.
func (r reads) Keys(ctx context.Context, limit int) ([]billing.Key, error) {
	return rows(ctx, r, scanKey, allKeys, limit)
}

// RotateKey stores a key's new secret beside the one before, and reports false when that is not the one before any more, or the key was revoked.
func (tx *Tx) RotateKey(ctx context.Context, k billing.Key) (bool, error) {
	return changed(tx.db.ExecContext(ctx, rotateKey, k.ID, k.Hash, k.OldHash, micros(k.OldUntil), micros(k.RotatedAt)))
}

// RevokeKey ends a key for good, and reports false when it was revoked before.
func (tx *Tx) RevokeKey(ctx context.Context, id billing.KeyID, at time.Time) (bool, error) {
	return changed(tx.db.ExecContext(ctx, revokeKey, id, micros(at)))
}

// KeyUsed notes when a key was used last.
func (s *Store) KeyUsed(ctx context.Context, id billing.KeyID, at time.Time) error {
	_, err := s.update(ctx, usedKeyAt, id, micros(at))
	return err
}

// ForgetKeys deletes keys that were revoked or expired before the given time, at most limit, and returns how many.
func (s *Store) ForgetKeys(ctx context.Context, before time.Time, limit int) (int64, error) {
	return s.update(ctx, forgetDead, micros(before), limit)
}
