package tidy

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// layers says which packages of this module a package may import: the picture of docs/ARCHITECTURE.md as a table.
// Imports go one way, so that rules can be read and tested without the database, the web and the provider, and so that
// the emulator and billing stay two independent readings of Stripe that judge each other.
//
// Programs (package main) may import everything, and so may tests, but for the border between emulator and billing.
var layers = map[string][]string{
	"money":   {},
	"license": {}, // customers' applications import it: the standard library only
	"webhook": {}, // so do those that receive our notices
	"billing": {"money"},
	"catalog": {"billing", "money"},

	"sqlstore":       {"billing", "internal/operator", "money"},
	"service":        {"billing", "catalog", "internal/operator", "license", "money", "sqlstore", "webhook"},
	"stripeprovider": {"billing", "catalog", "money", "service"}, // catalog.Diff: what is to be made
	"mailer":         {"billing", "internal/design", "internal/tongue", "money", "service"},
	"httpapi":        {"billing", "internal/design", "license", "money", "service", "webhook"},
	"metrics":        {"service"},
	"tracing":        {"service"},
	"adminui":        {"billing", "catalog", "internal/design", "internal/operator", "internal/verdict", "license", "money", "service"},
	"accountui":      {"billing", "internal/design", "internal/tongue", "money", "service"},
	".": {"accountui", "adminui", "billing", "catalog", "httpapi", "internal/design", "license", "mailer", "metrics", "money", "service", "sqlstore",
		"stripeprovider", "webhook"},

	"internal/events": {"billing", "webhook"}, // a page of the documents

	"emulator/engine":    {"money"},
	"emulator/wire":      {"emulator/engine", "money"},
	"emulator/pages":     {"emulator/engine", "internal/design", "money"},
	"emulator/stripejs":  {},
	"emulator/dashboard": {"emulator/engine", "emulator/pages", "emulator/wire", "internal/design", "money"},
	"emulator":           {"emulator/dashboard", "emulator/engine", "emulator/pages", "emulator/stripejs", "emulator/wire", "internal/design"},

	"internal/design": {"money"},
	"internal/tongue": {"money"},

	"docs":             {},
	"internal/docsite": {"internal/design"},

	"internal/operator": {"billing"},

	"internal/verdict": {"billing", "internal/design", "service"},
	"internal/inbox":   {"internal/design", "money"},
	"internal/demo":    {"internal/design", "money"},
}

// testSide are packages that only tests and generators import; they may import everything. So may those named like
// httptest: emulator/wire/schematest.
var testSide = []string{"internal/gallery", "internal/scenario", "internal/sim", "internal/story", "internal/testenv", "internal/tidy"}

func (f *file) testSide() bool {
	return f.test || f.in(testSide...) || strings.HasSuffix(f.dir, "test")
}

// borders are pairs that never meet, not even in tests.
var borders = [][2]string{{"emulator", "billing"}}

// kept are libraries that stay in one package, so that who does not use it compiles nothing of them in. Programs and tests are free.
var kept = map[string]string{"go.opentelemetry.io/": "tracing"}

func checkLayers(f *file, report reporter) {
	allowed, known := layers[f.dir]
	free := f.testSide() || f.program()
	if !known && !free {
		report(f.syntax.Name.Pos(), "package %s is in no layer: say in internal/tidy/layers.go what it may import", f.dir)
		return
	}
	for _, spec := range f.syntax.Imports {
		for library, home := range kept {
			if strings.HasPrefix(importPath(spec), library) && !free && !f.in(home) {
				report(spec.Pos(), "%s stays in %s: whoever mounts Dues without it compiles nothing of it in. Declare an interface that %s fills", library, home, home)
			}
		}
		target, ours := ourImport(spec)
		if !ours {
			continue
		}
		for _, b := range borders {
			if meets(f, target, b[0], b[1]) || meets(f, target, b[1], b[0]) {
				report(spec.Pos(), "%s and %s never import one another: they are two readings of Stripe that judge each other", b[0], b[1])
			}
		}
		if target != f.dir && !free && !slices.Contains(allowed, target) {
			report(spec.Pos(), "%s may import %s, not %s: imports go one way (docs/ARCHITECTURE.md). Declare an interface here that the "+
				"caller fills, or move the code", name(f.dir), list(allowed), name(target))
		}
	}
}

// ourImport returns the folder of an imported package of this module.
func ourImport(spec *ast.ImportSpec) (folder string, ours bool) {
	p := importPath(spec)
	if p == Module {
		return ".", true
	}
	return strings.CutPrefix(p, Module+"/")
}

func importPath(spec *ast.ImportSpec) string {
	p, _ := strconv.Unquote(spec.Path.Value) // the parser has checked it
	return p
}

func meets(f *file, target, from, to string) bool {
	return f.in(from) && (target == to || strings.HasPrefix(target, to+"/"))
}

func name(folder string) string {
	if folder == "." {
		return "the root package"
	}
	return folder
}

func list(folders []string) string {
	if len(folders) == 0 {
		return "nothing of this module"
	}
	return strings.Join(folders, ", ")
}

// purePackages hold rules: values and now in, values out.
var purePackages = []string{"billing", "money", "emulator/engine"}

var impure = []string{"context", "crypto/rand", "database/sql", "log", "log/slog", "math/rand", "math/rand/v2", "net", "net/http", "os", "os/exec"}

func checkPure(f *file, report reporter) {
	if f.test || !f.in(purePackages...) {
		return
	}
	for _, spec := range f.syntax.Imports {
		if p := importPath(spec); slices.Contains(impure, p) {
			report(spec.Pos(), "%s is pure and cannot import %s: pass the value in, return the decision, let the caller act", f.dir, p)
		}
	}
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		if g, ok := n.(*ast.GoStmt); ok {
			report(g.Pos(), "%s is pure: no goroutines. The same input must give the same answer in the same order", f.dir)
		}
		return true
	})
}

// uses calls fn for each mention of member of the package imported as importedPath, as in time.Now.
func uses(f *file, importedPath string, fn func(at token.Pos, member string)) {
	local := ""
	for _, spec := range f.syntax.Imports {
		if importPath(spec) == importedPath {
			local = importedPath[strings.LastIndex(importedPath, "/")+1:]
			if spec.Name != nil {
				local = spec.Name.Name
			}
		}
	}
	if local == "" {
		return
	}
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == local {
				fn(sel.Pos(), sel.Sel.Name)
			}
		}
		return true
	})
}
