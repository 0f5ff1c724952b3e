-- Usage that the application reported, on its way to the provider's meters.
-- +goose Up

CREATE TABLE usage_events (
	account     TEXT NOT NULL,
	key         TEXT NOT NULL,   -- the application's; what comes twice is stored once
	feature     TEXT NOT NULL,
	quantity    BIGINT NOT NULL,
	at          BIGINT NOT NULL, -- business time
	received_at BIGINT NOT NULL, -- wall clock, like done_at
	state       TEXT NOT NULL,   -- pending, done, dead (too old for the provider when its turn came)
	done_at     BIGINT NOT NULL,
	PRIMARY KEY (account, key)
);
-- Reading a period needs this index alone, and not the rows.
CREATE INDEX usage_events_read ON usage_events (account, feature, at, quantity);
CREATE INDEX usage_events_pending ON usage_events (received_at) WHERE state = 'pending';
CREATE INDEX usage_events_done ON usage_events (done_at) WHERE done_at > 0;
