package testenv

import (
	"context"
	"database/sql/driver"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// A Refusal is a database that takes no writes while a test says so: its disk is full, or it may only be read.
type Refusal struct {
	Name    string
	URL     string
	Through func(driver.Connector) driver.Connector // for sqlstore.OpenThrough; of the one store that writes to SQLite
	Refuse  func(on bool)                           // no statement may be running
}

// Refusals returns every kind of database that refuses writes: SQLite without pages left, SQLite that may only be read, and SQLite on a
// disk without room where a disk can be mounted (Linux, as root); with TEST_POSTGRES_URL also a PostgreSQL that may only be read, and
// one without room.
func Refusals(t testing.TB) []Refusal {
	t.Helper()
	kinds := []Refusal{
		sqliteRefusal(t, "sqlite full", "PRAGMA max_page_count = 1", "PRAGMA max_page_count = 1073741823"),
		sqliteRefusal(t, "sqlite read-only", "PRAGMA query_only = 1", "PRAGMA query_only = 0"),
	}
	if folder := smallDisk(t); folder != "" {
		kinds = append(kinds, diskRefusal(t, folder))
	} else {
		t.Log("SQLite on a full disk is not part of this run: only root on Linux can mount a small one")
	}
	if server() == "" && !all() {
		return kinds
	}
	return append(kinds, readOnlyPostgres(t), fullPostgres(t))
}

// sqliteRefusal tells the connections themselves. A limit of pages below those that there are is the number that there are.
func sqliteRefusal(t testing.TB, name, refuse, allow string) Refusal {
	c := &connections{}
	return Refusal{name, SQLiteURL(t), c.through, func(on bool) {
		statement := allow
		if on {
			statement = refuse
		}
		c.tell(t, statement)
	}}
}

// diskRefusal fills a disk to its last byte.
func diskRefusal(t testing.TB, folder string) Refusal {
	ballast := filepath.Join(folder, "ballast")
	through := func(c driver.Connector) driver.Connector { return c }
	return Refusal{"sqlite on a full disk", "sqlite:" + filepath.Join(folder, "dues.db"), through, func(on bool) {
		if !on {
			if err := os.Remove(ballast); err != nil {
				t.Error(err)
			}
			return
		}
		file, err := os.Create(ballast)
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range []int{1 << 16, 1} {
			for chunk := make([]byte, size); err == nil; {
				_, err = file.Write(chunk)
			}
			err = nil // it is full
		}
		_ = file.Close() // what did not fit was not to fit
	}}
}

func readOnlyPostgres(t testing.TB) Refusal {
	c := &connections{}
	return Refusal{"postgres read-only", PostgresURL(t), c.through, func(on bool) {
		c.tell(t, map[bool]string{true: "SET default_transaction_read_only = on", false: "SET default_transaction_read_only = off"}[on])
	}}
}

// fullPostgres answers with the error of a full disk to whoever writes an event or an effect.
func fullPostgres(t testing.TB) Refusal {
	database := PostgresURL(t)
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	return Refusal{"postgres full", database, func(c driver.Connector) driver.Connector { return c }, func(on bool) {
		statements := []string{
			`CREATE OR REPLACE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
				RAISE EXCEPTION 'could not extend file "base/1/1": No space left on device' USING ERRCODE = '53100'; END $$`,
			`CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON inbox EXECUTE FUNCTION full_disk()`,
			`CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON outbox EXECUTE FUNCTION full_disk()`,
			`CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON marks EXECUTE FUNCTION full_disk()`,
		}
		if !on {
			statements = []string{`DROP FUNCTION full_disk() CASCADE`}
		}
		for _, statement := range statements {
			runOn(t, u.String(), statement)
		}
	}}
}

// connections are those that a store keeps open, and what a new one is told first.
type connections struct {
	mu    sync.Mutex
	open  []driver.Conn
	first string
}

func (c *connections) through(next driver.Connector) driver.Connector { return connector{next, c} }

// tell runs a statement on all connections, and on those that are opened later.
func (c *connections) tell(t testing.TB, statement string) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.first = statement
	for _, conn := range c.open {
		if err := c.run(conn); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func (c *connections) run(conn driver.Conn) error {
	_, err := conn.(driver.ExecerContext).ExecContext(context.Background(), c.first, nil)
	return err
}

type connector struct {
	driver.Connector
	all *connections
}

// Connect implements driver.Connector.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	if _, kept := conn.(driver.Validator); kept { // those to PostgreSQL are opened for each use
		c.all.open = append(c.all.open, conn)
	}
	if c.all.first == "" {
		return conn, nil
	}
	return conn, c.all.run(conn)
}
