package httpapi_test

import (
	"strings"
	"testing"

	"github.com/dues-billing/dues"
	"github.com/dues-billing/dues/catalog"
)

const everyKindOfPrice = `free_plan: free
features:
  - {id: calls, name: API calls, type: metered}
plans:
  - id: free
    name: Free
    prices: [{key: free, amount: 0.00 EUR, every: month}]
    features: {calls: 1000}
  - id: team
    name: Team
    unit: seat
    group: main
    prices:
      - {key: team, amount: 9.00 EUR, every: month, per: seat, min_seats: 3, max_seats: 50, currencies: [10.00 USD], trial: {days: 14, without_card: cancel}, tax: exclusive}
      - key: team-tiers
        every: year
        per: seat
        graduated: [{up_to: 10, amount: 90.00 EUR}, {amount: 70.00 EUR, flat: 5.00 EUR}]
      - {key: team-old, amount: 7.00 EUR, every: month, per: seat, archived: true}
    features: {calls: true}
  - id: gone
    name: Gone
    archived: true
    prices: [{key: gone, amount: 1.00 EUR, every: month}]
addons:
  - id: calls
    name: More calls
    plans: [team]
    prices:
      - {key: calls, amount: 0.0015 EUR, every: month, per: calls}
      - {key: calls-1000, amount: 1.20 EUR, every: month, per: calls, package: 1000}
`

// Features: 13 14 60.
func TestThePricingPageIsToldAllThatIsSoldAndNothingElse(t *testing.T) {
	t.Parallel()
	c, err := catalog.Parse([]byte(everyKindOfPrice))
	if err != nil {
		t.Fatal(err)
	}
	s := &script{world: newWorld(t, func(config *dues.Config) { config.Catalog = c })}
	s.want(201, request{method: "POST", path: "/v1/accounts", credential: serverKey, body: map[string]any{"id": "ada", "email": "ada@example.com"}})
	s.do(request{method: "GET", path: "/v1/plans", credential: token(t, "ada")})
	s.check("plans")
}

// Who pays an archived price sees it, and may keep it.
func TestAnArchivedPriceIsShownToWhoIsOnIt(t *testing.T) {
	t.Parallel()
	c := catalog.Default()
	c.Plans[1].Prices = append(c.Plans[1].Prices[:0:0], c.Plans[1].Prices...)
	w := newWorld(t, func(config *dues.Config) { config.Catalog = c })
	s := &script{world: w}
	ada := s.premium("ada")
	for i := range c.Plans[1].Prices { // the service has the same list
		c.Plans[1].Prices[i].Archived = true
	}
	body := string(w.want(200, request{method: "GET", path: "/v1/plans", credential: ada}).body)
	shows(t, body, `"key":"premium-monthly"`, true)
	shows(t, body, `"key":"premium-yearly"`, false)
	shows(t, body, `"archived":true`, true)
	s.want(201, request{method: "POST", path: "/v1/accounts", credential: serverKey, body: map[string]any{"id": "bob", "email": "bob@example.com"}})
	shows(t, string(w.want(200, request{method: "GET", path: "/v1/plans", credential: token(t, "bob")}).body), "premium", false)
}

func shows(t *testing.T, body, text string, want bool) {
	t.Helper()
	if strings.Contains(body, text) != want {
		t.Errorf("%s is shown: %v, want %v, in %s", text, !want, want, body)
	}
}
