package httpapi_test

import "testing"

func TestAServerGivesCreditOnceAndItsOwnerSeesIt(t *testing.T) {
	t.Parallel()
	s := &script{world: newWorld(t)}
	ada := s.premium("ada")
	give := func(amount int, key string) {
		t.Helper()
		s.do(request{method: "POST", path: "/v1/accounts/ada/credit", credential: serverKey, body: map[string]any{"amount": amount, "currency": "eur", "key": key, "note": "An apology"}})
	}
	give(500, "apology-1")
	give(500, "apology-1")
	give(-200, "slip-1")
	give(-301, "slip-2")
	s.do(request{method: "GET", path: "/v1/me/credit", credential: ada})
	s.do(request{method: "GET", path: "/v1/accounts/ada/credit", credential: serverKey})
	s.check("credit")
}

func badCredits(ada string) []refusal {
	const path = "/v1/accounts/ada/credit"
	out := bodies("POST", path, serverKey, `{"amount":1,"currency":"eur","key":"k"}`)
	bad := func(name, field, body string, status int) {
		out = append(out, refusal{"credit: " + name, request{method: "POST", path: path, credential: serverKey, body: body}, status, field})
	}
	bad("nothing", "amount", `{"amount":0,"currency":"eur","key":"k"}`, 400)
	bad("without amount", "amount", `{"currency":"eur","key":"k"}`, 400)
	bad("a part of a cent", "amount", `{"amount":1.5,"currency":"eur","key":"k"}`, 400)
	bad("too much", "amount", `{"amount":100000000,"currency":"eur","key":"k"}`, 400)
	bad("more taken than there is", "amount", `{"amount":-1,"currency":"eur","key":"k"}`, 409)
	bad("without currency", "currency", `{"amount":1,"key":"k"}`, 400)
	bad("no such currency", "currency", `{"amount":1,"currency":"euros","key":"k"}`, 400)
	bad("without key", "key", `{"amount":1,"currency":"eur"}`, 400)
	bad("an empty key", "key", `{"amount":1,"currency":"eur","key":""}`, 400)
	bad("a key that no header takes", "key", `{"amount":1,"currency":"eur","key":"a\nb"}`, 400)
	return append(out,
		refusal{"credit: an account that does not exist", request{method: "POST", path: "/v1/accounts/nobody/credit", credential: serverKey, body: `{"amount":1,"currency":"eur","key":"k"}`}, 404, ""},
		refusal{"credit: of an account that does not exist", request{method: "GET", path: "/v1/accounts/nobody/credit", credential: serverKey}, 404, ""},
		refusal{"credit: a token for a server's route", request{method: "POST", path: path, credential: ada, body: `{"amount":1,"currency":"eur","key":"k"}`}, 404, ""},
	)
}
