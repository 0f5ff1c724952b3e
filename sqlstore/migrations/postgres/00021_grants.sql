-- Entitlements that are given by hand, and what is used of those with a limit.
-- +goose Up

CREATE TABLE grants (
	id         TEXT PRIMARY KEY,
	account    TEXT NOT NULL,
	feature    TEXT NOT NULL,
	amount     BIGINT NOT NULL, -- added to the plan's limit
	note       TEXT NOT NULL,
	created_at BIGINT NOT NULL, -- business time, like ends_at
	ends_at    BIGINT NOT NULL  -- 0: no end
);
CREATE INDEX grants_account ON grants (account, created_at);

CREATE TABLE used (
	account TEXT NOT NULL,
	feature TEXT NOT NULL,
	since   BIGINT NOT NULL, -- the start of the period, 0 of what has none
	amount  BIGINT NOT NULL,
	PRIMARY KEY (account, feature, since)
);

-- What was consumed under a key, so that the same call is not counted twice.
CREATE TABLE used_keys (
	account  TEXT NOT NULL,
	key      TEXT NOT NULL,
	feature  TEXT NOT NULL,
	quantity BIGINT NOT NULL,
	at       BIGINT NOT NULL, -- wall clock
	PRIMARY KEY (account, key)
);
CREATE INDEX used_keys_at ON used_keys (at);
