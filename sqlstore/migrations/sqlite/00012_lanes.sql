-- What is due is looked for in each provider account by itself, so that one that is slow or limits us keeps no other waiting.
-- +goose Up

CREATE INDEX inbox_due_of ON inbox (provider_account, due_at, seq, customer, attempts) WHERE state = 'pending';
DROP INDEX inbox_due;

-- Products and prices are mirrored of every provider account. Those that are made of the same catalogue have the same ids in all, so ids of
-- another than the default one are stored with the account's name before them.
ALTER TABLE products ADD COLUMN provider_account TEXT NOT NULL DEFAULT '';
ALTER TABLE prices ADD COLUMN provider_account TEXT NOT NULL DEFAULT '';
ALTER TABLE objects ADD COLUMN provider_account TEXT NOT NULL DEFAULT ''; -- of products and prices
