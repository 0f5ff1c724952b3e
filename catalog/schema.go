package catalog

import (
	_ "embed"
	"slices"
)

//go:embed schema.json
var schemaFile []byte

// Schema returns the JSON Schema of catalog.yaml, by which editors complete and check the file. What Parse knows and a schema cannot say, such as
// that a feature exists, it leaves to Parse.
func Schema() []byte { return slices.Clone(schemaFile) }
