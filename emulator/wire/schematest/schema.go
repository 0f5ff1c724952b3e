// Package schematest holds the emulator's answers against Stripe's own OpenAPI document. It is for tests only: the document is eight
// megabytes large.
package schematest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/stripe/stripe-mock/embedded"
)

// schema is the part of an OpenAPI schema that Stripe's document uses for answers.
type schema struct {
	Ref        string `json:"$ref"`
	Type       string
	Nullable   bool
	MaxLength  int `json:"maxLength"`
	Enum       []any
	Bypass     bool `json:"x-stripeBypassValidation"` // the enum may grow
	Properties map[string]*schema
	Required   []string
	Items      *schema
	AnyOf      []*schema       `json:"anyOf"`
	Additional json.RawMessage `json:"additionalProperties"`
}

type document struct {
	Paths      map[string]map[string]operation
	Components struct{ Schemas map[string]*schema }
}

type operation struct {
	Responses map[string]struct {
		Content map[string]struct{ Schema *schema }
	}
}

var loaded = sync.OnceValue(func() *document {
	var doc document
	if err := json.Unmarshal(embedded.OpenAPISpec, &doc); err != nil {
		panic("schematest: " + err.Error())
	}
	return &doc
})

// beyondSpec are fields that Stripe's answers are known to carry though its document does not list them, by schema.
var beyondSpec = map[string][]string{
	"subscription":      {"plan", "quantity"},
	"subscription_item": {"plan"},
	"product":           {"type"},
	"charge":            {"destination", "dispute", "order", "source"},
	"payment_intent":    {"source", "shared_payment_granted_token"},
	"payment_method":    {"shared_payment_granted_token"},
	"recurring":         {"trial_period_days"},
	"portal_features":   {"subscription_pause"},
}

// sinceEndive are fields of a train that is later than the document, by schema.
var sinceEndive = map[string][]string{
	"subscription":          {"status_details"},
	"invoice":               {"status_details"},
	"subscription_item":     {"current_trial"},
	"subscription_schedule": {"pause_schedules"},
	"product":               {"tax_details"},
	"payment_intent":        {"payment_record"},
	"checkout.session":      {"allowed_payment_method_types"},
	"subscriptions_resource_trial_settings_end_behavior": {"billing_cycle_anchor"},
}

// requiredSince are required fields that answers of older versions lack, by schema and field: the first version that has them.
var requiredSince = map[string]string{
	"invoice.amount_paid_off_stripe": "2026-05-27.dahlia",
	"line_item.subtotal":             "2025-12-15.clover",
	"subscription.billing_mode":      "2025-06-30.basil",
	"subscription.billing_schedules": "2026-05-27.dahlia",
}

// Mistakes lists where a decoded JSON value leaves the schema of that name, each as "path: what is wrong".
func Mistakes(schemaName string, value any) []string {
	c := &checker{doc: loaded()}
	c.check(&schema{Ref: "#/components/schemas/" + schemaName}, value, schemaName, "")
	return c.mistakes
}

// checker collects the mistakes of one value.
type checker struct {
	doc      *document
	version  string // of the answer; "" is the newest
	mistakes []string
}

func (c *checker) wrong(path, format string, args ...any) {
	c.mistakes = append(c.mistakes, path+": "+fmt.Sprintf(format, args...))
}

// check holds value against s; name is the schema's, when it has one.
func (c *checker) check(s *schema, value any, path, name string) {
	if s.Ref != "" {
		name = strings.TrimPrefix(s.Ref, "#/components/schemas/")
		target := c.doc.Components.Schemas[name]
		if target == nil {
			c.wrong(path, "no schema %s", name)
			return
		}
		c.check(target, value, path, name)
		return
	}
	if value == nil {
		if !s.Nullable {
			c.wrong(path, "null is not allowed")
		}
		return
	}
	if len(s.AnyOf) > 0 {
		c.checkAny(s, value, path)
		return
	}
	c.checkEnum(s, value, path)
	switch s.Type {
	case "object":
		c.checkObject(s, value, path, name)
	case "array":
		list, ok := value.([]any)
		if !ok {
			c.wrong(path, "got %T, want an array", value)
		}
		for i, element := range list {
			c.check(s.Items, element, fmt.Sprintf("%s[%d]", path, i), "")
		}
	case "string":
		text, ok := value.(string)
		if !ok {
			c.wrong(path, "got %v, want a string", value)
		} else if s.MaxLength > 0 && len([]rune(text)) > s.MaxLength {
			c.wrong(path, "%d characters, at most %d", len([]rune(text)), s.MaxLength)
		}
	case "integer":
		if n, ok := value.(float64); !ok || n != float64(int64(n)) {
			c.wrong(path, "got %v, want an integer", value)
		}
	case "number":
		if _, ok := value.(float64); !ok {
			c.wrong(path, "got %v, want a number", value)
		}
	case "boolean":
		if _, ok := value.(bool); !ok {
			c.wrong(path, "got %v, want a boolean", value)
		}
	}
}

func (c *checker) checkEnum(s *schema, value any, path string) {
	if len(s.Enum) > 0 && !s.Bypass && !slices.Contains(s.Enum, value) {
		c.wrong(path, "%v is none of %v", value, s.Enum)
	}
}

// checkAny passes when one alternative fits; else it tells the mistakes of the one that fits best.
func (c *checker) checkAny(s *schema, value any, path string) {
	var best []string
	for i, alternative := range s.AnyOf {
		try := &checker{doc: c.doc, version: c.version}
		try.check(alternative, value, path, "")
		if len(try.mistakes) == 0 {
			return
		}
		if i == 0 || len(try.mistakes) < len(best) {
			best = try.mistakes
		}
	}
	c.mistakes = append(c.mistakes, best...)
}

func (c *checker) checkObject(s *schema, value any, path, name string) {
	fields, ok := value.(map[string]any)
	if !ok {
		c.wrong(path, "got %v, want an object", value)
		return
	}
	for _, required := range s.Required {
		if _, there := fields[required]; !there && (c.version == "" || c.version >= requiredSince[name+"."+required]) {
			c.wrong(path, "%s is missing", required)
		}
	}
	_, isList := s.Properties["has_more"]
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		if property := s.Properties[key]; property != nil {
			c.check(property, fields[key], path+"."+key, "")
			continue
		}
		known := slices.Contains(beyondSpec[name], key) || slices.Contains(sinceEndive[name], key) || isList && key == "total_count"
		if s.Properties != nil && len(s.Additional) == 0 && !known {
			c.wrong(path, "%s is no field of %s", key, name)
		}
	}
}
