-- What is authorized, and captured by hand.
-- +goose Up

ALTER TABLE one_offs ADD COLUMN manual BIGINT NOT NULL DEFAULT 0;
ALTER TABLE one_offs ADD COLUMN captured BIGINT NOT NULL DEFAULT 0; -- in the minor unit of its currency
