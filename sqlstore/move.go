package sqlstore

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/dues-billing/dues/billing"
)

// moved are the tables of an export. Leases are not among them: who held one is not there any more.
var moved = []string{
	"accounts", "customers", "subscriptions", "invoices", "purchases", "license_lines", "portal_visits", "inbox", "outbox", "feed", "marks", "told",
	"customer_homes",
	"one_offs",
	"price_moves",
	"refund_orders", "consumption", "seats",
	"trial_cards",
	"grants", "used", "used_keys",
	"request_keys",
	"usage_events", "usage_log",
	"api_keys", "audit",
	"operators", "admin_sessions",
	"reminders",
	"charges", "refunds", "disputes", "payment_methods", "products", "prices", "objects",
}

// The statements of a move; TABLE stands for each of the tables.
const (
	everyRow  = `SELECT * FROM TABLE ORDER BY 1, 2` //tidy:allow sql a move takes the columns as they are, and the schema's number is compared
	countRows = `SELECT COUNT(*) FROM TABLE`
	oneRow    = `INSERT INTO TABLE (COLUMNS) OVERRIDE VALUES (PLACES)`
	// postgresNumberOn lets the numbers of TABLE go on after the last; SQLite does so by itself.
	postgresNumberOn = `SELECT setval(pg_get_serial_sequence('TABLE', 'seq'), GREATEST((SELECT COALESCE(MAX(seq), 1) FROM TABLE), 1))`
)

// of puts a table into a statement.
func of(table, statement string) string { return strings.ReplaceAll(statement, "TABLE", table) }

// numbered are those whose rows have numbers of the database's own making, which must go on after the last.
var numbered = []string{"inbox", "outbox", "usage_log", "audit"}

// exportHead is the first line of an export.
type exportHead struct {
	Dues   string `json:"dues"` // "export"
	Schema int64  `json:"schema"`
}

// exportRow is one row of an export. Texts and numbers are themselves, bytes are {"base64": "…"}.
type exportRow struct {
	Table string         `json:"table"`
	Row   map[string]any `json:"row"`
}

// exportTail is the last line: an export without it was cut off.
type exportTail struct {
	Rows int64 `json:"rows"`
}

// Export writes everything but leases as lines of JSON, as it is at one moment; the service may go on meanwhile. It is a backup, and the
// way from one kind of database to the other. It returns how many rows it wrote.
func (s *Store) Export(ctx context.Context, to io.Writer) (n int64, err error) {
	if err := s.Check(ctx); err != nil {
		return 0, err
	}
	schema, err := s.schema(ctx)
	if err != nil {
		return 0, err
	}
	tx, err := s.reads.db.(*sql.DB).BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: s.dialect.snapshot})
	if err != nil {
		return 0, s.dialect.explain(err)
	}
	defer func() { _ = tx.Rollback() }() // it only read
	out := bufio.NewWriter(to)
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	if err := lines.Encode(exportHead{"export", schema}); err != nil {
		return 0, err
	}
	for _, table := range moved {
		count, err := exportTable(ctx, tx, table, lines)
		if err != nil {
			return n, fmt.Errorf("export %s: %w", table, s.dialect.explain(err))
		}
		n += count
	}
	return n, errors.Join(lines.Encode(exportTail{n}), out.Flush())
}

// schema is the version of the schema, which is the program's own once Check has passed.
func (s *Store) schema(ctx context.Context) (int64, error) {
	m, err := s.migrator()
	if err != nil {
		return 0, err
	}
	version, err := m.GetDBVersion(ctx)
	return version, s.dialect.explain(err)
}

func exportTable(ctx context.Context, from querier, table string, lines *json.Encoder) (n int64, err error) {
	found, err := from.QueryContext(ctx, of(table, everyRow))
	if err != nil {
		return 0, err
	}
	defer func() { _ = found.Close() }() // found.Err tells what matters
	columns, err := found.Columns()
	if err != nil {
		return 0, err
	}
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for found.Next() {
		if err := found.Scan(into...); err != nil {
			return n, err
		}
		row := exportRow{table, make(map[string]any, len(columns))}
		for i, column := range columns {
			row.Row[column] = values[i]
			if bytes, ok := values[i].([]byte); ok {
				row.Row[column] = map[string]string{"base64": base64.StdEncoding.EncodeToString(bytes)}
			}
		}
		if err := lines.Encode(row); err != nil {
			return n, err
		}
		n++
	}
	return n, found.Err()
}

// Import reads an export into an empty, migrated database, in one transaction: all of it or nothing. It returns how many rows it read.
// A database with accounts or events in it, and an export of another schema, are errors of code conflict; one that was cut off or is
// no export is invalid.
func (s *Store) Import(ctx context.Context, from io.Reader) (n int64, err error) {
	if err := s.Check(ctx); err != nil {
		return 0, err
	}
	schema, err := s.schema(ctx)
	if err != nil {
		return 0, err
	}
	lines := json.NewDecoder(from)
	lines.UseNumber()
	var head exportHead
	if err := lines.Decode(&head); err != nil || head.Dues != "export" {
		return 0, billing.Errorf(billing.Invalid, "this is no export of Dues: the first line must say so").Because(err)
	}
	if head.Schema != schema {
		return 0, billing.Errorf(billing.Conflict, "the export has schema %d and this program %d; make it with this program, after dues migrate", head.Schema, schema)
	}
	tx, err := s.write.BeginTx(ctx, nil) // not InTx: the reader cannot be read a second time
	if err != nil {
		return 0, s.dialect.explain(err)
	}
	defer func() { _ = tx.Rollback() }() // after Commit it says ErrTxDone, which is the good case
	if err := mustBeEmpty(ctx, tx); err != nil {
		return 0, err
	}
	if n, err = s.importRows(ctx, tx, lines); err != nil {
		return 0, err
	}
	return n, s.dialect.explain(tx.Commit())
}

func mustBeEmpty(ctx context.Context, db querier) error {
	for _, table := range moved {
		var n int
		if err := db.QueryRowContext(ctx, of(table, countRows)).Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			return billing.Errorf(billing.Conflict, "the database is not empty: %s has %d rows; import into a new one", table, n)
		}
	}
	return nil
}

func (s *Store) importRows(ctx context.Context, db querier, lines *json.Decoder) (n int64, err error) {
	for {
		var line struct {
			exportRow
			Rows *int64 `json:"rows"`
		}
		switch err := lines.Decode(&line); {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return 0, billing.Errorf(billing.Invalid, "the export was cut off after %d rows", n)
		case err != nil:
			return 0, billing.Errorf(billing.Invalid, "line %d of the export is no JSON", n+2).Because(err)
		case line.Rows != nil && *line.Rows == n:
			return n, s.numberOn(ctx, db)
		case line.Rows != nil:
			return 0, billing.Errorf(billing.Invalid, "the export says that it has %d rows, and has %d", *line.Rows, n)
		case !slices.Contains(moved, line.Table):
			return 0, billing.Errorf(billing.Invalid, "line %d of the export is about a table %q that there is not", n+2, line.Table)
		}
		if err := s.importRow(ctx, db, line.exportRow); err != nil {
			return 0, fmt.Errorf("import line %d: %w", n+2, err)
		}
		n++
	}
}

func (s *Store) importRow(ctx context.Context, db querier, row exportRow) error {
	columns := make([]string, 0, len(row.Row))
	for column := range row.Row {
		if strings.ContainsFunc(column, func(c rune) bool { return (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' }) {
			return billing.Errorf(billing.Invalid, "a column cannot be called %q", column)
		}
		columns = append(columns, column)
	}
	slices.Sort(columns)
	places, values := make([]string, len(columns)), make([]any, len(columns))
	for i, column := range columns {
		value, err := importValue(row.Row[column])
		if err != nil {
			return billing.Errorf(billing.Invalid, "column %s of %s cannot be read", column, row.Table).Because(err)
		}
		places[i], values[i] = fmt.Sprintf("$%d", i+1), value
	}
	override := ""
	if slices.Contains(numbered, row.Table) {
		override = s.dialect.ownNumbers
	}
	statement := strings.NewReplacer("TABLE", row.Table, "COLUMNS", strings.Join(columns, ", "), "OVERRIDE", override, "PLACES", strings.Join(places, ", ")).Replace(oneRow)
	_, err := db.ExecContext(ctx, statement, values...)
	return err
}

// importValue is a value as the database takes it.
func importValue(value any) (any, error) {
	switch v := value.(type) {
	case json.Number:
		return v.Int64()
	case string:
		return v, nil
	case map[string]any:
		text, ok := v["base64"].(string)
		if !ok {
			return nil, errors.New("neither text nor number nor base64")
		}
		return base64.StdEncoding.DecodeString(text)
	}
	return nil, fmt.Errorf("a %T", value)
}

// numberOn lets the database's own numbers go on after the last that was imported.
func (s *Store) numberOn(ctx context.Context, db querier) error {
	if s.dialect.numberOn == "" {
		return nil
	}
	for _, table := range numbered {
		if _, err := db.ExecContext(ctx, of(table, s.dialect.numberOn)); err != nil {
			return err
		}
	}
	return nil
}
