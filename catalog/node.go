package catalog

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// node is a value of the file that knows where it stands. Its readers return the zero value after noting a problem, so that
// one pass finds them all.
type node struct {
	ast   ast.Node // nil: the key is absent
	line  int      // of the value, or of the parent when absent
	field string
	found *notes
}

// notes are what reading a file brings to light.
type notes struct {
	problems []Problem
	keys     map[string][]string // where not nil: what each kind of mapping may hold; a test compares it with the schema
}

// parseFile returns the root of the file.
func parseFile(text []byte, found *notes) node {
	file, err := parser.ParseBytes(text, 0)
	root := node{line: 1, found: found}
	var syntax *yaml.SyntaxError
	switch {
	case errors.As(err, &syntax):
		root.line = syntax.Token.Position.Line
		root.problem("%s", syntax.Message)
	case err != nil:
		root.problem("%s", err)
	case len(file.Docs) != 1 || file.Docs[0].Body == nil:
		root.problem("one YAML document is needed, found %d", filled(file))
	default:
		root.ast = file.Docs[0].Body
	}
	return root
}

func filled(file *ast.File) int {
	n := 0
	for _, doc := range file.Docs {
		if doc.Body != nil {
			n++
		}
	}
	return n
}

func (n node) problem(format string, args ...any) {
	n.found.problems = append(n.found.problems, Problem{Line: n.line, Field: n.field, Message: fmt.Sprintf(format, args...)})
}

func (n node) given() bool { return n.ast != nil }

func (n node) child(value ast.Node, field string) node {
	return node{ast: value, line: value.GetToken().Position.Line, field: field, found: n.found}
}

// entries returns the pairs of a mapping in the file's order.
func (n node) entries() []entry {
	var pairs []*ast.MappingValueNode
	switch m := n.ast.(type) {
	case nil:
	case *ast.MappingNode:
		pairs = m.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{m}
	default:
		n.problem("keys with values are needed here, not %s", kind(n.ast))
	}
	var all []entry
	for _, pair := range pairs {
		name := pair.Key.GetToken().Value
		value := n.child(pair.Value, join(n.field, name))
		if slices.ContainsFunc(all, func(e entry) bool { return e.name == name }) {
			value.problem("is given twice")
			continue
		}
		all = append(all, entry{name, value})
	}
	return all
}

type entry struct {
	name  string
	value node
}

// keys reads a mapping that may hold only these keys, and returns each by name; an absent one is a node without value.
func (n node) keys(known ...string) func(name string) node {
	all := n.entries()
	if n.found.keys != nil {
		n.found.keys[n.field] = known
	}
	for _, e := range all {
		if !slices.Contains(known, e.name) {
			e.value.problem("is not known here; known are %s", strings.Join(known, ", "))
		}
	}
	return func(name string) node {
		for _, e := range all {
			if e.name == name {
				return e.value
			}
		}
		return node{line: n.line, field: join(n.field, name), found: n.found}
	}
}

// list returns the elements of a sequence, at most most of them.
func (n node) list(most int) []node {
	if !n.given() {
		return nil
	}
	seq, ok := n.ast.(*ast.SequenceNode)
	if !ok {
		n.problem("a list is needed here, not %s", kind(n.ast))
		return nil
	}
	if len(seq.Values) > most {
		n.problem("holds %d entries; the limit is %d", len(seq.Values), most)
		return nil
	}
	all := make([]node, len(seq.Values))
	for i, value := range seq.Values {
		all[i] = n.child(value, fmt.Sprintf("%s[%d]", n.field, i))
	}
	return all
}

// text reads words of at most most bytes; numbers are written as they stand.
func (n node) text(most int) string {
	var text string
	switch v := n.ast.(type) {
	case nil:
	case *ast.StringNode:
		text = v.Value
	case *ast.LiteralNode:
		text = v.Value.Value
	case *ast.IntegerNode, *ast.FloatNode:
		text = v.GetToken().Value
	default:
		n.problem("text is needed here, not %s", kind(n.ast))
	}
	text = strings.TrimSpace(text)
	if len(text) > most {
		n.problem("is %d bytes long; the limit is %d", len(text), most)
		return ""
	}
	return text
}

func (n node) flag() bool {
	switch v := n.ast.(type) {
	case nil:
		return false
	case *ast.BoolNode:
		return v.Value
	}
	n.problem("true or false is needed here, not %s", kind(n.ast))
	return false
}

func (n node) number() int64 {
	if v, ok := n.ast.(*ast.IntegerNode); ok {
		switch number := v.Value.(type) {
		case int64:
			return number
		case uint64:
			if number <= math.MaxInt64 {
				return int64(number)
			}
		}
	}
	n.problem("a whole number is needed here, not %s", kind(n.ast))
	return 0
}

func kind(n ast.Node) string {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "keys with values"
	case *ast.SequenceNode:
		return "a list"
	case *ast.NullNode:
		return "nothing"
	}
	return fmt.Sprintf("%q", n.GetToken().Value)
}

func join(field, name string) string {
	if field == "" {
		return name
	}
	return field + "." + name
}

// mapping reports whether the value has keys.
func (n node) mapping() bool {
	switch n.ast.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return true
	}
	return false
}
