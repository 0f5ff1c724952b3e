package tidy

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strings"
)

func checkClock(f *file, report reporter) {
	if f.test || f.program() {
		return
	}
	uses(f, "time", func(at token.Pos, member string) {
		if slices.Contains([]string{"Now", "Since", "Until"}, member) {
			report(at, "time.%s reads the wall clock: take now as a value, or a clock func from the caller, so that tests and test clocks move time", member)
		}
	})
}

func checkSleep(f *file, report reporter) {
	uses(f, "time", func(at token.Pos, member string) {
		switch {
		case member == "Sleep" && f.test:
			report(at, "a test that sleeps is slow and still fails on a busy machine: wait for the thing itself (a channel, a poll of its state), or use testing/synctest")
		case member == "Sleep":
			report(at, "time.Sleep cannot be cancelled: select on ctx.Done() and a timer")
		}
	})
}

// randomAllowed are the packages that make secrets or ids. Everything else gets ids from its caller.
var randomAllowed = []string{"service", "license", "internal/demo"}

func checkRandom(f *file, report reporter) {
	if f.test {
		return
	}
	for _, spec := range f.syntax.Imports {
		if p := importPath(spec); strings.HasPrefix(p, "math/rand") {
			report(spec.Pos(), "%s: an answer that differs each time cannot be tested or replayed; take the value from the caller, or seed it from the world", p)
		}
	}
	if f.program() || f.in(randomAllowed...) {
		return
	}
	uses(f, "crypto/rand", func(at token.Pos, member string) {
		report(at, "rand.%s belongs to programs and to %s: take the id or the secret from the caller", member, list(randomAllowed))
	})
}

func checkEnvironment(f *file, report reporter) {
	if f.program() || f.in("internal/testenv") {
		return
	}
	uses(f, "os", func(at token.Pos, member string) {
		if slices.Contains([]string{"Getenv", "LookupEnv", "Environ", "ExpandEnv"}, member) {
			report(at, "os.%s outside cmd is configuration that no signature shows: make it a field of the package's options, or use internal/testenv in a test", member)
		}
	})
}

func checkSkip(f *file, report reporter) {
	if !f.test || f.in("internal/testenv") {
		return
	}
	uses(f, "testing", func(at token.Pos, member string) {
		if member == "Short" {
			report(at, "every test runs by default: make it fast, or make it a benchmark")
		}
	})
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok || !strings.HasPrefix(sel.Sel.Name, "Skip") {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok && slices.Contains([]string{"t", "b", "f", "tb"}, x.Name) {
			report(sel.Pos(), "every test runs by default: what a machine may lack is asked for through internal/testenv, which fails under make test")
		}
		return true
	})
}

// moneyPackages are where amounts are computed.
var moneyPackages = []string{"money", "billing", "catalog", "emulator/engine", "stripeprovider", "sqlstore"}

// wholeNumber matches literals such as 1e9, which are constants that fit an int64.
var wholeNumber = regexp.MustCompile(`^[0-9]+e[0-9]+$`)

func checkFloat(f *file, report reporter) {
	if f.generated || !f.in(moneyPackages...) {
		return
	}
	const why = "money is int64 minor units with a currency (money.Amount), and decimals are exact: a float loses a cent somewhere"
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			if n.Name == "float64" || n.Name == "float32" {
				report(n.Pos(), "%s: %s", n.Name, why)
			}
		case *ast.BasicLit:
			if n.Kind == token.FLOAT && !wholeNumber.MatchString(n.Value) {
				report(n.Pos(), "%s: %s", n.Value, why)
			}
		}
		return true
	})
}
