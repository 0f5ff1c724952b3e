package gallery

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	id      = regexp.MustCompile(` id="([^"]+)"`)
	title   = regexp.MustCompile(`<title>[^<]+</title>`)
	image   = regexp.MustCompile(`<img [^>]*>`)
	heading = regexp.MustCompile(`<h[123][ >]`)
)

func TestEveryShotIsAWholePage(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, shot := range Shots() {
		if names[shot.Name] {
			t.Errorf("%s: two shots of that name", shot.Name)
		}
		names[shot.Name] = true
		html, err := Render(shot)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, wrong := range problems(string(html)) {
			t.Errorf("%s: %s", shot.Name, wrong)
		}
	}
	for _, group := range []string{"admin", "checkout", "demo", "inbox", "mail", "portal"} {
		if !hasGroup(names, group) {
			t.Errorf("no shot of %s", group)
		}
	}
}

func hasGroup(names map[string]bool, group string) bool {
	for name := range names {
		if strings.HasPrefix(name, group+"/") {
			return true
		}
	}
	return false
}

// problems are mistakes that no reader of a page should have to find.
func problems(html string) (wrong []string) {
	if !title.MatchString(html) {
		wrong = append(wrong, "no title")
	}
	if !strings.Contains(html, `<html lang="`) {
		wrong = append(wrong, "no language, which a screen reader needs")
	}
	if !heading.MatchString(html) {
		wrong = append(wrong, "no heading that says what it is")
	}
	for _, img := range image.FindAllString(html, -1) {
		if !strings.Contains(img, "alt=") {
			wrong = append(wrong, "an image without alt: "+img)
		}
	}
	seen := map[string]bool{}
	for _, m := range id.FindAllStringSubmatch(html, -1) {
		if seen[m[1]] {
			wrong = append(wrong, "the id "+m[1]+" stands twice")
		}
		seen[m[1]] = true
	}
	return wrong
}

func TestTheGalleryIsCompleteOnDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	shots := Shots()
	if err := Write(dir, shots); err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadFile(filepath.Join(dir, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, shot := range shots {
		if !strings.Contains(string(list), `href="`+shot.Name+`.html"`) {
			t.Errorf("the index does not list %s", shot.Name)
		}
	}
	page, err := os.ReadFile(filepath.Join(dir, shots[0].Name+".html"))
	if err != nil {
		t.Fatal(err)
	}
	found := asset.FindAllStringSubmatch(string(page), -1)
	if len(found) == 0 {
		t.Fatalf("%s has no stylesheet", shots[0].Name)
	}
	for _, m := range found {
		relative := strings.Trim(m[0], `"`)
		if _, err := os.Stat(filepath.Join(dir, filepath.Dir(shots[0].Name), relative)); err != nil {
			t.Errorf("%s links to an asset that is not there: %v", shots[0].Name, err)
		}
	}
}
