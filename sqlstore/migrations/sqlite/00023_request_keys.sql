-- What was answered to requests with an Idempotency-Key, so that one that comes again does nothing again.
-- +goose Up

CREATE TABLE request_keys (
	credential TEXT NOT NULL,   -- whose key it is
	key        TEXT NOT NULL,
	request    TEXT NOT NULL,   -- the hash of what was asked
	account    TEXT NOT NULL,   -- that it was about, '' where the path names none
	token      BIGINT NOT NULL, -- grows with each who works at it
	until      BIGINT NOT NULL, -- wall clock: somebody works at it until then, while there is no answer
	status     BIGINT NOT NULL, -- 0: no answer yet
	answer     TEXT NOT NULL,
	at         BIGINT NOT NULL, -- wall clock: when it was asked
	PRIMARY KEY (credential, key)
);
CREATE INDEX request_keys_at ON request_keys (at);
CREATE INDEX request_keys_account ON request_keys (account);
