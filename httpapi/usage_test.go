package httpapi_test

import (
	"strings"
	"testing"

	"github.com/dues-billing/dues"
	"github.com/dues-billing/dues/billing"
)

// metered adds a feature whose usage is counted to what is sold.
func metered(c *dues.Config) {
	c.Catalog.Features = append(c.Catalog.Features, billing.Feature{
		ID: "calls", Name: "Calls", Type: billing.Usage, Meter: billing.Meter{Event: "calls", Aggregate: billing.Sum},
	})
}

// Features: 59.
func TestAServerReportsUsageAndAnEndUserReadsHis(t *testing.T) {
	t.Parallel()
	s := &script{world: newWorld(t, metered)}
	s.signUp("ada")
	event := func(key string, quantity int) map[string]any {
		return map[string]any{"key": key, "account": "ada", "feature": "calls", "quantity": quantity}
	}
	report := func(events ...map[string]any) {
		s.do(request{method: "POST", path: "/v1/usage", credential: serverKey, body: map[string]any{"events": events}})
	}
	report(event("one", 3), event("two", 4))
	report(event("one", 3))
	report(event("three", 1), event("three", 5))
	s.do(request{method: "GET", path: "/v1/me/usage?feature=calls", credential: token(t, "ada")})
	s.do(request{method: "GET", path: "/v1/accounts/ada/usage?feature=calls", credential: serverKey})
	s.check("usage")
}

func TestUsageThatIsWrongIsRefusedByItsPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t, metered)
	w.signUp("ada")
	const good = `{"key":"one","account":"ada","feature":"calls","quantity":1}`
	in := func(old, with string) string {
		return `{"events":[` + good + `,` + strings.Replace(good, old, with, 1) + `]}`
	}
	post := func(name, body, field string, status int) refusal {
		return refusal{name, request{method: "POST", path: "/v1/usage", credential: serverKey, body: body}, status, field}
	}
	read := func(name, query, field string) refusal {
		return refusal{name, request{method: "GET", path: "/v1/accounts/ada/usage?" + query, credential: serverKey}, 400, field}
	}
	cases := append(bodies("POST", "/v1/usage", serverKey, `{"events":[`+good+`]}`),
		post("no events", `{"events":[]}`, "events", 400),
		post("events that are no list", `{"events":{}}`, "events", 400),
		post("without events", `{}`, "events", 400),
		post("too many", `{"events":[`+good+strings.Repeat(","+good, 1000)+`]}`, "events", 400),
		post("an unknown field", in(`"quantity"`, `"amount":1,"quantity"`), "events[1].amount", 400),
		post("without key", in(`"key":"one",`, ``), "events[1].key", 400),
		post("an empty key", in(`"one"`, `""`), "events[1].key", 400),
		post("a key that is too long", in(`"one"`, `"`+strings.Repeat("k", 201)+`"`), "events[1].key", 400),
		post("a key for two things", in(`:1}`, `:2}`), "events[1].key", 409),
		post("an account that does not exist", in(`"ada"`, `"bob"`), "events[1].account", 404),
		post("a feature that is not metered", in(`"calls"`, `"export"`), "events[1].feature", 400),
		post("a feature that does not exist", in(`"calls"`, `"mails"`), "events[1].feature", 400),
		post("a part", in(`:1}`, `:1.5}`), "events[1].quantity", 400),
		post("less than nothing", in(`:1}`, `:-1}`), "events[1].quantity", 400),
		post("more than can be", in(`:1}`, `:1000000000001}`), "events[1].quantity", 400),
		post("no moment", in(`:1}`, `:1,"at":"today"}`), "events[1].at", 400),
		post("too late", in(`:1}`, `:1,"at":"2020-01-01T00:00:00Z"}`), "events[1].at", 400),
		post("too early", in(`:1}`, `:1,"at":"2100-01-01T00:00:00Z"}`), "events[1].at", 400),
		post("no object", `{"events":[1]}`, "events[0]", 400),
		refusal{"an end user's token", request{method: "POST", path: "/v1/usage", credential: token(t, "ada"), body: `{"events":[` + good + `]}`}, 403, ""},
		read("no feature", "", "feature"),
		read("a feature that is not metered", "feature=export", "feature"),
		read("no moment", "feature=calls&since=yesterday", "since"),
		read("an end before its beginning", "feature=calls&since=2026-02-01T00:00:00Z&until=2026-01-01T00:00:00Z", "until"),
		read("too long", "feature=calls&since=2020-01-01T00:00:00Z", "since"),
		read("compare of another kind", "feature=calls&compare=1", "compare"),
	)
	for _, c := range cases {
		checkProblem(t, c, w.send(c.req))
	}
	if got := w.want(200, request{method: "GET", path: "/v1/accounts/ada/usage?feature=calls", credential: serverKey}).body; !strings.Contains(string(got), `"quantity":0`) {
		t.Errorf("something of what was refused is counted: %s", got)
	}
}
