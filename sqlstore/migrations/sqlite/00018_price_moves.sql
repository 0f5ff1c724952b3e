-- The ledger of dues catalog migrate: who was moved from which price to which, or why not.
-- +goose Up

CREATE TABLE price_moves (
	id           TEXT PRIMARY KEY,
	account      TEXT NOT NULL,
	subscription TEXT NOT NULL,
	price_from   TEXT NOT NULL,
	price_to     TEXT NOT NULL,
	status       TEXT NOT NULL, -- pending, moved, skipped, failed
	why          TEXT NOT NULL,
	created_at   BIGINT NOT NULL,
	done_at      BIGINT NOT NULL
);
CREATE INDEX price_moves_subscription ON price_moves (subscription, created_at);
-- A run that broke off goes on with the move that it began.
CREATE UNIQUE INDEX price_moves_pending ON price_moves (subscription) WHERE status = 'pending';
