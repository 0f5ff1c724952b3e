package httpapi_test

import "testing"

// Features: 7.
func TestAServerDeletesAnAccount(t *testing.T) {
	t.Parallel()
	s := &script{world: newWorld(t)}
	ada := s.premium("ada")
	s.do(request{method: "DELETE", path: "/v1/accounts/ada?customer=delete", credential: serverKey})
	s.do(request{method: "DELETE", path: "/v1/accounts/ada", credential: serverKey})
	s.do(request{method: "GET", path: "/v1/me", credential: ada})
	s.do(request{method: "POST", path: "/v1/accounts", credential: serverKey, body: map[string]any{"id": "ada", "email": "ada@example.com"}})
	s.check("deletion")
}

func badDeletions(ada string) []refusal {
	return []refusal{
		{"delete: no such account", request{method: "DELETE", path: "/v1/accounts/nobody", credential: serverKey}, 404, ""},
		{"delete: no such choice", request{method: "DELETE", path: "/v1/accounts/ada?customer=burn", credential: serverKey}, 400, "customer"},
		{"delete: a token for a server's route", request{method: "DELETE", path: "/v1/accounts/ada", credential: ada}, 404, ""},
	}
}
