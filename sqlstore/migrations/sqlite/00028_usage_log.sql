-- Usage as it came in, before it is counted (ADR 14): a row for each commit, at the end of the table, so that taking usage in costs the same however much there is.
-- +goose Up

CREATE TABLE usage_log (
	seq         INTEGER PRIMARY KEY AUTOINCREMENT,
	received_at BIGINT NOT NULL, -- wall clock
	events      BIGINT NOT NULL, -- how many lines body has
	body        TEXT NOT NULL    -- an event a line: account, key, feature, quantity, at, with tabs between
);
