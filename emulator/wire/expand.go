package wire

import (
	"slices"
	"strings"

	"github.com/dues-billing/dues/emulator/engine"
)

// expandDepthMax is Stripe's limit of levels; whether a literal data counts is decided (chapter 99, point 4).
const expandDepthMax = 4

// beyondSpec are fields that Stripe expands and its OpenAPI document does not say so.
var beyondSpec = map[string]map[string]field{
	"customer":          {"invoice_credit_balance": {}},
	"subscription":      {"plan": {targets: []string{"plan"}}},
	"subscription_item": {"plan": {targets: []string{"plan"}}},
}

func (s *spec) fieldOf(schema, name string) (field, bool) {
	if fields, ok := s.schemas[schema]; ok {
		if f, ok := fields()[name]; ok {
			return f, true
		}
	}
	f, ok := beyondSpec[schema][name]
	return f, ok
}

// expansion is one expand path, split.
type expansion []string

// takeExpand takes the expand parameter out of a form and holds every path against what the operation answers, so that a wrong path is
// refused before anything is done.
func takeExpand(form *Node, op *operation, e *era, countData bool) ([]expansion, *engine.Error) {
	n := form.Remove("expand")
	if n == nil {
		return nil, nil
	}
	elements, ok := n.Elements()
	if !n.branch && n.Text != "" || !ok {
		return nil, badRequest("", "expand", "Invalid array")
	}
	var paths []expansion
	for _, child := range elements {
		if child.branch {
			return nil, badRequest("", join("expand", child.Key), "Invalid string: must be a single value")
		}
		path := expansion(strings.Split(child.Text, "."))
		if op.searches() && child.Text == totalCount {
			paths = append(paths, path)
			continue
		}
		if err := path.check(op, e, countData); err != nil {
			err.Param = join("expand", child.Key)
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

func (path expansion) check(op *operation, e *era, countData bool) *engine.Error {
	rest, levels := path, 0
	if op.isList {
		if path[0] != "data" {
			return badRequest("", "", "This property cannot be expanded (%s). You may want to try expanding 'data.%s' instead.",
				shorten(path[0]), shorten(strings.Join(path, ".")))
		}
		rest = path[1:]
		if countData {
			levels = 1
		}
		if len(rest) == 0 {
			return badRequest("", "", "This property cannot be expanded (data).")
		}
	}
	schemas := op.answers
	for _, segment := range rest {
		if segment != "data" || countData {
			levels++
		}
		if levels > expandDepthMax {
			return badRequest("", "", "You cannot expand more than %d levels of a property. Property: %s", expandDepthMax, shorten(strings.Join(path, ".")))
		}
		var found bool
		if schemas, found = e.step(schemas, segment); !found {
			return badRequest("", "", "This property cannot be expanded (%s).", shorten(segment))
		}
	}
	return nil
}

// expandAll expands the paths in a rendered answer of the operation.
func (v *view) expandAll(answer object, op *operation, paths []expansion) {
	for _, path := range paths {
		if op.isList {
			v.expandEach(answer["data"], op.answers, path[1:])
		} else {
			v.expand(answer, op.answers, path)
		}
	}
}

// expand follows a path into a rendered object: an id becomes its object, a field that is left out by default is added.
func (v *view) expand(o object, schemas []string, path expansion) {
	if len(path) == 0 {
		return
	}
	name := path[0]
	if _, there := o[name]; !there && o["deleted"] != true {
		if add, ok := lazyFields[text(o["object"])][name]; ok {
			o[name] = add(v, text(o["id"]))
		}
	}
	var next []string
	for _, schema := range schemas {
		f, ok := v.era.fieldOf(schema, name)
		if !ok {
			continue
		}
		next = append(next, f.targets...)
		if f.byID {
			o[name] = v.resolve(o[name], f.targets)
		}
	}
	v.expandEach(o[name], next, path[1:])
}

func (v *view) expandEach(value any, schemas []string, path expansion) {
	switch value := value.(type) {
	case object:
		if name := text(value["object"]); slices.Contains(schemas, stripeSpec().resource[name]) {
			schemas = []string{stripeSpec().resource[name]}
		}
		v.expand(value, schemas, path)
	case []any:
		for _, inner := range value {
			v.expandEach(inner, schemas, path)
		}
	case []object:
		for _, inner := range value {
			v.expandEach(inner, schemas, path)
		}
	}
}

// resolve replaces ids by their rendered objects.
func (v *view) resolve(value any, targets []string) any {
	switch value := value.(type) {
	case string:
		for _, target := range targets {
			if load, ok := loaders[target]; ok {
				if found, ok := load(v.world, value); ok {
					return v.render(found)
				}
			}
		}
	case []string:
		list := make([]any, len(value))
		for i, id := range value {
			list[i] = v.resolve(id, targets)
		}
		return list
	case []any:
		for i, id := range value {
			value[i] = v.resolve(id, targets)
		}
	}
	return value
}
