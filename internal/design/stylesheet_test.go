package design

import (
	"bytes"
	"math"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// tokens reads the colours of one theme from the stylesheet.
func tokens(t *testing.T, css string) map[string][3]float64 {
	t.Helper()
	found := map[string][3]float64{}
	for _, m := range regexp.MustCompile(`--([a-z-]+): #([0-9a-f]{6});`).FindAllStringSubmatch(css, -1) {
		var rgb [3]float64
		for i := range rgb {
			n, err := strconv.ParseUint(m[2][2*i:2*i+2], 16, 8)
			if err != nil {
				t.Fatal(err)
			}
			rgb[i] = float64(n) / 255
		}
		found[m[1]] = rgb
	}
	return found
}

// contrast is WCAG's ratio of two colours.
func contrast(a, b [3]float64) float64 {
	light := func(c [3]float64) float64 {
		sum := 0.0
		for i, weight := range [3]float64{0.2126, 0.7152, 0.0722} {
			v := c[i] / 12.92
			if c[i] > 0.04045 {
				v = math.Pow((c[i]+0.055)/1.055, 2.4)
			}
			sum += weight * v
		}
		return sum
	}
	la, lb := light(a), light(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func TestEveryTextReachesContrastAAInLightAndDark(t *testing.T) {
	t.Parallel()
	light, dark, ok := strings.Cut(string(baseCSS), "@media (prefers-color-scheme: dark)")
	if !ok {
		t.Fatal("the stylesheet has no dark theme")
	}
	const text, shape = 4.5, 3.0
	pairs := []struct {
		front, back string
		least       float64
	}{
		{"text", "bg", text}, {"text", "surface", text}, {"text", "sunken", text},
		{"muted", "bg", text}, {"muted", "surface", text}, {"muted", "sunken", text},
		{"faint", "surface", text}, {"faint", "bg", text}, {"faint", "sunken", text},
		{"link", "surface", text}, {"link", "bg", text}, {"link", "sunken", text},
		{"on-accent", "accent", text},
		{"good", "good-soft", text}, {"warn", "warn-soft", text}, {"bad", "bad-soft", text}, {"note", "note-soft", text},
		{"text", "good-soft", text}, {"text", "warn-soft", text}, {"text", "bad-soft", text}, {"text", "note-soft", text},
		{"bad", "surface", text},
		{"edge", "surface", shape}, {"accent", "surface", shape}, {"bad-solid", "surface", shape},
	}
	for theme, css := range map[string]string{"light": light, "dark": dark} {
		colours := tokens(t, css)
		for _, p := range pairs {
			front, okFront := colours[p.front]
			back, okBack := colours[p.back]
			if !okFront || !okBack {
				t.Errorf("%s: no colour %s or %s", theme, p.front, p.back)
				continue
			}
			if got := contrast(front, back); got < p.least {
				t.Errorf("%s: %s on %s has contrast %.2f, want %.1f", theme, p.front, p.back, got, p.least)
			}
		}
	}
}

func TestEveryTokenThatIsUsedIsDeclared(t *testing.T) {
	t.Parallel()
	declared := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^\s*--([a-z0-9-]+):`).FindAllSubmatch(stylesheet, -1) {
		declared[string(m[1])] = true
	}
	used := map[string]bool{}
	for _, m := range regexp.MustCompile(`var\(--([a-z0-9-]+)\)`).FindAllSubmatch(stylesheet, -1) {
		used[string(m[1])] = true
		if !declared[string(m[1])] {
			t.Errorf("var(--%s) is used and never declared", m[1])
		}
	}
	for name := range declared {
		if !used[name] {
			t.Errorf("--%s is declared and never used", name)
		}
	}
}

func TestNothingIsLoadedFromOutside(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"http:", "https:", "url(", "@import", "@font-face"} {
		if bytes.Contains(stylesheet, []byte(word)) {
			t.Errorf("the stylesheet has %q", word)
		}
	}
}

func TestAssetsAreServedForEverByTheirHash(t *testing.T) {
	t.Parallel()
	ask := func(path string) *http.Response {
		rec := httptest.NewRecorder()
		Assets().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
		return rec.Result()
	}
	css := ask(StylesheetPath())
	if css.StatusCode != http.StatusOK || css.Header.Get("Cache-Control") != assetAge || !strings.HasPrefix(css.Header.Get("Content-Type"), "text/css") {
		t.Errorf("stylesheet: %d %v", css.StatusCode, css.Header)
	}
	if icon := ask(markPath()); icon.StatusCode != http.StatusOK || icon.Header.Get("Content-Type") != "image/svg+xml" {
		t.Errorf("icon: %d %v", icon.StatusCode, icon.Header)
	}
	if old := ask(Prefix + "000000000000/dues.css"); old.StatusCode != http.StatusNotFound {
		t.Errorf("an old hash answers %d, want 404", old.StatusCode)
	}
}
