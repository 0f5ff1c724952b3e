package httpapi_test

import "testing"

// Features: 92.
func TestAnEndUserAsksForHisMoneyAndAServerMayDecideOtherwise(t *testing.T) {
	t.Parallel()
	s := &script{world: newWorld(t)}
	ada, bob := s.premium("ada"), s.premium("bob")
	s.do(request{method: "GET", path: "/v1/me/refund-quote", credential: ada})
	s.do(request{method: "POST", path: "/v1/me/refunds", credential: ada, body: map[string]any{}})
	s.do(request{method: "GET", path: "/v1/me/refund-quote", credential: ada})
	s.do(request{method: "GET", path: "/v1/me/refunds", credential: ada})
	s.do(request{method: "GET", path: "/v1/me", credential: ada})
	s.do(request{method: "POST", path: "/v1/accounts/bob/consumption", credential: serverKey, body: map[string]any{"asset": "handbook", "percent": 60}})
	s.do(request{method: "GET", path: "/v1/accounts/bob/refund-quote", credential: serverKey})
	s.do(request{method: "POST", path: "/v1/me/refunds", credential: bob, body: map[string]any{}})
	s.do(request{method: "POST", path: "/v1/accounts/bob/refunds", credential: serverKey, body: map[string]any{"override": true, "amount": 900, "reason": "order_change"}})
	s.do(request{method: "GET", path: "/v1/accounts/bob/refunds", credential: serverKey})
	s.check("refund")
}

func badRefunds(ada string) []refusal {
	const mine, path, consumption = "/v1/me/refunds", "/v1/accounts/ada/refunds", "/v1/accounts/ada/consumption"
	out := append(bodies("POST", mine, ada, `{"invoice":"in_1"}`), bodies("POST", path, serverKey, `{"invoice":"in_1"}`)...)
	out = append(out, bodies("POST", consumption, serverKey, `{"asset":"handbook","percent":1}`)...)
	bad := func(path, name, field, body string, status int) {
		credential := serverKey
		if path == mine {
			credential = ada
		}
		out = append(out, refusal{path + ": " + name, request{method: "POST", path: path, credential: credential, body: body}, status, field})
	}
	bad(mine, "an amount is the server's to say", "amount", `{"amount":1}`, 400)
	bad(mine, "whoever overrides is no end user", "override", `{"override":true}`, 400)
	bad(mine, "nothing was paid", "", `{}`, 409)
	bad(path, "nothing was paid, whoever decides", "", `{"override":true}`, 409)
	bad(path, "an invoice that does not exist", "invoice", `{"invoice":"in_none"}`, 404)
	bad(path, "less than nothing", "amount", `{"amount":-1}`, 400)
	bad(path, "a part of a cent", "amount", `{"amount":1.5}`, 400)
	bad(path, "an amount of a wrong type", "amount", `{"amount":"all"}`, 400)
	bad(path, "more than a number holds", "amount", `{"amount":9223372036854775808}`, 400)
	bad(path, "override of a wrong type", "override", `{"override":"yes"}`, 400)
	bad(path, "a reason that nobody counts", "reason", `{"reason":"whim"}`, 400)
	bad(consumption, "an asset that does not exist", "asset", `{"asset":"map","percent":1}`, 400)
	bad(consumption, "without asset", "asset", `{"percent":1}`, 400)
	bad(consumption, "without percent", "percent", `{"asset":"handbook"}`, 400)
	bad(consumption, "more than all", "percent", `{"asset":"handbook","percent":101}`, 400)
	bad(consumption, "less than nothing", "percent", `{"asset":"handbook","percent":-1}`, 400)
	bad(consumption, "a word", "percent", `{"asset":"handbook","percent":"half"}`, 400)
	return append(out,
		refusal{"refund: an account that does not exist", request{method: "POST", path: "/v1/accounts/nobody/refunds", credential: serverKey, body: `{}`}, 404, ""},
		refusal{"consumption: an account that does not exist", request{method: "POST", path: "/v1/accounts/nobody/consumption", credential: serverKey, body: `{"asset":"handbook","percent":1}`}, 404, ""},
		refusal{"quote: an account that does not exist", request{method: "GET", path: "/v1/accounts/nobody/refund-quote", credential: serverKey}, 404, ""},
		refusal{"quote: an invoice that does not exist", request{method: "GET", path: "/v1/me/refund-quote?invoice=in_none", credential: ada}, 404, "invoice"},
		refusal{"refund: a token for a server's route", request{method: "POST", path: path, credential: ada, body: `{}`}, 404, ""},
	)
}
