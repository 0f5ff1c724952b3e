-- Times are microseconds since 1970, UTC; 0 means unset. Texts are never NULL: '' means unset. Bodies are JSON of package billing.
-- +goose Up

CREATE TABLE accounts (
	id         TEXT PRIMARY KEY,
	email      TEXT NOT NULL,
	name       TEXT NOT NULL,
	customer   TEXT NOT NULL DEFAULT '', -- at the provider, '' until made
	created_at BIGINT NOT NULL,
	ready_at   BIGINT NOT NULL DEFAULT 0 -- when customer and free subscription were in place
);
CREATE UNIQUE INDEX accounts_customer ON accounts (customer) WHERE customer <> '';
CREATE INDEX accounts_created ON accounts (created_at);

-- The mirror: what the provider said at the last fetch. A customer's rows are written under its lock, in one transaction.
CREATE TABLE customers (
	id        TEXT PRIMARY KEY,
	deleted   BIGINT NOT NULL, -- 1 when the provider has deleted it
	methods   TEXT NOT NULL,   -- JSON list
	synced_at BIGINT NOT NULL
);

CREATE TABLE subscriptions (
	id         TEXT PRIMARY KEY,
	customer   TEXT NOT NULL,
	status     TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	body       TEXT NOT NULL
);
CREATE INDEX subscriptions_customer ON subscriptions (customer, created_at);

CREATE TABLE invoices (
	id         TEXT PRIMARY KEY,
	customer   TEXT NOT NULL,
	status     TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	body       TEXT NOT NULL
);
CREATE INDEX invoices_customer ON invoices (customer, created_at);
CREATE INDEX invoices_open ON invoices (customer) WHERE status = 'open';

CREATE TABLE purchases (
	id             TEXT PRIMARY KEY,
	account        TEXT NOT NULL,
	price_key      TEXT NOT NULL,
	status         TEXT NOT NULL,
	checkout       TEXT NOT NULL DEFAULT '',
	url            TEXT NOT NULL DEFAULT '',
	success_url    TEXT NOT NULL,
	subscription   TEXT NOT NULL DEFAULT '',
	payment_intent TEXT NOT NULL DEFAULT '',
	payment_method TEXT NOT NULL DEFAULT '',
	amount         BIGINT NOT NULL DEFAULT 0,
	currency       TEXT NOT NULL DEFAULT '',
	created_at     BIGINT NOT NULL,
	expires_at     BIGINT NOT NULL DEFAULT 0,
	completed_at   BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX purchases_account ON purchases (account, created_at);
-- A second open purchase of an account is a second subscription waiting to happen.
CREATE UNIQUE INDEX purchases_open ON purchases (account) WHERE status = 'pending';

-- Which invoice line gave which account an asset, and for how long. A license is the sum of these; a line counts once.
CREATE TABLE license_lines (
	line        TEXT NOT NULL,
	asset       TEXT NOT NULL,
	account     TEXT NOT NULL,
	invoice     TEXT NOT NULL,
	starts_at   BIGINT NOT NULL,
	ends_at     BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	PRIMARY KEY (line, asset)
);
CREATE INDEX license_lines_account ON license_lines (account);

-- Where a customer goes after the portal.
CREATE TABLE portal_visits (
	id         TEXT PRIMARY KEY,
	account    TEXT NOT NULL,
	return_url TEXT NOT NULL,
	created_at BIGINT NOT NULL
);
CREATE INDEX portal_visits_account ON portal_visits (account, created_at);

-- Leases. token grows with every owner: who holds an older one may no longer write.
CREATE TABLE locks (
	name       TEXT PRIMARY KEY,
	token      BIGINT NOT NULL,
	expires_at BIGINT NOT NULL
);

-- Webhooks. seq is the order in which they were taken in.
CREATE TABLE inbox (
	seq         INTEGER PRIMARY KEY AUTOINCREMENT,
	id          TEXT NOT NULL UNIQUE,
	type        TEXT NOT NULL,
	customer    TEXT NOT NULL,
	object      TEXT NOT NULL,
	api_version TEXT NOT NULL,
	created_at  BIGINT NOT NULL,
	received_at BIGINT NOT NULL,
	body        BLOB NOT NULL,
	state       TEXT NOT NULL, -- pending, done, dead
	attempts    BIGINT NOT NULL DEFAULT 0,
	due_at      BIGINT NOT NULL,
	done_at     BIGINT NOT NULL DEFAULT 0,
	error       TEXT NOT NULL DEFAULT ''
);
CREATE INDEX inbox_customer ON inbox (customer, seq);
CREATE INDEX inbox_pending ON inbox (due_at, customer) WHERE state = 'pending';
CREATE INDEX inbox_done ON inbox (done_at) WHERE state = 'done';
CREATE INDEX inbox_dead ON inbox (seq) WHERE state = 'dead';

-- Effects: mails and calls to the provider. The key names the transition, so an effect exists once, for ever.
CREATE TABLE outbox (
	seq        INTEGER PRIMARY KEY AUTOINCREMENT,
	key        TEXT NOT NULL UNIQUE,
	kind       TEXT NOT NULL, -- mail, call
	name       TEXT NOT NULL,
	account    TEXT NOT NULL,
	payload    TEXT NOT NULL,
	state      TEXT NOT NULL, -- pending, done, dead
	attempts   BIGINT NOT NULL DEFAULT 0,
	created_at BIGINT NOT NULL,
	due_at     BIGINT NOT NULL,
	leased_to  BIGINT NOT NULL DEFAULT 0,
	done_at    BIGINT NOT NULL DEFAULT 0,
	error      TEXT NOT NULL DEFAULT ''
);
CREATE INDEX outbox_account ON outbox (account, seq);
CREATE INDEX outbox_pending ON outbox (due_at) WHERE state = 'pending';
CREATE INDEX outbox_dead ON outbox (seq) WHERE state = 'dead';
