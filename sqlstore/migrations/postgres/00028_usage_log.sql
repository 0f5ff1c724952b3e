-- Usage as it came in, before it is counted (ADR 14): a row for each commit, at the end of the table, so that taking usage in costs the same however much there is.
-- +goose Up

CREATE TABLE usage_log (
	seq         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	received_at BIGINT NOT NULL, -- wall clock
	events      BIGINT NOT NULL, -- how many lines body has
	body        TEXT NOT NULL    -- an event a line: account, key, feature, quantity, at, with tabs between
);
-- A row lives for seconds: compressing it would cost more than writing it.
ALTER TABLE usage_log ALTER COLUMN body SET STORAGE EXTERNAL;
