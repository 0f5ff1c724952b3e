-- An account has one open purchase of each group of plans, and hears of its access in each. The new index refuses nothing that the old one
-- allows, so the version before works on with either.
-- +goose Up

ALTER TABLE purchases ADD COLUMN plan_group TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX purchases_open_of ON purchases (account, plan_group) WHERE status = 'pending';
DROP INDEX purchases_open;
ALTER TABLE told ADD COLUMN others TEXT NOT NULL DEFAULT ''; -- access in the other groups, as JSON
