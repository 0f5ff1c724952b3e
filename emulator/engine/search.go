package engine

import (
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
)

// Searching looks at every object of a kind, newest first: a page costs what the world holds of it. Stripe's index is a minute behind; this
// one never is.

// searchFieldKind says which operators a field knows.
type searchFieldKind int

const (
	searchToken  searchFieldKind = iota // the same text, in any case
	searchString                        // the words in their order, or a part of the text
	searchNumber                        // the same number, or one greater or less
)

// searchField is one field that objects of a kind can be searched by. An empty text is a field that is not there.
type searchField[T any] struct {
	kind searchFieldKind
	read func(o *T) string
}

// searchable is how objects of a kind are searched.
type searchable[T any] struct {
	resource string // as errors and pages name it
	fields   map[string]searchField[T]
	metadata func(o *T) map[string]string
	hidden   func(o *T) bool
	id       func(o *T) string
}

// SearchParams are those of every search.
type SearchParams struct {
	Limit Opt[int64]  `form:"limit"`
	Page  Opt[string] `form:"page"`
	Query string      `form:"query"`
}

// Search is what a page of a search says beside its objects.
type Search struct {
	NextPage string // "" on the last page
	Total    int64
}

// search runs a query over all objects of a kind.
func search[T any](w *World, p SearchParams, s searchable[T]) (*Listing, error) {
	limit := p.Limit.Or(pageDefault)
	if limit < 1 || limit > pageMax {
		return nil, badLimit()
	}
	if strings.TrimSpace(p.Query) == "" {
		return nil, required("query")
	}
	q, err := parseSearch(p.Query)
	if err != nil {
		return nil, err
	}
	matches := make([]func(*T) bool, len(q.clauses))
	for i, clause := range q.clauses {
		if matches[i], err = s.matcher(clause); err != nil {
			return nil, err
		}
	}
	after, err := searchAfter(p)
	if err != nil {
		return nil, err
	}
	out := &Listing{Data: []any{}, Search: &Search{}}
	started := after == ""
	for _, o := range slices.Backward(tableOf[T](w).all("", "")) {
		here := started
		started = started || s.id(o) == after
		if s.hidden != nil && s.hidden(o) || !q.holds(func(i int) bool { return matches[i](o) }) {
			continue
		}
		out.Search.Total = min(out.Search.Total+1, searchTotalMost)
		switch {
		case !here:
		case int64(len(out.Data)) == limit:
			out.HasMore = true
		default:
			out.Data = append(out.Data, o)
		}
	}
	if !started {
		return nil, badSearchPage(p)
	}
	if out.HasMore {
		out.Search.NextPage = searchPage(p.Query, s.id(out.Data[limit-1].(*T)))
	}
	return out, nil
}

// holds says whether a query holds, by the clauses that do.
func (q searchQuery) holds(clause func(i int) bool) bool {
	for i, c := range q.clauses {
		if (clause(i) != c.not) == q.any {
			return q.any
		}
	}
	return !q.any
}

// searchPage is the cursor behind an object; it belongs to its query.
func searchPage(query, id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(searchDigest(query) + id))
}

func searchDigest(query string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(query))
	return fmt.Sprintf("%08x", h.Sum32())
}

func searchAfter(p SearchParams) (string, *Error) {
	page, ok := p.Page.Get()
	if !ok {
		return "", nil
	}
	text, err := base64.RawURLEncoding.DecodeString(page)
	id, own := strings.CutPrefix(string(text), searchDigest(p.Query))
	if err != nil || !own || id == "" {
		return "", badSearchPage(p)
	}
	return id, nil
}

func badSearchPage(p SearchParams) *Error {
	return invalid("page", "", "Invalid page: %s. Use the `next_page` of a response to the same query.", p.Page.Or(""))
}

// matcher makes the test of one clause, without its negation.
func (s searchable[T]) matcher(c searchClause) (func(*T) bool, *Error) {
	f, known := s.fields[c.field]
	if c.field == "metadata" && s.metadata != nil {
		key := c.key
		f, known = searchField[T]{searchToken, func(o *T) string { return s.metadata(o)[key] }}, true
	}
	if !known {
		return nil, invalid("", "", "Field `%s` is an unsupported search field for resource `%s`. See http://stripe.com/docs/search#query-fields-for-%s "+
			"for a list of supported fields.", c.field, s.resource, strings.ReplaceAll(s.resource, "_", "-"))
	}
	if c.null {
		return func(o *T) bool { return f.read(o) == "" }, nil
	}
	test, err := f.kind.test(c)
	if err != nil {
		return nil, err
	}
	return func(o *T) bool {
		text := f.read(o)
		return text != "" && test(text)
	}, nil
}

// test is what a clause asks of the text of a field.
func (k searchFieldKind) test(c searchClause) (func(text string) bool, *Error) {
	wrong := invalid("", "", "Field `%s` does not support the operator `%s`.", c.field, c.operator)
	switch {
	case k == searchNumber && c.operator != "~":
		want, err := ParseDecimal(c.value)
		if err != nil {
			return nil, invalid("", "", "Field `%s` is numeric; `%s` is not a number.", c.field, c.value)
		}
		return func(text string) bool {
			n, err := ParseDecimal(text)
			return err == nil && compared(n, c.operator, want)
		}, nil
	case k == searchString && c.operator == "~":
		if len([]rune(c.value)) < searchSubstringLeast {
			return nil, invalid("query", "", "The substring of a search must have at least %d characters.", searchSubstringLeast)
		}
		part := strings.ToLower(c.value)
		return func(text string) bool { return strings.Contains(strings.ToLower(text), part) }, nil
	case c.operator != ":":
		return nil, wrong
	case k == searchString:
		words := strings.Fields(strings.ToLower(c.value))
		return func(text string) bool { return phrase(strings.Fields(strings.ToLower(text)), words) }, nil
	}
	return func(text string) bool { return strings.EqualFold(text, c.value) }, nil
}

func compared(n Decimal, operator string, want Decimal) bool {
	switch operator {
	case ">":
		return n.above(want)
	case ">=":
		return !want.above(n)
	case "<":
		return want.above(n)
	case "<=":
		return !n.above(want)
	}
	return n == want
}

// phrase says whether words stand in a text one after the other.
func phrase(text, words []string) bool {
	for i := 0; i+len(words) <= len(text); i++ {
		if slices.Equal(text[i:i+len(words)], words) {
			return true
		}
	}
	return false
}

// The texts of fields.

func searchInt(n int64) string { return strconv.FormatInt(n, 10) }

// searchTime is a time that may not have come.
func searchTime(n int64) string {
	if n == 0 {
		return ""
	}
	return searchInt(n)
}

func searchBool(b bool) string { return strconv.FormatBool(b) }
