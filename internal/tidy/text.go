package tidy

import (
	"bytes"
	"errors"
	"go/ast"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// A path of one machine: somebody's home or workplace, which no other reader has.
var machinePath = regexp.MustCompile(`(?:^|[\s"'` + "`" + `=(:])(/(?:work|root|home/[a-z]\w*|Users/\w+)/[\w.]|[A-Z]:\\Users\\)`)

func checkMachinePaths(name string, text []byte) []Finding {
	var found []Finding
	for i, line := range bytes.Split(text, []byte("\n")) {
		if m := machinePath.FindSubmatch(line); m != nil {
			found = append(found, Finding{name, i + 1, pathRule, "a path of one machine (" + string(m[1]) +
				"…): nobody else has it; make it relative to the repository, or a parameter"})
		}
	}
	return found
}

var (
	sqlText  = regexp.MustCompile(`(?is)^\s*(select\s.+\sfrom\s|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s)`)
	sqlLower = regexp.MustCompile(`\b(select|insert|into|update|set|delete|from|where|values|order by|limit|on conflict|returning)\b`)
	sqlStar  = regexp.MustCompile(`(?is)\bselect\s+\*`)
)

// checkSQL knows SQL from prose by its place: in sqlstore every sentence of SQL counts, elsewhere only upper case is SQL.
func checkSQL(f *file, report reporter) {
	if f.test || f.generated {
		return
	}
	constant := map[token.Pos]bool{}
	for _, decl := range f.syntax.Decls {
		if d, ok := decl.(*ast.GenDecl); ok && d.Tok == token.CONST {
			ast.Inspect(d, func(n ast.Node) bool {
				if lit, ok := n.(*ast.BasicLit); ok {
					constant[lit.Pos()] = true
				}
				return true
			})
		}
	}
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		lit, ok := n.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return true
		}
		text, err := strconv.Unquote(lit.Value)
		if err != nil || !sqlText.MatchString(text) {
			return true
		}
		switch store := f.in("sqlstore"); {
		case !store && sqlLower.MatchString(text): // prose such as "Select a plan from the list"
		case !store:
			report(lit.Pos(), "SQL lives in sqlstore, beside the Go that reads its rows")
		case !constant[lit.Pos()]:
			report(lit.Pos(), "give this SQL a name: a const beside its Go, one text for both databases")
		case sqlLower.MatchString(unquoted(text)):
			report(lit.Pos(), "write SQL words in upper case: names and words must be told apart at a glance")
		case sqlStar.MatchString(text):
			report(lit.Pos(), "name the columns: SELECT * breaks when a migration adds one")
		}
		return true
	})
}

// unquoted removes quoted strings and names from SQL text: 'from' as a value is not a word of SQL.
func unquoted(sql string) string {
	return regexp.MustCompile(`'[^']*'|"[^"]*"`).ReplaceAllString(sql, "''")
}

var rowsComment = regexp.MustCompile(`^// Rows:(( [A-D][0-9]+)+)\.( .*)?$`)

// checkRows sees to it that what names a row of the mission is read by the generator of docs/mission.md.
func checkRows(f *file, report reporter) {
	above := map[*ast.Comment]bool{}
	for _, decl := range f.syntax.Decls {
		if fn, ok := decl.(*ast.FuncDecl); ok && f.test && isTest(fn) && fn.Doc != nil {
			for _, c := range fn.Doc.List {
				above[c] = true
			}
		}
	}
	for _, group := range f.syntax.Comments {
		for _, c := range group.List {
			if !strings.HasPrefix(c.Text, "// Rows:") || f.in("internal/tidy") && !f.test {
				continue
			}
			switch {
			case !above[c]:
				report(c.Pos(), "rows of the mission are named in the comment directly above a Test, Fuzz or Example function")
			case !rowsComment.MatchString(c.Text):
				report(c.Pos(), "write it as the generator of docs/mission.md reads it: // Rows: B1 C18.")
			default:
				checkKnownRows(f, c, report)
			}
		}
	}
}

func checkKnownRows(f *file, c *ast.Comment, report reporter) {
	for row := range strings.FieldsSeq(rowsComment.FindStringSubmatch(c.Text)[1]) {
		if !f.known[row] {
			report(c.Pos(), "docs/mission-rows.txt has no row %s", row)
		}
	}
}

func isTest(fn *ast.FuncDecl) bool {
	for _, prefix := range []string{"Test", "Fuzz", "Example", "Benchmark"} {
		if fn.Recv == nil && strings.HasPrefix(fn.Name.Name, prefix) {
			return true
		}
	}
	return false
}

// missionRows reads the ids of the mission's rows. A tree without that file has none.
func missionRows(root string) (map[string]bool, error) {
	text, err := os.ReadFile(filepath.Join(root, "docs", "mission-rows.txt"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	rows := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if id, _, ok := strings.Cut(line, " "); ok && !strings.HasPrefix(id, "#") {
			rows[id] = true
		}
	}
	return rows, err
}
