package engine

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// A parameter that has a field here is taken from requests instead of being refused by name, so something must come of it: the engine's
// code reads the field, or the code that answers shows it.
func TestEveryParameterThatIsTakenIsRead(t *testing.T) {
	t.Parallel()
	fields, read := parameters(t)
	shown := selectorNames(t, "../wire")
	if len(fields) < 500 {
		t.Fatalf("found only %d parameters: the test looks in the wrong place", len(fields))
	}
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		_, name, _ := strings.Cut(field, ".")
		if !read[field] && !shown[name] {
			t.Errorf("%s: %s is taken from requests and then ignored; honour it, or drop the field and it is refused by name", field, fields[field])
		}
	}
}

// parameters are the fields of this package that have a form tag, as Type.Field with the name of the parameter, and those fields whose
// value some code of the package uses. Assigning to a field is no use of it.
func parameters(t *testing.T) (fields map[string]string, read map[string]bool) {
	t.Helper()
	fset, files := sources(t, ".")
	info := &types.Info{Selections: map[*ast.SelectorExpr]*types.Selection{}}
	config := types.Config{Importer: importer.ForCompiler(fset, "source", nil)}
	checked, err := config.Check("engine", fset, files, info)
	if err != nil {
		t.Fatal(err)
	}
	fields = map[string]string{}
	for _, name := range checked.Scope().Names() {
		object, ok := checked.Scope().Lookup(name).(*types.TypeName)
		if !ok {
			continue
		}
		if s, ok := object.Type().Underlying().(*types.Struct); ok {
			for i := range s.NumFields() {
				if form := reflect.StructTag(s.Tag(i)).Get("form"); form != "" && form != "-" {
					fields[name+"."+s.Field(i).Name()] = form
				}
			}
		}
	}
	return fields, fieldsRead(files, info)
}

// sources parses the files of a folder that are no tests.
func sources(t *testing.T, dir string) (*token.FileSet, []*ast.File) {
	t.Helper()
	fset := token.NewFileSet()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return fset, files
}

func fieldsRead(files []*ast.File, info *types.Info) map[string]bool {
	assigned := map[ast.Expr]bool{}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			if a, ok := n.(*ast.AssignStmt); ok && a.Tok == token.ASSIGN {
				for _, left := range a.Lhs {
					assigned[left] = true
				}
			}
			return true
		})
	}
	read := map[string]bool{}
	for selector, s := range info.Selections {
		if s.Kind() != types.FieldVal || assigned[selector] {
			continue
		}
		// A field of an embedded struct is selected through the outer one.
		owner := s.Recv()
		for _, i := range s.Index() {
			if p, ok := owner.Underlying().(*types.Pointer); ok {
				owner = p.Elem()
			}
			field := owner.Underlying().(*types.Struct).Field(i)
			if named, ok := owner.(*types.Named); ok {
				read[named.Obj().Name()+"."+field.Name()] = true
			}
			owner = field.Type()
		}
	}
	return read
}

// selectorNames are the names behind a dot in a package's code.
func selectorNames(t *testing.T, dir string) map[string]bool {
	t.Helper()
	_, files := sources(t, dir)
	names := map[string]bool{}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				names[s.Sel.Name] = true
			}
			return true
		})
	}
	return names
}
