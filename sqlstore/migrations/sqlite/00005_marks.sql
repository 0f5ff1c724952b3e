-- Where long pieces of work have come to, so that one that broke off goes on from there.
-- +goose Up

CREATE TABLE marks (
	name  TEXT PRIMARY KEY,
	value TEXT NOT NULL
);
