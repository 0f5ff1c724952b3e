-- API keys. Of their secrets only hashes are kept.
-- +goose Up

CREATE TABLE api_keys (
	id         TEXT PRIMARY KEY,
	name       TEXT NOT NULL,
	scopes     TEXT NOT NULL,   -- with spaces between them
	hash       TEXT NOT NULL,   -- SHA-256 of the secret
	old_hash   TEXT NOT NULL,   -- of the one before, which opens until old_until
	old_until  BIGINT NOT NULL, -- wall clock, like all times here
	created_at BIGINT NOT NULL,
	rotated_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	revoked_at BIGINT NOT NULL,
	used_at    BIGINT NOT NULL  -- to the hour
);
