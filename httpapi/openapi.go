package httpapi

import (
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

func (a *api) schemaOf(v any) *huma.Schema {
	return a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeOf(v).Elem(), true, "")
}

func (a *api) problemResponse() *huma.Response {
	return &huma.Response{
		Description: "A failure: code says which, detail says it in words, field names what to mend",
		Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: a.schemaOf(new(Problem))}},
	}
}
