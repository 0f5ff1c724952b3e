package httpapi_test

import (
	"encoding/json"
	"net/http"
	"testing"
)

// Whoever can choose where a customer lands after paying can show him a page that looks like the shop's.
func TestACustomerIsSentBackToAnAllowedHostAndNowhereElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.signUp("ada")
	for to, status := range map[string]int{
		"https://app.example.com/account":           http.StatusOK,
		"https://APP.example.com/account?a=b#c":     http.StatusOK,
		w.url + "/done":                             http.StatusOK, // our own
		"https://evil.example.com/":                 http.StatusBadRequest,
		"https://app.example.com.evil.example.com/": http.StatusBadRequest,
		"https://app.example.com@evil.example.com/": http.StatusBadRequest,
		"https://ada:secret@app.example.com/":       http.StatusBadRequest,
		`https://app.example.com\@evil.example.com`: http.StatusBadRequest,
		`https:\\evil.example.com`:                  http.StatusBadRequest,
		"//evil.example.com/":                       http.StatusBadRequest,
		"///evil.example.com/":                      http.StatusBadRequest,
		"/account":                                  http.StatusBadRequest,
		"https:evil.example.com":                    http.StatusBadRequest,
		"https://app.example.com.":                  http.StatusBadRequest,
		"https://app.example.com:8443/":             http.StatusBadRequest, // another port is another service
		"https://app。example.com/":                  http.StatusBadRequest,
		"https://%61pp.example.com%2f@evil.example": http.StatusBadRequest,
		"javascript://app.example.com/%0aalert(1)":  http.StatusBadRequest,
		"data:text/html,app.example.com":            http.StatusBadRequest,
		"https://app.example.com/\r\nLocation: x":   http.StatusBadRequest,
		"": http.StatusBadRequest,
	} {
		got := w.send(request{method: "POST", path: "/v1/accounts/ada/portal", credential: serverKey, body: map[string]string{"return_url": to}})
		var problem struct{ Field string }
		_ = json.Unmarshal(got.body, &problem)
		if got.status != status || status == http.StatusBadRequest && problem.Field != "return_url" {
			t.Errorf("%q: %d %s, want %d", to, got.status, got.body, status)
		}
		field := map[string]string{"price": "premium-monthly", "success_url": "https://app.example.com/", "cancel_url": to}
		got = w.send(request{method: "POST", path: "/v1/accounts/ada/checkout", credential: serverKey, body: field})
		if status == http.StatusBadRequest && got.status != status {
			t.Errorf("cancel_url %q: %d %s, want %d", to, got.status, got.body, status)
		}
	}
}
