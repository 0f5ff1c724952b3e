-- When there is something to do for a subscription because time has passed, such as to remind of its renewal.
-- +goose Up

CREATE TABLE reminders (
	account  TEXT NOT NULL,
	rule     TEXT NOT NULL,   -- renewal, …
	about    TEXT NOT NULL,   -- the subscription
	due_at   BIGINT NOT NULL, -- business time; 0: not before the subscription changes
	last_key TEXT NOT NULL,   -- of the effect that came last, '' before the first
	last_at  BIGINT NOT NULL, -- business time
	tries    BIGINT NOT NULL, -- that failed in a row, because the provider could not be read
	retry_at BIGINT NOT NULL, -- wall clock
	PRIMARY KEY (account, rule, about)
);
CREATE INDEX reminders_due ON reminders (due_at) WHERE due_at > 0;
