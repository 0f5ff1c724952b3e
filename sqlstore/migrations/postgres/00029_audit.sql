-- Who changed what, when, and what came of it.
-- +goose Up

CREATE TABLE audit (
	seq     BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at      BIGINT NOT NULL, -- wall clock
	kind    TEXT NOT NULL,   -- of who did it: key, server, operator, user, admin, cli
	who     TEXT NOT NULL,
	action  TEXT NOT NULL,
	account TEXT NOT NULL,   -- that it was about, '' for none
	object  TEXT NOT NULL,
	request TEXT NOT NULL,   -- its id
	outcome TEXT NOT NULL    -- begun, done, failed
);
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_account ON audit (account, seq);
