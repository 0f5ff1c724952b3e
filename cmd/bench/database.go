package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"

	_ "github.com/jackc/pgx/v5/stdlib" // the same drivers as the service's
	_ "modernc.org/sqlite"
)

// Everything that is measured gets an empty database of its own, so that nothing is found faster or slower for what was measured before.

// The kinds of database, as tables name them.
const (
	onSQLite   = "SQLite"
	onPostgres = "PostgreSQL"
)

// A database is a new one, of either kind.
type database struct {
	url  string // as the service takes it
	drop func() error
}

// databasesMade numbers the databases of this process.
var databasesMade atomic.Int64

// newSQLite makes a database in a directory of its own.
func newSQLite() (database, error) {
	dir, err := os.MkdirTemp("", "dues-bench")
	return database{"sqlite:" + filepath.Join(dir, "dues.db"), func() error { return os.RemoveAll(dir) }}, err
}

// newPostgres makes a database beside the one of a URL, whose user must be allowed to.
func newPostgres(ctx context.Context, server string) (made database, err error) {
	at, err := url.Parse(server)
	if err != nil {
		return made, errors.New("-postgres is no URL") // the error of net/url repeats the password
	}
	name := fmt.Sprintf("dues_bench_%d_%d", os.Getpid(), databasesMade.Add(1))
	if err := execute(ctx, server, "CREATE DATABASE "+name); err != nil {
		return made, err
	}
	at.Path = "/" + name
	return database{at.String(), func() error {
		return execute(context.WithoutCancel(ctx), server, "DROP DATABASE "+name+" WITH (FORCE)")
	}}, nil
}

// execute runs one statement on a PostgreSQL database.
func execute(ctx context.Context, server, statement string) (err error) {
	db, err := sql.Open("pgx", server)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.ExecContext(ctx, statement)
	return err
}

// syncs reports whether a commit on a PostgreSQL server survives a power cut, and false when that is not known.
func syncs(ctx context.Context, server string) bool {
	db, err := sql.Open("pgx", server)
	if err != nil {
		return false
	}
	defer func() { _ = db.Close() }() // it was only asked
	var flushes, waits string
	err = errors.Join(db.QueryRowContext(ctx, "SHOW fsync").Scan(&flushes), db.QueryRowContext(ctx, "SHOW synchronous_commit").Scan(&waits))
	return err == nil && flushes == "on" && waits == "on"
}
