package tidy

import (
	"bytes"
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
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
