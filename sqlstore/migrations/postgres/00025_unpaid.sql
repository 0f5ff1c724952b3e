-- Access depends on voided and uncollectible invoices too, since plans can be paused; they are as few as the open ones.
-- +goose NO TRANSACTION
-- +goose Up

CREATE INDEX CONCURRENTLY IF NOT EXISTS invoices_unpaid ON invoices (customer) WHERE status <> 'paid';
DROP INDEX CONCURRENTLY IF EXISTS invoices_open;
