package emulator_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/emulator/engine"
)

const api = "/_emulator/api/"

// still stops the wall clock.
func still(o *emulator.Options) { o.Now = func() time.Time { return time.Unix(1_800_000_000, 0) } }

// customers counts those of a key.
func customers(p plain) int { return len(p.must("GET", "/v1/customers", nil)["data"].([]any)) }

func TestAWorldGoesBackToItsSnapshots(t *testing.T) {
	t.Parallel()
	server := start(t, still)
	p := plain{t, server, ""}
	p.must("POST", "/v1/customers", url.Values{"name": {"Ada"}})
	p.must("POST", api+"snapshots", url.Values{"name": {"one"}})
	before := digest(server.Emulator, server.Key)
	p.must("POST", "/v1/customers", url.Values{"name": {"Grace"}})
	server.MoveTime(24 * time.Hour)
	if n := customers(p); n != 2 {
		t.Fatalf("%d customers, want two", n)
	}
	about := p.must("POST", api+"snapshots/one/restore", nil)
	if n := customers(p); n != 1 || digest(server.Emulator, server.Key) != before {
		t.Errorf("after the restore %d customers, want the world of the snapshot", n)
	}
	if about["now"] != 1_800_000_000.0 || about["commands"] != 1.0 {
		t.Errorf("the restored world says %v", about)
	}
	p.must("POST", "/v1/customers", url.Values{"name": {"Barbara"}})
	server.Restore("one") // as often as one likes
	if n := customers(p); n != 1 {
		t.Errorf("after the second restore %d customers, want one", n)
	}
	p.must("DELETE", api+"snapshots/one", nil)
	for _, request := range []string{"POST snapshots/one/restore", "DELETE snapshots/none"} {
		var method, path string
		fmt.Sscan(request, &method, &path)
		if status, _ := p.do(method, api+path, nil); status != http.StatusNotFound {
			t.Errorf("%s of an unknown snapshot answered %d", request, status)
		}
	}
}

func TestAForkIsAWorldOfItsOwn(t *testing.T) {
	t.Parallel()
	server := start(t, still)
	shop := openShop(t, server, "")
	shop.subscribe(t)
	second := server.Fork("sk_test_second")
	p, q := plain{t, server, ""}, plain{t, second, ""}
	if a, b := customers(p), customers(q); a != b {
		t.Fatalf("the fork has %d customers, its source %d", b, a)
	}
	made := q.must("POST", "/v1/customers", nil)["id"]
	other := p.must("POST", "/v1/customers", nil)["id"]
	if made == other {
		t.Errorf("both worlds made %v", made)
	}
	second.MoveTime(40 * 24 * time.Hour)
	if !second.Now().After(server.Now().Add(39 * 24 * time.Hour)) {
		t.Error("time in the fork moved the source")
	}
	if n := len(q.must("GET", "/v1/invoices", nil)["data"].([]any)); n != 2 {
		t.Errorf("the fork billed %d invoices, want the first and a renewal", n)
	}
	for name, form := range map[string]url.Values{
		"a live key": {"to": {"sk_live_x"}}, "itself": {"to": {server.Key}}, "nothing": {}, "an unknown snapshot": {"to": {"sk_test_third"}, "snapshot": {"none"}},
		"a world that is used": {"to": {second.Key}}, "nonsense": {"to": {"sk_test_third"}, "at": {"once"}},
	} {
		if status, body := p.do("POST", api+"fork", form); status < 400 || status >= 500 || body["error"] == "" {
			t.Errorf("a fork to %s answered %d %v", name, status, body)
		}
	}
}

func TestAWorldIsRewound(t *testing.T) {
	t.Parallel()
	server := start(t, still)
	shop := openShop(t, server, "")
	p := plain{t, server, ""}
	begun := server.Now()
	sub := shop.subscribe(t)
	subscribed := digest(server.Emulator, server.Key)
	commands := server.World(server.Key).Commands()
	server.MoveTime(100 * 24 * time.Hour)
	list := p.must("GET", "/v1/events?type=invoice.created&limit=1", nil)["data"].([]any)[0].(map[string]any)
	event, created := list["id"].(string), list["created"].(float64)

	p.must("POST", api+"rewind", url.Values{"event": {event}})
	if now := server.Now().Unix(); float64(now) != created {
		t.Errorf("rewound to an event of %v the world is at %v", created, now)
	}
	newest := p.must("GET", "/v1/events?limit=1", nil)["data"].([]any)[0].(map[string]any)
	if newest["created"].(float64) > created {
		t.Errorf("the newest event is of %v, after %v", newest["created"], created)
	}
	at := begun.Add(20 * 24 * time.Hour).Unix()
	p.must("POST", api+"rewind", url.Values{"time": {fmt.Sprint(at)}})
	if now := server.Now().Unix(); now != at {
		t.Errorf("rewound to %d the world is at %d", at, now)
	}
	p.must("POST", api+"rewind", url.Values{"commands": {fmt.Sprint(commands)}})
	if digest(server.Emulator, server.Key) != subscribed {
		t.Error("rewound to the subscription the world is another one")
	}
	server.Rewind(1) // takes the subscription back
	if status, _ := p.do("GET", "/v1/subscriptions/"+sub.ID, nil); status != 404 {
		t.Errorf("the subscription answers %d after it was taken back", status)
	}
	for name, form := range map[string]url.Values{
		"nowhere": {}, "too many": {"commands": {"1000"}}, "before the beginning": {"time": {"5"}}, "into the future": {"time": {"1900000000"}},
		"an unknown event": {"event": {"evt_none"}}, "nonsense": {"to": {"yesterday"}}, "less than none": {"commands": {"-1"}},
	} {
		if status, body := p.do("POST", api+"rewind", form); status < 400 || status >= 500 || body["error"] == "" {
			t.Errorf("a rewind %s answered %d %v", name, status, body)
		}
	}
}

// Everything that is done to a whole world stands in the journal, and every prefix of it is a world that was.
func TestTheJournalTellsSnapshotsForksRewindsAndSettings(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state")
	server := start(t, still, func(o *emulator.Options) { o.Journal = path })
	shop := openShop(t, server, "")
	type moment struct {
		name   string
		length int64
		worlds map[string]string
	}
	var moments []moment
	note := func(name string) {
		t.Helper()
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		m := moment{name, info.Size(), map[string]string{}}
		for _, key := range []string{server.Key, "sk_test_fork"} {
			m.worlds[key] = digest(server.Emulator, key)
		}
		moments = append(moments, m)
	}
	server.ChangeSettings(func(s *engine.Settings) { s.EndOfDunning, s.AccountName = engine.EndUnpaid, "Northwind" })
	server.Snapshot("shop")
	shop.subscribe(t)
	server.MoveTime(40 * 24 * time.Hour)
	note("a renewal")
	server.ForkOf("shop", "sk_test_fork").MoveTime(time.Hour)
	note("a fork")
	server.Rewind(1)
	note("a rewind")
	server.Restore("shop")
	shop.subscribe(t)
	note("a restore")
	server.Reset()
	note("a reset")
	journal, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range moments {
		again := reopen(t, journal[:m.length])
		for key, want := range m.worlds {
			if got := digest(again, key); got != want {
				t.Errorf("after %s the journal makes another world of %s", m.name, key)
			}
		}
	}
}

// Settings that are given at a start go for the worlds that a journal brings, and change in them only what they change.
func TestSettingsGivenAtARestartGoForTheWorldsThereAre(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state")
	open := func(settings engine.Settings) *emulator.Emulator {
		o := emulator.Options{Journal: path, Settings: settings}
		still(&o)
		e, err := emulator.New(o)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	const key = "sk_test_dues"
	first := open(engine.DefaultSettings())
	if err := first.World(key).ChangeSettings(func(s *engine.Settings) { s.AccountName = "Northwind" }); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	given := engine.DefaultSettings()
	given.UpcomingLeadDays = 30
	second := open(given)
	if got := second.World(key).Settings(); got.UpcomingLeadDays != 30 || got.AccountName != "Northwind" {
		t.Errorf("got %d days and the name %q", got.UpcomingLeadDays, got.AccountName)
	}
	if got := second.World("sk_test_new").Settings(); got.UpcomingLeadDays != 30 || got.AccountName != "Dues Test" {
		t.Errorf("a new world got %d days and the name %q", got.UpcomingLeadDays, got.AccountName)
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	third := open(engine.Settings{}) // none given: they stay
	if got := third.World(key).Settings().UpcomingLeadDays; got != 30 {
		t.Errorf("without settings there are %d days, want those of before", got)
	}
	if err := third.Close(); err != nil {
		t.Fatal(err)
	}
	o := emulator.Options{Journal: path, Seed: "another"}
	still(&o)
	if _, err := emulator.New(o); err == nil {
		t.Error("a journal was opened with another seed than its own")
	}
}

func TestTheSameSeedGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	tell := func() []byte {
		var told []byte
		server := start(t, still, func(o *emulator.Options) { o.Seed, o.BaseURL = "bytes", "http://emulator.example" })
		p := plain{t, server, ""}
		send := func(method, path string, form url.Values) map[string]any {
			_, header, text := p.send(method, path, form, map[string]string{"Idempotency-Key": fmt.Sprint(len(told))})
			told = append(append(told, header.Get("Request-Id")...), text...)
			_, body := p.do("GET", "/v1/events?limit=1", nil)
			return body
		}
		send("POST", "/v1/customers", url.Values{"name": {"Ada"}, "payment_method": {"pm_card_visa"}, "invoice_settings[default_payment_method]": {"pm_card_visa"}})
		send("POST", "/v1/prices", url.Values{
			"currency": {"usd"}, "unit_amount": {"2000"}, "recurring[interval]": {"month"}, "product_data[name]": {"Premium"},
		})
		customer := p.must("GET", "/v1/customers", nil)["data"].([]any)[0].(map[string]any)["id"].(string)
		price := p.must("GET", "/v1/prices", nil)["data"].([]any)[0].(map[string]any)["id"].(string)
		send("POST", "/v1/subscriptions", url.Values{"customer": {customer}, "items[0][price]": {price}})
		send("POST", "/v1/customers", url.Values{"balance": {"ten"}})
		server.MoveTime(70 * 24 * time.Hour)
		send("GET", "/v1/events?limit=100", nil)
		return told
	}
	if first, second := tell(), tell(); string(first) != string(second) {
		t.Errorf("two runs differ:\n%s\n%s", first, second)
	}
}

func TestTheSettingsOfAWorldAreChangedOverHTTP(t *testing.T) {
	t.Parallel()
	server := start(t)
	p := plain{t, server, ""}
	answer := p.must("POST", api+"settings", url.Values{"retry_days[]": {"1", "2"}, "end_of_dunning": {"unpaid"}, "api_version": {"2025-03-31.basil"}})
	if fmt.Sprint(answer["retry_days"]) != "[1 2]" || answer["end_of_dunning"] != "unpaid" {
		t.Errorf("got %v", answer)
	}
	if fmt.Sprint(p.must("GET", api+"settings", nil)) != fmt.Sprint(answer) {
		t.Error("the settings are told otherwise than they were answered")
	}
	if _, header, _ := p.raw("GET", "/v1/customers", nil, nil); header.Get("Stripe-Version") != "2025-03-31.basil" {
		t.Errorf("a request without a version is answered in %s", header.Get("Stripe-Version"))
	}
	if other := server.World("sk_test_other").Settings(); other.EndOfDunning != engine.EndCancel {
		t.Error("one world's settings changed another's")
	}
	for param, value := range map[string]string{
		"end_of_dunning": "never", "retry_days": "soon", "upcoming_lead_days": "-1", "api_version": "2001-01-01", "volume": "11", "account_name": "",
	} {
		if status, body := p.do("POST", api+"settings", url.Values{param: {value}}); status != 400 || body["param"] != param {
			t.Errorf("%s=%s answered %d %v", param, value, status, body)
		}
	}
}

func TestSettingsAreReadFromYAMLOrRefusedByName(t *testing.T) {
	t.Parallel()
	got, err := emulator.ReadSettings([]byte("retry_days: [1, 2]\nend_of_dunning: unpaid\n"), []byte("end_of_dunning: past_due"))
	if err != nil || fmt.Sprint(got.RetryDays) != "[1 2]" || got.EndOfDunning != engine.EndPastDue || got.AccountName != "Dues Test" {
		t.Errorf("got %+v, %v", got, err)
	}
	got, err = emulator.ReadSettings([]byte("decisions:\n  swap_quantity: kept\n  rate_limit: 25\n"), []byte("decisions: {swap_quantity: one, usage_grace: 0}"))
	want := engine.DefaultDecisions()
	want.RateLimit, want.UsageGrace = 25, 0
	if err != nil || got.Decisions != want {
		t.Errorf("decisions of two texts: got %+v, %v", got.Decisions, err)
	}
	for text, says := range map[string]string{
		"retyr_days: [1]": `unknown field "retyr_days"`, "end_of_dunning: never": "Invalid end_of_dunning", "retry_days: soon": "retry_days: soon",
		"decisions: {swap_quantity: two}": "Invalid decisions[swap_quantity]", "decisions: {swap: one}": `unknown field "swap"`,
		"end_of_dunning:": "end_of_dunning has no value", "- a": "settings:", "upcoming_lead_days: -1": "greater than or equal to 0",
	} {
		if _, err := emulator.ReadSettings([]byte(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: got %v, want it to say %q", text, err, says)
		}
	}
}

// The objects of a fork have the ids that they have in its source, so their pages opened in the source.
func TestThePagesOfAForkOpenInTheFork(t *testing.T) {
	t.Parallel()
	server := start(t)
	p := plain{t, server, ""}
	customer := p.must("POST", "/v1/customers", url.Values{"email": {"ada@example.com"}})["id"].(string)
	session := p.must("POST", "/v1/checkout/sessions", url.Values{
		"mode": {"subscription"}, "success_url": {"https://app.example/done"}, "customer": {customer}, "line_items[0][quantity]": {"1"},
		"line_items[0][price_data][currency]": {"usd"}, "line_items[0][price_data][unit_amount]": {"900"},
		"line_items[0][price_data][recurring][interval]": {"month"}, "line_items[0][price_data][product_data][name]": {"Pro"},
	})
	second := server.Fork("sk_test_second")
	fork := plain{t, second, ""}
	path := "/v1/checkout/sessions/" + session["id"].(string)
	address := fork.must("GET", path, nil)["url"].(string)
	if address == session["url"] {
		t.Fatalf("the fork's page has its source's address %s", address)
	}
	page, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	html, err := io.ReadAll(page.Body)
	if page.Body.Close(); err != nil || !strings.Contains(string(html), `action="`+strings.TrimPrefix(address, server.URL)+`"`) {
		t.Fatalf("%v: the form of %s leads elsewhere", err, address)
	}
	form := paying(nil)
	form.Set("cardNumber", "4000002500003155")
	_, challenge := press(t, address, form)
	if _, location := press(t, server.URL+challenge, url.Values{"outcome": {"succeed"}}); location != "https://app.example/done" {
		t.Fatalf("the challenge %s leads to %s", challenge, location)
	}
	if there, here := fork.must("GET", path, nil)["status"], p.must("GET", path, nil)["status"]; there != "complete" || here != "open" {
		t.Errorf("the fork's session is %s, its source's %s", there, here)
	}
	if _, location := press(t, session["url"].(string), paying(nil)); location != "https://app.example/done" {
		t.Errorf("the source's page leads to %s", location)
	}
	portal := fork.must("POST", "/v1/billing_portal/sessions", url.Values{"customer": {customer}})["url"].(string)
	if page, err = http.Get(portal); err != nil || page.Body.Close() != nil || page.StatusCode != http.StatusOK {
		t.Errorf("the fork's portal %s: %v, %v", portal, page, err)
	}
}
