package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// put writes what nobody asks the outcome of, about the object that of names. On PostgreSQL it waits and goes along with the next statement that
// is asked, or with the commit: a trip to the server and back costs more than most statements. Its error comes there then, and names the object.
func (tx *Tx) put(ctx context.Context, of, query string, args ...any) error {
	if _, err := tx.db.ExecContext(context.WithValue(ctx, unaskedKey{}, of), query, args...); err != nil {
		return named(of, err)
	}
	return nil
}

// unaskedKey is where a context names the object of a write whose outcome nobody asks for.
type unaskedKey struct{}

// holding gives connections to PostgreSQL that hold back BEGIN, and the writes that nobody asks the outcome of.
type holding struct{ driver.Connector }

// Connect implements driver.Connector.
func (c holding) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &holdingConn{Conn: conn.(*stdlib.Conn)}, nil
}

// holdingConn is a connection with what waits to go along.
type holdingConn struct {
	*stdlib.Conn
	inTx  bool
	begun bool // the server knows of the transaction
	held  []heldStatement
}

type heldStatement struct {
	of    string // "" for what is not put
	query string
	args  []any
}

func newHeld(of, query string, named []driver.NamedValue) heldStatement {
	s := heldStatement{of: of, query: query, args: make([]any, len(named))}
	for i, value := range named {
		s.args[i] = value.Value
	}
	return s
}

// BeginTx implements driver.ConnBeginTx.
func (c *holdingConn) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	if c.Conn.Conn().IsClosed() {
		return nil, driver.ErrBadConn
	}
	begin := "begin"
	switch level := sql.IsolationLevel(options.Isolation); level {
	case sql.LevelDefault:
	case sql.LevelRepeatableRead:
		begin += " isolation level repeatable read"
	default:
		return nil, fmt.Errorf("sqlstore: no transaction is %s", level)
	}
	if options.ReadOnly {
		begin += " read only"
	}
	c.inTx, c.begun, c.held = true, false, append(c.held[:0], heldStatement{query: begin})
	return heldTx{ctx, c}, nil
}

// ExecContext implements driver.ExecerContext. What has no arguments may be a script of several statements, which cannot go along with others.
func (c *holdingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if of, unasked := ctx.Value(unaskedKey{}).(string); unasked && c.inTx {
		c.held = append(c.held, newHeld(of, query, args))
		return driver.ResultNoRows, nil
	}
	if len(args) > 0 && len(c.held) > 0 {
		tag, err := c.send(ctx, newHeld("", query, args))
		return driver.RowsAffected(tag.RowsAffected()), err
	}
	if _, err := c.send(ctx); err != nil {
		return nil, err
	}
	return c.Conn.ExecContext(ctx, query, args)
}

// QueryContext implements driver.QueryerContext.
func (c *holdingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if _, err := c.send(ctx); err != nil {
		return nil, err
	}
	return c.Conn.QueryContext(ctx, query, args)
}

// PrepareContext implements driver.ConnPrepareContext.
func (c *holdingConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if _, err := c.send(ctx); err != nil {
		return nil, err
	}
	return c.Conn.PrepareContext(ctx, query)
}

// send sends what is held and then these, in one trip, and answers what came of the last. The first that fails ends it: the server carries out
// nothing after it.
func (c *holdingConn) send(ctx context.Context, last ...heldStatement) (tag pgconn.CommandTag, err error) {
	all := append(c.held, last...)
	if len(all) == 0 {
		return tag, nil
	}
	c.held = c.held[:0]
	c.begun = true // or it may be: an answer can be lost
	batch := &pgx.Batch{}
	for _, s := range all {
		batch.Queue(s.query, s.args...)
	}
	results := c.Conn.Conn().SendBatch(ctx, batch)
	for _, s := range all {
		if tag, err = results.Exec(); err != nil {
			_ = results.Close() // the first error is the one to tell
			return tag, badOr(named(s.of, err))
		}
	}
	return tag, badOr(results.Close())
}

// named is the error of a held statement, with the object that it is about.
func named(of string, err error) error {
	if of == "" {
		return err
	}
	return &putError{of, err}
}

// putError is a write that failed. It comes to light with a later statement, whose own fault it is not.
type putError struct {
	of  string
	err error
}

func (e *putError) Error() string { return e.of + ": " + e.err.Error() }
func (e *putError) Unwrap() error { return e.err }

// badOr is an error as database/sql wants to know it: that nothing was sent for the connection is broken, or as it is.
func badOr(err error) error {
	if err != nil && pgconn.SafeToRetry(err) {
		return driver.ErrBadConn
	}
	return err
}

// heldTx is the transaction of a connection that holds back.
type heldTx struct {
	ctx context.Context // of BeginTx: database/sql has no other for the end
	*holdingConn
}

// Commit implements driver.Tx. Of a transaction that did nothing, the server never learns.
func (tx heldTx) Commit() error {
	tx.inTx = false
	if !tx.begun && len(tx.held) == 1 {
		tx.held = tx.held[:0]
		return nil
	}
	tag, err := tx.send(tx.ctx, heldStatement{query: "commit"})
	if err == nil && tag.String() == "ROLLBACK" {
		err = pgx.ErrTxCommitRollback
	}
	if err != nil && tx.Conn.Conn().PgConn().TxStatus() != 'I' {
		_ = tx.Conn.Conn().Close(tx.ctx) // the error of the commit says more
	}
	return err
}

// Rollback implements driver.Tx.
func (tx heldTx) Rollback() error {
	tx.inTx, tx.held = false, tx.held[:0]
	if !tx.begun {
		return nil
	}
	_, err := tx.Conn.Conn().Exec(tx.ctx, "rollback")
	if err != nil {
		_ = tx.Conn.Conn().Close(tx.ctx) // nobody knows any more in which state it is
	}
	return err
}
