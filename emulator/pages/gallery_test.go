package pages

import (
	"regexp"
	"strings"
	"testing"

	"github.com/sebdah/goldie/v2"
)

// shoot renders every page of the gallery by its name.
func shoot(t *testing.T) map[string]string {
	t.Helper()
	shots := map[string]string{}
	for _, shot := range Gallery() {
		if _, taken := shots[shot.Name]; taken {
			t.Errorf("two pages are called %s", shot.Name)
		}
		var html strings.Builder
		if err := shot.Component.Render(t.Context(), &html); err != nil {
			t.Fatalf("%s: %v", shot.Name, err)
		}
		shots[shot.Name] = html.String()
	}
	return shots
}

func TestEveryPageKeepsTheContentPolicy(t *testing.T) {
	t.Parallel()
	forbidden := regexp.MustCompile(`(?i)<script|<style|\sstyle=|\son[a-z]+=|javascript:|https?://[^"]*\.(css|js|woff)`)
	for name, html := range shoot(t) {
		if found := forbidden.FindString(html); found != "" {
			t.Errorf("%s has %q, which the content policy blocks", name, found)
		}
	}
}

func TestEveryPageCanBeReadAloud(t *testing.T) {
	t.Parallel()
	ids := regexp.MustCompile(`\sid="([^"]*)"`)
	inputs := regexp.MustCompile(`<(?:input|select|textarea)[^>]*>`)
	for name, html := range shoot(t) {
		seen := map[string]bool{}
		for _, m := range ids.FindAllStringSubmatch(html, -1) {
			if seen[m[1]] {
				t.Errorf("%s: two elements have the id %s", name, m[1])
			}
			seen[m[1]] = true
		}
		if !seen["main"] {
			t.Errorf("%s: the link to the content leads nowhere", name)
		}
		if n := strings.Count(html, "<h1"); n != 1 {
			t.Errorf("%s: got %d first headings, want 1", name, n)
		}
		for _, input := range inputs.FindAllString(html, -1) {
			id := ids.FindStringSubmatch(input)
			if id != nil && !strings.Contains(html, `<label for="`+id[1]+`"`) {
				t.Errorf("%s: %s has no label", name, input)
			}
			if id == nil && !strings.Contains(input, `type="hidden"`) && !strings.Contains(input, `type="radio"`) {
				t.Errorf("%s: %s can have no label", name, input)
			}
		}
	}
}

func TestThePagesLookAsReviewed(t *testing.T) {
	t.Parallel()
	golden := goldie.New(t, goldie.WithNameSuffix(".golden.html"))
	shots := shoot(t)
	asset := regexp.MustCompile(`/_design/[0-9a-f]{12}/`) // changes with every touch of the stylesheet
	between := regexp.MustCompile(`><(/?[a-z])`)
	for _, name := range []string{"checkout/declined", "portal/home", "invoice/open"} {
		html := between.ReplaceAllString(asset.ReplaceAllString(shots[name], "/_design/HASH/"), ">\n<$1")
		golden.Assert(t, strings.ReplaceAll(name, "/", "-"), []byte(html+"\n"))
	}
}
