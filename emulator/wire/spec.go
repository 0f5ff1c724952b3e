package wire

import (
	_ "embed"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:generate go run ./gen
//go:generate go run ./coveragegen

// specText holds what Stripe's API takes and answers, one fact a line:
//
//	version 2026-08-26.dahlia
//	op METHOD PATH ANSWER PARAMETERS    ANSWER: schema names by |, a * behind them for a list, - for none
//	type NAME PARAMETERS                an object that several operations share
//	schema NAME RESOURCE FIELDS         the fields that expand: name:TARGETS by ; with @ behind a name that holds an id
//
// PARAMETERS is {name:P;name!:P} for an object (! = required), [P] for a list, (P/P) for alternatives, <a,b> for an enum (a leading ? =
// further values are taken), $NAME for a type, and one letter for the rest: s text, with its greatest length; i integer; t Unix time;
// n number; b boolean; c currency; d decimal; m map of texts; f file.
//
//go:embed stripe.txt
var specText string

// paramKind says what a parameter may be.
type paramKind byte

const (
	kindString paramKind = iota
	kindInteger
	kindTime
	kindNumber
	kindBoolean
	kindCurrency
	kindDecimal
	kindMap
	kindFile
	kindObject
	kindList
	kindEnum
	kindEither
)

var kindOfLetter = map[byte]paramKind{
	's': kindString, 'i': kindInteger, 't': kindTime, 'n': kindNumber, 'b': kindBoolean, 'c': kindCurrency, 'd': kindDecimal, 'm': kindMap, 'f': kindFile,
}

// param is the definition of one parameter.
type param struct {
	kind      paramKind
	maxLength int               // of a text
	fields    map[string]*param // of an object
	required  []string          // of an object
	element   *param            // of a list
	values    []string          // of an enum
	open      bool              // the enum takes further values
	either    []*param          // alternatives
}

// extraParams are parameters that Stripe takes although its document does not list them, by operation: plan is the old name of price,
// and only with coupon does a customer get a discount of their own. A ? behind the name says that an empty text unsets it.
var extraParams = map[string][]string{
	"GET /v1/subscriptions":                            {"plan"},
	"POST /v1/customers":                               {"coupon", "promotion_code"},
	"POST /v1/customers/{customer}":                    {"coupon?", "promotion_code?"},
	"POST /v1/prices":                                  {"recurring.trial_period_days"},
	"POST /v1/subscription_items":                      {"plan"},
	"POST /v1/subscription_items/{item}":               {"plan"},
	"POST /v1/subscriptions":                           {"items.plan"},
	"POST /v1/subscriptions/{subscription_exposed_id}": {"items.plan"},
	"POST /v1/invoices/create_preview":                 {"subscription_details.items.plan"},
	"POST /v1/customers/{customer}/subscriptions":      {"items.plan"},
	"POST " + theirs:                                   {"items.plan"},
}

// with is the definition with a parameter more, at a path of names; a ! behind the path makes it required. What lies on the path is
// copied: other operations share it.
func (p *param) with(path string, def *param) *param {
	return p.edited(path, func(parent *param, name string) {
		name, needed := strings.CutSuffix(name, "!")
		parent.fields[name] = def
		if needed {
			parent.required = append(slices.Clone(parent.required), name)
		}
	})
}

// without is the definition with a parameter less.
func (p *param) without(path string) *param {
	return p.edited(path, func(parent *param, name string) {
		delete(parent.fields, name)
		parent.required = slices.DeleteFunc(slices.Clone(parent.required), func(r string) bool { return r == name })
	})
}

func (p *param) edited(path string, edit func(parent *param, name string)) *param {
	out := *p
	switch p.kind {
	case kindList:
		out.element = p.element.edited(path, edit)
		return &out
	case kindEither:
		out.either = slices.Clone(p.either)
		for i, alternative := range p.either {
			if alternative.kind == kindObject || alternative.kind == kindList {
				out.either[i] = alternative.edited(path, edit)
			}
		}
		return &out
	case kindObject:
	default:
		panic("wire: no parameters below " + path)
	}
	name, rest, deeper := strings.Cut(path, ".")
	out.fields = maps.Clone(p.fields)
	if !deeper {
		edit(&out, name)
	} else if inner := p.fields[name]; inner != nil {
		out.fields[name] = inner.edited(rest, edit)
	} else {
		panic("wire: no parameter " + path)
	}
	return &out
}

// operation is one method on one path of Stripe's API.
type operation struct {
	method, path string
	answers      []string // schemas of the success
	isList       bool     // the success is a list of them
	params       func() *param
}

// field is a field that may be expanded.
type field struct {
	targets []string // schemas that may stand there
	byID    bool     // the field holds the id of an object
}

// spec is the parsed index of specText. Parameter definitions are parsed when first asked for, so that a start costs no more than finding
// the lines.
type spec struct {
	version  string
	ops      map[string]*operation // by "METHOD PATH"
	types    map[string]string
	schemas  map[string]func() map[string]field
	resource map[string]string // the schema of an object by its "object" value
	named    map[string]string // the "object" value by the schema
	parsed   sync.Map          // type name → *param
}

var stripeSpec = sync.OnceValue(func() *spec { return readSpec(specText + cliOperations + v2Operations) })

func readSpec(text string) *spec {
	s := &spec{ops: map[string]*operation{}, types: map[string]string{}, schemas: map[string]func() map[string]field{}, resource: map[string]string{}, named: map[string]string{}}
	for line := range strings.Lines(text) {
		kind, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		first, rest, _ := strings.Cut(rest, " ")
		switch kind {
		case "version":
			s.version = first
		case "type":
			s.types[first] = rest
		case "op":
			path, rest, _ := strings.Cut(rest, " ")
			answer, params, _ := strings.Cut(rest, " ")
			answer, isList := strings.CutSuffix(answer, "*")
			s.ops[first+" "+path] = &operation{
				method: first, path: path, answers: strings.Split(answer, "|"), isList: isList, params: sync.OnceValue(func() *param {
					p := s.parse(params)
					if version := p.fields["api_version"]; version != nil {
						version.values = append(version.values, laterVersions...)
					}
					for _, path := range extraParams[first+" "+path] {
						def := &param{kind: kindString, maxLength: 5000}
						if name, unsets := strings.CutSuffix(path, "?"); unsets {
							path, def = name, &param{kind: kindEnum, open: true}
						}
						p = p.with(path, def)
					}
					return p
				}),
			}
		case "schema":
			resource, fields, _ := strings.Cut(rest, " ")
			s.schemas[first] = sync.OnceValue(func() map[string]field { return parseFields(fields) })
			s.named[first] = resource
			if _, known := s.resource[resource]; !known && resource != "-" && !strings.HasPrefix(first, "deleted_") {
				s.resource[resource] = first
			}
		}
	}
	return s
}

func parseFields(text string) map[string]field {
	fields := map[string]field{}
	for part := range strings.SplitSeq(text, ";") {
		name, targets, _ := strings.Cut(part, ":")
		name, byID := strings.CutSuffix(name, "@")
		f := field{byID: byID}
		if targets != "" {
			f.targets = strings.Split(targets, "|")
		}
		fields[name] = f
	}
	return fields
}

// parse reads one PARAMETERS text. The text is generated, so a mistake in it is a bug and panics.
func (s *spec) parse(text string) *param {
	p, rest := s.parseParam(text)
	if rest != "" {
		panic("wire: stripe.txt: left over: " + rest)
	}
	return p
}

func (s *spec) parseParam(text string) (*param, string) {
	switch text[0] {
	case '{':
		return s.parseObject(text[1:])
	case '[':
		element, rest := s.parseParam(text[1:])
		return &param{kind: kindList, element: element}, rest[1:]
	case '(':
		p := &param{kind: kindEither}
		rest := text
		for rest[0] != ')' {
			var alternative *param
			alternative, rest = s.parseParam(rest[1:])
			p.either = append(p.either, alternative)
		}
		return p, rest[1:]
	case '<':
		list, rest, _ := strings.Cut(text[1:], ">")
		list, open := strings.CutPrefix(list, "?")
		return &param{kind: kindEnum, values: strings.Split(list, ","), open: open}, rest
	case '$':
		return s.sharedType(text[1:9]), text[9:]
	}
	kind, known := kindOfLetter[text[0]]
	if !known {
		panic("wire: stripe.txt: unknown parameter " + text)
	}
	end := 1
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		end++
	}
	length, _ := strconv.Atoi(text[1:end]) // none: no limit
	return &param{kind: kind, maxLength: length}, text[end:]
}

func (s *spec) parseObject(text string) (*param, string) {
	p := &param{kind: kindObject, fields: map[string]*param{}}
	for text[0] != '}' {
		name, rest, _ := strings.Cut(text, ":")
		name, required := strings.CutSuffix(name, "!")
		if required {
			p.required = append(p.required, name)
		}
		p.fields[name], text = s.parseParam(rest)
		text = strings.TrimPrefix(text, ";")
	}
	return p, text[1:]
}

func (s *spec) sharedType(name string) *param {
	if p, ok := s.parsed.Load(name); ok {
		return p.(*param)
	}
	p := s.parse(s.types[name])
	s.parsed.Store(name, p)
	return p
}
