package main

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/dues-billing/dues/sqlstore"
)

type export struct {
	inDatabase
	File string `arg:"" optional:"" help:"Where to; '-' or nothing is standard output." default:"-" placeholder:"FILE"`
}

// Help teaches by examples.
func (export) Help() string {
	return `Writes everything in the database as lines of JSON, as it is at one moment; the service may go on meanwhile. It is a backup, and the way
from SQLite to PostgreSQL:

  dues export --database sqlite:dues.db dues.jsonl
  dues migrate --database postgres://…
  dues import --database postgres://… dues.jsonl

Stop the service before such a move, or what it does after the export stays behind.`
}

// Run writes the export. A file appears under its name only when it is whole.
func (e export) Run(ctx context.Context, c console) error {
	return e.use(ctx, func(store *sqlstore.Store) (err error) {
		if e.File == "-" {
			_, err := store.Export(ctx, c.out)
			return err
		}
		part, err := os.OpenFile(e.File+".part", os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // it holds names and addresses
		if err != nil {
			return err
		}
		n, err := store.Export(ctx, part)
		if err = errors.Join(err, part.Sync(), part.Close()); err != nil {
			return errors.Join(err, os.Remove(part.Name()))
		}
		if err := os.Rename(part.Name(), e.File); err != nil {
			return err
		}
		c.printf("%d rows in %s\n", n, e.File)
		return nil
	})
}

type load struct {
	inDatabase
	File string `arg:"" help:"What dues export wrote; '-' is standard input." placeholder:"FILE"`
}

// Help teaches by examples.
func (load) Help() string {
	return `Reads what dues export wrote into an empty database whose schema is up to date, all of it or nothing.

  dues migrate --database postgres://…
  dues import --database postgres://… dues.jsonl`
}

// Run reads an export.
func (l load) Run(ctx context.Context, c console) error {
	return l.use(ctx, func(store *sqlstore.Store) error {
		var from io.ReadCloser = os.Stdin
		if l.File != "-" {
			file, err := os.Open(l.File)
			if err != nil {
				return err
			}
			from = file
		}
		n, err := store.Import(ctx, from)
		if err = errors.Join(err, from.Close()); err != nil {
			return err
		}
		c.printf("%d rows\n", n)
		return nil
	})
}
