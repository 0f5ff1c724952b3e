-- The keys of guests are a space of their own, for what an account claims keeps its key: asked for again, it is the purchase that there is, and not another; and
-- it stands in nobody's way.
-- +goose Up

CREATE UNIQUE INDEX one_offs_own_key ON one_offs (account, request_key) WHERE request_key <> '' AND claim = '';
CREATE UNIQUE INDEX one_offs_guest_key ON one_offs (request_key) WHERE request_key <> '' AND claim <> '' AND account = '';
CREATE INDEX one_offs_guests ON one_offs (request_key) WHERE request_key <> '' AND claim <> '';
DROP INDEX one_offs_key;
