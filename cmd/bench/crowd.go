package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// A crowd is customers who only lie in the database while others renew: what a month of renewals costs must not grow with them.

// crowdTables are those that grow with the customers, and how the rows of one are found. Copies of rows that only some customers have, such as
// effects, would have to be made up.
var crowdTables = []struct{ name, where string }{
	{"accounts", "id = $2"}, {"customers", "id = $3"}, {"subscriptions", "customer = $3"}, {"invoices", "customer = $3"},
}

// crowdRows copies the rows of one customer as often as asked. Both databases know WITH RECURSIVE; only one has generate_series.
const crowdRows = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
	INSERT INTO TABLE (COLUMNS) SELECT VALUES FROM TABLE, n WHERE CONDITION`

// addCrowd copies the customer behind an account, with everything the mirror holds of him, as often as asked. Ids get a number behind them, and
// so do the references to them in bodies.
func addCrowd(ctx context.Context, url, account string, copies int) (err error) {
	driver, source := "pgx", url
	settle := []string{"VACUUM ANALYZE", "CHECKPOINT"} // which PostgreSQL would do by itself some minutes later
	if path, found := strings.CutPrefix(url, "sqlite:"); found {
		driver, source = "sqlite", "file:"+path+"?_pragma=busy_timeout(10000)&_pragma=synchronous(OFF)"
		settle = []string{"PRAGMA wal_checkpoint(TRUNCATE)"}
	}
	fmt.Fprintf(os.Stderr, "%d other customers are put beside them …\n", copies)
	db, err := sql.Open(driver, source)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var customer string
	if err := db.QueryRowContext(ctx, `SELECT customer FROM accounts WHERE id = $1`, account).Scan(&customer); err != nil { //tidy:allow sql the crowd is no use case of the store
		return err
	}
	ids := []string{account, customer}
	for _, table := range []string{"subscriptions", "invoices"} {
		more, err := texts(ctx, db, `SELECT id FROM `+table+` WHERE customer = $1`, customer) //tidy:allow sql the crowd is no use case of the store
		if err != nil {
			return err
		}
		ids = append(ids, more...)
	}
	for _, table := range crowdTables {
		statement, err := crowdStatement(ctx, db, table.name, table.where, ids)
		if err != nil {
			return err
		}
		if _, err := db.ExecContext(ctx, statement, copies, account, customer); err != nil {
			return fmt.Errorf("copy %s: %w", table.name, err)
		}
	}
	for _, statement := range settle {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return onDisk(url)
}

// onDisk waits until a SQLite database is on the disk: the next commit would wait for the gigabytes of the crowd otherwise.
func onDisk(url string) (err error) {
	path, found := strings.CutPrefix(url, "sqlite:")
	if !found {
		return nil
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return file.Sync()
}

// crowdStatement is crowdRows for a table, with the columns that it has today.
func crowdStatement(ctx context.Context, db *sql.DB, table, where string, ids []string) (string, error) {
	rows, err := db.QueryContext(ctx, `SELECT * FROM `+table+` WHERE 1 = 0`) //tidy:allow sql the crowd takes the columns as they are
	if err != nil {
		return "", err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells what matters
	types, err := rows.ColumnTypes()
	if err != nil {
		return "", err
	}
	columns, values := make([]string, len(types)), make([]string, len(types))
	for i, column := range types {
		columns[i], values[i] = column.Name(), column.Name()
		if column.DatabaseTypeName() != "TEXT" {
			continue
		}
		for _, id := range ids {
			values[i] = fmt.Sprintf("REPLACE(%s, '%s', '%sx' || CAST(i AS TEXT))", values[i], id, id)
		}
	}
	// Both databases want to be told every parameter.
	condition := where + " AND $2 <> '' AND $3 <> ''"
	return strings.NewReplacer("TABLE", table, "COLUMNS", strings.Join(columns, ", "), "VALUES", strings.Join(values, ", "), "CONDITION", condition).
		Replace(crowdRows), errors.Join(rows.Err())
}

// texts reads one column.
func texts(ctx context.Context, db *sql.DB, query string, args ...any) (all []string, err error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells what matters
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		all = append(all, text)
	}
	return slices.Clip(all), rows.Err()
}
