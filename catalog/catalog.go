// Package catalog reads catalog.yaml: what is sold, for how much, and what it entitles to.
//
// Reading is strict. A key that is not known, a feature that does not exist, an amount with too many decimals: each is an
// error that names the line and the field, and all of them are reported at once.
package catalog

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/dues-billing/dues/billing"
)

//go:embed catalog.yaml
var defaultFile []byte

// Default returns the catalogue of the demo: Starter for nothing and Premium by month or year. It is a good first file for
// an application of one's own; DefaultFile is its text.
func Default() billing.Catalog {
	c, err := Parse(defaultFile)
	if err != nil {
		panic("catalog: the embedded file: " + err.Error())
	}
	return c
}

// DefaultFile returns the text of the demo's catalog.yaml.
func DefaultFile() []byte { return append([]byte(nil), defaultFile...) }

// Error lists everything that is wrong with a file, in the order of its lines.
type Error struct{ Problems []Problem }

// Problem is one thing that is wrong: where, in which field, and what to do about it.
type Problem struct {
	Line    int
	Field   string // such as plans[1].prices[0].amount
	Message string
}

func (p Problem) String() string {
	if p.Field == "" {
		return fmt.Sprintf("line %d: %s", p.Line, p.Message)
	}
	return fmt.Sprintf("line %d: %s: %s", p.Line, p.Field, p.Message)
}

func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return "catalogue: " + strings.Join(lines, "\ncatalogue: ")
}
