-- The wider mirror: what was charged, given back and disputed, what is sold, how customers pay, and every object as the provider sent it.
-- Nothing refers to anything by a foreign key: events come in any order, and what one names may be read later.
-- +goose Up

CREATE TABLE charges (
	id             TEXT PRIMARY KEY,
	customer       TEXT NOT NULL,
	payment_intent TEXT NOT NULL,
	payment_method TEXT NOT NULL,
	status         TEXT NOT NULL, -- succeeded, pending, failed
	currency       TEXT NOT NULL,
	amount         BIGINT NOT NULL,
	captured       BIGINT NOT NULL,
	refunded       BIGINT NOT NULL,
	disputed       BIGINT NOT NULL, -- 1 when it is or was
	failure        TEXT NOT NULL,   -- the provider's code
	created_at     BIGINT NOT NULL
);
CREATE INDEX charges_customer ON charges (customer, created_at);

CREATE TABLE refunds (
	id         TEXT PRIMARY KEY,
	customer   TEXT NOT NULL,
	charge     TEXT NOT NULL,
	status     TEXT NOT NULL, -- pending, requires_action, succeeded, failed, canceled
	reason     TEXT NOT NULL,
	currency   TEXT NOT NULL,
	amount     BIGINT NOT NULL,
	created_at BIGINT NOT NULL
);
CREATE INDEX refunds_customer ON refunds (customer, created_at);

CREATE TABLE disputes (
	id         TEXT PRIMARY KEY,
	customer   TEXT NOT NULL,
	charge     TEXT NOT NULL,
	status     TEXT NOT NULL, -- needs_response, under_review, won, lost, …
	reason     TEXT NOT NULL,
	currency   TEXT NOT NULL,
	amount     BIGINT NOT NULL,
	answer_by  BIGINT NOT NULL, -- until when evidence is taken, 0: no answer is due
	created_at BIGINT NOT NULL
);
CREATE INDEX disputes_customer ON disputes (customer, created_at);

CREATE TABLE payment_methods (
	id         TEXT PRIMARY KEY,
	customer   TEXT NOT NULL,
	type       TEXT NOT NULL,
	brand      TEXT NOT NULL,
	last4      TEXT NOT NULL,
	exp_month  BIGINT NOT NULL,
	exp_year   BIGINT NOT NULL,
	wallet     TEXT NOT NULL,  -- apple_pay, google_pay, …
	is_default BIGINT NOT NULL -- 1 when it is charged next
);
CREATE INDEX payment_methods_customer ON payment_methods (customer);

CREATE TABLE products (
	id         TEXT PRIMARY KEY,
	name       TEXT NOT NULL,
	active     BIGINT NOT NULL,
	deleted    BIGINT NOT NULL, -- 1 when the provider has deleted it
	created_at BIGINT NOT NULL
);

CREATE TABLE prices (
	id             TEXT PRIMARY KEY,
	product        TEXT NOT NULL,
	price_key      TEXT NOT NULL, -- the catalogue's
	active         BIGINT NOT NULL,
	deleted        BIGINT NOT NULL,
	currency       TEXT NOT NULL,
	amount         BIGINT NOT NULL, -- of one, where one has a price
	period         TEXT NOT NULL,   -- day, week, month, year
	period_count   BIGINT NOT NULL,
	created_at     BIGINT NOT NULL
);
CREATE INDEX prices_product ON prices (product);

-- Every object of the mirror as the provider sent it last, in the API version that the program reads.
CREATE TABLE objects (
	id       TEXT PRIMARY KEY,
	kind     TEXT NOT NULL, -- customer, subscription, invoice, payment_method, charge, refund, dispute, product, price
	customer TEXT NOT NULL, -- '' of products and prices
	raw      TEXT NOT NULL  -- JSON
);
CREATE INDEX objects_customer ON objects (customer, kind);

-- When a customer was written with all of that: a version before this one writes synced_at only, and then the customer is read whole.
ALTER TABLE customers ADD COLUMN mirrored_at BIGINT NOT NULL DEFAULT 0;
