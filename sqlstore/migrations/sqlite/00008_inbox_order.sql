-- What is due is found in the order in which it became due, and what waits of a customer without looking at what was worked off.
-- +goose Up

DROP INDEX inbox_pending;
CREATE INDEX inbox_due ON inbox (due_at, seq, customer, attempts) WHERE state = 'pending';
CREATE INDEX inbox_waiting ON inbox (customer, seq, state, type, object) WHERE state IN ('pending', 'dead');
