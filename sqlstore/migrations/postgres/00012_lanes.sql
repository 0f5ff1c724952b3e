-- What is due is looked for in each provider account by itself, so that one that is slow or limits us keeps no other waiting.
-- The index is made beside the webhooks that come in.
-- +goose NO TRANSACTION
-- +goose Up

DROP INDEX IF EXISTS inbox_due_of;
CREATE INDEX CONCURRENTLY inbox_due_of ON inbox (provider_account, due_at, seq, customer, attempts) WHERE state = 'pending';
DROP INDEX IF EXISTS inbox_due;

-- Products and prices are mirrored of every provider account. Those that are made of the same catalogue have the same ids in all, so ids of
-- another than the default one are stored with the account's name before them.
ALTER TABLE products ADD COLUMN IF NOT EXISTS provider_account TEXT NOT NULL DEFAULT '';
ALTER TABLE prices ADD COLUMN IF NOT EXISTS provider_account TEXT NOT NULL DEFAULT '';
ALTER TABLE objects ADD COLUMN IF NOT EXISTS provider_account TEXT NOT NULL DEFAULT ''; -- of products and prices
