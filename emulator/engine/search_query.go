package engine

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Stripe's search query language: clauses of a field, an operator and a value, joined by AND (also unsaid) or by OR, never by both.

// searchQuery is a query that was read.
type searchQuery struct {
	any     bool // one clause is enough
	clauses []searchClause
}

// searchClause is one condition.
type searchClause struct {
	not      bool
	field    string
	key      string // of metadata
	operator string // : ~ > >= < <=
	value    string
	null     bool // the bare word null: the field is empty
}

func unreadableSearch() *Error {
	return invalid("", "", "We were unable to parse your search query. Try using the format `metadata[\"key\"]:\"value\"` to query for metadata or "+
		"key:\"value\" to query for other fields.")
}

// parseSearch reads a query.
func parseSearch(text string) (searchQuery, *Error) {
	p := searchText{rest: text}
	var q searchQuery
	joined := ""
	for {
		p.space()
		clause, ok := p.clause()
		if !ok {
			return q, unreadableSearch()
		}
		q.clauses = append(q.clauses, clause)
		if len(q.clauses) > searchClausesMost {
			return q, invalid("query", "", "A search query can have at most %d clauses.", searchClausesMost)
		}
		spaced := p.space()
		if p.rest == "" {
			q.any = joined == "or"
			return q, nil
		}
		if !spaced {
			return q, unreadableSearch()
		}
		word := p.joint()
		if joined != "" && joined != word {
			return q, invalid("query", "", "You cannot combine AND and OR in one search query.")
		}
		joined = word
	}
}

// searchText is what is left to read of a query.
type searchText struct{ rest string }

// space passes over white space and says whether there was any.
func (p *searchText) space() bool {
	before := len(p.rest)
	p.rest = strings.TrimLeftFunc(p.rest, unicode.IsSpace)
	return len(p.rest) < before
}

func (p *searchText) take(prefix string) bool {
	rest, found := strings.CutPrefix(p.rest, prefix)
	p.rest = rest
	return found
}

// joint reads AND or OR between two clauses; clauses that stand side by side are joined by and.
func (p *searchText) joint() string {
	for _, word := range []string{"and", "or"} {
		if len(p.rest) > len(word) && strings.EqualFold(p.rest[:len(word)], word) {
			if next, _ := utf8.DecodeRuneInString(p.rest[len(word):]); unicode.IsSpace(next) {
				p.rest = p.rest[len(word):]
				return word
			}
		}
	}
	return "and"
}

func (p *searchText) clause() (c searchClause, ok bool) {
	c.not = p.take("-")
	end := strings.IndexFunc(p.rest, func(r rune) bool { return r != '_' && r != '.' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if end <= 0 {
		return c, false
	}
	c.field, p.rest = p.rest[:end], p.rest[end:]
	if c.field == "metadata" {
		if !p.take("[") {
			return c, false
		}
		if c.key, ok = p.quoted(); !ok || !p.take("]") {
			return c, false
		}
	}
	for _, operator := range []string{":", "~", ">=", "<=", ">", "<"} {
		if p.take(operator) {
			c.operator = operator
			return c, p.value(&c)
		}
	}
	return c, false
}

// value reads a text in quotes, a number, or the word null.
func (p *searchText) value(c *searchClause) (ok bool) {
	if c.value, ok = p.quoted(); ok {
		return true
	}
	end := strings.IndexFunc(p.rest, unicode.IsSpace)
	if end < 0 {
		end = len(p.rest)
	}
	word := p.rest[:end]
	p.rest = p.rest[end:]
	if strings.EqualFold(word, "null") {
		c.null = true
		return c.operator == ":"
	}
	c.value = word
	_, err := ParseDecimal(word)
	return err == nil
}

// quoted reads a text in single or double quotes, in which a backslash takes the next character as it is.
func (p *searchText) quoted() (string, bool) {
	if p.rest == "" || p.rest[0] != '"' && p.rest[0] != '\'' {
		return "", false
	}
	var text strings.Builder
	for i := 1; i < len(p.rest); i++ {
		switch c := p.rest[i]; {
		case c == p.rest[0]:
			p.rest = p.rest[i+1:]
			return text.String(), true
		case c == '\\' && i+1 < len(p.rest):
			i++
			text.WriteByte(p.rest[i])
		default:
			text.WriteByte(c)
		}
	}
	return "", false
}
