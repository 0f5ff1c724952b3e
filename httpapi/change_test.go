package httpapi_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stripe/stripe-go/v86"
)

// Rows: C21.
// Features: 32.
func TestAnEndUserSeesWhatAChangeCostsBeforeItIsMade(t *testing.T) {
	t.Parallel()
	s := &script{world: newWorld(t)}
	ada := s.premium("ada")
	s.do(request{method: "GET", path: "/v1/me/upcoming", credential: ada})
	seen := s.do(request{method: "POST", path: "/v1/me/preview", credential: ada, body: map[string]any{"price": "premium-yearly"}})
	var shown struct{ Token string }
	if err := json.Unmarshal(seen.body, &shown); err != nil {
		t.Fatal(err)
	}
	s.do(request{method: "POST", path: "/v1/accounts/ada/preview", credential: serverKey, body: map[string]any{"price": "starter-monthly"}})
	s.do(request{method: "POST", path: "/v1/accounts/ada/change", credential: serverKey, body: map[string]any{"price": "starter-monthly"}})
	s.do(request{method: "POST", path: "/v1/accounts/ada/keep", credential: serverKey})
	s.do(request{method: "POST", path: "/v1/me/change", credential: ada, body: map[string]any{"preview": shown.Token}})
	s.do(request{method: "POST", path: "/v1/me/change", credential: ada, body: map[string]any{"price": "premium-monthly", "when": "now"}})
	s.do(request{method: "POST", path: "/v1/me/keep", credential: ada})
	s.do(request{method: "GET", path: "/v1/accounts/ada/upcoming", credential: serverKey})
	s.check("change")
}

func TestAConflictOfAChangeBringsTheNewPreview(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.premium("ada")
	type preview struct {
		Token     string
		AmountDue int64 `json:"amount_due"`
	}
	var shown preview
	seen := w.want(http.StatusOK, request{method: "POST", path: "/v1/me/preview", credential: ada, body: map[string]any{"price": "premium-yearly"}})
	if err := json.Unmarshal(seen.body, &shown); err != nil {
		t.Fatal(err)
	}
	var account struct{ Customer string }
	if err := json.Unmarshal(w.want(http.StatusOK, request{method: "GET", path: "/v1/me", credential: ada}).body, &account); err != nil {
		t.Fatal(err)
	}
	if _, err := w.stripe.Client().V1Customers.Update(t.Context(), account.Customer, &stripe.CustomerUpdateParams{Balance: stripe.Int64(-500)}); err != nil {
		t.Fatal(err)
	}
	var refused struct{ Preview preview }
	conflict := w.want(http.StatusConflict, request{method: "POST", path: "/v1/me/change", credential: ada, body: map[string]any{"preview": shown.Token}})
	if err := json.Unmarshal(conflict.body, &refused); err != nil || refused.Preview.AmountDue != shown.AmountDue-500 {
		t.Fatalf("%s, and %d was shown before a credit of 500", conflict.body, shown.AmountDue)
	}
	w.want(http.StatusOK, request{method: "POST", path: "/v1/me/change", credential: ada, body: map[string]any{"preview": refused.Preview.Token}})
}

func badChanges(ada string) []refusal {
	var out []refusal
	for _, at := range []struct{ path, credential string }{
		{"/v1/me/change", ada}, {"/v1/accounts/ada/change", serverKey}, {"/v1/me/preview", ada}, {"/v1/accounts/ada/preview", serverKey},
	} {
		out = append(out, bodies("POST", at.path, at.credential, `{"price":"premium-yearly"}`)...)
		bad := func(name, field, body string, status int) {
			out = append(out, refusal{at.path + ": " + name, request{method: "POST", path: at.path, credential: at.credential, body: body}, status, field})
		}
		bad("a price that does not exist", "price", `{"price":"gold"}`, 400)
		bad("a price that is a number", "price", `{"price":7}`, 400)
		bad("a quantity that is a text", "quantity", `{"quantity":"3"}`, 400)
		bad("half of one", "quantity", `{"quantity":1.5}`, 400)
		bad("less than one", "quantity", `{"quantity":-1}`, 400)
		bad("more than a number", "quantity", `{"quantity":9223372036854775808}`, 400)
		bad("several of what is sold once", "quantity", `{"price":"premium-monthly","quantity":2}`, 400)
		bad("some day", "when", `{"when":"someday"}`, 400)
		bad("a proration of its own", "proration", `{"proration":"half"}`, 400)
		bad("a proration at the end", "proration", `{"when":"period_end","proration":"none"}`, 400)
	}
	out = append(out, bodies("POST", "/v1/accounts/ada/trial/extend", serverKey, `{"end":"2030-05-01T00:00:00Z"}`)...)
	for name, body := range map[string]string{"no end": `{}`, "no moment": `{"end":"soon"}`, "a number": `{"end":5}`} {
		out = append(out, refusal{"trial: " + name, request{method: "POST", path: "/v1/accounts/ada/trial/extend", credential: serverKey, body: body}, 400, "end"})
	}
	return append(out,
		refusal{"trial: none to extend", request{method: "POST", path: "/v1/accounts/ada/trial/extend", credential: serverKey, body: `{"end":"2030-05-01T00:00:00Z"}`}, 409, ""},
		refusal{"trial: none to end", request{method: "POST", path: "/v1/me/trial/end", credential: ada}, 409, ""},
		refusal{"trial: of an account that does not exist", request{method: "POST", path: "/v1/accounts/nobody/trial/end", credential: serverKey}, 404, ""},
		refusal{"trial: an end user extends", request{method: "POST", path: "/v1/accounts/ada/trial/extend", credential: ada, body: `{"end":"2030-05-01T00:00:00Z"}`}, 404, ""},
		refusal{"change: no token", request{method: "POST", path: "/v1/me/change", credential: ada, body: `{"preview":"x"}`}, 400, "preview"},
		refusal{"change: an account that does not exist", request{method: "POST", path: "/v1/accounts/nobody/change", credential: serverKey, body: `{}`}, 404, ""},
		refusal{"preview: an account that does not exist", request{method: "POST", path: "/v1/accounts/nobody/preview", credential: serverKey, body: `{}`}, 404, ""},
		refusal{"upcoming: an account that does not exist", request{method: "GET", path: "/v1/accounts/nobody/upcoming", credential: serverKey}, 404, ""},
		refusal{"keep: an account that does not exist", request{method: "POST", path: "/v1/accounts/nobody/keep", credential: serverKey}, 404, ""},
		refusal{"upcoming: another's", request{method: "GET", path: "/v1/accounts/ada/upcoming", credential: ada}, 404, ""},
	)
}
