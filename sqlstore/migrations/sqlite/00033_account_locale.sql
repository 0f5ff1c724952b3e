-- The language of an account's mails.
-- +goose Up

ALTER TABLE accounts ADD COLUMN locale TEXT NOT NULL DEFAULT ''; -- as BCP 47 names it, '' is that of the installation
