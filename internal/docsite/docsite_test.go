package docsite

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/dues-billing/dues/docs"
)

// get asks the pages of the project's own documents.
func get(t *testing.T, files fs.FS, path string) (int, string) {
	t.Helper()
	h, err := New(files, "/docs")
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	if csp := w.Header().Get("Content-Security-Policy"); strings.Contains(w.Header().Get("Content-Type"), "html") && !strings.Contains(csp, "default-src 'none'") {
		t.Errorf("%s: %q", path, csp)
	}
	return w.Code, w.Body.String()
}

var (
	link = regexp.MustCompile(`(?:href|src)="([^"]+)"`)
	id   = regexp.MustCompile(` id="([^"]+)"`)
)

func TestEveryLinkOfEveryDocumentLeadsSomewhere(t *testing.T) {
	t.Parallel()
	s, err := open(docs.Files, "/docs")
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for name, one := range s.pages {
		for _, m := range id.FindAllStringSubmatch(one.HTML, -1) {
			ids["/docs/"+name+"#"+m[1]] = true
		}
	}
	if len(s.pages) < 40 || len(ids) < 100 {
		t.Fatalf("%d documents with %d parts", len(s.pages), len(ids))
	}
	for name, one := range s.pages {
		for _, m := range link.FindAllStringSubmatch(one.HTML, -1) {
			to := m[1]
			if strings.HasPrefix(to, "#") {
				to = "/docs/" + name + to
			}
			page, anchor, _ := strings.Cut(to, "#")
			document, ours := strings.CutPrefix(page, "/docs/")
			file, source := strings.CutPrefix(page, sourceURL)
			switch {
			case source:
				if _, err := os.Stat(filepath.Join("../..", file)); err != nil {
					t.Errorf("%s leads to %s, which is not in the tree", name, file)
				}
			case ours && strings.HasPrefix(document, "images/"):
				if _, err := fs.Stat(docs.Files, document); err != nil {
					t.Errorf("%s shows %s, which is not there", name, document)
				}
			case ours && (s.pages[document] == nil || anchor != "" && !ids[to]):
				t.Errorf("%s leads to %s, which is not there", name, to)
			}
		}
	}
}

func TestEveryDocumentIsInTheList(t *testing.T) {
	t.Parallel()
	_, home := get(t, docs.Files, "/docs")
	all, err := fs.Glob(docs.Files, "*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range all {
		name := strings.TrimSuffix(file, ".md")
		if !strings.Contains(home, `href="/docs/`+name+`"`) {
			t.Errorf("%s is not in the list: put it into order", name)
		}
		if status, page := get(t, docs.Files, "/docs/"+name); status != 200 || !strings.Contains(page, `aria-current="page"`) {
			t.Errorf("%s: %d", name, status)
		}
	}
}

func TestDocumentsAreSearched(t *testing.T) {
	t.Parallel()
	_, page := get(t, docs.Files, "/docs?q="+url.QueryEscape("Refund rules"))
	if at, first := strings.Index(page, "/docs/refunds"), strings.Index(page, "docs-list"); at < first || first < 0 {
		t.Errorf("refunds is not found:\n%s", page)
	}
	_, none := get(t, docs.Files, "/docs?q="+url.QueryEscape("<script>xylophone"))
	if !strings.Contains(none, "No document has") || strings.Contains(none, "<script>") {
		t.Errorf("got\n%s", none)
	}
	if status, _ := get(t, docs.Files, "/docs/nothing"); status != http.StatusNotFound {
		t.Errorf("what is not there: %d", status)
	}
}

func TestWhatADocumentSaysIsTextAndNothingElse(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{
		"a.md": {Data: []byte("# A & <b>\n\nSee [b](b.md#part), [code](../main.go), [bad](javascript:alert(1)) and [out](https://example.com).\n\n<script>alert(1)</script>\n")},
		"b.md": {Data: []byte("# B\n\n## Part\n\n```html\n<i>\n```\n")},
	}
	status, page := get(t, files, "/docs/a")
	if status != 200 || strings.Contains(page, "<script>") || strings.Contains(page, "javascript:") {
		t.Errorf("%d\n%s", status, page)
	}
	for _, want := range []string{`href="/docs/b#part"`, sourceURL + "main.go", "https://example.com", "A &amp; "} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
	if _, err := New(fstest.MapFS{"a.md": {Data: []byte("no title")}}, "/docs"); err == nil {
		t.Error("a document without a title was taken")
	}
}
