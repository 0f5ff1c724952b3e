package httpapi_test

import (
	"testing"
)

func TestAnEndUserCancelsAndThinksAgainAndAServerEndsIt(t *testing.T) {
	t.Parallel()
	s := &script{world: newWorld(t)}
	ada := s.premium("ada")
	s.do(request{method: "POST", path: "/v1/me/cancel", credential: ada, body: map[string]any{"reason": "too_expensive", "comment": "Another time."}})
	s.do(request{method: "POST", path: "/v1/me/resume", credential: ada})
	s.do(request{method: "POST", path: "/v1/accounts/ada/cancel", credential: serverKey, body: map[string]any{}})
	s.do(request{method: "POST", path: "/v1/accounts/ada/resume", credential: serverKey})
	s.do(request{method: "POST", path: "/v1/accounts/ada/cancel", credential: serverKey, body: map[string]any{"when": "now"}})
	s.do(request{method: "POST", path: "/v1/me/resume", credential: ada})
	s.check("cancel")
}
