-- Several accounts at the provider beside one another. '' is the default one. The id of an event of another one is stored with the
-- account's name before it, so that it stays unique as the version before has it.
-- +goose Up

ALTER TABLE inbox ADD COLUMN provider_account TEXT NOT NULL DEFAULT '';

-- Where an account is billed, and where customers are that are not in the default one.
ALTER TABLE accounts ADD COLUMN provider_account TEXT NOT NULL DEFAULT '';
CREATE TABLE customer_homes (
	customer         TEXT PRIMARY KEY,
	provider_account TEXT NOT NULL
);

-- Each account's list of events is read by itself; the default one's row is the first, as it was.
ALTER TABLE feed ADD COLUMN provider_account TEXT NOT NULL DEFAULT '';
