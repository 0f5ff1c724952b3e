-- How far the provider's list of events has been read: one row, for one process reads it for all.
-- +goose Up

CREATE TABLE feed (
	id         BIGINT PRIMARY KEY, -- 1
	event      TEXT NOT NULL,      -- the newest that nothing can appear before any more
	created_at BIGINT NOT NULL,    -- of that event, by the provider's clock
	read_at    BIGINT NOT NULL,
	gap_at     BIGINT NOT NULL DEFAULT 0
);
