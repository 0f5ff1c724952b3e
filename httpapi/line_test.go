package httpapi_test

import (
	"encoding/json"
	"net/http"
	"testing"
)

func TestAServerAddsALineOnceAndItsOwnerSeesIt(t *testing.T) {
	t.Parallel()
	s := &script{world: newWorld(t)}
	ada := s.premium("ada")
	const path = "/v1/accounts/ada/lines"
	add := func(amount int, key string) []byte {
		t.Helper()
		body := map[string]any{"amount": amount, "currency": "eur", "quantity": 3, "description": "Set-up, hours", "key": key}
		return s.do(request{method: "POST", path: path, credential: serverKey, body: body}).body
	}
	add(250, "setup-1")
	add(250, "setup-1")
	add(251, "setup-1")
	var slip struct{ ID string }
	if err := json.Unmarshal(add(100, "slip-1"), &slip); err != nil {
		t.Fatal(err)
	}
	s.do(request{method: "GET", path: "/v1/me/lines", credential: ada})
	s.want(http.StatusOK, request{method: "DELETE", path: path + "/" + slip.ID, credential: serverKey})
	s.do(request{method: "GET", path: path, credential: serverKey})
	s.do(request{method: "GET", path: "/v1/me/upcoming", credential: ada})
	s.check("lines")
}

func badLines(ada string) []refusal {
	const path, good = "/v1/accounts/ada/lines", `{"amount":1,"currency":"eur","description":"d","key":"k"}`
	out := bodies("POST", path, serverKey, good)
	bad := func(name, field, body string, status int) {
		out = append(out, refusal{"line: " + name, request{method: "POST", path: path, credential: serverKey, body: body}, status, field})
	}
	bad("of nothing", "amount", `{"amount":0,"currency":"eur","description":"d","key":"k"}`, 400)
	bad("without amount", "amount", `{"currency":"eur","description":"d","key":"k"}`, 400)
	bad("a part of a cent", "amount", `{"amount":1.5,"currency":"eur","description":"d","key":"k"}`, 400)
	bad("too much", "amount", `{"amount":100000000,"currency":"eur","description":"d","key":"k"}`, 400)
	bad("too much of it", "quantity", `{"amount":99999999,"quantity":2,"currency":"eur","description":"d","key":"k"}`, 400)
	bad("less than none of it", "quantity", `{"amount":1,"quantity":-1,"currency":"eur","description":"d","key":"k"}`, 400)
	bad("without currency", "currency", `{"amount":1,"description":"d","key":"k"}`, 400)
	bad("no such currency", "currency", `{"amount":1,"currency":"euros","description":"d","key":"k"}`, 400)
	bad("without description", "description", `{"amount":1,"currency":"eur","key":"k"}`, 400)
	bad("without key", "key", `{"amount":1,"currency":"eur","description":"d"}`, 400)
	bad("a start that is no time", "period_start", `{"amount":1,"currency":"eur","description":"d","key":"k","period_start":"soon"}`, 400)
	bad("a start without end", "period_end", `{"amount":1,"currency":"eur","description":"d","key":"k","period_start":"2026-01-01T00:00:00Z"}`, 400)
	bad("an end before its start", "period_end", `{"amount":1,"currency":"eur","description":"d","key":"k","period_start":"2026-01-02T00:00:00Z","period_end":"2026-01-01T00:00:00Z"}`, 400)
	bad("on no invoice of the account", "invoice", `{"amount":1,"currency":"eur","description":"d","key":"k","invoice":"in_none"}`, 404)
	return append(out,
		refusal{"line: an account that does not exist", request{method: "POST", path: "/v1/accounts/nobody/lines", credential: serverKey, body: good}, 404, ""},
		refusal{"lines: of an account that does not exist", request{method: "GET", path: "/v1/accounts/nobody/lines", credential: serverKey}, 404, ""},
		refusal{"line removed: of an account that does not exist", request{method: "DELETE", path: "/v1/accounts/nobody/lines/ii_1", credential: serverKey}, 404, ""},
		refusal{"line: a token for a server's route", request{method: "POST", path: path, credential: ada, body: good}, 404, ""},
		refusal{"line removed: a token for a server's route", request{method: "DELETE", path: path + "/ii_1", credential: ada}, 404, ""},
	)
}
