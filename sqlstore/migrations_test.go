package sqlstore_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// hazards are what a migration may not do while a program of the version before works on the schema and people pay: each breaks the old
// program's statements, or keeps everybody waiting for a table. What must go, goes in the release after the one that stopped using it.
var hazards = []struct {
	kind    string // "" is both
	pattern string
	why     string
}{
	{"", `\bDROP\s+(TABLE|COLUMN)\b`, "the version before still reads it: stop using it in this release, and drop it in the next"},
	{"", `\bRENAME\b`, "the version before knows the old name only: add the new one, write both, and drop the old one a release later"},
	{"", `\bADD\s+(COLUMN\s+)?\w+\s+[^;,]*\bNOT\s+NULL\b(?:[^;,']|'[^']*')*`, "the version before does not write it: give it a DEFAULT that means unknown"},
	{"", `\bCREATE\s+UNIQUE\s+INDEX\s+(?:CONCURRENTLY\s+)?(IF\s+NOT\s+EXISTS\s+)?\w+\s+ON\s+(\w+)`, "the version before may write what it refuses: make sure in code first, and refuse a release later"},
	{"", `\bSET\s+NOT\s+NULL\b`, "the version before may leave it empty"},
	{"", `\bADD\s+(CONSTRAINT|CHECK|FOREIGN|PRIMARY|UNIQUE)\b`, "the version before may write what it refuses; the table is locked while it is checked"},
	{"", `\bREFERENCES\b`, "nothing refers by foreign keys: events come in any order"},
	{"", `\bALTER\s+(COLUMN\s+)?\w+\s+(SET\s+DATA\s+)?TYPE\b`, "the table is written anew under a lock, and the version before reads the old type"},
	{"", `\bUPDATE\b`, "a large table is locked row by row for the length of it: let the program mend rows as it meets them"},
	{"postgres", `\bCREATE\s+INDEX\s+(IF\s+NOT\s+EXISTS\s+)?\w+\s+ON\s+(\w+)`, "webhooks wait while it is made: CREATE INDEX CONCURRENTLY, with -- +goose NO TRANSACTION"},
}

// settled are the findings in migrations that nobody ever ran on a database with customers in it: they are older than the first release.
var settled = map[string]int{
	"postgres/00002_position.sql": 0, "postgres/00003_ignored_events.sql": 2, "sqlite/00003_ignored_events.sql": 1,
	"postgres/00006_notices.sql": 1, "postgres/00009_payloads.sql": 1,
	// Its unique index refuses less than the one whose place it takes, so nothing that the version before writes.
	"postgres/00030_groups.sql": 1, "sqlite/00030_groups.sql": 1,
	// The same: two that refuse a part each of what one did.
	"postgres/00034_guest_keys.sql": 2, "sqlite/00034_guest_keys.sql": 2,
}

var (
	sqlComment = regexp.MustCompile(`--[^\n]*`)
	newTable   = regexp.MustCompile(`(?i)\bCREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(\w+)`)
)

// hazardsIn says what is wrong with a migration for a kind of database.
func hazardsIn(kind, text string) (found []string) {
	text = sqlComment.ReplaceAllString(text, "")
	var made []string // tables that are new: nobody uses them yet
	for _, table := range newTable.FindAllStringSubmatch(text, -1) {
		made = append(made, table[1])
	}
	for statement := range strings.SplitSeq(text, ";") {
		if newTable.MatchString(statement) {
			continue
		}
		for _, h := range hazards {
			if h.kind != "" && h.kind != kind {
				continue
			}
			hit := regexp.MustCompile(`(?i)` + h.pattern).FindStringSubmatch(statement)
			if hit == nil || strings.Contains(h.why, "DEFAULT") && regexp.MustCompile(`(?i)\bDEFAULT\b`).MatchString(hit[0]) ||
				len(hit) > 2 && slices.Contains(made, hit[2]) {
				continue
			}
			found = append(found, strings.Join(strings.Fields(hit[0]), " ")+": "+h.why)
		}
	}
	return found
}

func TestMigrationsLetTheVersionBeforeWorkOn(t *testing.T) {
	t.Parallel()
	names := map[string][]string{}
	for _, kind := range []string{"sqlite", "postgres"} {
		files, err := filepath.Glob(filepath.Join("migrations", kind, "*.sql"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no migrations of %s: %v", kind, err)
		}
		for i, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			name := filepath.Base(file)
			names[kind] = append(names[kind], name)
			if i == 0 { // the first makes everything
				continue
			}
			if strings.Contains(string(text), "+goose Down") {
				t.Errorf("%s/%s: migrations go forward only; what a release made wrong the next one mends", kind, name)
			}
			found := hazardsIn(kind, string(text))
			if len(found) != settled[kind+"/"+name] {
				t.Errorf("%s/%s, while the version before works beside it:\n\t%s", kind, name, strings.Join(found, "\n\t"))
			}
		}
	}
	if !slices.Equal(names["sqlite"], names["postgres"]) {
		t.Errorf("the two kinds of database have other migrations: %q and %q", names["sqlite"], names["postgres"])
	}
}

func TestAMigrationThatBreaksTheVersionBeforeIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, kind, text string
		want             int
	}{
		{"a dropped column", "sqlite", "ALTER TABLE inbox DROP COLUMN error;", 1},
		{"a dropped table", "postgres", "drop table feed;", 1},
		{"a renamed column", "postgres", "ALTER TABLE inbox RENAME COLUMN error TO cause;", 1},
		{"a column that must be given", "sqlite", "ALTER TABLE inbox ADD COLUMN lane TEXT NOT NULL;", 1},
		{"a column that need not", "sqlite", "ALTER TABLE inbox ADD COLUMN lane TEXT NOT NULL DEFAULT '';", 0},
		{"one of two columns that must be given", "postgres", "ALTER TABLE inbox ADD COLUMN a TEXT NOT NULL DEFAULT ''; ALTER TABLE inbox ADD b BIGINT NOT NULL;", 1},
		{"a new unique index", "sqlite", "CREATE UNIQUE INDEX one ON inbox (object);", 1},
		{"the same beside the writers", "postgres", "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS one ON inbox (object);", 1},
		{"a stricter column", "postgres", "ALTER TABLE inbox ALTER COLUMN error SET NOT NULL;", 1},
		{"another type", "postgres", "ALTER TABLE inbox ALTER COLUMN attempts TYPE INTEGER;", 1},
		{"a constraint", "postgres", "ALTER TABLE inbox ADD CONSTRAINT c CHECK (seq > 0);", 1},
		{"every row written", "sqlite", "UPDATE inbox SET error = '';", 1},
		{"an index that locks", "postgres", "CREATE INDEX i ON inbox (object);", 1},
		{"the same on SQLite, which has one writer", "sqlite", "CREATE INDEX i ON inbox (object);", 0},
		{"an index made beside the writers", "postgres", "CREATE INDEX CONCURRENTLY i ON inbox (object);", 0},
		{"a new table with its index", "postgres", "CREATE TABLE new (id TEXT PRIMARY KEY, a TEXT NOT NULL);\nCREATE INDEX new_a ON new (a);", 0},
		{"a new table with a unique index", "sqlite", "CREATE TABLE new (id TEXT PRIMARY KEY, a TEXT NOT NULL);\nCREATE UNIQUE INDEX new_a ON new (a);", 0},
		{"a comment", "postgres", "-- DROP TABLE inbox; is what we do not do\nDROP INDEX inbox_old;", 0},
	} {
		if found := hazardsIn(c.kind, c.text); len(found) != c.want {
			t.Errorf("%s: %d findings, want %d: %q", c.name, len(found), c.want, found)
		}
	}
}
