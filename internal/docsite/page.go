package docsite

import (
	"bytes"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// sourceURL is where files of the tree are that are no documents.
const sourceURL = "https://github.com/dues-billing/dues/blob/main/"

// page is one document.
type page struct {
	Name  string // its path without extension
	Title string
	First string // its first sentence
	HTML  string // what stands below the title
	Parts []part
	text  string // all of its words, which are searched
}

// part is a heading below the title.
type part struct{ ID, Title string }

// group is documents with what they have in common.
type group struct {
	Title string
	Pages []*page
}

// markdown leaves HTML in documents out: none of ours needs any.
var markdown = goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithParserOptions(parser.WithAutoHeadingID()))

// read makes a page of a document.
func (s *site) read(name string, source []byte) (*page, error) {
	one := &page{Name: name}
	doc := markdown.Parser().Parse(text.NewReader(source), parser.WithContext(parser.NewContext(parser.WithIDs(anchors{}))))
	var title ast.Node
	err := ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			words := wordsOf(n, source)
			if n.Level == 1 && title == nil {
				title, one.Title = n, words
			}
			if id, ok := n.AttributeString("id"); ok && n.Level == 2 {
				one.Parts = append(one.Parts, part{string(id.([]byte)), words})
			}
		case *ast.Paragraph:
			if one.First == "" {
				one.First = firstSentence(wordsOf(n, source))
			}
		case *ast.Link:
			n.Destination = []byte(s.leads(name, string(n.Destination)))
		case *ast.Image:
			n.Destination = []byte(s.leads(name, string(n.Destination)))
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		return nil, err
	}
	if title == nil {
		return nil, fmt.Errorf("docs: %s.md has no title", name)
	}
	one.text = wordsOf(doc, source)
	title.Parent().RemoveChild(title.Parent(), title)
	var html bytes.Buffer
	if err := markdown.Renderer().Render(&html, source, doc); err != nil {
		return nil, fmt.Errorf("docs: %s.md: %w", name, err)
	}
	// What is wider than the page is scrolled, also by who has a keyboard alone. Within an example every < is escaped.
	one.HTML = strings.ReplaceAll(html.String(), "<pre>", `<pre tabindex="0">`)
	return one, nil
}

// leads is where a link of a document goes on these pages: to the page of another document, or to the file in the tree.
func (s *site) leads(from, to string) string {
	if u, err := url.Parse(to); err != nil || u.Scheme != "" && u.Scheme != "https" && u.Scheme != "http" {
		return "" // to nowhere
	} else if u.Scheme != "" || strings.HasPrefix(to, "#") {
		return to
	}
	file, anchor, found := strings.Cut(to, "#")
	if found {
		anchor = "#" + anchor
	}
	at := path.Join("docs", path.Dir(from), file)
	within, ours := strings.CutPrefix(at, "docs/")
	switch {
	case ours && strings.HasSuffix(within, ".md"):
		return s.base + "/" + strings.TrimSuffix(within, ".md") + anchor
	case ours && strings.HasPrefix(within, "images/"):
		return s.base + "/" + within
	case at == "docs":
		return s.base
	}
	return sourceURL + at + anchor
}

// anchors are the ids of headings, as GitHub makes them: documents are read there, too.
type anchors map[string]bool

// Generate implements parser.IDs.
func (a anchors) Generate(heading []byte, _ ast.NodeKind) []byte {
	id := strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-', r == '_', unicode.IsLetter(r), unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return -1
	}, string(heading))
	one := id
	for n := 1; a[one]; n++ {
		one = fmt.Sprintf("%s-%d", id, n)
	}
	a[one] = true
	return []byte(one)
}

// Put implements parser.IDs.
func (a anchors) Put(id []byte) { a[string(id)] = true }

// wordsOf is the text of a node, without its marks.
func wordsOf(n ast.Node, source []byte) string {
	var b strings.Builder
	for child := n.FirstChild(); child != nil; child = child.NextSibling() {
		switch child := child.(type) {
		case *ast.Text:
			b.Write(child.Segment.Value(source))
			if child.SoftLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.FencedCodeBlock:
			b.Write(child.Lines().Value(source))
		default:
			b.WriteString(wordsOf(child, source))
			if child.Type() == ast.TypeBlock {
				b.WriteByte(' ')
			}
		}
	}
	return b.String()
}

// firstSentence is what a list says of a document.
func firstSentence(paragraph string) string {
	if end := strings.Index(paragraph, ". "); end > 0 {
		return paragraph[:end+1]
	}
	return paragraph
}

// hit is a document that has what is searched for.
type hit struct {
	*page
	Around string // the words around the first place
}

// search finds the documents that have all words; those that have them in their title come first.
func (s *site) search(query string) (found []hit) {
	words := strings.Fields(strings.ToLower(query))
	titled := func(one *page) int {
		if strings.Contains(strings.ToLower(one.Title), words[0]) {
			return 0
		}
		return 1
	}
	for _, one := range s.pages {
		if !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(strings.ToLower(one.text), word) }) {
			found = append(found, hit{one, around(one.text, words[0])})
		}
	}
	slices.SortFunc(found, func(a, b hit) int {
		if a, b := titled(a.page), titled(b.page); a != b {
			return a - b
		}
		return strings.Compare(a.Name, b.Name)
	})
	return found
}

// around are some words before and after the first place of a word.
func around(text, word string) string {
	const before, after = 60, 140
	at := strings.Index(strings.ToLower(text), word) // in some languages that moves a letter or two
	from, to := min(len(text), max(0, at-before)), min(len(text), at+after)
	cut := strings.ToValidUTF8(text[from:to], "")
	return "… " + strings.Join(strings.Fields(cut), " ") + " …"
}
