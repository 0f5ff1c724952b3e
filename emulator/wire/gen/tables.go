package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// document is the part of an OpenAPI document that the tables need.
type document struct {
	Info       struct{ Version string }
	Paths      map[string]map[string]operation
	Components struct{ Schemas map[string]schema }
}

type operation struct {
	Parameters []struct {
		In, Name string
		Required bool
		Schema   schema
	}
	RequestBody struct{ Content map[string]media } `json:"requestBody"`
	Responses   map[string]struct{ Content map[string]media }
}

type media struct{ Schema schema }

type schema struct {
	Ref        string `json:"$ref"`
	Type       string
	Format     string
	MaxLength  int `json:"maxLength"`
	Enum       []any
	Properties map[string]schema
	Required   []string
	Items      *schema
	AnyOf      []schema `json:"anyOf"`
	Additional any      `json:"additionalProperties"`
	Bypass     bool     `json:"x-stripeBypassValidation"`
	Expandable []string `json:"x-expandableFields"`
	Expansion  *struct {
		OneOf []schema `json:"oneOf"`
	} `json:"x-expansionResources"`
	Resource string `json:"x-resourceId"`
}

// Tables compiles an OpenAPI document into the text that spec.go reads. The grammar is described there.
func Tables(openAPI []byte) ([]byte, error) {
	var doc document
	if err := json.Unmarshal(openAPI, &doc); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	shared := types{}
	fmt.Fprintf(&out, "# Generated from Stripe's OpenAPI document by go generate. DO NOT EDIT.\nversion %s\n", doc.Info.Version)
	for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
		for _, method := range slices.Sorted(maps.Keys(doc.Paths[path])) {
			op := doc.Paths[path][method]
			fmt.Fprintf(&out, "op %s %s %s %s\n", strings.ToUpper(method), path, answer(op), shared.parameters(op))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(shared)) {
		fmt.Fprintf(&out, "type %s %s\n", name, shared[name])
	}
	for _, name := range slices.Sorted(maps.Keys(doc.Components.Schemas)) {
		writeSchema(&out, name, doc.Components.Schemas[name])
	}
	return out.Bytes(), nil
}

// answer names the schemas of an operation's success, with a star for a list of them, or - when it has none.
func answer(op operation) string {
	s := op.Responses["200"].Content["application/json"].Schema
	if names := refs(s); len(names) > 0 {
		return strings.Join(names, "|")
	}
	if data, ok := s.Properties["data"]; ok && data.Items != nil {
		if names := refs(*data.Items); len(names) > 0 {
			return strings.Join(names, "|") + "*"
		}
	}
	return "-"
}

// types are the larger objects of the grammar by a name made from their text. The same objects occur in many operations, and named by
// content a new version of the document changes only the lines that changed.
type types map[string]string

const inlineMax = 60 // characters up to which an object stands in its place

// parameters is the grammar of what an operation takes, in the body or in the query.
func (ts types) parameters(op operation) string {
	merged := schema{Type: "object", Properties: map[string]schema{}}
	for _, content := range op.RequestBody.Content {
		maps.Copy(merged.Properties, content.Schema.Properties)
		merged.Required = append(merged.Required, content.Schema.Required...)
	}
	for _, p := range op.Parameters {
		if p.In != "query" {
			continue
		}
		merged.Properties[p.Name] = p.Schema
		if p.Required {
			merged.Required = append(merged.Required, p.Name)
		}
	}
	return ts.parameter(merged)
}

func (ts types) parameter(s schema) string {
	switch {
	case len(s.AnyOf) > 0:
		var parts []string
		for _, alternative := range s.AnyOf {
			parts = append(parts, ts.parameter(alternative))
		}
		return "(" + strings.Join(parts, "/") + ")"
	case len(s.Enum) > 0:
		return enumeration(s)
	case s.Type == "array":
		return "[" + ts.parameter(*s.Items) + "]"
	case s.Type == "object" && s.Properties == nil:
		return "m"
	case s.Type == "object":
		return ts.object(s)
	}
	switch s.Type + ":" + s.Format {
	case "integer:":
		return "i"
	case "integer:unix-time":
		return "t"
	case "number:":
		return "n"
	case "boolean:":
		return "b"
	case "string:currency":
		return "c"
	case "string:decimal":
		return "d"
	case "string:binary":
		return "f"
	case "string:":
		if s.MaxLength > 0 {
			return "s" + strconv.Itoa(s.MaxLength)
		}
		return "s"
	}
	panic(fmt.Sprintf("a parameter of an unknown kind: %+v", s))
}

func (ts types) object(s schema) string {
	var fields []string
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		mark := ""
		if slices.Contains(s.Required, name) {
			mark = "!"
		}
		fields = append(fields, name+mark+":"+ts.parameter(s.Properties[name]))
	}
	text := "{" + strings.Join(fields, ";") + "}"
	if len(text) <= inlineMax {
		return text
	}
	name := fmt.Sprintf("%x", sha256.Sum256([]byte(text)))[:8]
	if other, taken := ts[name]; taken && other != text {
		panic("two types share the name " + name)
	}
	ts[name] = text
	return "$" + name
}

// enumeration lists the values; a question mark says that Stripe takes values beyond the list.
func enumeration(s schema) string {
	var values []string
	for _, v := range s.Enum {
		text := fmt.Sprint(v)
		if strings.ContainsAny(text, ",<>;:()[]{} \n") {
			panic("an enum value that the grammar cannot carry: " + text)
		}
		values = append(values, text)
	}
	open := ""
	if s.Bypass {
		open = "?"
	}
	return "<" + open + strings.Join(values, ",") + ">"
}

// writeSchema writes the expandable fields of a schema, and those of the objects inlined in it under the name parent.field.
func writeSchema(out *bytes.Buffer, name string, s schema) {
	var fields []string
	inlined := map[string]schema{}
	for _, field := range slices.Sorted(slices.Values(s.Expandable)) {
		p := s.Properties[field]
		if p.Items != nil {
			p = *p.Items
		}
		targets := refs(p)
		for i, alternative := range append([]schema{p}, p.AnyOf...) {
			if len(alternative.Expandable) > 0 {
				inline := fmt.Sprintf("%s.%s", name, field)
				if i > 1 {
					inline += strconv.Itoa(i)
				}
				inlined[inline] = alternative
				targets = append(targets, inline)
			}
		}
		mark := ""
		if p.Expansion != nil {
			mark = "@"
		}
		fields = append(fields, field+mark+":"+strings.Join(targets, "|"))
	}
	if len(fields) > 0 {
		resource := s.Resource
		if resource == "" {
			resource = "-"
		}
		fmt.Fprintf(out, "schema %s %s %s\n", name, resource, strings.Join(fields, ";"))
	}
	for _, inline := range slices.Sorted(maps.Keys(inlined)) {
		writeSchema(out, inline, inlined[inline])
	}
}

func refs(s schema) []string {
	if s.Ref != "" {
		return []string{strings.TrimPrefix(s.Ref, "#/components/schemas/")}
	}
	var names []string
	for _, alternative := range s.AnyOf {
		names = append(names, refs(alternative)...)
	}
	return names
}
