-- What is bought once: by an account, or by a guest, who is nobody's account until it is claimed.
-- +goose Up

CREATE TABLE one_offs (
	id             TEXT PRIMARY KEY,
	account        TEXT NOT NULL, -- '' of a guest until it is claimed
	customer       TEXT NOT NULL, -- the provider's; '' of a guest until it is paid
	request_key    TEXT NOT NULL, -- the application's own, '' without one
	price_key      TEXT NOT NULL, -- '' of an amount
	terms          TEXT NOT NULL,
	description    TEXT NOT NULL,
	status         TEXT NOT NULL, -- pending, authorized, completed, expired, canceled
	checkout       TEXT NOT NULL,
	url            TEXT NOT NULL,
	success_url    TEXT NOT NULL,
	invoice        TEXT NOT NULL,
	payment_intent TEXT NOT NULL,
	payment_method TEXT NOT NULL,
	currency       TEXT NOT NULL,
	amount         BIGINT NOT NULL,
	failure        TEXT NOT NULL, -- why the last try with a saved method did not pay
	email          TEXT NOT NULL, -- of a guest, as the payment page was told
	claim          TEXT NOT NULL, -- the digest of the token by which a guest's is claimed
	created_at     BIGINT NOT NULL,
	expires_at     BIGINT NOT NULL,
	done_at        BIGINT NOT NULL
);
CREATE INDEX one_offs_account ON one_offs (account, created_at);
CREATE INDEX one_offs_waiting ON one_offs (account) WHERE status IN ('pending', 'authorized');
CREATE INDEX one_offs_customer ON one_offs (customer) WHERE customer <> '';
CREATE INDEX one_offs_email ON one_offs (email) WHERE account = '' AND email <> '';
CREATE UNIQUE INDEX one_offs_claim ON one_offs (claim) WHERE claim <> '';
-- The same wish twice is one purchase: by the application's key, or else by what is bought while its page is open.
CREATE UNIQUE INDEX one_offs_key ON one_offs (account, request_key) WHERE request_key <> '';
CREATE UNIQUE INDEX one_offs_open ON one_offs (account, price_key) WHERE status = 'pending' AND request_key = '' AND account <> '';
