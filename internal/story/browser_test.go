package story

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/dues-billing/dues/internal/testenv"
	"github.com/dues-billing/dues/internal/testenv/browser"
)

// stepMax is how long a page may take to show what is waited for. It is only ever used up by a failing test.
const stepMax = 30 * time.Second

// A person sits before a browser.
type person struct {
	t     *testing.T
	ctx   context.Context
	shots string // where screenshots go, "" for nowhere
	taken int
}

// sitDown opens a browser with an empty profile. Screenshots of every stop are kept when DUES_SCREENSHOTS names a folder.
func sitDown(t *testing.T) *person {
	t.Helper()
	return &person{t: t, ctx: browser.Open(t, 1280).Context, shots: testenv.Screenshots()}
}

// do runs one step and names it when it fails, with what the page showed.
func (p *person) do(step string, actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, stepMax)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		address, _ := chromedp.Run(p.ctx, chromedp.Location()) // for the message only
		text, _ := chromedp.Run(p.ctx, chromedp.Evaluate[string](`document.body.innerText`))
		p.t.Fatalf("%s: %v\nat %s the page says:\n%s", step, err, address, text)
	}
}

func (p *person) open(url string) { p.t.Helper(); p.do("open "+url, chromedp.Navigate(url)) }

// sees waits until the page says all of the texts.
func (p *person) sees(texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		p.do("see "+text, chromedp.WaitReady(fmt.Sprintf(`//body[contains(normalize-space(.), %q)]`, text)))
	}
}

// fills types into the field with that name.
func (p *person) fills(name, value string) {
	p.t.Helper()
	p.do("fill "+name, chromedp.SendKeys(fmt.Sprintf(`//input[@name=%q]`, name), value))
}

// clicks presses the first button or link in the page's main part whose text contains the given one.
func (p *person) clicks(text string) {
	p.t.Helper()
	p.do("click "+text, chromedp.Click(fmt.Sprintf(`//*[self::button or self::a][contains(normalize-space(.), %q)]`, text)))
}

// pays types a card into the form of Checkout or portal and sends it.
func (p *person) pays(card, button string) {
	p.t.Helper()
	p.fills("cardNumber", card)
	p.fills("cardExpiry", "1234")
	p.fills("cardCvc", "123")
	p.fills("billingName", "Ada Lovelace")
	p.clicks(button)
}

// shows keeps a picture of the page, wide and on a phone.
func (p *person) shows(name string) {
	p.t.Helper()
	if p.shots == "" {
		return
	}
	p.taken++
	for _, width := range []int64{1280, 390} {
		p.do("resize", chromedp.EmulateViewport(width, 900))
		picture, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
		if err != nil {
			p.t.Fatalf("screenshot %s: %v", name, err)
		}
		file := filepath.Join(p.shots, fmt.Sprintf("%02d-%s-%d.png", p.taken, name, width))
		if err := os.MkdirAll(p.shots, 0o755); err != nil {
			p.t.Fatal(err)
		}
		if err := os.WriteFile(file, picture, 0o644); err != nil {
			p.t.Fatal(err)
		}
	}
	p.do("resize", chromedp.EmulateViewport(1280, 900))
}

// moves presses a button of the time bar and waits for the page of the later time.
func (p *person) moves(button string) {
	p.t.Helper()
	before, err := chromedp.Run(p.ctx, chromedp.Attributes(`//aside//time`))
	if err != nil {
		p.t.Fatalf("time bar: %v", err)
	}
	p.do("move "+button,
		chromedp.Click(fmt.Sprintf(`//aside//button[contains(normalize-space(.), %q)]`, button)),
		chromedp.WaitReady(fmt.Sprintf(`//aside//time[not(@datetime=%q)]`, before["datetime"])))
}

// mailed waits for a mail. Mails leave from the outbox once what they tell is committed, which may be after the page that shows it.
func mailed(t *testing.T, h *house, subject string) {
	t.Helper()
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	late := time.After(mailedWithin)
	for {
		inbox := get(t.Context(), t, h.inbox+".json")
		if strings.Contains(inbox, subject) {
			return
		}
		select {
		case <-look.C:
		case <-late:
			t.Fatalf("no mail with %q in the inbox: %s", subject, inbox)
		}
	}
}

// mailedWithin is long enough for a busy machine; a mail that was not sent is never sent.
const mailedWithin = 20 * time.Second

func address(t *testing.T) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(testenv.FreePort(t)))
}

// The whole story of the first step, in a real browser: sign up on Starter, upgrade through Checkout, be renewed by the
// clock, fail to pay, fall back to Starter, and come back with a card that asks for 3-D Secure.
//
// Rows: A2 A7 A9 B1 B3 B6 B7 B8 C20.
// Features: 39 42 43.
func TestAPersonLivesThroughASubscription(t *testing.T) {
	t.Parallel()
	h := start(t, t.TempDir(), address(t), address(t))
	p := sitDown(t)

	p.open(h.demo)
	p.shows("front")
	p.fills("email", "ada@example.com")
	p.clicks("Start for free")
	p.sees("Starter costs nothing", "1 of 3 projects", "Locked")
	p.shows("starter")
	mailed(t, h, "Welcome")

	p.clicks("Pricing")
	p.sees("Upgrade to Premium monthly")
	p.shows("pricing")
	p.clicks("Upgrade to Premium monthly")
	p.sees("Subscribe to Premium", "€19.00")
	p.shows("checkout")
	p.pays("4242424242424242", "Subscribe")
	p.sees("Premium is paid for until", "100 projects", "Open the handbook")
	p.shows("premium")
	mailed(t, h, "Your receipt")

	p.moves("+1 month")
	p.sees("Premium is paid for until")
	mailed(t, h, "has been renewed until")
	p.shows("renewed")

	p.clicks("Billing")
	p.sees("Card, invoices and cancellation")
	p.shows("billing")
	p.clicks("Card, invoices and cancellation")
	p.sees("Manage your billing")
	p.shows("portal")
	p.clicks("Add payment method")
	p.pays("4000000000000341", "Add")
	p.sees("Your card was added", "0341")
	p.clicks("Return to")
	p.sees("Visa ending in 0341")

	p.open(h.demo)
	p.moves("+1 month")
	p.sees("Your last payment failed", "Update your card", "Past due", "100 projects")
	p.shows("past-due")
	mailed(t, h, "did not go through")
	for range 3 { // four retries within three weeks
		p.moves("+1 week")
	}
	p.sees("Starter costs nothing", "1 of 3 projects")
	p.shows("back-on-starter")
	mailed(t, h, "You are back on Starter")

	p.clicks("Pricing")
	p.clicks("Upgrade to Premium monthly")
	p.sees("Subscribe to Premium")
	p.pays("4000002500003155", "Subscribe")
	p.sees("Is it you?")
	p.shows("challenge")
	p.clicks("Fail")
	p.sees("authenticate")
	p.shows("challenge-failed")
	p.pays("4000002500003155", "Subscribe")
	p.sees("Is it you?")
	p.clicks("Complete")
	p.sees("Premium is paid for until", "100 projects", "Visa ending in 3155")
	p.shows("premium-again")
}
