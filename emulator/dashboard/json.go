package dashboard

import (
	"context"
	"html"
	"io"
	"regexp"
	"strings"

	"github.com/a-h/templ"
)

// jsonLine is a line of an object as the API answers it, taken apart so that it can be read and followed.
type jsonLine struct {
	Indent  string
	Key     string // with its quotation marks
	Value   string // or the bracket that opens or closes
	Link    string // the id that the value is, when it leads somewhere
	Literal bool   // a number, true, false or null
	End     string // a comma, or nothing
}

// jsonShape is a line of what the wire writes: one value each.
var jsonShape = regexp.MustCompile(`^( *)(?:("(?:[^"\\]|\\.)*"): )?(.*?)(,?)$`)

// idShape is what ids look like.
var idShape = regexp.MustCompile(`^"([A-Za-z0-9_-]{1,255})"$`)

// jsonLines takes JSON apart that has a line for each value. leads says whether an id has a page.
func jsonLines(body []byte, leads func(id string) bool) []jsonLine {
	var lines []jsonLine
	for text := range strings.Lines(strings.TrimRight(string(body), "\n")) {
		m := jsonShape.FindStringSubmatch(strings.TrimSuffix(text, "\n"))
		l := jsonLine{Indent: m[1], Key: m[2], Value: m[3], End: m[4]}
		if id := idShape.FindStringSubmatch(l.Value); id != nil && leads(id[1]) {
			l.Link = id[1]
		}
		l.Literal = l.Value != "" && !strings.ContainsAny(l.Value[:1], `"{}[]`)
		lines = append(lines, l)
	}
	return lines
}

// linkTo is where the page of an id is.
func (c chrome) linkTo(id string) string {
	switch {
	case strings.HasPrefix(id, "evt_"):
		return Path(c.Account) + "/events/" + id
	case strings.HasPrefix(id, "req_"):
		return Path(c.Account) + "/requests/" + id
	}
	return Path(c.Account) + "/objects/" + id
}

// jsonText writes the lines as they are, for a pre element, in which a template would lose the spaces.
func jsonText(c chrome, lines []jsonLine) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b strings.Builder
		for _, l := range lines {
			l.write(&b, c)
		}
		_, err := io.WriteString(w, b.String())
		return err
	})
}

func (l jsonLine) write(b *strings.Builder, c chrome) {
	b.WriteString(l.Indent)
	if l.Key != "" {
		b.WriteString("<b>" + html.EscapeString(l.Key) + "</b>: ")
	}
	value := html.EscapeString(l.Value)
	switch {
	case l.Link != "":
		value = `"<a href="` + html.EscapeString(c.linkTo(l.Link)) + `">` + html.EscapeString(l.Link) + `</a>"`
	case l.Literal:
		value = "<i>" + value + "</i>"
	}
	b.WriteString(value + l.End + "\n")
}
