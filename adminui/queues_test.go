package adminui_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/dues-billing/dues/service"
)

const webhookSecret = "whsec_of_these_tests"

// deliver is a webhook about ada's customer.
func (o *operator) deliver(id, version string) {
	o.t.Helper()
	account, err := o.dues.Account(o.t.Context(), "ada")
	if err != nil {
		o.t.Fatal(err)
	}
	body := fmt.Sprintf(`{"id":"%s","object":"event","api_version":"%s","type":"customer.updated","created":1798970400,"data":{"object":{"id":"%s","object":"customer"}}}`,
		id, version, account.Customer)
	stamp := fmt.Sprint(o.now.Unix())
	mac := hmac.New(sha256.New, []byte(webhookSecret))
	mac.Write([]byte(stamp + "." + body))
	header := http.Header{"Stripe-Signature": {"t=" + stamp + ",v1=" + hex.EncodeToString(mac.Sum(nil))}}
	if err := o.dues.Receive(o.t.Context(), "", header, []byte(body)); err != nil {
		o.t.Fatal(err)
	}
}

func (o *operator) drain() {
	o.t.Helper()
	if err := o.dues.Drain(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
}

// Features: 68.
func TestThePageShowsForeignVersionsAndReplaysOneEventOrThoseOfAFilter(t *testing.T) {
	t.Parallel()
	o := open(t, password)
	if _, _, err := o.dues.CreateAccount(t.Context(), service.NewAccount{ID: "ada", Email: "ada@example.com"}); err != nil {
		t.Fatal(err)
	}
	o.deliver("evt_ours", "2026-06-24.dahlia")
	o.deliver("evt_old", "2024-06-20")
	o.drain()
	token := csrf.FindStringSubmatch(o.post("/admin/sign-in", 200, url.Values{"password": {password}}))[1]
	page := o.get("/admin/queues", 200)
	o.shows(page, "2024-06-20", "Replay")
	if n := strings.Count(page, ">foreign<"); n != 1 {
		t.Errorf("%d events are flagged as foreign, want 1:\n%s", n, page)
	}
	waiting := func(want int) {
		t.Helper()
		if queues, err := o.dues.Queues(t.Context()); err != nil || queues.EventsPending != want {
			t.Errorf("%d events wait (%v), want %d", queues.EventsPending, err, want)
		}
		o.drain()
	}
	retry := func(status int, form url.Values, words string) {
		t.Helper()
		form.Set("csrf", token)
		o.shows(o.post("/admin/queues/retry", status, form), words)
	}
	retry(200, url.Values{"id": {"evt_old"}}, "It is tried again")
	waiting(1)
	o.shows(o.get("/admin/queues?state=done&type=customer.updated&account=ada", 200), "Work all these events off anew", "evt_ours")
	retry(200, url.Values{"what": {"events"}, "state": {"done"}, "type": {"customer.updated"}, "account": {"ada"}}, "Everything you chose is tried again")
	waiting(2)
	retry(404, url.Values{"id": {"evt_forgotten"}}, "It is not there any more")
	retry(409, url.Values{"key": {"welcome:ada"}}, "never happens twice")
	retry(400, url.Values{"what": {"effects"}, "state": {"done"}}, "say which notices")
	waiting(0)
	o.shows(o.get("/admin/queues?account=nobody", 400), "there is no account with this id")
	o.shows(o.get("/admin/queues?state=dead", 200), "Nothing here is what you ask for")
}

func TestThePageLeadsToWhatIsOlder(t *testing.T) {
	t.Parallel()
	o := open(t, password)
	if _, _, err := o.dues.CreateAccount(t.Context(), service.NewAccount{ID: "ada", Email: "ada@example.com"}); err != nil {
		t.Fatal(err)
	}
	for i := range 51 {
		o.deliver(fmt.Sprintf("evt_number_%02d", i), "2026-06-24.dahlia")
	}
	o.post("/admin/sign-in", 200, url.Values{"password": {password}})
	page := o.get("/admin/queues?type=customer.updated", 200)
	o.shows(page, "evt_number_50", "evt_number_01", `href="/admin/queues?events=2&amp;type=customer.updated">Older events`)
	if strings.Contains(page, "evt_number_00") {
		t.Error("a page has more than fifty rows")
	}
	older := o.get("/admin/queues?events=2&type=customer.updated", 200)
	o.shows(older, "evt_number_00")
	if strings.Contains(older, "evt_number_01") || strings.Contains(older, "Older events") {
		t.Error("the last page repeats a row, or leads on")
	}
}
