package accountui_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/dues-billing/dues/internal/testenv/browser"
)

// site is a page of the application with some HTML in it, in a real browser.
func (c *customer) site(html string) context.Context {
	c.t.Helper()
	page := `<!doctype html><html lang="en"><head><title>App</title><style>dues-account { --accent: #0a7d55 }</style>` +
		`<script type="module" src="` + c.base + `/components.js"></script></head><body>` + html + `</body></html>`
	c.app.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, page)
	})
	tab := browser.Open(c.t, 1280)
	address := c.app.URL
	if c.foreign {
		address = strings.Replace(address, "127.0.0.1", "localhost", 1)
	}
	tab.Visit(address)
	return tab.Context
}

// until waits until an expression of the page is true.
func (c *customer) until(ctx context.Context, expression string) {
	c.t.Helper()
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](expression)); err != nil {
		seen, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body.innerText + (document.querySelector("dues-account, dues-pricing")?.shadowRoot.innerHTML ?? "")`))
		c.t.Fatalf("never true: %s: %v; the page shows %s", expression, err, seen)
	}
}

// press clicks what is in a component, by a selector.
func (c *customer) press(ctx context.Context, selector string) {
	c.t.Helper()
	if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector("dues-account, dues-pricing").shadowRoot.querySelector(%q).click()`, selector))); err != nil {
		c.t.Fatal(err)
	}
}

// leave clicks what takes the browser to another page, and returns its address.
func (c *customer) leave(ctx context.Context, selector string) string {
	c.t.Helper()
	resp, err := chromedp.RunResponse(ctx, chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`void document.querySelector("dues-account, dues-pricing").shadowRoot.querySelector(%q).click()`, selector)))
	if err != nil {
		c.t.Fatal(err)
	}
	return resp.URL
}

const inside = `document.querySelector("dues-account, dues-pricing").shadowRoot`

func TestTheAccountIsAPartOfAPageOfTheApplication(t *testing.T) {
	t.Parallel()
	c := open(t)
	visit := c.visit("ada", "Ada")
	c.subscribe(visit.URL(c.base))
	ctx := c.site(`<h1>Settings</h1><dues-account session="` + visit.Token + `"></dues-account>`)
	c.until(ctx, inside+`.textContent.includes("Renews on 4 Feb 2027")`)
	c.until(ctx, `getComputedStyle(`+inside+`.querySelector(".button-primary")).backgroundColor === "rgb(10, 125, 85)"`)

	c.press(ctx, `a[href$="/plans"]`)
	c.until(ctx, inside+`.textContent.includes("Choose Starter")`)
	c.press(ctx, `.tabs a:not([aria-current])`)
	c.until(ctx, inside+`.textContent.includes("€190.00")`)
	c.press(ctx, `a[href*="premium-yearly"]`)
	c.until(ctx, inside+`.textContent.includes("Charged now")`)
	c.press(ctx, `form button.button-primary`)
	c.until(ctx, inside+`.textContent.includes("Your plan has been changed")`)
	c.until(ctx, inside+`.activeElement?.textContent.includes("Your plan has been changed")`)
	c.until(ctx, `location.href === "`+c.app.URL+`/" && document.querySelector("h1").textContent === "Settings"`)

	c.press(ctx, `a[href$="/cancel"]`)
	c.until(ctx, inside+`.textContent.includes("Why do you leave?")`)
	c.press(ctx, `form .button-danger`)
	c.until(ctx, inside+`.textContent.includes("has been cancelled")`)
}

func TestPayingLeavesThePageUnlessTheApplicationWantsOtherwise(t *testing.T) {
	t.Parallel()
	c := open(t)
	visit := c.visit("ada", "Ada")
	ctx := c.site(`<dues-account session="` + visit.Token + `"></dues-account>
		<script>window.stay = true; document.querySelector("dues-account").addEventListener("dues-leave", (e) => { window.left = e.detail; if (window.stay) e.preventDefault() })</script>`)
	c.until(ctx, inside+`.textContent.includes("Starter")`)
	choose := func() {
		t.Helper()
		c.press(ctx, `a[href$="/plans"]`)
		c.until(ctx, inside+`.querySelector('a[href*="premium-monthly"]') !== null`)
		c.press(ctx, `a[href*="premium-monthly"]`)
		c.until(ctx, inside+`.querySelector("form button.button-primary") !== null`)
	}
	choose()
	c.press(ctx, `form button.button-primary`)
	c.until(ctx, `window.left?.startsWith("`+c.stripe.URL+`")`)
	if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](`window.stay = false; document.querySelector("dues-account").reload()`)); err != nil {
		t.Fatal(err)
	}
	c.until(ctx, inside+`.textContent.includes("Starter") && `+inside+`.querySelector('a[href$="/plans"]') !== null`)
	choose()
	if page := c.leave(ctx, `form button.button-primary`); !strings.HasPrefix(page, c.stripe.URL) {
		t.Errorf("paying led to %s", page)
	}
}

func TestASessionThatIsOverIsSaidToTheApplication(t *testing.T) {
	t.Parallel()
	c := open(t)
	old := c.visit("ada", "Ada")
	c.now = c.now.Add(2 * time.Hour)
	fresh := c.visit("ada", "Ada")
	ctx := c.site(`<script>document.addEventListener("dues-expired", () => {}, true)</script><dues-account></dues-account>`)
	set := func(token string) {
		if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](`{ const part = document.querySelector("dues-account"); part.addEventListener("dues-expired", () => { window.expired = true }); part.setAttribute("session", "`+token+`") }`)); err != nil {
			t.Fatal(err)
		}
	}
	set(old.Token)
	c.until(ctx, `window.expired && `+inside+`.textContent.includes("This visit is over")`)
	set(fresh.Token)
	c.until(ctx, inside+`.textContent.includes("Starter")`)
}

func TestPricesStandOnAPageOfTheApplication(t *testing.T) {
	t.Parallel()
	c := open(t)
	ctx := c.site(`<dues-pricing language="de" choose="` + c.app.URL + `/signup?plan={price}"></dues-pricing>`)
	c.until(ctx, inside+`.textContent.includes("Tarife und Preise")`)
	c.press(ctx, `.tabs a:not([aria-current])`)
	c.until(ctx, inside+`.textContent.includes("pro Jahr")`)
	if page := c.leave(ctx, `a[href*="premium-yearly"]`); page != c.app.URL+"/signup?plan=premium-yearly" {
		t.Errorf("choosing a plan led to %s", page)
	}
}

func TestAPartOfAForeignSiteStaysEmpty(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.foreign = true
	ctx := c.site(`<dues-pricing></dues-pricing><script>document.querySelector("dues-pricing").addEventListener("dues-error", () => { window.refused = true })</script>`)
	c.until(ctx, `window.refused && `+inside+`.childElementCount === 0`)
}
