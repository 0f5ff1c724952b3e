package httpapi_test

import (
	"encoding/json"
	"net/http"
	"testing"
)

func TestAnEndUserPaysAnInvoiceAndAPaidOneIsSuccess(t *testing.T) {
	t.Parallel()
	s := &script{world: newWorld(t)}
	ada := s.premium("ada")
	var has struct{ Invoices []struct{ ID string } }
	if err := json.Unmarshal(s.want(http.StatusOK, request{method: "GET", path: "/v1/me/invoices", credential: ada}).body, &has); err != nil || len(has.Invoices) == 0 {
		t.Fatalf("%+v, %v", has, err)
	}
	pay := "/invoices/" + has.Invoices[0].ID + "/pay"
	s.do(request{method: "POST", path: "/v1/me" + pay, credential: ada, body: map[string]any{}})
	s.do(request{method: "POST", path: "/v1/accounts/ada" + pay, credential: serverKey, body: map[string]any{}})
	s.do(request{method: "POST", path: "/v1/me" + pay, credential: ada, body: map[string]any{"method": "pm_none"}})
	s.check("invoices")
}

func badInvoices(ada string) []refusal {
	const mine, path = "/v1/me/invoices/in_none/pay", "/v1/accounts/ada/invoices/in_none/pay"
	out := append(bodies("POST", mine, ada, `{"method":"pm_1"}`), bodies("POST", path, serverKey, `{"method":"pm_1"}`)...)
	for _, value := range []string{`1`, `true`, `["a"]`, `{"a":1}`, `"not\u0000text"`} {
		out = append(out, refusal{"pay: method is " + value, request{method: "POST", path: mine, credential: ada, body: `{"method":` + value + `}`}, 400, "method"})
	}
	return append(out,
		refusal{"pay: no invoice of mine", request{method: "POST", path: mine, credential: ada, body: `{}`}, 404, "invoice"},
		refusal{"pay: no invoice of the account", request{method: "POST", path: path, credential: serverKey, body: `{}`}, 404, "invoice"},
		refusal{"pay: an account that does not exist", request{method: "POST", path: "/v1/accounts/nobody/invoices/in_1/pay", credential: serverKey, body: `{}`}, 404, ""},
		refusal{"pay: a token for a server's route", request{method: "POST", path: path, credential: ada, body: `{}`}, 404, ""},
	)
}
