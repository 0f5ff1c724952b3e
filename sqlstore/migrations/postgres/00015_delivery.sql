-- With what headers an event was delivered, as JSON; '' of one that was found in Stripe's list, and of those that came before.
-- +goose Up

ALTER TABLE inbox ADD COLUMN headers TEXT NOT NULL DEFAULT '';
