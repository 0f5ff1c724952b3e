package main

import (
	"context"
	"errors"

	"github.com/dues-billing/dues/sqlstore"
)

// database are the flags of every command that opens one.
type database struct {
	Database   string `help:"sqlite:PATH for one process, or postgres://… for any number. Default: sqlite:dues.db." env:"DUES_DATABASE" default:"sqlite:dues.db" placeholder:"URL"`
	KeepSchema bool   `help:"Refuse an old schema instead of bringing it up to date; dues migrate mends it." env:"DUES_KEEP_SCHEMA"`
}

type migrate struct {
	Database string `help:"sqlite:PATH or postgres://… Default: sqlite:dues.db." env:"DUES_DATABASE" default:"sqlite:dues.db" placeholder:"URL"`
}

// Help teaches by examples.
func (migrate) Help() string {
	return `dues serve does this by itself when it starts. Where the service may not change the schema, run this before with another user, and
the service with --keep-schema:

  dues migrate --database postgres://owner@db/dues
  dues serve --database postgres://app@db/dues --keep-schema`
}

// Run brings the schema up to date.
func (m migrate) Run(ctx context.Context, c console) error {
	store, err := sqlstore.Open(ctx, m.Database)
	if err != nil {
		return err
	}
	if err := errors.Join(store.Migrate(ctx), store.Close()); err != nil {
		return err
	}
	c.printf("the schema is up to date\n")
	return nil
}
