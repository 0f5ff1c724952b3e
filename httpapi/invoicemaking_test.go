package httpapi_test

import (
	"encoding/json"
	"net/http"
	"testing"
)

func TestAServerMakesAnInvoiceIssuesAndEndsIt(t *testing.T) {
	t.Parallel()
	s := &script{world: newWorld(t)}
	ada := s.premium("ada")
	const path = "/v1/accounts/ada/invoices"
	line := map[string]any{"amount": 4500, "currency": "eur", "quantity": 2, "description": "A workshop"}
	made := func(body map[string]any) string {
		t.Helper()
		var invoice struct{ ID string }
		if err := json.Unmarshal(s.do(request{method: "POST", path: path, credential: serverKey, body: body}).body, &invoice); err != nil {
			t.Fatal(err)
		}
		return path + "/" + invoice.ID
	}
	post := func(path string) { t.Helper(); s.do(request{method: "POST", path: path, credential: serverKey}) }
	wish := map[string]any{"lines": []any{line}, "memo": "Thank you", "key": "workshop"}
	charged := made(wish)
	made(wish)
	post(charged + "/hold")
	post(charged + "/issue")
	post(charged + "/void")
	mailed := made(map[string]any{"lines": []any{line}, "due_days": 14, "key": "mailed"})
	post(mailed + "/issue")
	post(mailed + "/write-off")
	post(mailed + "/void")
	s.do(request{method: "POST", path: "/v1/accounts/ada/hold-invoices", credential: serverKey, body: map[string]any{"hold": true}})
	slip := made(map[string]any{"lines": []any{line}, "key": "slip"})
	s.do(request{method: "GET", path: "/v1/held-invoices", credential: serverKey})
	post(slip + "/release")
	s.want(http.StatusOK, request{method: "DELETE", path: slip, credential: serverKey})
	s.do(request{method: "GET", path: "/v1/me/invoices", credential: ada})
	s.check("invoicemaking")
}

func badInvoicesMade(ada string) []refusal {
	const path, good = "/v1/accounts/ada/invoices", `{"lines":[{"amount":1,"currency":"eur","description":"d"}],"key":"k"}`
	out := bodies("POST", path, serverKey, good)
	bad := func(name, field, body string, status int) {
		out = append(out, refusal{"invoice: " + name, request{method: "POST", path: path, credential: serverKey, body: body}, status, field})
	}
	bad("of nothing", "lines", `{"key":"k"}`, 400)
	bad("an empty list of lines", "lines", `{"lines":[],"key":"k"}`, 400)
	bad("lines that are no list", "lines", `{"lines":"a","key":"k"}`, 400)
	bad("a line of nothing", "lines[0].amount", `{"lines":[{"amount":0,"currency":"eur","description":"d"}],"key":"k"}`, 400)
	bad("a line without description", "lines[1].description", `{"lines":[{"amount":1,"currency":"eur","description":"d"},{"amount":1,"currency":"eur"}],"key":"k"}`, 400)
	bad("two currencies", "lines[1].currency", `{"lines":[{"amount":1,"currency":"eur","description":"d"},{"amount":1,"currency":"usd","description":"d"}],"key":"k"}`, 400)
	bad("a start that is no time", "lines.period_start", `{"lines":[{"amount":1,"currency":"eur","description":"d","period_start":"soon"}],"key":"k"}`, 400)
	bad("due before it is made", "due_days", `{"pending":true,"due_days":-1,"key":"k"}`, 400)
	bad("nothing that waits", "pending", `{"pending":true,"key":"k"}`, 409)
	bad("without key", "key", `{"pending":true}`, 400)
	hold := "/v1/accounts/ada/hold-invoices"
	out = append(out, bodies("POST", hold, serverKey, `{"hold":true}`)...)
	out = append(out,
		refusal{"hold: no truth", request{method: "POST", path: hold, credential: serverKey, body: `{"hold":"yes"}`}, 400, "hold"},
		refusal{"hold: without it", request{method: "POST", path: hold, credential: serverKey, body: `{}`}, 400, "hold"},
		refusal{"hold: an account that does not exist", request{method: "POST", path: "/v1/accounts/nobody/hold-invoices", credential: serverKey, body: `{"hold":true}`}, 404, ""},
		refusal{"held: a token for a server's route", request{method: "GET", path: "/v1/held-invoices", credential: ada}, 403, ""},
	)
	for _, step := range []string{"issue", "void", "write-off", "hold", "release"} {
		out = append(out,
			refusal{step + ": no invoice of the account", request{method: "POST", path: path + "/in_none/" + step, credential: serverKey}, 404, "invoice"},
			refusal{step + ": an account that does not exist", request{method: "POST", path: "/v1/accounts/nobody/invoices/in_1/" + step, credential: serverKey}, 404, ""},
			refusal{step + ": a token for a server's route", request{method: "POST", path: path + "/in_1/" + step, credential: ada}, 404, ""},
		)
	}
	return append(out,
		refusal{"invoice: an account that does not exist", request{method: "POST", path: "/v1/accounts/nobody/invoices", credential: serverKey, body: good}, 404, ""},
		refusal{"invoice: a token for a server's route", request{method: "POST", path: path, credential: ada, body: good}, 404, ""},
		refusal{"draft deleted: a token for a server's route", request{method: "DELETE", path: path + "/in_1", credential: ada}, 404, ""},
	)
}
