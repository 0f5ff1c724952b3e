-- Notices to the application leave by the outbox too, in a lane for each of its endpoints.
-- +goose Up

ALTER TABLE outbox ADD COLUMN endpoint TEXT NOT NULL DEFAULT ''; -- the name of a notice's endpoint
ALTER TABLE outbox ADD COLUMN tried_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN answer BIGINT NOT NULL DEFAULT 0; -- the HTTP status of a notice's last try, 0: none came
DROP INDEX outbox_pending;
CREATE INDEX outbox_pending ON outbox (endpoint, due_at) WHERE state = 'pending';

-- What the application was told of each account last.
CREATE TABLE told (
	account  TEXT PRIMARY KEY,
	plan     TEXT NOT NULL,
	level    TEXT NOT NULL,
	sequence BIGINT NOT NULL,
	look_at  BIGINT NOT NULL -- business time at which access changes by itself, 0: never
);
CREATE INDEX told_look ON told (look_at) WHERE look_at > 0;
