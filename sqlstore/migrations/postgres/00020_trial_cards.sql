-- The cards with which something was tried, and by whom first: a card opens one trial.
-- +goose Up

CREATE TABLE trial_cards (
	fingerprint TEXT PRIMARY KEY,
	account     TEXT NOT NULL,
	claimed_at  BIGINT NOT NULL
);
