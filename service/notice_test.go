package service_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"
	"pgregory.net/rapid"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
	"github.com/dues-billing/dues/webhook"
)

const (
	noticeSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	otherSecret  = "whsec_b3RoZXJvdGhlcm90aGVyb3RoZXJvdGhlcm90aGVy"
)

// application is one that receives notices. What is not signed for it fails the test.
type application struct {
	t      testing.TB
	now    func() time.Time
	server *httptest.Server
	mu     sync.Mutex
	answer func(webhook.Notice) int // nil answers 204
	got    []webhook.Notice         // answered 2xx, in order
	seen   int
	bodies map[string][]string // of every delivery, by id
}

func (w *world) application() *application {
	a := &application{t: w.t, now: w.now.Now, bodies: map[string][]string{}}
	a.server = httptest.NewServer(http.HandlerFunc(a.receive))
	w.t.Cleanup(a.server.Close)
	return a
}

func (a *application) receive(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		a.t.Error(err)
	}
	n, err := webhook.Verify(r.Header, body, a.now(), noticeSecret)
	if err != nil || n.ID != r.Header.Get("webhook-id") || r.Header.Get("Content-Type") != "application/json" {
		a.t.Errorf("a delivery that nobody can trust: %v %v", err, r.Header)
	}
	asDocumented(a.t, n)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.bodies[n.ID] = append(a.bodies[n.ID], string(body))
	status := http.StatusNoContent
	if a.answer != nil {
		status = a.answer(n)
	}
	if status/100 == 2 {
		a.got = append(a.got, n)
	}
	if status/100 == 3 {
		w.Header().Set("Location", a.server.URL+"/elsewhere")
	}
	w.WriteHeader(status)
}

func (a *application) answering(answer func(webhook.Notice) int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.answer = answer
}

func (a *application) always(status int) { a.answering(func(webhook.Notice) int { return status }) }

// news returns what was received since the last call, and the word for each: type, plan, level.
func (a *application) news() (words []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, n := range a.got[a.seen:] {
		words = append(words, fmt.Sprintf("%s %s %s", n.Type, n.Data.Access.Plan, n.Data.Access.Level))
	}
	a.seen = len(a.got)
	return words
}

func (a *application) expect(want ...string) {
	a.t.Helper()
	if got := a.news(); !slices.Equal(got, want) {
		a.t.Errorf("the application heard\n%q, want\n%q", got, want)
	}
}

// telling opens a service that tells endpoints.
func (w *world) telling(endpoints ...service.Endpoint) *service.Service {
	w.t.Helper()
	return w.serviceWith(func(c *service.Config) {
		c.Endpoints, c.Transport = endpoints, &http.Transport{DisableKeepAlives: true}
	})
}

func (a *application) endpoint(name string, types ...string) service.Endpoint {
	return service.Endpoint{Name: name, URL: a.server.URL + "/hooks", Secret: noticeSecret, Types: types}
}

// notices are the effects of kind notice, newest first.
func (w *world) notices(s *service.Service) (all []service.Effect) {
	w.t.Helper()
	effects, _, err := s.Effects(w.t.Context(), service.EffectFilter{}, service.Page{Limit: 500})
	if err != nil {
		w.t.Fatal(err)
	}
	return slices.DeleteFunc(effects, func(e service.Effect) bool { return e.Kind != string(billing.NoticeEffect) })
}

// Features: 84.
func TestAnApplicationHearsOfALife(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		app := w.application()
		s := w.telling(app.endpoint("app"))
		account := w.premium(s)
		app.expect("account.created starter free", "access.changed starter full", "access.changed premium full", "subscription.started premium full", "invoice.created premium full", "invoice.finalized premium full", "invoice.paid premium full", "license.extended premium full")
		w.move(w.status(s).PeriodEnd.Add(2 * time.Hour))
		w.settle(s)
		app.expect("invoice.created premium full", "invoice.finalized premium full", "invoice.paid premium full", "subscription.renewed premium full", "license.extended premium full")

		sub := w.status(s).Subscription
		update := func(cancel bool) {
			t.Helper()
			_, err := w.stripe.Client().V1Subscriptions.Update(t.Context(), string(sub), &stripe.SubscriptionUpdateParams{CancelAtPeriodEnd: stripe.Bool(cancel)})
			if err != nil {
				t.Fatal(err)
			}
			w.settle(s)
		}
		for range 2 { // within one second: only the sequence tells them apart
			update(true)
			update(false)
			app.expect("subscription.cancel_scheduled premium full", "subscription.cancel_undone premium full")
		}
		w.upgrade(s, "premium-yearly")
		w.settle(s)
		app.expect("subscription.changed premium full", "invoice.created premium full", "invoice.finalized premium full", "invoice.paid premium full", "license.extended premium full")

		w.saveCard(account.Customer, "pm_card_chargeCustomerFail")
		w.move(w.status(s).PeriodEnd.Add(2 * time.Hour))
		w.settle(s)
		app.expect("subscription.past_due premium full", "invoice.created premium full", "invoice.finalized premium full", "invoice.payment_failed premium full")
		if _, err := w.stripe.Client().V1Subscriptions.Cancel(t.Context(), string(sub), nil); err != nil {
			t.Fatal(err)
		}
		w.settle(s)
		app.expect("access.changed starter free", "subscription.ended starter free", "access.changed starter full")

		for i, n := range app.got {
			if n.Sequence != int64(i+1) || n.Data.Account != "ada" || n.Data.Customer != string(account.Customer) {
				t.Errorf("notice %d is %+v", i+1, n)
			}
		}
		for id, bodies := range app.bodies {
			if len(bodies) != 1 {
				t.Errorf("%s came %d times", id, len(bodies))
			}
		}
	})
}

func TestANoticeSaysHowThingsStand(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite:"+t.TempDir()+"/dues.db")
	app := w.application()
	s := w.telling(app.endpoint("app", "subscription.*"))
	w.premium(s)
	w.move(w.status(s).PeriodEnd.Add(2 * time.Hour))
	w.settle(s)
	app.expect("subscription.started premium full", "subscription.renewed premium full")
	n := app.got[1]
	got, err := json.MarshalIndent(n, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(got), n.Data.Invoice.URL, "URL")
	for id, name := range map[string]string{
		n.ID: "MSG", n.Data.Customer: "CUS", n.Data.Subscription.ID: "SUB", n.Data.Invoice.ID: "IN", n.Data.Invoice.Number: "NUMBER",
	} {
		text = strings.ReplaceAll(text, id, name)
	}
	const want = `{
  "id": "MSG",
  "type": "subscription.renewed",
  "created": "2026-02-28T12:00:00Z",
  "sequence": 12,
  "data": {
    "account": "ada",
    "customer": "CUS",
    "access": {
      "plan": "premium",
      "price": "premium-monthly",
      "level": "full",
      "until": "2026-04-02T10:00:00Z",
      "action": ""
    },
    "subscription": {
      "id": "SUB",
      "status": "active",
      "plan": "premium",
      "price": "premium-monthly",
      "period_end": "2026-03-31T10:00:00Z",
      "cancel_at": null,
      "ended_at": null
    },
    "invoice": {
      "id": "IN",
      "number": "NUMBER",
      "status": "paid",
      "reason": "subscription_cycle",
      "currency": "eur",
      "total": 1900,
      "amount_due": 1900,
      "amount_paid": 1900,
      "paid_at": "2026-02-28T11:00:00Z",
      "url": "URL"
    }
  }
}`
	if text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
}

func TestAnEndpointHearsOnlyWhatItAskedFor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		all, some := w.application(), w.application()
		s := w.telling(all.endpoint("all"), some.endpoint("some", "license.extended", "subscription.*"))
		w.premium(s)
		some.expect("subscription.started premium full", "license.extended premium full")
		if n := len(all.news()); n != 8 {
			t.Errorf("the other one heard %d, want 8", n)
		}
		for _, n := range some.got {
			if len(all.bodies[n.ID]) != 1 || all.bodies[n.ID][0] != some.bodies[n.ID][0] {
				t.Errorf("%s is not the same at both endpoints", n.ID)
			}
		}
	})
}

func TestADeliveryIsTriedAgainWithTheSameIDAndBody(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		app := w.application()
		s := w.telling(app.endpoint("app", "access.changed"))
		app.always(http.StatusServiceUnavailable)
		w.signUp(s)
		w.settle(s)
		app.expect()
		e := w.notices(s)[0]
		if e.State != "pending" || e.Attempts != 1 || e.Answer != 503 || e.Error != "answered 503" || !e.TriedAt.Equal(w.now.Now()) || e.Endpoint != "app" {
			t.Errorf("after the first try: %+v", e)
		}
		w.drain(s)
		if n := len(app.bodies); n != 1 {
			t.Errorf("%d deliveries before the pause is over", n)
		}
		w.move(w.now.Now().Add(6 * time.Second))
		w.drain(s)
		app.always(http.StatusOK)
		w.move(w.now.Now().Add(18 * time.Second))
		w.drain(s)
		app.expect("access.changed starter full")
		for id, bodies := range app.bodies {
			if len(bodies) != 3 || bodies[0] != bodies[1] || bodies[1] != bodies[2] {
				t.Errorf("%s came as %q, want it three times the same", id, bodies)
			}
		}
		if e := w.notices(s)[0]; e.State != "done" || e.Answer != 200 || e.Error != "" {
			t.Errorf("after the last try: %+v", e)
		}
	})
}

// runOut lets all tries of what waits be used up.
func (w *world) runOut(s *service.Service) (from, to time.Time) {
	w.t.Helper()
	from = w.now.Now()
	for range 30 {
		w.drain(s)
		queues, err := s.Queues(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		if queues.EffectsPending == 0 {
			return from, w.notices(s)[0].TriedAt
		}
		w.move(w.now.Now().Add(8 * time.Hour))
	}
	w.t.Fatal("something is tried for ever")
	return from, to
}

func TestAnUndeliveredNoticeIsGivenUpAndCanBeSentAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		app := w.application()
		s := w.telling(app.endpoint("app", "access.changed"))
		app.always(http.StatusFound) // a redirect is not followed
		w.signUp(s)
		w.settle(s)
		w.mails.kinds()
		w.runOut(s)
		e := w.notices(s)[0]
		if e.State != "dead" || e.Answer != http.StatusFound || !strings.Contains(e.Error, "redirects are not followed") {
			t.Fatalf("got %+v, want it given up", e)
		}
		app.always(http.StatusOK)
		if n, err := s.RetryEffects(t.Context(), service.EffectFilter{Endpoint: "app"}); n != 1 || err != nil {
			t.Fatalf("%d are tried again, %v", n, err)
		}
		w.drain(s)
		app.expect("access.changed starter full")
		if n, err := s.RetryEffects(t.Context(), service.EffectFilter{State: "done", Endpoint: "app"}); n != 1 || err != nil {
			t.Errorf("of what was delivered, %d are sent again, %v", n, err)
		}
		w.drain(s)
		app.expect("access.changed starter full")
		w.expectMails()
		if len(app.bodies) != 1 {
			t.Errorf("%d ids, want the same one each time", len(app.bodies))
		}
	})
}

func TestAnEndpointThatIsGoneIsNotTriedAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		app := w.application()
		s := w.telling(app.endpoint("app", "access.changed"))
		app.always(http.StatusGone)
		w.signUp(s)
		w.settle(s)
		if e := w.notices(s)[0]; e.State != "dead" || e.Attempts != 1 || e.Answer != http.StatusGone {
			t.Errorf("got %+v, want it given up at once", e)
		}
	})
}

func TestADeadEndpointKeepsNobodyWaiting(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		good := w.application()
		stuck, release := make(chan struct{}), make(chan struct{})
		var once sync.Once
		dead := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			once.Do(func() { close(stuck) })
			<-release
		}))
		t.Cleanup(dead.Close)
		told, mailed := make(chan string, 10), make(chan struct{}, 10)
		s := w.serviceWith(func(c *service.Config) {
			c.Endpoints = []service.Endpoint{{Name: "dead", URL: dead.URL, Secret: noticeSecret}, good.endpoint("good")}
			c.Transport, c.Sender = &http.Transport{DisableKeepAlives: true}, announcing{w.mails, mailed}
		})
		good.answering(func(n webhook.Notice) int { told <- n.Type; return http.StatusOK })
		ctx, stop := context.WithCancel(t.Context())
		running := make(chan error, 1)
		go func() { running <- s.Run(ctx) }()
		w.signUp(s)
		<-stuck
		if kind := <-told; kind != billing.AccountCreated {
			t.Errorf("the other endpoint heard %s", kind)
		}
		<-mailed
		close(release)
		stop()
		<-running
	})
}

// announcing says when a mail leaves.
type announcing struct {
	*mailbox
	sent chan struct{}
}

func (a announcing) Send(ctx context.Context, mail service.Mail) error {
	defer func() { a.sent <- struct{}{} }()
	return a.mailbox.Send(ctx, mail)
}

func TestASecretIsReplacedByTwoSignatures(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite:"+t.TempDir()+"/dues.db")
	app := w.application() // holds the secret of before
	endpoint := app.endpoint("app", "access.changed")
	endpoint.Secret, endpoint.PreviousSecret = otherSecret, noticeSecret
	s := w.telling(endpoint)
	w.signUp(s)
	w.settle(s)
	app.expect("access.changed starter full")
}

func TestAccessThatEndsByItselfIsTold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		app := w.application()
		s := w.telling(app.endpoint("app", "access.changed"))
		w.premium(s)
		app.expect("access.changed starter full", "access.changed premium full")
		until := w.status(s).Until
		w.move(until.Add(-time.Second)) // the renewal is due, and not a word of it has come
		w.drain(s)
		app.expect()
		w.move(until)
		w.drain(s)
		w.drain(w.telling(app.endpoint("app", "access.changed"))) // another process tells nothing twice
		app.expect("access.changed premium free")
		if was := app.got[2].Previous; was == nil || was.Level != "full" || was.Plan != "" {
			t.Errorf("before it was %+v, want the level only", was)
		}
		w.settle(s)
		app.expect("access.changed premium full")
	})
}

func TestNoticesOfOldAccountsBeginWithTheNextChange(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		silent := w.service()
		account := w.signUp(silent)
		w.settle(silent)
		app := w.application()
		s := w.telling(app.endpoint("app"))
		w.settle(s)
		app.expect()
		w.saveCard(account.Customer, "pm_card_visa")
		w.upgrade(s, "premium-monthly")
		w.settle(s)
		app.expect("access.changed premium full", "subscription.started premium full", "invoice.created premium full", "invoice.finalized premium full", "invoice.paid premium full", "license.extended premium full")
	})
}

func TestBadEndpointsAreRefused(t *testing.T) {
	t.Parallel()
	good := service.Endpoint{Name: "app", URL: "https://app.example.com/hooks", Secret: noticeSecret}
	for want, change := range map[string]func(*service.Endpoint){
		"name must be":            func(e *service.Endpoint) { e.Name = "My App" },
		"url is missing":          func(e *service.Endpoint) { e.URL = "" },
		"url must look like":      func(e *service.Endpoint) { e.URL = "ftp://app.example.com" },
		"url is longer":           func(e *service.Endpoint) { e.URL += strings.Repeat("x", 3000) },
		"password":                func(e *service.Endpoint) { e.URL = "https://me:secret@app.example.com" },
		"fragment":                func(e *service.Endpoint) { e.URL += "#x" },
		"secret is missing":       func(e *service.Endpoint) { e.Secret = "" },
		"secret: a secret begins": func(e *service.Endpoint) { e.Secret = "mine" },
		"previous secret: a secret has 24 to 64 bytes": func(e *service.Endpoint) { e.PreviousSecret = "whsec_c2hvcnQ=" },
		"are the same":                          func(e *service.Endpoint) { e.PreviousSecret = e.Secret },
		`no type "subscription.begun"`:          func(e *service.Endpoint) { e.Types = []string{"subscription.begun"} },
		`no type "sub*"`:                        func(e *service.Endpoint) { e.Types = []string{"sub*"} },
		"another endpoint has the name \"app\"": func(e *service.Endpoint) { e.URL += "/2" },
	} {
		bad := good
		change(&bad)
		err := service.CheckEndpoints([]service.Endpoint{good, bad})
		if billing.CodeOf(err) != billing.Invalid || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "endpoint 2 (") {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if err := service.CheckEndpoints(make([]service.Endpoint, 17)); billing.CodeOf(err) != billing.Invalid {
		t.Errorf("17 endpoints: %v", err)
	}
}

func TestTriesOfANoticeSpanThreeDaysAndDoNotComeTogether(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.String().Draw(t, "key")
		var sum, last time.Duration
		for tries := 1; tries < service.NoticeTries; tries++ {
			pause := service.NoticePause(key, tries)
			if pause < last*5/6 || pause > 6*time.Hour*6/5 || pause != service.NoticePause(key, tries) {
				t.Fatalf("the pause after try %d is %s, after %s", tries, pause, last)
			}
			sum, last = sum+pause, pause
		}
		if sum < 72*time.Hour || sum > 92*time.Hour {
			t.Fatalf("the tries span %s, want three days to four", sum)
		}
	})
	pauses := map[time.Duration]bool{}
	for i := range 1000 {
		pauses[service.NoticePause(fmt.Sprint("notice:app:access:", i, ":1"), 12)] = true
	}
	if len(pauses) < 990 {
		t.Errorf("a thousand notices that failed together come again at %d moments", len(pauses))
	}
}
