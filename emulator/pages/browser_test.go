package pages

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/internal/design"
	"github.com/dues-billing/dues/internal/testenv/browser"
)

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
	tab := browser.Open(t, 1280)
	tab.Do(browser.NoScript(), chromedp.Navigate(server.URL+checkoutPath(s.ID)), chromedp.Focus("#email"))
	for _, typed := range []string{"ada@example.com", "4000 0025 0000 3155", "12/34", "123", "Ada Lovelace", "12345"} {
		tab.Do(chromedp.KeyEvent(typed), chromedp.KeyEvent(kb.Tab))
	}
	tab.Go(chromedp.KeyEvent(kb.Enter))
	tab.Says("Is it you?")
	tab.Do(chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Tab)) // past the link to the content
	tab.Go(chromedp.KeyEvent(kb.Enter))
	tab.Says("back at /done")
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
	tab := browser.Open(t, width)
	for _, shot := range Gallery() {
		tab.Visit(server.URL + "/" + shot.Name)
		got, err := chromedp.Run(tab.Context, chromedp.Evaluate[int](`document.documentElement.scrollWidth`))
		if err != nil {
			t.Fatalf("%s: %v", shot.Name, err)
		}
		if got > width {
			t.Errorf("%s is %d pixels wide on a phone of %d", shot.Name, got, width)
		}
	}
}
