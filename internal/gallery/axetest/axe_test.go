// Package axetest looks at every page of the gallery as axe-core does, in a real browser: what keeps people from using a page who hear it, enlarge it or
// have no mouse.
package axetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/dues-billing/dues/internal/gallery"
	"github.com/dues-billing/dues/internal/testenv"
	"github.com/dues-billing/dues/internal/testenv/browser"
)

// finding is something that axe-core complains about.
type finding struct {
	ID, Impact, Help string
	Nodes            []struct{ Target string }
}

// look runs axe-core over the page that is open.
const look = `axe.run(document, {resultTypes: ["violations"], iframes: false}).then((found) => found.violations
	.filter((v) => v.impact === "serious" || v.impact === "critical")
	.map((v) => ({ID: v.id, Impact: v.impact, Help: v.help, Nodes: v.nodes.slice(0, 3).map((n) => ({Target: n.target.join(" ") + " " + n.html.slice(0, 160)}))})))`

// The themes differ in colours alone and the widths in what stands beside what, so that two looks see what four would.
func TestNobodyIsKeptFromAPage(t *testing.T) {
	t.Parallel()
	axe, dir := axeCore(t), t.TempDir()
	shots := gallery.Shots()
	if err := gallery.Write(dir, shots); err != nil {
		t.Fatal(err)
	}
	for theme, width := range map[string]int64{"light": 1280, "dark": 390} {
		t.Run(theme, func(t *testing.T) {
			t.Parallel()
			tab := browser.Open(t, width)
			tab.Do(browser.Theme(theme))
			for _, shot := range shots {
				if strings.HasPrefix(shot.Name, "mail/") {
					continue // mail clients have their own ways
				}
				address := "file://" + filepath.Join(dir, filepath.FromSlash(shot.Name)+".html")
				tab.Do(chromedp.Navigate(address), chromedp.Evaluate[chromedp.Void](axe))
				found, err := chromedp.Run(tab.Context, chromedp.Evaluate[[]finding](look, chromedp.EvalAwaitPromise))
				if err != nil {
					t.Fatalf("%s: %v", shot.Name, err)
				}
				for _, f := range found {
					t.Errorf("%s: %s (%s): %s: %v", shot.Name, f.ID, f.Impact, f.Help, f.Nodes)
				}
			}
		})
	}
}

// axeCore is the program, which is installed when it is not there, made to return nothing.
func axeCore(t *testing.T) string {
	t.Helper()
	testenv.Node(t) // npm comes with it
	file := filepath.Join("node_modules", "axe-core", "axe.min.js")
	if _, err := os.Stat(file); err != nil {
		if out, err := exec.CommandContext(t.Context(), "npm", "ci", "--ignore-scripts").CombinedOutput(); err != nil {
			t.Fatalf("npm ci: %v\n%s", err, out)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return "void (() => {" + string(text) + "})()"
}
