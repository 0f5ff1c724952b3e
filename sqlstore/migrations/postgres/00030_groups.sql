-- An account has one open purchase of each group of plans, and hears of its access in each. The new index refuses nothing that the old one
-- allows, so the version before works on with either.
-- +goose NO TRANSACTION
-- +goose Up

ALTER TABLE purchases ADD COLUMN IF NOT EXISTS plan_group TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS purchases_open_of ON purchases (account, plan_group) WHERE status = 'pending';
DROP INDEX CONCURRENTLY IF EXISTS purchases_open;
ALTER TABLE told ADD COLUMN IF NOT EXISTS others TEXT NOT NULL DEFAULT ''; -- access in the other groups, as JSON
