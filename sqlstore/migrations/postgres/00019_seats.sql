-- Which people of an account hold the seats that it pays for.
-- +goose Up

CREATE TABLE seats (
	account     TEXT NOT NULL,
	holder      TEXT NOT NULL, -- the application's own id of the person
	assigned_at BIGINT NOT NULL,
	PRIMARY KEY (account, holder)
);
