-- What an effect was made of is dropped some time after it has happened; its key stays for ever.
-- +goose Up

CREATE INDEX outbox_forget ON outbox (done_at) WHERE state = 'done' AND payload <> '';
