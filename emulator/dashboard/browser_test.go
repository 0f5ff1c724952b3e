package dashboard_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/dues-billing/dues/internal/testenv/browser"
)

// Whoever drags the clock reads what lies on the way before anything moves, and sees the needle on the time line.
func TestTheClockIsDragged(t *testing.T) {
	t.Parallel()
	d := sit(t)
	customer, _ := d.subscriber("Ada Lovelace", "")
	tab := browser.Open(t, 1280)
	tab.Visit(d.server.URL + d.home + "/objects/" + customer.ID)
	tab.Says("Drag to look ahead.")
	if tab.Until(`document.querySelectorAll(".plan-reached").length === 0`); !d.now().Equal(begins) {
		t.Fatal("looking moved the time")
	}
	drag := `{ const slider = document.querySelector("#f-to"); slider.value = Number(slider.min) + 40 * 24 * 3600; slider.dispatchEvent(new Event("input", {bubbles: true})) }`
	tab.Do(chromedp.Evaluate[chromedp.Void](drag))
	tab.Says("Thursday, 14 January 2027", "planned thing", "on the way.")
	tab.Until(`document.querySelectorAll(".plan-reached").length > 0 && document.querySelector("[data-needle]").getAttribute("x1") > 900`)
	if !d.now().Equal(begins) {
		t.Fatal("dragging moved the time")
	}
	tab.Do(chromedp.Focus("#f-to"), chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent(kb.Tab))
	tab.Go(chromedp.KeyEvent(kb.Enter))
	tab.Says("It is now 14 Jan 2027, 13:00:00 UTC.", "events happened on the way")
	if want := begins.AddDate(0, 0, 40).Add(time.Hour); !d.now().Equal(want) {
		t.Errorf("the account is at %s, want %s", d.now(), want)
	}
}

// Without JavaScript the buttons move time, and nothing that needs a script is there.
func TestTheClockMovesWithoutJavaScript(t *testing.T) {
	t.Parallel()
	d := sit(t)
	d.subscriber("Ada Lovelace", "")
	tab := browser.Open(t, 390)
	tab.Do(browser.NoScript())
	tab.Visit(d.server.URL + d.home)
	if text := tab.Text(); strings.Contains(text, "Move here") || strings.Contains(text, "Drag") {
		t.Errorf("without JavaScript the page offers to drag: %s", text)
	}
	tab.Go(chromedp.Click(`button[value="next"]`))
	tab.Says("It is now", "happened on the way")
}

// What an application stored must not run in the developer's browser.
func TestNoNameRunsAsAScriptOnTheDashboard(t *testing.T) {
	t.Parallel()
	d := sit(t)
	customer, sub := d.subscriber(`"><img src=x onerror="window.ran=1"><script>window.ran=1</script>`, "")
	tab := browser.Open(t, 1280)
	for _, path := range []string{"", "/objects", "/objects/" + customer.ID, "/objects/" + sub.ID, "/events", "/requests", "/requests/" + d.server.Requests(2)[1].ID} {
		tab.Visit(d.server.URL + d.home + path)
		tab.Until(`document.readyState === "complete" && window.ran === undefined`)
	}
}
