-- What is due is found in the order in which it became due, and what waits of a customer without looking at what was worked off.
-- An inbox may be large, and webhooks come in meanwhile: the indexes are made beside them.
-- +goose NO TRANSACTION
-- +goose Up

DROP INDEX IF EXISTS inbox_due;
CREATE INDEX CONCURRENTLY inbox_due ON inbox (due_at, seq, customer, attempts) WHERE state = 'pending';
DROP INDEX IF EXISTS inbox_waiting;
CREATE INDEX CONCURRENTLY inbox_waiting ON inbox (customer, seq, state, type, object) WHERE state IN ('pending', 'dead');
DROP INDEX IF EXISTS inbox_pending;
