package httpapi_test

import (
	"strings"
	"testing"
)

func TestQuestionsAreAnsweredForServersAndForOneself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.signUp("ada")
	ada := token(t, "ada")
	for _, c := range []struct {
		name                     string
		method, path, credential string
		body                     any
		status                   int
		says                     string
	}{
		{"a server asks", "GET", "/v1/accounts/ada/check?feature=projects&quantity=3", serverKey, nil, 200, `{"feature":"projects","type":"limit","allowed":true,"limit":3,"used":0,"remaining":3,"resets_at":null}`},
		{"a user asks", "GET", "/v1/me/check?feature=export", ada, nil, 200, `"allowed":false,"limit":null`},
		{"several", "POST", "/v1/me/check", ada, map[string]any{"checks": []any{map[string]any{"feature": "projects"}, map[string]any{"feature": "export"}}}, 200, `"allowed":true`},
		{"a use", "POST", "/v1/accounts/ada/consume", serverKey, map[string]any{"feature": "projects", "quantity": 2}, 200, `"used":2,"remaining":1`},
		{"a grant", "POST", "/v1/accounts/ada/grants", serverKey, map[string]any{"feature": "export", "note": "a friend"}, 201, `"note":"a friend"`},
		{"which counts at once", "GET", "/v1/me/check?feature=export", ada, nil, 200, `"allowed":true`},
		{"users consume nothing", "POST", "/v1/accounts/ada/consume", ada, map[string]any{"feature": "projects"}, 404, "sees no account"},
		{"and grant themselves nothing", "POST", "/v1/accounts/ada/grants", ada, map[string]any{"feature": "export"}, 404, "sees no account"},
		{"no feature", "GET", "/v1/me/check", ada, nil, 400, `"field":"feature"`},
		{"another parameter", "GET", "/v1/me/check?feature=export&amount=1", ada, nil, 400, `"field":"amount"`},
		{"half a project", "GET", "/v1/me/check?feature=projects&quantity=0.5", ada, nil, 400, `"field":"quantity"`},
		{"no project", "GET", "/v1/me/check?feature=projects&quantity=0", ada, nil, 400, `"field":"quantity"`},
		{"no list", "POST", "/v1/me/check", ada, map[string]any{"checks": "export"}, 400, `checks must be a list`},
		{"an empty list", "POST", "/v1/me/check", ada, map[string]any{"checks": []any{}}, 400, `checks is empty`},
		{"one that is wrong", "POST", "/v1/me/check", ada, map[string]any{"checks": []any{map[string]any{"feature": "export"}, map[string]any{"name": "x"}}}, 400, `"field":"checks[1].name"`},
		{"a grant that ended", "POST", "/v1/accounts/ada/grants", serverKey, map[string]any{"feature": "export", "ends_at": "2001-01-01T00:00:00Z"}, 400, `"field":"ends_at"`},
		{"a grant that is none", "DELETE", "/v1/accounts/ada/grants/grant_x", serverKey, nil, 404, "has no grant"},
	} {
		got := w.want(c.status, request{method: c.method, path: c.path, credential: c.credential, body: c.body})
		if !strings.Contains(string(got.body), c.says) {
			t.Errorf("%s: %s, want %s", c.name, got.body, c.says)
		}
	}
}
