package gallery

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// pageBytesMax is what a page and all that it needs may weigh, uncompressed: it is there at once on a bad line, and compressed it is a quarter of that.
const pageBytesMax = 100_000

var fetched = regexp.MustCompile(`<(?:link|script|img|iframe|source|video|audio|object|embed)\b[^>]*?\b(?:href|src|data|srcset)="([^"]*)"`)

func TestAPageWeighsLittleAndAsksNobodyElse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	shots := Shots()
	if err := Write(dir, shots); err != nil {
		t.Fatal(err)
	}
	for _, shot := range shots {
		file := filepath.Join(dir, filepath.FromSlash(shot.Name)+".html")
		html, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		weight, seen := len(html), map[string]bool{}
		for _, m := range fetched.FindAllStringSubmatch(string(html), -1) {
			to := m[1]
			if strings.Contains(to, "://") || strings.HasPrefix(to, "//") {
				t.Errorf("%s fetches %s", shot.Name, to)
			}
			if asset, err := os.ReadFile(filepath.Join(filepath.Dir(file), filepath.FromSlash(to))); err == nil && !seen[to] {
				weight += len(asset)
				seen[to] = true
			}
		}
		if weight > pageBytesMax {
			t.Errorf("%s weighs %d bytes with what it needs, and %d are the limit", shot.Name, weight, pageBytesMax)
		}
		if strings.HasPrefix(shot.Name, "mail/") {
			continue // its style is in it
		}
		if len(seen) == 0 {
			t.Errorf("%s has no style", shot.Name)
		}
	}
	css, err := filepath.Glob(filepath.Join(dir, "_design", "*", "*.css"))
	if err != nil || len(css) != 1 {
		t.Fatal(css, err)
	}
	text, err := os.ReadFile(css[0])
	if err != nil || strings.Contains(string(text), "url(") || strings.Contains(string(text), "@import") {
		t.Errorf("the stylesheet fetches something: %v", err)
	}
}
