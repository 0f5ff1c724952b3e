package pages

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/internal/testenv"
)

// browserPatience bounds a whole test in the browser: on a busy machine pages
// take seconds, but never minutes.
const browserPatience = 2 * time.Minute

// browser starts a real browser with a window of the given width.
func browser(t *testing.T, width int64) context.Context {
	t.Helper()
	allocator, stop := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(testenv.Chromium(t)), chromedp.NoSandbox, chromedp.DisableGPU)...)
	t.Cleanup(stop)
	tab, closeTab := chromedp.NewContext(allocator)
	t.Cleanup(closeTab)
	ctx, cancel := context.WithTimeout(tab, browserPatience)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 844)); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// application is a site of another origin, where Checkout leads back to.
func application(t *testing.T) string {
	t.Helper()
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "back at "+r.URL.Path)
	}))
	t.Cleanup(app.Close)
	return app.URL
}

// A payer who has only a keyboard, and no JavaScript, pays with 3-D Secure and
// comes back to the application, which is another site.
//
// Rows: A2 A8.
func TestCheckoutIsPaidWithAKeyboardAndWithoutJavaScript(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	server := httptest.NewServer(b.mux)
	t.Cleanup(server.Close)
	app := application(t)
	s := b.session("subscription", b.plan("Premium", 1200), func(c *engine.CreateCheckoutSession) { c.SuccessURL = engine.Some(app + "/done") })
	ctx := browser(t, 1280)
	noScript := func(ctx context.Context, tab *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return chromedp.Void{}, err
	}
	if err := chromedp.Do(ctx, noScript, chromedp.Navigate(server.URL+checkoutPath(s.ID)), chromedp.Focus("#email")); err != nil {
		t.Fatal(err)
	}
	for _, typed := range []string{"ada@example.com", "4000 0025 0000 3155", "12/34", "123", "Ada Lovelace", "12345"} {
		if err := chromedp.Do(ctx, chromedp.KeyEvent(typed), chromedp.KeyEvent(kb.Tab)); err != nil {
			t.Fatal(err)
		}
	}
	press := func(keys, heading string) {
		t.Helper()
		if _, err := chromedp.RunResponse(ctx, chromedp.KeyEvent(keys)); err != nil {
			t.Fatal(err)
		}
		if got, err := chromedp.Run(ctx, chromedp.TextContent("body")); err != nil || !strings.Contains(got, heading) {
			t.Fatalf("after the key the page says %q (%v), want %q", strings.Join(strings.Fields(got), " "), err, heading)
		}
	}
	press(kb.Enter, "Is it you?")
	if err := chromedp.Do(ctx, chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Tab)); err != nil { // past the link to the content
		t.Fatal(err)
	}
	press(kb.Enter, "back at /done")
	if got := see[engine.CheckoutSession](b, s.ID); got.Status != engine.SessionComplete {
		t.Errorf("session is %s", got.Status)
	}
}

func TestNoPageScrollsSidewaysOnAPhone(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.Handle(design.Prefix, design.Assets())
	for _, shot := range Gallery() {
		mux.HandleFunc("/"+shot.Name, func(w http.ResponseWriter, r *http.Request) { design.Serve(w, r, http.StatusOK, shot.Component) })
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	const width = 390
	ctx := browser(t, width)
	for _, shot := range Gallery() {
		if err := chromedp.Do(ctx, chromedp.Navigate(server.URL+"/"+shot.Name)); err != nil {
			t.Fatalf("%s: %v", shot.Name, err)
		}
		got, err := chromedp.Run(ctx, chromedp.Evaluate[int](`document.documentElement.scrollWidth`))
		if err != nil {
			t.Fatalf("%s: %v", shot.Name, err)
		}
		if got > width {
			t.Errorf("%s is %d pixels wide on a phone of %d", shot.Name, got, width)
		}
	}
}
