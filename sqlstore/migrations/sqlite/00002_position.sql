-- The provider's times are whole seconds. Of what was created within the same one, the newer has the higher position.
-- +goose Up

ALTER TABLE subscriptions ADD COLUMN position BIGINT NOT NULL DEFAULT 0;
ALTER TABLE invoices ADD COLUMN position BIGINT NOT NULL DEFAULT 0;
