// Package tidy is the house style as a test: each rule that a machine can check, with a message that says why it exists and
// what to write instead.
//
// A line that must break a rule says so itself, and the reason stands in the same place:
//
//	now := time.Now() //tidy:allow clock the signature of a webhook is checked against the wall clock
//
// An escape that nothing needs any more is a finding too, so they cannot pile up.
//
//go:generate go run ./rowsgen
package tidy

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Module is the path of the module whose tree is checked.
const Module = "github.com/dues-billing/dues"

// A Finding is one place that breaks one rule.
type Finding struct {
	File    string // slash-separated, from the root of the tree
	Line    int
	Rule    string
	Message string
}

// String formats f as compilers do, so that editors jump to the place.
func (f Finding) String() string {
	return fmt.Sprintf("%s:%d: [%s] %s", f.File, f.Line, f.Rule, f.Message)
}

// A rule looks at one Go file.
type rule struct {
	name  string
	check func(f *file, report reporter)
}

// A reporter takes what a rule found at a place.
type reporter func(at token.Pos, format string, args ...any)

var rules = []rule{
	{"layers", checkLayers},
	{"pure", checkPure},
	{"file-size", checkFileSize},
	{"func-size", checkFuncSize},
	{"clock", checkClock},
	{"sleep", checkSleep},
	{"rand", checkRandom},
	{"environment", checkEnvironment},
	{"skip", checkSkip},
	{"float", checkFloat},
	{"doc", checkDoc},
	{"package-name", checkPackageName},
	{"interface-size", checkInterfaceSize},
	{"sql", checkSQL},
	{"rows", checkRows},
}

// pathRule is not in rules, for it looks at every text file and not only at Go.
const pathRule = "machine-path"

// file is a parsed Go file and where it stands.
type file struct {
	path      string // slash-separated, from the root
	dir       string // the package's folder, "." for the root
	test      bool
	generated bool
	fset      *token.FileSet
	syntax    *ast.File
	lines     [][]byte
	known     map[string]map[string]bool // the rows of each Page, by the file that lists them
}

// in reports whether the file belongs to one of the folders or to one below them.
func (f *file) in(folders ...string) bool {
	return slices.ContainsFunc(folders, func(folder string) bool {
		return f.dir == folder || strings.HasPrefix(f.dir, folder+"/")
	})
}

// program reports whether the file belongs to a command: those in cmd, and the generators beside what they generate.
func (f *file) program() bool { return f.in("cmd") || f.syntax.Name.Name == "main" }

func (f *file) line(p token.Pos) int { return f.fset.Position(p).Line }

// Check reads the tree at root and returns what breaks the house style, in order of file and line.
func Check(root string) ([]Finding, error) {
	known, err := knownRows(root)
	if err != nil {
		return nil, err
	}
	var found []Finding
	err = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			if skipDir(rel) {
				return fs.SkipDir
			}
			return nil
		}
		if d.Name() == ".git" { // in a linked work tree it is a file, and says where the repository lies
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		findings, err := checkFile(rel, text, known)
		found = append(found, findings...)
		return err
	})
	slices.SortStableFunc(found, func(a, b Finding) int {
		if a.File != b.File {
			return strings.Compare(a.File, b.File)
		}
		return a.Line - b.Line
	})
	return found, err
}

// skipDir names the folders that are not ours: what git keeps, what npm installs, what programs leave, and our own bad examples.
func skipDir(dir string) bool {
	switch path.Base(dir) {
	case ".git", "node_modules", ".dues", ".cache":
		return true
	}
	return dir == "gallery" || dir == "bin" || dir == "internal/tidy/testdata"
}

func checkFile(name string, text []byte, known map[string]map[string]bool) ([]Finding, error) {
	if bytes.IndexByte(text, 0) >= 0 {
		return nil, nil // an image or another binary file
	}
	found := checkMachinePaths(name, text)
	if path.Ext(name) != ".go" {
		return found, nil
	}
	fset := token.NewFileSet()
	syntax, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	f := &file{
		path: name, dir: path.Dir(name), test: strings.HasSuffix(name, "_test.go"), generated: ast.IsGenerated(syntax),
		fset: fset, syntax: syntax, lines: bytes.Split(text, []byte("\n")), known: known,
	}
	for _, r := range rules {
		r.check(f, func(at token.Pos, format string, args ...any) {
			found = append(found, Finding{name, f.line(at), r.name, fmt.Sprintf(format, args...)})
		})
	}
	return applyEscapes(f, found), nil
}
