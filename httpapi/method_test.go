package httpapi_test

import (
	"encoding/json"
	"net/http"
	"testing"
)

// Features: 34 35 44.
func TestAnEndUserKeepsCardsAndAServerDoesItForAnAccount(t *testing.T) {
	t.Parallel()
	s := &script{world: newWorld(t)}
	ada := s.premium("ada")
	var has struct {
		Methods []struct{ ID string } `json:"payment_methods"`
	}
	if err := json.Unmarshal(s.want(http.StatusOK, request{method: "GET", path: "/v1/me/payment-methods", credential: ada}).body, &has); err != nil || len(has.Methods) != 1 {
		t.Fatalf("%+v, %v", has, err)
	}
	card, back := has.Methods[0].ID, map[string]any{"return_url": "https://app.example.com/account"}
	s.do(request{method: "GET", path: "/v1/me/payment-methods", credential: ada})
	s.do(request{method: "POST", path: "/v1/me/payment-methods", credential: ada, body: back})
	s.do(request{method: "POST", path: "/v1/me/payment-methods/" + card + "/default", credential: ada})
	s.do(request{method: "DELETE", path: "/v1/me/payment-methods/" + card, credential: ada})
	s.do(request{method: "GET", path: "/v1/accounts/ada/payment-methods", credential: serverKey})
	s.do(request{method: "POST", path: "/v1/accounts/ada/payment-methods", credential: serverKey, body: back})
	s.do(request{method: "POST", path: "/v1/accounts/ada/portal", credential: serverKey, body: map[string]any{"return_url": back["return_url"], "task": "subscription_cancel"}})
	s.do(request{method: "POST", path: "/v1/accounts/ada/cancel", credential: serverKey, body: map[string]any{"when": "now"}})
	s.do(request{method: "DELETE", path: "/v1/accounts/ada/payment-methods/" + card, credential: serverKey})
	s.check("methods")
}

func badMethods(ada string) []refusal {
	const mine, path = "/v1/me/payment-methods", "/v1/accounts/ada/payment-methods"
	out := append(bodies("POST", mine, ada, `{"return_url":"https://app.example.com/"}`), bodies("POST", path, serverKey, `{"return_url":"https://app.example.com/"}`)...)
	for _, way := range []struct{ name, method, path string }{{"default", "POST", "/pm_none/default"}, {"remove", "DELETE", "/pm_none"}} {
		out = append(out,
			refusal{way.name + ": no method of mine", request{method: way.method, path: mine + way.path, credential: ada}, 404, "method"},
			refusal{way.name + ": no method of the account", request{method: way.method, path: path + way.path, credential: serverKey}, 404, "method"},
			refusal{way.name + ": no such account", request{method: way.method, path: "/v1/accounts/nobody/payment-methods" + way.path, credential: serverKey}, 404, ""},
			refusal{way.name + ": a token for a server's route", request{method: way.method, path: path + way.path, credential: ada}, 404, ""},
		)
	}
	return append(out,
		refusal{"save: elsewhere", request{method: "POST", path: mine, credential: ada, body: `{"return_url":"https://evil.example.com/"}`}, 400, "return_url"},
		refusal{"save: nowhere", request{method: "POST", path: mine, credential: ada, body: `{"return_url":""}`}, 400, "return_url"},
		refusal{"portal: no such task", request{method: "POST", path: "/v1/me/portal", credential: ada, body: `{"return_url":"https://app.example.com/","task":"dance"}`}, 400, "task"},
		refusal{"portal: nothing to cancel", request{method: "POST", path: "/v1/me/portal", credential: ada, body: `{"return_url":"https://app.example.com/","task":"subscription_cancel"}`}, 409, ""},
	)
}
