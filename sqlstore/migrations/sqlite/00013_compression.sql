-- SQLite compresses nothing: only PostgreSQL has something to do at this number.
-- +goose Up

SELECT 1;
