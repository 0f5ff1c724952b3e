package providertest

import (
	"fmt"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// usageCounted makes a meter, and brings usage to it twice: the second time a part of it is new, and its session may be the one before.
func usageCounted(c *scene) {
	if _, err := c.Prices.Restock(c.ctx, billing.StockChange{
		Kind: billing.MeterStock, Action: billing.CreateStock, Name: "calls",
		Meter: billing.StockMeter{Name: "Calls", Meter: billing.Meter{Event: "calls", Aggregate: billing.Sum}},
	}); err != nil {
		c.Fatal(err)
	}
	today := time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC) // when the world begins
	events := make([]service.MeterEvent, service.MeteredMax)
	for i := range events {
		events[i] = service.MeterEvent{Identifier: fmt.Sprint("usage-", i), Event: "calls", Customer: c.ada.Customer, Quantity: 2, At: today.AddDate(0, 0, -i%2)}
	}
	c.must(c.Provider.SendUsage(c.ctx, events[:60]))
	c.World.Pass(c.T, 16*time.Minute) // longer than a session of Stripe's lasts
	c.must(c.Provider.SendUsage(c.ctx, events))
	got, err := c.Provider.MeteredUsage(c.ctx, c.ada.Customer, "calls", today.AddDate(0, 0, -1), today.AddDate(0, 0, 1))
	if err != nil || len(got) != 2 || got[today] != 100 || got[today.AddDate(0, 0, -1)] != 100 {
		c.Errorf("the meter counts %v, %v; want 100 on both days", got, err)
	}
	if _, err := c.Provider.MeteredUsage(c.ctx, c.ada.Customer, "mails", today, today.AddDate(0, 0, 1)); billing.CodeOf(err) != billing.Conflict {
		c.Errorf("a meter that there is not: %v, want code conflict", err)
	}
}
