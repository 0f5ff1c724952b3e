package service_test

import (
	"testing"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/catalog"
	"github.com/dues-billing/dues/service"
)

// Features: 60.
func TestEveryKindOfPriceCanBeBought(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c, err := catalog.Parse([]byte(`free_plan: free
features:
  - {id: calls, name: Calls, type: metered}
plans:
  - {id: free, name: Free, prices: [{key: free, amount: 0.00 EUR, every: month}]}
  - id: team
    name: Team
    prices:
      - {key: seats, amount: 9.00 EUR, every: month, per: seat, min_seats: 3}
      - {key: packages, amount: 20.00 EUR, every: month, per: seat, min_seats: 5, package: 4}
      - {key: graduated, every: month, per: seat, min_seats: 3, graduated: [{up_to: 2, amount: 10.00 EUR}, {amount: 5.00 EUR, flat: 1.00 EUR}]}
      - {key: volume, every: month, per: seat, min_seats: 3, volume: [{up_to: 2, amount: 10.00 EUR}, {amount: 5.00 EUR, flat: 1.00 EUR}]}
      - {key: usage, amount: 0.002 EUR, every: month, per: calls}
`))
		if err != nil {
			t.Fatal(err)
		}
		s := w.serviceWith(func(cfg *service.Config) { cfg.Catalog = c })
		for _, bought := range []struct {
			price string
			paid  int64
		}{
			{"seats", 2700}, {"packages", 4000}, {"graduated", 2600}, {"volume", 1600}, {"usage", 0},
		} {
			for _, way := range []string{"page", "card"} {
				id := billing.AccountID(bought.price + "-" + way)
				account, _, err := s.CreateAccount(t.Context(), service.NewAccount{ID: id, Email: "team@example.com"})
				if err != nil {
					t.Fatal(err)
				}
				if way == "card" {
					w.saveCard(account.Customer, "pm_card_visa")
				}
				result, err := s.Upgrade(t.Context(), id, service.Upgrade{PriceKey: bought.price, SuccessURL: success, CancelURL: cancel})
				if err != nil {
					t.Errorf("%s by %s: %v", bought.price, way, err)
					continue
				}
				if way == "page" {
					w.pay(result.URL, goodCard)
				}
				w.settle(s)
				status, err := s.Status(t.Context(), id)
				if err != nil || status.Plan != "team" || status.Price != bought.price || status.Level != billing.Full {
					t.Errorf("%s by %s: %s %s %s, %v; want all of team", bought.price, way, status.Plan, status.Price, status.Level, err)
				}
				if paid, _ := w.paidLast(account.Customer); paid != bought.paid {
					t.Errorf("%s by %s: %d was paid, want %d", bought.price, way, paid, bought.paid)
				}
			}
		}
	})
}
