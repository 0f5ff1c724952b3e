package sim

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
	"github.com/dues-billing/dues/webhook"
)

const appSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// The endpoints of the application: one that meets all the trouble there is, and one that must not suffer from that.
const (
	troubled = "app"
	healthy  = "audit"
)

func appEndpoints() []service.Endpoint {
	return []service.Endpoint{
		{Name: troubled, URL: "https://app.sim/hooks", Secret: appSecret},
		{Name: healthy, URL: "https://audit.sim/hooks", Secret: appSecret, Types: []string{"access.*"}},
	}
}

// application is what takes notices.
type application struct {
	mu     sync.Mutex
	down   time.Time // until then it answers 503
	taken  map[string]map[string]webhook.Notice
	bodies map[string]string // by id: the same at every delivery, and at every endpoint
	wrong  []string
}

func newApplication() *application {
	return &application{taken: map[string]map[string]webhook.Notice{troubled: {}, healthy: {}}, bodies: map[string]string{}}
}

func (a *application) setDown(until time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.down = until
}

func (a *application) isDown() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return time.Now().Before(a.down)
}

// take checks a delivery and keeps the notice, once.
func (a *application) take(endpoint string, header http.Header, body []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	n, err := webhook.Verify(header, body, time.Now(), appSecret)
	if err != nil {
		a.wrong = append(a.wrong, err.Error())
		return
	}
	if before, known := a.bodies[n.ID]; known && before != string(body) || n.ID != header.Get(webhook.IDHeader) {
		a.wrong = append(a.wrong, "of one id, once "+before+" and once "+string(body))
	}
	a.bodies[n.ID] = string(body)
	a.taken[endpoint][n.ID] = n
}

// hook is the way of one process to the application.
type hook struct {
	*network
	power *power
	app   *application
}

// RoundTrip implements http.RoundTripper.
func (h hook) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := h.power.on(); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	endpoint, _, _ := strings.Cut(r.URL.Host, ".")
	answer := func(status int) (*http.Response, error) {
		if err := h.power.on(); err != nil {
			return nil, err
		}
		return &http.Response{StatusCode: status, Body: http.NoBody, Header: http.Header{}, Request: r}, nil
	}
	if endpoint == troubled {
		if h.app.isDown() {
			return answer(http.StatusServiceUnavailable)
		}
		switch h.fate("notice "+r.Header.Get(webhook.IDHeader), requestLost, answerLost, serverError, late) {
		case requestLost:
			return nil, errLost
		case serverError:
			return answer(http.StatusInternalServerError)
		case answerLost:
			h.app.take(endpoint, r.Header, body)
			return nil, errLost
		case late: // it is taken, and the answer comes when nobody waits for it any more
			h.app.take(endpoint, r.Header, body)
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
	}
	h.app.take(endpoint, r.Header, body)
	return answer(http.StatusNoContent)
}

func (w *world) appTrouble() {
	until := time.Now().Add(time.Duration(w.rand.IntN(5*24*60)) * time.Minute)
	w.say("the application is down until %s", until.Format(time.DateTime))
	w.app.setDown(until)
}

// judgeNotices holds what the application has heard against what there was to hear.
func (w *world) judgeNotices(p *process) {
	w.t.Helper()
	w.app.mu.Lock()
	defer w.app.mu.Unlock()
	for _, wrong := range w.app.wrong {
		w.fail("a delivery is wrong: %s", wrong)
	}
	for id := range w.app.bodies {
		for endpoint, taken := range w.app.taken {
			if _, heard := taken[id]; !heard && (endpoint == troubled || strings.Contains(w.app.bodies[id], `"type":"access.`)) {
				w.fail("%s has not heard %s", endpoint, w.app.bodies[id])
			}
		}
	}
	heard := map[billing.AccountID][]webhook.Notice{}
	for _, n := range w.app.taken[troubled] {
		id := billing.AccountID(n.Data.Account)
		heard[id] = append(heard[id], n)
	}
	for _, id := range w.people {
		slices.SortFunc(heard[id], func(a, b webhook.Notice) int { return cmp.Compare(a.Sequence, b.Sequence) })
		w.judgeTale(p, id, heard[id])
	}
}

// judgeTale folds what was told of one account into what it must have come to: nothing is missing in it, and nothing is twice.
func (w *world) judgeTale(p *process, id billing.AccountID, heard []webhook.Notice) {
	w.t.Helper()
	status, err := p.Status(context.Background(), id)
	if err != nil || status.Account.Customer == "" {
		return
	}
	truth := w.truth(status.Account.Customer)
	begun, renewed := map[string]int{}, map[string]int{}
	plan, level := "", ""
	for i, n := range heard {
		if n.Sequence != int64(i+1) {
			w.fail("%s: notice %d of those heard has number %d: %s", id, i+1, n.Sequence, w.app.bodies[n.ID])
		}
		switch n.Type {
		case billing.AccessChanged:
			if was := n.Previous; was == nil || plan != "" && (was.Plan != "" && was.Plan != plan || was.Level != "" && was.Level != level) {
				w.fail("%s was told of %s of %s, and then %s", id, level, plan, w.app.bodies[n.ID])
			}
			plan, level = n.Data.Access.Plan, n.Data.Access.Level
		case billing.Started:
			begun[n.Data.Subscription.ID]++
		case billing.Ended:
			begun[n.Data.Subscription.ID]--
		case billing.Renewed:
			renewed[n.Data.Invoice.ID]++
		}
	}
	if should := billing.AccessOf(w.catalog, truth, time.Now()); plan != "" && (plan != string(should.Plan) || level != string(should.Level)) {
		w.fail("%s was told of %s of %s last, and the provider says %s of %s", id, level, plan, should.Level, should.Plan)
	}
	for _, sub := range truth.Subscriptions {
		want := 0
		if w.catalog.Paid(sub) && !sub.Status.Ended() && sub.Status != billing.Incomplete {
			want = 1
		}
		if begun[string(sub.ID)] != want {
			w.fail("%s: %s was told to run %d times, and is %s", id, sub.ID, begun[string(sub.ID)], sub.Status)
		}
	}
	for _, invoice := range truth.Invoices {
		want := 0
		if invoice.Reason == "subscription_cycle" && invoice.Status == billing.InvoicePaid && !invoice.Total.IsZero() {
			want = 1
		}
		if renewed[string(invoice.ID)] != want {
			w.fail("%s: the renewal %s was told %d times, want %d", id, invoice.ID, renewed[string(invoice.ID)], want)
		}
	}
}
