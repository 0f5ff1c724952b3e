package httpapi

import (
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// wholeNumber is a parameter of digits. The framework's own reading of numbers answers 422 and names no field.
type wholeNumber string

// Schema implements huma.SchemaProvider.
func (wholeNumber) Schema(huma.Registry) *huma.Schema { return &huma.Schema{Type: huma.TypeInteger} }

// timestamp is a moment as RFC 3339 writes it.
type timestamp string

// Schema implements huma.SchemaProvider.
func (timestamp) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date-time"}
}

// moment is the zero time when none was given.
func (t timestamp) moment(field string) (time.Time, error) {
	if t == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, string(t))
	if err != nil || at.Year() < 1970 {
		return time.Time{}, billing.Errorf(billing.Invalid, "%s must be a moment such as 2026-01-31T00:00:00Z", field).In(field)
	}
	return at, nil
}

// Listed is what every list takes. The framework looks into embedded structs that are exported only.
type Listed struct {
	Limit  wholeNumber `query:"limit" doc:"Rows, 1 to 500; 50 unless said" example:"50"`
	Cursor string      `query:"cursor" doc:"next_cursor of the page before; empty: the newest"`
	given  url.Values
}

// Resolve implements huma.Resolver: it keeps what was asked for, also what has no field here.
func (l *Listed) Resolve(ctx huma.Context) []error {
	asked := ctx.URL()
	l.given = asked.Query()
	return nil
}

// rowsUnlessSaid is how long a page is when nobody says.
const rowsUnlessSaid = 50

// page checks all parameters of a list whose filter is in, a struct with this one in it: a misspelt one would choose everything.
func (l *Listed) page(in any) (service.Page, error) {
	known := parameters(reflect.TypeOf(in).Elem())
	for _, name := range slices.Sorted(maps.Keys(l.given)) {
		switch values := l.given[name]; {
		case !slices.Contains(known, name):
			name = shortened(name)
			return service.Page{}, billing.Errorf(billing.Invalid, "there is no parameter %q here; known are %s", name, strings.Join(known, ", ")).In(name)
		case len(values) > 1:
			return service.Page{}, billing.Errorf(billing.Invalid, "%s is given %d times", name, len(values)).In(name)
		case strings.ContainsFunc(values[0], unicode.IsControl):
			return service.Page{}, billing.Errorf(billing.Invalid, "%s must be printable text", name).In(name)
		}
	}
	p := service.Page{Limit: rowsUnlessSaid, Cursor: l.Cursor}
	if l.Limit != "" {
		n, err := strconv.Atoi(string(l.Limit))
		if err != nil || n < 1 || n > service.PageRowsMax {
			return p, billing.Errorf(billing.Invalid, "limit must be a number from 1 to %d", service.PageRowsMax).In("limit")
		}
		p.Limit = n
	}
	return p, nil
}

// parameters are the names of a struct's parameters, those of embedded structs too.
func parameters(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		field := t.Field(i)
		if field.Anonymous {
			names = append(names, parameters(field.Type)...)
		} else if name := field.Tag.Get("query"); name != "" {
			names = append(names, name)
		}
	}
	return names
}
