-- Refunds that were asked for here, what the application says of consumption, and what of a license was taken back.
-- +goose Up

CREATE TABLE refund_orders (
	id          TEXT PRIMARY KEY,
	account     TEXT NOT NULL,
	invoice     TEXT NOT NULL,
	currency    TEXT NOT NULL,
	amount      BIGINT NOT NULL,
	reason      TEXT NOT NULL,
	override    BIGINT NOT NULL, -- 1 when the rules spoke against it
	status      TEXT NOT NULL,   -- pending, made, refused
	refund      TEXT NOT NULL,   -- the provider's, '' until made
	credit_note TEXT NOT NULL,
	error       TEXT NOT NULL,
	created_at  BIGINT NOT NULL,
	done_at     BIGINT NOT NULL
);
CREATE INDEX refund_orders_account ON refund_orders (account, created_at);
-- Two at once of one payment would be given back twice.
CREATE UNIQUE INDEX refund_orders_pending ON refund_orders (invoice) WHERE status = 'pending';

CREATE TABLE consumption (
	account     TEXT NOT NULL,
	asset       TEXT NOT NULL,
	percent     BIGINT NOT NULL,
	reported_at BIGINT NOT NULL,
	PRIMARY KEY (account, asset)
);

-- What the line's invoice was paid with, what of that was taken back, and whether the line takes time instead of giving it.
ALTER TABLE license_lines ADD COLUMN paid BIGINT NOT NULL DEFAULT 0;
ALTER TABLE license_lines ADD COLUMN taken BIGINT NOT NULL DEFAULT 0;
ALTER TABLE license_lines ADD COLUMN credit BIGINT NOT NULL DEFAULT 0;
