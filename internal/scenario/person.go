package scenario

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// person uses the hosted pages as a browser without JavaScript does: it fetches, posts forms and follows redirects.
type person struct {
	sites  []string // the hosts whose pages a browser would show; a redirect to any other ends a walk
	client *http.Client
}

// personTimeout is far above what a page takes, so that a page that hangs fails the story and not the whole run.
const personTimeout = 30 * time.Second

func newPerson(sites ...string) person {
	return person{sites: sites, client: &http.Client{Timeout: personTimeout}}
}

// walk fetches a page, or posts form to it when there is one, and returns where that ends and what stands there.
func (p person) walk(ctx context.Context, page string, form url.Values) (end *url.URL, html string, err error) {
	method, body := http.MethodGet, ""
	if form != nil {
		method, body = http.MethodPost, form.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, page, strings.NewReader(body))
	if err != nil {
		return nil, "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	client := *p.client
	end = req.URL
	client.CheckRedirect = func(next *http.Request, _ []*http.Request) error {
		end = next.URL
		if !slices.Contains(p.sites, next.URL.Scheme+"://"+next.URL.Host) {
			return http.ErrUseLastResponse
		}
		return nil
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= http.StatusBadRequest && resp.StatusCode != http.StatusPaymentRequired {
		err = fmt.Errorf("%s answered %s: %s", end, resp.Status, notices(string(text)))
	}
	return end, string(text), err
}

// pay fills in a Checkout page. It returns the challenge page when the card asks for one, and "" when the payment is done or
// declined; what became of it shows in the subscription.
func (p person) pay(ctx context.Context, page, card string) (challenge string, err error) {
	end, _, err := p.walk(ctx, page, cardForm(card))
	if err != nil || !strings.HasPrefix(end.Path, "/3ds/") {
		return "", err
	}
	return end.String(), nil
}

// cardForm is a card as a customer types it.
func cardForm(number string) url.Values {
	return url.Values{
		"email": {"ada@example.com"}, "cardNumber": {number}, "cardExpiry": {"12 / 34"}, "cardCvc": {"123"},
		"billingName": {"Ada Lovelace"}, "billingPostalCode": {"12345"},
	}
}

// answer presses a button of a 3-D Secure challenge.
func (p person) answer(ctx context.Context, challenge string, succeed bool) error {
	outcome := "fail"
	if succeed {
		outcome = "succeed"
	}
	_, _, err := p.walk(ctx, challenge, url.Values{"outcome": {outcome}})
	return err
}

// addCard saves a card in the portal.
func (p person) addCard(ctx context.Context, portal, card string) error {
	return p.does(ctx, portal+"/cards/new", cardForm(card))
}

// does posts a form of the portal, which says by a word in its next address that it did what was asked.
func (p person) does(ctx context.Context, page string, form url.Values) error {
	end, html, err := p.walk(ctx, page, form)
	if err == nil && !strings.Contains(end.RawQuery, "did=") {
		err = fmt.Errorf("the portal did not do it, and is at %s: %s", end.Path, notices(html))
	}
	return err
}

var (
	cancelLink = regexp.MustCompile(`"(/p/session/[^"]+/cancel)"`)
	resumeLink = regexp.MustCompile(`"(/p/session/[^"]+/resume)"`)
	notice     = regexp.MustCompile(`(?s)class="notice[^"]*".*?<p[^>]*>(.*?)</p>`)
)

// cancel presses the portal's button that cancels a plan, or the one that takes it back.
func (p person) cancel(ctx context.Context, portal string, undo bool) error {
	link := cancelLink
	if undo {
		link = resumeLink
	}
	home, html, err := p.walk(ctx, portal, nil)
	if err != nil {
		return err
	}
	found := link.FindStringSubmatch(html)
	if found == nil {
		return errors.New("the portal does not offer it")
	}
	button := home.ResolveReference(&url.URL{Path: found[1]}).String()
	if undo {
		return p.does(ctx, button, url.Values{})
	}
	if _, html, err = p.walk(ctx, button, nil); err != nil {
		return err
	}
	form := url.Values{}
	if strings.Contains(html, `name="feedback"`) { // asked only where the portal's configuration says so
		form.Set("feedback", "unused")
	}
	return p.does(ctx, button, form)
}

// notices are the messages of a page, for an error.
func notices(html string) string {
	var all []string
	for _, m := range notice.FindAllStringSubmatch(html, -1) {
		all = append(all, strings.TrimSpace(m[1]))
	}
	return strings.Join(all, "; ")
}
