package tidy

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

var emptyNames = strings.Fields("base common dto helper helpers lib misc model models shared stuff tools types util utils")

var standardNames = strings.Fields(`bufio bytes cmp context crypto embed encoding errors expvar flag fmt hash heap html http image io iter
	json list log maps math mime net os path plugin rand reflect regexp ring runtime slices slog sort sql strconv strings sync syscall
	template testing text time unicode url xml`)

func checkPackageName(f *file, report reporter) {
	pkg := strings.TrimSuffix(f.syntax.Name.Name, "_test")
	if slices.Contains(emptyNames, pkg) {
		report(f.syntax.Name.Pos(), "package %s says nothing of what it holds: name it for the thing (money, billing, mailer), and each name reads well after the dot", pkg)
	}
	if slices.Contains(standardNames, pkg) {
		report(f.syntax.Name.Pos(), "package %s has the name of one in the standard library: who reads %s.X must not have to guess whose it is", pkg, pkg)
	}
}

// contractMethods keep a contract that is written elsewhere; repeating it would only age.
var contractMethods = strings.Fields(`As Close Error Flush Format Is Len Less LogValue MarshalJSON MarshalText Read Scan ServeHTTP String Swap
	UnmarshalJSON UnmarshalText Unwrap Value Write`)

func checkDoc(f *file, report reporter) {
	if f.test || f.generated || f.syntax.Name.Name == "main" {
		return
	}
	for _, decl := range f.syntax.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && receiverExported(d) && !(d.Recv != nil && slices.Contains(contractMethods, d.Name.Name)) {
				wantDoc(report, d.Pos(), d.Name.Name, d.Doc)
			}
		case *ast.GenDecl:
			checkDeclDoc(d, report)
		}
	}
}

func checkDeclDoc(d *ast.GenDecl, report reporter) {
	for _, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			if s.Name.IsExported() && !(d.Lparen.IsValid() && d.Doc != nil) {
				wantDoc(report, s.Pos(), s.Name.Name, firstDoc(s.Doc, d.Doc))
			}
		case *ast.ValueSpec:
			// A group or a line comment explains constants well enough: "The codes." above, what each means beside it.
			if s.Names[0].IsExported() && s.Doc == nil && d.Doc == nil && s.Comment == nil {
				report(s.Pos(), "%s needs a comment: what is it, and in which unit?", s.Names[0].Name)
			}
		}
	}
}

func firstDoc(docs ...*ast.CommentGroup) *ast.CommentGroup {
	for _, d := range docs {
		if d != nil {
			return d
		}
	}
	return nil
}

func wantDoc(report reporter, at token.Pos, name string, doc *ast.CommentGroup) {
	if doc == nil {
		report(at, "%s needs a comment that starts with its name and says what a caller must know: errors, limits, retries", name)
		return
	}
	text := doc.Text()
	for _, article := range []string{"A ", "An ", "The "} {
		text = strings.TrimPrefix(text, article)
	}
	if rest, ok := strings.CutPrefix(text, name); !ok || (rest != "" && !strings.ContainsAny(rest[:1], " ,:;.'’\n(")) {
		report(at, "the comment of %s must start with %q, as go doc prints it", name, name)
	}
}

// receiverExported reports whether d is a function, or a method of an exported type.
func receiverExported(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	t := d.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return true
		}
	}
}
