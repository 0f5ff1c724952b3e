package testenv

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// A Database is one kind of database that a test runs on.
type Database struct {
	Name string
	// URL returns the URL of a new, empty database, in the form that `dues serve --database` takes; it is removed when t ends.
	URL func(t testing.TB) string
}

// Databases returns the kinds of database to run a test on: SQLite, and PostgreSQL when TEST_POSTGRES_URL names a server.
//
//	for _, db := range testenv.Databases(t) {
//		t.Run(db.Name, func(t *testing.T) { … open(db.URL(t)) … })
//	}
func Databases(t testing.TB) []Database {
	t.Helper()
	kinds := []Database{{"sqlite", SQLiteURL}}
	if server() == "" && !all() {
		t.Log("PostgreSQL is not part of this run: TEST_POSTGRES_URL is not set (make test sets it)")
		return kinds
	}
	return append(kinds, Database{"postgres", PostgresURL})
}

func server() string { return os.Getenv("TEST_POSTGRES_URL") }

// SQLiteURL returns the URL of a new SQLite database in the folder of the test.
func SQLiteURL(t testing.TB) string {
	t.Helper()
	return "sqlite:" + filepath.Join(t.TempDir(), "dues.db")
}

// databases numbers the databases of this process; with the process's id the names are unique on one server.
var databases atomic.Int64

// PostgresURL returns the URL of a new, empty database on the server of TEST_POSTGRES_URL. For a test that runs on both kinds of
// database use Databases; alone it is for what only PostgreSQL can do.
func PostgresURL(t testing.TB) string {
	t.Helper()
	if server() == "" {
		missing(t, "PostgreSQL (TEST_POSTGRES_URL)")
	}
	u, err := url.Parse(server())
	if err != nil || !strings.HasPrefix(u.Scheme, "postgres") {
		t.Fatalf("TEST_POSTGRES_URL must look like postgres://user:password@127.0.0.1:5432/postgres, got %q", server())
	}
	name := fmt.Sprintf("dues_test_%d_%d", os.Getpid(), databases.Add(1))
	run(t, "CREATE DATABASE "+name)
	// FORCE ends connections that the test left open: the leak is goleak's to report, not ours to hang on.
	t.Cleanup(func() { run(t, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	u.Path = "/" + name
	return u.String()
}

// run executes one statement on the server of TEST_POSTGRES_URL.
func run(t testing.TB, statement string) {
	t.Helper()
	runOn(t, server(), statement)
}

// runOn executes one statement on a database.
func runOn(t testing.TB, url, statement string) {
	t.Helper()
	// The context of the test is over when its cleanups run.
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatalf("connect to the PostgreSQL of TEST_POSTGRES_URL: %v", err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// EndListeners ends the connections on which services listen to the PostgreSQL database of a URL, as a restart of a proxy does. It
// returns how many there were.
func EndListeners(t testing.TB, database string) (ended int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	const end = `SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'dues listener'` //tidy:allow sql an operator's act on the server, not the service's
	if err := conn.QueryRow(ctx, end).Scan(&ended); err != nil {
		t.Fatal(err)
	}
	return ended
}
