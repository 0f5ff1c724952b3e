-- With which discount and in which currency a checkout was begun: who asks for others gets another page.
-- +goose Up

ALTER TABLE purchases ADD COLUMN terms TEXT NOT NULL DEFAULT '';
