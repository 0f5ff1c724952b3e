package sim

import (
	"context"
	"database/sql/driver"
	"errors"
	"sync"
)

// errPower is what a process without power gets from everything it touches.
var errPower = errors.New("sim: the power is cut")

// power is that of one process: once it is off, nothing leaves the process and nothing reaches it. left counts the SQL statements
// until it goes off by itself, -1 for never.
type power struct {
	mu   sync.Mutex
	left int
	off  bool
	gone chan struct{} // closed when it goes off
}

func newPower() *power { return &power{left: -1, gone: make(chan struct{})} }

// cutAfter lets so many more statements happen.
func (p *power) cutAfter(statements int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left = statements
}

// on returns errPower when the power is off.
func (p *power) on() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.off {
		return errPower
	}
	return nil
}

// spend counts a statement that has happened; the process never learns of the last one.
func (p *power) spend() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.off && p.left > 0 {
		if p.left--; p.left == 0 {
			p.off = true
			close(p.gone)
		}
	}
	if p.off {
		return errPower
	}
	return nil
}

// connector gives connections that need power.
type connector struct {
	driver.Connector
	power *power
}

// Connect implements driver.Connector.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	if err := c.power.on(); err != nil {
		return nil, err
	}
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &powered{conn, c.power}, nil
}

// powered is a connection that counts statements. A rollback always happens: it is what the database does by itself when the
// process at the other end is gone.
type powered struct {
	driver.Conn
	power *power
}

// Ping implements driver.Pinger.
func (c *powered) Ping(context.Context) error { return c.power.on() }

// CheckNamedValue implements driver.NamedValueChecker.
func (c *powered) CheckNamedValue(v *driver.NamedValue) error {
	if checker, ok := c.Conn.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

// ResetSession implements driver.SessionResetter.
func (c *powered) ResetSession(ctx context.Context) error {
	if resetter, ok := c.Conn.(driver.SessionResetter); ok {
		return resetter.ResetSession(ctx)
	}
	return nil
}

// ExecContext implements driver.ExecerContext.
func (c *powered) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if err := c.power.on(); err != nil {
		return nil, err
	}
	result, err := c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
	return result, errors.Join(err, c.power.spend())
}

// QueryContext implements driver.QueryerContext.
func (c *powered) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if err := c.power.on(); err != nil {
		return nil, err
	}
	rows, err := c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args)
	if err != nil {
		return nil, err
	}
	if err := c.power.spend(); err != nil {
		return nil, errors.Join(err, rows.Close())
	}
	return rows, nil
}

// BeginTx implements driver.ConnBeginTx.
func (c *powered) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	if err := c.power.on(); err != nil {
		return nil, err
	}
	tx, err := c.Conn.(driver.ConnBeginTx).BeginTx(ctx, opts)
	if err != nil {
		return nil, err
	}
	return poweredTx{tx, c.power}, nil
}

type poweredTx struct {
	driver.Tx
	power *power
}

// Commit implements driver.Tx. The power may go off before it, and after it.
func (t poweredTx) Commit() error {
	if err := t.power.on(); err != nil {
		return errors.Join(err, t.Rollback())
	}
	return errors.Join(t.Tx.Commit(), t.power.spend())
}
