package sqlstore_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/dues-billing/dues/internal/testenv"
	"github.com/dues-billing/dues/sqlstore"
)

// While replicas are upgraded one after the other, a program of the version before runs on the schema of the new one. Its statements lie
// in testdata/statements, a file for each schema of which a release was made; the file's name is the schema's number. A release records
// its own:
//
//	go test ./sqlstore -run TestStatements -record .
var record = flag.String("record", "", "directory of a version of this package whose statements are recorded for the schema that it makes")

// statements returns the SQL constants of the package in a directory, by name.
func statements(t *testing.T, dir string) map[string]string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	// What is imported stays unknown, and constants do not need it.
	unknown := types.Config{Error: func(error) {}}
	pkg, _ := unknown.Check("sqlstore", fset, files, nil)
	verb := regexp.MustCompile(`^(SELECT|INSERT|UPDATE|DELETE|WITH)\s`)
	found := map[string]string{}
	for _, name := range pkg.Scope().Names() {
		c, ok := pkg.Scope().Lookup(name).(*types.Const)
		if !ok || c.Val().Kind() != constant.String {
			continue
		}
		text := constant.StringVal(c.Val())
		if !verb.MatchString(text) || strings.Contains(text, " TABLE") { // that takes a table's name, for exports
			continue
		}
		// What is put behind it when it runs is how rows are locked.
		found[name] = text + strings.Repeat(")", strings.Count(text, "(")-strings.Count(text, ")"))
	}
	return found
}

// lastSchema is the number of the newest migration in a directory of the package.
func lastSchema(t *testing.T, dir string) int {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "migrations", "sqlite", "*.sql"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no migrations in %s: %v", dir, err)
	}
	number, err := strconv.Atoi(filepath.Base(slices.Max(names))[:5])
	if err != nil {
		t.Fatal(err)
	}
	return number
}

func recordStatements(t *testing.T, dir string) {
	t.Helper()
	text, err := json.MarshalIndent(statements(t, dir), "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(recorded(lastSchema(t, dir)), append(text, '\n'), 0o600); err != nil {
		t.Fatal(err)
	}
}

func recorded(schema int) string {
	return filepath.Join("testdata", "statements", strconv.Itoa(schema)+".json")
}

var placeholder = regexp.MustCompile(`\$([0-9]+)`)

// arguments is how many a statement takes.
func arguments(statement string) (most int) {
	for _, found := range placeholder.FindAllStringSubmatch(statement, -1) {
		n, _ := strconv.Atoi(found[1]) // the pattern has checked it
		most = max(most, n)
	}
	return most
}

// unknownThings reports whether a database refused a statement because of what the schema lacks. That NULLs may not be stored says
// nothing.
func unknownThings(err error) bool {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		const integrity, noType = "23", "42P18" // the class of constraints; a parameter that the whole statement says more of
		return !strings.HasPrefix(refused.Code, integrity) && refused.Code != noType
	}
	return err != nil && !strings.Contains(err.Error(), "NOT NULL constraint failed") && !strings.Contains(err.Error(), "datatype mismatch")
}

func TestStatementsOfOlderVersionsWorkOnTheNewestSchema(t *testing.T) {
	t.Parallel()
	if *record != "" {
		recordStatements(t, *record)
	}
	files, err := filepath.Glob(filepath.Join("testdata", "statements", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no statements are recorded: %v", err)
	}
	for _, file := range files {
		schema, err := strconv.Atoi(strings.TrimSuffix(filepath.Base(file), ".json"))
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var old map[string]string
		if err := json.Unmarshal(text, &old); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, db := range testenv.Databases(t) {
			t.Run(filepath.Base(file)+"/"+db.Name, func(t *testing.T) {
				t.Parallel()
				workOnTheNewest(t, open(t, db.URL(t)), int64(schema), maps.Clone(old))
			})
		}
	}
}

func workOnTheNewest(t *testing.T, s *sqlstore.Store, schema int64, old map[string]string) {
	ctx := context.WithoutCancel(t.Context())
	if err := s.MigrateTo(ctx, schema); err != nil {
		t.Fatal(err)
	}
	for name, statement := range old {
		if err := s.Try(ctx, statement, arguments(statement)); unknownThings(err) {
			delete(old, name) // of the other kind of database
			if !strings.Contains(statement, "pg_") {
				t.Errorf("%s does not work on the schema that it was recorded for: %v", name, err)
			}
		}
	}
	if len(old) < 40 {
		t.Errorf("only %d statements are tried", len(old))
	}
	if err := s.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	for name, statement := range old {
		if err := s.Try(ctx, statement, arguments(statement)); unknownThings(err) {
			t.Errorf("a program of schema %d still runs %s, and the newest schema refuses it: %v\n%s", schema, name, err, statement)
		}
	}
}

func TestAProgramWorksOnASchemaThatANewerOneMade(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, again func() *sqlstore.Store) {
		if err := s.MarkSchema(t.Context(), 99999); err != nil {
			t.Fatal(err)
		}
		old := again()
		if err := cmp.Or(old.Migrate(t.Context()), old.Check(t.Context())); err != nil {
			t.Errorf("a replica that waits for its upgrade is not ready: %v", err)
		}
	})
}
