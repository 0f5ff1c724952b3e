package httpapi_test

import "testing"

// Features: 54.
func TestAServerTakesADiscountOffAndEndsIt(t *testing.T) {
	t.Parallel()
	s := &script{world: newWorld(t)}
	ada := s.premium("ada")
	s.do(request{method: "POST", path: "/v1/me/discount", credential: ada, body: map[string]any{"promotion_code": "NOBODY"}})
	s.do(request{method: "POST", path: "/v1/me/discount", credential: ada, body: map[string]any{"coupon": "half"}})
	s.do(request{method: "POST", path: "/v1/accounts/ada/discount", credential: serverKey, body: map[string]any{"coupon": "none"}})
	s.do(request{method: "DELETE", path: "/v1/accounts/ada/discount", credential: serverKey})
	s.check("discount")
}
