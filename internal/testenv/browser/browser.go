// Package browser is the real Chromium that tests look through.
package browser

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/dues-billing/dues/internal/testenv"
)

// patience bounds a whole test in the browser: on a busy machine pages take
// seconds, but never minutes.
const patience = 2 * time.Minute

// Step is one thing done in the browser.
type Step = chromedp.Action[chromedp.Void]

// Tab is one tab of a browser of its own. Its methods end the test when
// something fails, and say what the page showed.
type Tab struct {
	Context context.Context // for chromedp's own functions
	t       testing.TB
}

// Open starts a browser with an empty profile and a window of a width, until the test ends.
func Open(t testing.TB, width int64) *Tab {
	t.Helper()
	allocator, stop := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(testenv.Chromium(t)), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-quic", true))...)
	t.Cleanup(stop)
	tab, closeTab := chromedp.NewContext(allocator)
	t.Cleanup(closeTab)
	ctx, cancel := context.WithTimeout(tab, patience)
	t.Cleanup(cancel)
	b := &Tab{ctx, t}
	b.Do(chromedp.EmulateViewport(width, 900)) // the first call starts the browser
	return b
}

// Do takes steps.
func (b *Tab) Do(steps ...Step) {
	b.t.Helper()
	if err := chromedp.Do(b.Context, steps...); err != nil {
		b.t.Fatalf("browser: %v\nat %s the page says: %s", err, b.Location(), b.Text())
	}
}

// Visit opens an address.
func (b *Tab) Visit(url string) {
	b.t.Helper()
	b.Do(chromedp.Navigate(url))
}

// Go takes steps that lead to another page, and waits for it.
func (b *Tab) Go(steps ...Step) {
	b.t.Helper()
	if _, err := chromedp.RunResponse(b.Context, steps...); err != nil {
		b.t.Fatalf("browser: %v\nat %s the page says: %s", err, b.Location(), b.Text())
	}
}

// Until waits until an expression of the page's JavaScript is true, also across pages that lead from one to the next by themselves.
func (b *Tab) Until(expression string) {
	b.t.Helper()
	for {
		_, err := chromedp.Run(b.Context, chromedp.Poll[bool](expression))
		if err == nil {
			return
		}
		left := strings.Contains(err.Error(), "navigated") || strings.Contains(err.Error(), "Cannot find context")
		if !left || b.Context.Err() != nil {
			b.t.Fatalf("never true: %s: %v\nat %s the page says: %s", expression, err, b.Location(), b.Text())
		}
	}
}

// Text is what the page shows, in one line.
func (b *Tab) Text() string {
	text, err := chromedp.Run(b.Context, chromedp.Evaluate[string](`document.body.innerText`))
	if err != nil {
		return "(" + err.Error() + ")"
	}
	return strings.Join(strings.Fields(text), " ")
}

// Location is the address of the page.
func (b *Tab) Location() string {
	address, err := chromedp.Run(b.Context, chromedp.Location())
	if err != nil {
		return "(" + err.Error() + ")"
	}
	return address
}

// Says checks that the page shows every one of the words.
func (b *Tab) Says(words ...string) {
	b.t.Helper()
	text := b.Text()
	for _, word := range words {
		if !strings.Contains(text, word) {
			b.t.Fatalf("at %s the page does not say %q: %s", b.Location(), word, text)
		}
	}
}

// Theme makes the reader's system light or dark.
func Theme(theme string) Step {
	return func(ctx context.Context, tab *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}}})
		return chromedp.Void{}, err
	}
}

// NoScript turns the JavaScript of pages off.
func NoScript() Step {
	return func(ctx context.Context, tab *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return chromedp.Void{}, err
	}
}
