package catalog

import (
	_ "embed"
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The schema is written by hand, for its texts are for people. Here it and the parser are held together: Parse notes which keys each kind of
// mapping may hold, and the example with every key must leave none out.
func TestTheSchemaKnowsTheKeysThatTheParserKnows(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("testdata/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	found := notes{keys: map[string][]string{}}
	readCatalog(parseFile(file, &found))
	index := regexp.MustCompile(`\[\d+\]`)
	parser := map[string][]string{}
	for field, keys := range found.keys {
		keys = slices.Clone(keys)
		slices.Sort(keys)
		parser[strings.ReplaceAll(index.ReplaceAllString(field, ""), "volume", "graduated")] = keys
	}
	var root schemaNode
	if err := json.Unmarshal(Schema(), &root); err != nil {
		t.Fatal(err)
	}
	at := map[string]schemaNode{
		"": root, "features": root.Defs["feature"], "assets": root.Defs["asset"], "assets.prices": root.Defs["once"], "plans": root.Defs["plan"], "addons": root.Defs["addon"],
		"plans.prices": root.Defs["price"], "addons.prices": root.Defs["price"], "plans.prices.trial": root.Defs["trial"],
		"plans.prices.graduated": root.Defs["tier"], "plans.prices.currencies": root.Defs["tier"], "addons.prices.graduated": root.Defs["tier"],
		"coupons": root.Defs["coupon"], "coupons.codes": root.Defs["code"], "policy": root.Defs["rule"], "refunds": root.Defs["refund"],
		"mails": root.Defs["mails"], "dunning": root.Defs["dunning"], "dunning.steps": root.Defs["step"], "dunning.finally": root.Defs["finally"], "mails.renewal_reminder": root.Defs["renewal_reminder"],
	}
	schema := map[string][]string{}
	for field, node := range at {
		schema[field] = slices.Sorted(maps.Keys(node.Properties))
		if node.Additional == nil || *node.Additional {
			t.Errorf("the schema lets %q hold keys that it does not name", field)
		}
		for key, property := range node.Properties {
			if property.Description == "" && property.Ref == "" && !slices.Contains([]string{"id", "name", "description", "status", "level"}, key) {
				t.Errorf("the schema says nothing about %s.%s", field, key)
			}
		}
	}
	if diff := cmp.Diff(parser, schema); diff != "" {
		t.Errorf("keys by where they stand (-parser +schema):\n%s", diff)
	}
	for _, keys := range found.keys {
		for _, key := range keys {
			if !regexp.MustCompile(`\b` + key + `\b`).Match(file) {
				t.Errorf("testdata/full.yaml has no %s", key)
			}
		}
	}
}

type schemaNode struct {
	Ref         string `json:"$ref"`
	Description string
	Additional  *bool                 `json:"-"`
	Properties  map[string]schemaNode `json:"properties"`
	Defs        map[string]schemaNode `json:"$defs"`
}

// UnmarshalJSON reads a node; additionalProperties is a schema itself where the keys are free.
func (n *schemaNode) UnmarshalJSON(text []byte) error {
	type plain schemaNode
	read := struct {
		*plain
		Additional json.RawMessage `json:"additionalProperties"`
	}{plain: (*plain)(n)}
	if err := json.Unmarshal(text, &read); err != nil {
		return err
	}
	if string(read.Additional) == "false" || string(read.Additional) == "true" {
		yes := string(read.Additional) == "true"
		n.Additional = &yes
	}
	return nil
}
