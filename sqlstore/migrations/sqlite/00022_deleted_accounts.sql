-- An account that was deleted leaves its id and its customer's, so that neither comes back.
-- +goose Up

ALTER TABLE accounts ADD COLUMN deleted_at BIGINT NOT NULL DEFAULT 0;
