-- What Stripe sends is compressed where it is stored. PostgreSQL's own method takes longer for that than all else that is done for a webhook,
-- lz4 a tenth of it. A server that was built without lz4 goes on as before. Only rows that are written from now on are concerned.
-- +goose Up

-- +goose StatementBegin
DO $$
BEGIN
	ALTER TABLE inbox ALTER COLUMN body SET COMPRESSION lz4;
	ALTER TABLE objects ALTER COLUMN raw SET COMPRESSION lz4;
	ALTER TABLE invoices ALTER COLUMN body SET COMPRESSION lz4;
	ALTER TABLE subscriptions ALTER COLUMN body SET COMPRESSION lz4;
	ALTER TABLE outbox ALTER COLUMN payload SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
	NULL;
END
$$;
-- +goose StatementEnd
