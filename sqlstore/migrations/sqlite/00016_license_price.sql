-- What was bought by a line that licenses an asset: a credit for unused time ends what the same price gave.
-- +goose Up

ALTER TABLE license_lines ADD COLUMN price TEXT NOT NULL DEFAULT '';
