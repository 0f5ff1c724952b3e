package sqlstore

import (
	"context"
	"database/sql/driver"
)

// preparedMax bounds the statements that one connection keeps. The store has fewer; what exceeds it is prepared each time.
const preparedMax = 256

// preparing gives connections to SQLite that keep their prepared statements by text. SQLite parses and plans a text each time it is
// run otherwise, which costs more than running it; pgx does the same for PostgreSQL by itself.
type preparing struct{ driver.Connector }

// Connect implements driver.Connector.
func (c preparing) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &preparedConn{sqliteConn: conn.(sqliteConn), free: map[string]driver.Stmt{}}, nil
}

// sqliteConn is what the driver's connections can do.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// preparedConn keeps the statements that are not running. One that runs is taken out, so a text that is run within itself is
// prepared a second time.
type preparedConn struct {
	sqliteConn
	free map[string]driver.Stmt
}

// take returns a statement for the text.
func (c *preparedConn) take(ctx context.Context, query string) (driver.Stmt, error) {
	if stmt, ok := c.free[query]; ok {
		delete(c.free, query)
		return stmt, nil
	}
	return c.PrepareContext(ctx, query)
}

// give keeps a statement for the next time.
func (c *preparedConn) give(query string, stmt driver.Stmt) error {
	if _, twin := c.free[query]; twin || len(c.free) >= preparedMax {
		return stmt.Close()
	}
	c.free[query] = stmt
	return nil
}

// ExecContext implements driver.ExecerContext. What has no arguments may be a script of several statements, such as a migration.
func (c *preparedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if len(args) == 0 {
		return c.sqliteConn.ExecContext(ctx, query, args)
	}
	stmt, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	result, err := stmt.(driver.StmtExecContext).ExecContext(ctx, args)
	if err != nil {
		_ = stmt.Close() // the first error is the one to tell
		return nil, err
	}
	return result, c.give(query, stmt)
}

// QueryContext implements driver.QueryerContext.
func (c *preparedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if len(args) == 0 {
		return c.sqliteConn.QueryContext(ctx, query, args)
	}
	stmt, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
	if err != nil {
		_ = stmt.Close() // the first error is the one to tell
		return nil, err
	}
	return &preparedRows{Rows: rows, conn: c, query: query, stmt: stmt}, nil
}

// Close implements driver.Conn.
func (c *preparedConn) Close() error {
	for _, stmt := range c.free {
		_ = stmt.Close() // the connection's own end says what matters
	}
	c.free = nil
	return c.sqliteConn.Close()
}

// preparedRows gives the statement back when they are closed.
type preparedRows struct {
	driver.Rows
	conn  *preparedConn
	query string
	stmt  driver.Stmt
}

// Close implements driver.Rows.
func (r *preparedRows) Close() error {
	if r.stmt == nil {
		return nil
	}
	stmt := r.stmt
	r.stmt = nil
	if err := r.Rows.Close(); err != nil {
		_ = stmt.Close() // the first error is the one to tell
		return err
	}
	return r.conn.give(r.query, stmt)
}
