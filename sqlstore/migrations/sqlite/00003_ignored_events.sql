-- Events about no customer are ignored on purpose, and say so. They are forgotten at the same age as those that were worked off.
-- +goose Up

UPDATE inbox SET state = 'ignored' WHERE customer = '' AND state = 'done';
DROP INDEX inbox_done;
CREATE INDEX inbox_done ON inbox (done_at) WHERE done_at > 0;
