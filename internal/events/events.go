// Package events makes docs/events.md: every type of notice, when it is sent, what comes with it, and how that looks.
package events

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/webhook"
)

//go:generate go run ./eventsgen

// Document is where the API's description lies, for whoever generates, and Path the page, both from the root.
const (
	Document = "httpapi/testdata/openapi.txt"
	Path     = "docs/events.md"
)

const head = `# Events

<!-- Made by make gen from the types in webhook/notice.go and the words in httpapi/notice.go: change those. -->

What Dues tells an application, as a signed webhook or to a function in Go ([webhooks.md](webhooks.md) says how they are received and what you can rely on). This is
version 1 of the schema: fields and types are added to it, and none is taken away or changes its meaning. Leave alone what you do not know.

`

// Page is docs/events.md, from a document of the API as it is served.
func Page(document string) (string, error) {
	_, document, found := strings.Cut(document, "\n{") // behind the request and the status, of a recorded answer
	if !found {
		return "", fmt.Errorf("events: there is no document")
	}
	var api struct {
		Webhooks map[string]struct {
			Post struct{ Summary string }
		}
	}
	if err := json.NewDecoder(strings.NewReader("{" + document)).Decode(&api); err != nil {
		return "", fmt.Errorf("events: the document: %w", err)
	}
	var page strings.Builder
	page.WriteString(head)
	page.WriteString("| type | when |\n|---|---|\n")
	for _, kind := range billing.NoticeTypes {
		when := api.Webhooks[kind].Post.Summary
		if when == "" {
			return "", fmt.Errorf("events: the document does not say when %s is sent: give it its words in httpapi/notice.go", kind)
		}
		fmt.Fprintf(&page, "| [`%s`](#%s) | %s |\n", kind, strings.ReplaceAll(kind, ".", ""), when)
	}
	writeFields(&page)
	for _, kind := range billing.NoticeTypes {
		parts := With(kind)
		var named []string
		for _, part := range parts {
			named = append(named, "`"+part+"`")
		}
		body, err := json.MarshalIndent(sample(kind), "", "  ")
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&page, "\n## %s\n\n%s.", kind, strings.TrimSuffix(api.Webhooks[kind].Post.Summary, "."))
		if len(named) > 0 {
			fmt.Fprintf(&page, " With %s.", strings.Join(named, " and "))
		}
		fmt.Fprintf(&page, "\n\n```json\n%s\n```\n", body)
	}
	return page.String(), nil
}

// besides are the parts that come with a type beside the one of its own family: an invoice with invoice.paid.
var besides = map[string][]string{
	billing.AccessChanged: {"previous"}, billing.Started: {"previous"}, billing.PriceChanged: {"previous"}, billing.Ended: {"previous"},
	billing.Renewed: {"invoice"}, billing.LicenseExtended: {"invoice"}, "refund": {"invoice"}, "dispute": {"invoice"}, "invoice": {"subscription"},
}

// With are the parts that can come with a type of notices: names of fields of the notice and its data. Account, customer and access always come.
func With(kind string) (parts []string) {
	family, _, _ := strings.Cut(kind, ".")
	for name := range optional() {
		if name == family || slices.Contains(besides[kind], name) || slices.Contains(besides[family], name) {
			parts = append(parts, name)
		}
	}
	slices.Sort(parts)
	return parts
}

// optional are the parts of a notice that may be left out, with their types.
func optional() map[string]reflect.Type {
	found := map[string]reflect.Type{}
	for _, t := range []reflect.Type{reflect.TypeFor[webhook.Notice](), reflect.TypeFor[webhook.Data]()} {
		for i := range t.NumField() {
			if f := t.Field(i); f.Type.Kind() == reflect.Pointer && f.Type.Elem().Kind() == reflect.Struct {
				found[nameOf(f)] = f.Type.Elem()
			}
		}
	}
	return found
}

func nameOf(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// writeFields describes the schema: each part with its fields.
func writeFields(page *strings.Builder) {
	parts := optional()
	write := func(title string, t reflect.Type) {
		fmt.Fprintf(page, "\n### %s\n\n| field | type | |\n|---|---|---|\n", title)
		for i := range t.NumField() {
			f := t.Field(i)
			words := f.Tag.Get("doc")
			if values := f.Tag.Get("enum"); values != "" {
				words = strings.TrimPrefix(words+". One of `"+strings.ReplaceAll(strings.Trim(values, ","), ",", "`, `")+"`", ". ")
			}
			fmt.Fprintf(page, "| `%s` | %s | %s |\n", nameOf(f), typeOf(f), words)
		}
	}
	page.WriteString("\n## Fields\n\nAmounts are in the currency's minor unit, times are UTC, and a time that is not known is `null`.\n")
	write("The event", reflect.TypeFor[webhook.Notice]())
	write("data", reflect.TypeFor[webhook.Data]())
	write("access", reflect.TypeFor[webhook.Access]())
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		write(name, parts[name])
	}
}

// typeOf is a field's type in JSON's words.
func typeOf(f reflect.StructField) string {
	t, words := f.Type, ""
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
		words = " or null"
	}
	if strings.Contains(f.Tag.Get("json"), ",omitempty") {
		words = ", may be absent"
	}
	switch {
	case t == reflect.TypeFor[time.Time]():
		return "time" + words
	case t.Kind() == reflect.Struct:
		return "object" + words
	case t.Kind() == reflect.Slice:
		return "list" + words
	case t.Kind() == reflect.Int64, t.Kind() == reflect.Int:
		return "whole number" + words
	case t.Kind() == reflect.Bool:
		return "true or false" + words
	}
	return "text" + words
}
