package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"runtime"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"

	"github.com/dues-billing/dues/billing"
)

// dialect is all in which the two databases differ, next to the files in migrations/.
type dialect struct {
	name        string
	goose       goose.Dialect
	oneWriter   bool                   // transactions that write wait for one another, and may as well share a commit
	forUpdate   string                 // suffix that locks the rows read; SQLite has one writer and needs none
	skipLocked  string                 // the same, passing over rows that somebody else has locked
	snapshot    sql.IsolationLevel     // of a transaction that reads everything as it is at one moment
	ownNumbers  string                 // lets an INSERT give a number that the database would make
	numberOn    string                 // lets a table's numbers go on after the last, "" where they do by themselves
	notify      string                 // tells those who listen to a channel, when the transaction is committed; "" where nobody can
	conflict    func(err error) bool   // the transaction may succeed when begun again
	unavailable func(err error) bool   // the database does not answer now
	unholdable  func(err error) bool   // a text that was asked for cannot be in the database
	unwritable  func(err error) string // what to do about a database that takes no writes, "" when that is not what failed
}

var sqliteDialect = dialect{
	name:        "sqlite",
	goose:       goose.DialectSQLite3,
	oneWriter:   true,
	conflict:    sqliteBusy,
	unavailable: sqliteBusy,
	unholdable:  func(error) bool { return false },
	unwritable:  sqliteUnwritable,
}

var postgresDialect = dialect{
	name:        "postgres",
	goose:       goose.DialectPostgres,
	forUpdate:   " FOR UPDATE",
	skipLocked:  " FOR UPDATE SKIP LOCKED",
	snapshot:    sql.LevelRepeatableRead,
	ownNumbers:  "OVERRIDING SYSTEM VALUE",
	numberOn:    postgresNumberOn,
	notify:      postgresNotify,
	conflict:    func(err error) bool { return postgresCode(err, "40001", "40P01") },
	unavailable: postgresUnavailable,
	unholdable:  postgresUnholdable,
	unwritable:  postgresUnwritable,
}

// explain gives an error that a retry may cure the code unavailable, and leaves others as they are.
func (d dialect) explain(err error) error {
	var known *billing.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	if mend := d.unwritable(err); mend != "" {
		return &billing.Error{Code: billing.Unavailable, Message: "the database takes no writes now; try again", Err: fmt.Errorf("%s: %w", mend, err)}
	}
	if !d.unavailable(err) {
		return err
	}
	return &billing.Error{Code: billing.Unavailable, Message: "the database did not answer; try again", Err: err}
}

// pragmas of every SQLite connection. FULL makes a commit survive a power cut, which is what 2xx promises. The cache is 16 MiB for a
// connection, eight times the default: an inbox of some thousand webhooks fits in.
const pragmas = "_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(10000)&_pragma=foreign_keys(1)&_pragma=cache_size(-16384)&_pragma=temp_store(MEMORY)"

// openSQLite opens one connection that writes, for SQLite has one writer at a time anyhow and queueing in Go is fair, and a pool
// of readers, which WAL lets work beside it.
func openSQLite(ctx context.Context, path string, through func(driver.Connector) driver.Connector) (*Store, error) {
	if path == "" || strings.HasPrefix(path, ":memory:") {
		return nil, billing.Errorf(billing.Invalid, "database sqlite: needs the path of a file, got %q", path)
	}
	file := "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + pragmas
	write := sql.OpenDB(through(preparing{sqliteFile(file + "&_txlock=immediate")}))
	write.SetMaxOpenConns(1)
	if err := write.PingContext(ctx); err != nil {
		_ = write.Close() // the ping's error says more
		return nil, fmt.Errorf("open SQLite database %s: %w", path, sqliteDialect.explain(err))
	}
	read := sql.OpenDB(through(preparing{sqliteFile(file + "&_pragma=query_only(1)")}))
	readers := max(4, runtime.GOMAXPROCS(0))
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	closeBoth := func() error { return errors.Join(read.Close(), write.Close()) }
	return &Store{reads: reads{read, sqliteDialect}, write: write, close: closeBoth, follow: versions{write}}, nil
}

// sqliteFile connects to the database of a data source name.
type sqliteFile string

// Connect implements driver.Connector.
func (f sqliteFile) Connect(context.Context) (driver.Conn, error) { return f.Driver().Open(string(f)) }

// Driver implements driver.Connector.
func (f sqliteFile) Driver() driver.Driver { return &sqlite.Driver{} }

func openPostgres(ctx context.Context, dsn string, through func(driver.Connector) driver.Connector) (*Store, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		// pgx's text repeats the URL, without its password.
		return nil, &billing.Error{Code: billing.Invalid, Message: "database: not a PostgreSQL URL", Err: err}
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("open PostgreSQL database: %w", err)
	}
	db := sql.OpenDB(through(holding{stdlib.GetPoolConnector(pool)}))
	db.SetMaxIdleConns(0) // the pool keeps them
	db.SetMaxOpenConns(int(config.MaxConns))
	closeBoth := func() error {
		err := db.Close()
		pool.Close()
		return err
	}
	return &Store{reads: reads{db, postgresDialect}, write: db, close: closeBoth, follow: notifications{pool}}, nil
}

// sqliteBusy reports that another process held the write lock for longer than busy_timeout.
func sqliteBusy(err error) bool {
	var e *sqlite.Error
	const busy = 5 // SQLITE_BUSY, whatever the extended code
	return errors.As(err, &e) && e.Code()&0xff == busy
}

func postgresCode(err error, codes ...string) bool {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return false
	}
	for _, code := range codes {
		if strings.HasPrefix(e.Code, code) {
			return true
		}
	}
	return false
}

// postgresUnholdable knows a zero byte, and what is no UTF-8, in what was asked for. In a write that comes to light with it, that is an error.
func postgresUnholdable(err error) bool {
	var put *putError
	return postgresCode(err, "22021") && !errors.As(err, &put)
}

// postgresUnavailable knows lost and refused connections, and a server that starts, stops or is full.
func postgresUnavailable(err error) bool {
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &connect) || errors.As(err, &network) ||
		postgresCode(err, "08", "40001", "40P01", "53", "57P")
}
