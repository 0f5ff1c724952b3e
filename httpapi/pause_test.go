package httpapi_test

import "testing"

func TestAnEndUserOrAServerPausesAndGoesOn(t *testing.T) {
	t.Parallel()
	s := &script{world: newWorld(t)}
	ada := s.premium("ada")
	s.do(request{method: "POST", path: "/v1/me/pause", credential: ada})
	s.do(request{method: "POST", path: "/v1/me/unpause", credential: ada})
	s.do(request{method: "POST", path: "/v1/accounts/ada/pause", credential: serverKey})
	s.do(request{method: "POST", path: "/v1/accounts/ada/cancel", credential: serverKey, body: map[string]any{"when": "now"}})
	s.do(request{method: "POST", path: "/v1/accounts/ada/unpause", credential: serverKey})
	s.do(request{method: "POST", path: "/v1/me/pause", credential: ada})
	s.check("pause")
}
