package httpapi_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"github.com/dues-billing/dues"
	"github.com/dues-billing/dues/catalog"
)

// withMap sells the map beside what the starter catalogue sells.
func withMap(t *testing.T) func(*dues.Config) {
	sold, err := catalog.Parse([]byte(`
free_plan: starter
assets:
  - {id: map, name: The map, perpetual: true, prices: [{key: map, amount: 30.00 EUR}]}
plans:
  - {id: starter, name: Starter, prices: [{key: starter-monthly, amount: 0.00 EUR, every: month}]}
  - {id: premium, name: Premium, prices: [{key: premium-monthly, amount: 19.00 EUR, every: month}]}
`))
	if err != nil {
		t.Fatal(err)
	}
	return func(c *dues.Config) { c.Catalog = sold }
}

// Features: 40 52 53.
func TestSomethingIsSoldOnceToAnAccountAndToAGuest(t *testing.T) {
	t.Parallel()
	s := &script{world: newWorld(t, withMap(t))}
	ada := s.premium("ada")
	s.do(request{method: "POST", path: "/v1/me/purchases", credential: ada, body: map[string]any{"price": "map", "saved": true, "key": "order-1"}})
	s.do(request{method: "GET", path: "/v1/me/purchases", credential: ada})
	s.do(request{method: "POST", path: "/v1/accounts/ada/purchases", credential: serverKey, body: map[string]any{"amount": 1250, "currency": "eur", "description": "Two hours of help", "saved": true, "key": "order-2"}})
	s.do(request{method: "POST", path: "/v1/me/purchases", credential: ada, body: map[string]any{"price": "map", "success_url": "https://app.example.com/done", "cancel_url": "https://app.example.com/map"}})
	kept := s.do(request{method: "POST", path: "/v1/accounts/ada/purchases", credential: serverKey, body: map[string]any{
		"amount": 5000, "currency": "eur", "description": "A day of help", "saved": true, "key": "order-3", "capture": "manual"}})
	var ready struct{ ID string }
	if err := json.Unmarshal(kept.body, &ready); err != nil {
		t.Fatal(err)
	}
	capture := "/v1/accounts/ada/purchases/" + ready.ID + "/capture"
	s.want(404, request{method: "POST", path: capture, credential: ada, body: map[string]any{}})
	s.want(409, request{method: "POST", path: "/v1/me/purchases/" + ready.ID + "/cancel", credential: ada})
	s.want(400, request{method: "POST", path: capture, credential: serverKey, body: map[string]any{"amount": 5001}})
	s.want(400, request{method: "POST", path: capture, credential: serverKey, body: map[string]any{"amount": "all"}})
	s.want(200, request{method: "POST", path: capture, credential: serverKey, body: map[string]any{"amount": 3000}}) // the path differs each time
	s.do(request{method: "GET", path: "/v1/me/licenses", credential: ada})
	s.signUp("bob")
	page := s.do(request{method: "POST", path: "/v1/guests/purchases", credential: serverKey, body: map[string]any{"price": "map", "success_url": "https://app.example.com/done", "cancel_url": "https://app.example.com/map"}})
	var opened struct{ URL string }
	if err := json.Unmarshal(page.body, &opened); err != nil {
		t.Fatal(err)
	}
	claim := s.payAsGuest(opened.URL)
	s.do(request{method: "POST", path: "/v1/me/purchases/claim", credential: token(t, "bob"), body: map[string]any{"claim": "guessed"}})
	s.want(200, request{method: "POST", path: "/v1/accounts/bob/purchases/claim", credential: serverKey, body: map[string]any{"claim": claim}}) // a token differs each time
	s.do(request{method: "GET", path: "/v1/accounts/bob/purchases", credential: serverKey})
	s.do(request{method: "GET", path: "/v1/accounts/bob/licenses", credential: serverKey})
	s.do(request{method: "POST", path: "/v1/accounts/bob/purchases/claim", credential: serverKey, body: map[string]any{"verified_email": "nobody@example.com"}})
	s.check("purchase")
}

func badPurchases(ada string) []refusal {
	const mine, path, guests, claim = "/v1/me/purchases", "/v1/accounts/ada/purchases", "/v1/guests/purchases", "/v1/accounts/ada/purchases/claim"
	out := append(bodies("POST", mine, ada, `{"price":"map"}`), bodies("POST", path, serverKey, `{"price":"map"}`)...)
	out = append(out, bodies("POST", guests, serverKey, `{"price":"map"}`)...)
	out = append(out, bodies("POST", claim, serverKey, `{"claim":"x"}`)...)
	out = append(out, bodies("POST", path+"/one_none/capture", serverKey, `{"amount":1}`)...)
	bad := func(path, name, field, body string, status int) {
		credential := serverKey
		if path == mine || path == mine+"/claim" {
			credential = ada
		}
		out = append(out, refusal{path + ": " + name, request{method: "POST", path: path, credential: credential, body: body}, status, field})
	}
	bad(mine, "an amount is the server's to say", "amount", `{"price":"map","amount":1}`, 400)
	bad(mine, "a price that does not exist", "price", `{"price":"map"}`, 400)
	bad(mine, "a plan", "price", `{"price":"premium-monthly","success_url":"https://app.example.com/a","cancel_url":"https://app.example.com/b"}`, 400)
	bad(path, "nothing", "price", `{}`, 400)
	bad(path, "an amount below nothing", "amount", `{"amount":-5,"currency":"eur","description":"x","key":"k"}`, 400)
	bad(path, "a part of a cent", "amount", `{"amount":1.5,"currency":"eur","description":"x","key":"k"}`, 400)
	bad(path, "an amount of nothing known", "description", `{"amount":5,"currency":"eur","key":"k"}`, 400)
	bad(path, "an amount in no currency", "currency", `{"amount":5,"description":"x","key":"k"}`, 400)
	bad(path, "a charge without a key", "key", `{"amount":5,"currency":"eur","description":"x","saved":true}`, 400)
	bad(path, "nothing saved", "saved", `{"amount":500,"currency":"eur","description":"x","saved":true,"key":"k"}`, 409)
	bad(path, "saved of a wrong type", "saved", `{"saved":"yes"}`, 400)
	bad(path, "a capture of no kind", "capture", `{"price":"map","saved":true,"key":"k","capture":"later"}`, 400)
	bad(path, "a capture without a key", "key", `{"amount":5,"currency":"eur","description":"x","capture":"manual"}`, 400)
	bad(mine, "a capture is the server's", "capture", `{"price":"map","capture":"manual"}`, 400)
	bad(path+"/one_none/capture", "a part of a cent", "amount", `{"amount":1.5}`, 400)
	bad(path+"/one_none/capture", "what does not exist", "", `{}`, 404)
	bad(path, "PayPal", "method", `{"price":"map","method":"paypal"}`, 400)
	bad(guests, "a plan", "price", `{"price":"premium-monthly","success_url":"https://app.example.com/a","cancel_url":"https://app.example.com/b"}`, 400)
	bad(path, "another site", "success_url", `{"amount":5,"currency":"eur","description":"x","key":"k","success_url":"https://evil.example.com","cancel_url":"https://app.example.com"}`, 400)
	bad(claim, "no token", "claim", `{}`, 400)
	bad(claim, "a guessed token", "claim", `{"claim":"x"}`, 404)
	bad(claim, "a token and an address", "verified_email", `{"claim":"x","verified_email":"ada@example.com"}`, 400)
	bad(mine+"/claim", "an address that nobody has verified", "verified_email", `{"verified_email":"ada@example.com"}`, 400)
	return append(out,
		refusal{"purchases: an account that does not exist", request{method: "GET", path: "/v1/accounts/nobody/purchases", credential: serverKey}, 404, ""},
		refusal{"cancel: a purchase that does not exist", request{method: "POST", path: mine + "/one_none/cancel", credential: ada}, 404, ""},
		refusal{"guests: a token for a server's route", request{method: "POST", path: guests, credential: ada, body: `{"price":"map"}`}, 403, ""},
	)
}

// payAsGuest pays on a hosted page, and returns the claim that the way back carries.
func (w *world) payAsGuest(page string) string {
	w.t.Helper()
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := browser.PostForm(page, url.Values{
		"cardNumber": {"4242424242424242"}, "cardExpiry": {"12/34"}, "cardCvc": {"123"}, "billingName": {"Gus"}, "email": {"gus@example.com"},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	_ = answer.Body.Close()
	back, err := answer.Location()
	if err != nil || back.Query().Get("claim") == "" {
		w.t.Fatalf("paying leads to %v, %v", back, err)
	}
	return back.Query().Get("claim")
}
