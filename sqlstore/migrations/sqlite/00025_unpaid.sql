-- Access depends on voided and uncollectible invoices too, since plans can be paused; they are as few as the open ones.
-- +goose Up

CREATE INDEX invoices_unpaid ON invoices (customer) WHERE status <> 'paid';
DROP INDEX invoices_open;
