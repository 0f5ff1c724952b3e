-- Who works at the admin, and where somebody is signed in. Of passwords, links and what browsers hold only hashes are kept; the secret of the codes
-- must be known to make them.
-- +goose Up

CREATE TABLE operators (
	id           TEXT PRIMARY KEY,
	email        TEXT NOT NULL,   -- in lower case
	role         TEXT NOT NULL,   -- read, operate or own
	password     TEXT NOT NULL,   -- its hash, '' for none
	secret       TEXT NOT NULL,   -- of the codes, in base32
	code_step    BIGINT NOT NULL, -- the half minute whose code was used last
	invite       TEXT NOT NULL,   -- SHA-256 of the link with which a password is chosen, '' for none
	invite_until BIGINT NOT NULL, -- wall clock, like all times here
	subject      TEXT NOT NULL,   -- who it is at the OpenID provider, '' before the first time
	created_at   BIGINT NOT NULL,
	signed_in_at BIGINT NOT NULL, -- 0: never
	removed_at   BIGINT NOT NULL  -- 0: not; the row stays, for the audit log names it
);
CREATE UNIQUE INDEX operators_email ON operators (email) WHERE removed_at = 0;

CREATE TABLE admin_sessions (
	id         TEXT PRIMARY KEY, -- SHA-256 of what the browser holds
	operator   TEXT NOT NULL,    -- '' for who came with the password of the settings
	proof      TEXT NOT NULL,    -- of that password
	agent      TEXT NOT NULL,    -- the browser, as it calls itself
	created_at BIGINT NOT NULL,
	seen_at    BIGINT NOT NULL,  -- to the minute
	until      BIGINT NOT NULL
);
