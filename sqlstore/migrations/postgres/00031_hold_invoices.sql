-- Whether an account's renewals wait for a person before they are charged.
-- +goose Up

ALTER TABLE accounts ADD COLUMN hold_invoices BIGINT NOT NULL DEFAULT 0; -- 0 or 1
