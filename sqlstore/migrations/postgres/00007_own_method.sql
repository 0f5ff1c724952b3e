-- The customer's own default method, and when it was read: a version before this one writes synced_at only, and then the customer is
-- read whole again.
-- +goose Up

ALTER TABLE customers ADD COLUMN own_method TEXT NOT NULL DEFAULT '';
ALTER TABLE customers ADD COLUMN own_method_at BIGINT NOT NULL DEFAULT 0;
