package tidy

import (
	"go/ast"
)

const (
	fileLinesMax     = 500
	funcLinesMax     = 70
	testFuncLinesMax = 120
	methodsMax       = 8
	// tableLinesMin is when a literal counts as a table: data to read downward, which does not make a function harder.
	tableLinesMin = 5
)

func checkFileSize(f *file, report reporter) {
	lines := len(f.lines) - 1
	if !f.generated && lines > fileLinesMax {
		report(f.syntax.Package, "%d lines; a file has one subject and at most %d lines: move one of its subjects to a file of its own", lines, fileLinesMax)
	}
}

func checkFuncSize(f *file, report reporter) {
	if f.generated {
		return
	}
	limit := funcLinesMax
	if f.test {
		limit = testFuncLinesMax
	}
	for _, decl := range f.syntax.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		lines := f.line(fn.End()) - f.line(fn.Pos()) + 1 - tableLines(f, fn.Body)
		if lines > limit {
			report(fn.Pos(), "%s has %d lines beside its tables; a function fits a screen (%d): push branches up, loops down, and name the parts", fn.Name.Name, lines, limit)
		}
	}
}

// tableLines counts the lines of outermost literals that are long enough to be tables.
func tableLines(f *file, body *ast.BlockStmt) int {
	total := 0
	ast.Inspect(body, func(n ast.Node) bool {
		lit, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		if lines := f.line(lit.End()) - f.line(lit.Pos()) - 1; lines >= tableLinesMin {
			total += lines
		}
		return false
	})
	return total
}

func checkInterfaceSize(f *file, report reporter) {
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		if i, ok := n.(*ast.InterfaceType); ok && i.Methods.NumFields() > methodsMax {
			report(i.Pos(), "an interface of %d methods; at most %d: the package that calls it declares the few it needs", i.Methods.NumFields(), methodsMax)
		}
		return true
	})
}
