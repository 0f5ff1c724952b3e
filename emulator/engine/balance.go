package engine

import (
	"cmp"
	"maps"
	"slices"
)

// AvailableAt says whether the money of a movement can be paid out at a moment of its own time line.
func (b *BalanceTransaction) AvailableAt(now int64) bool { return b.AvailableOn <= now }

// Available says whether the money of a movement can be paid out now, on its own time line.
func (w *World) Available(b *BalanceTransaction) bool {
	if clock, ok := Get[TestClock](w, b.TestClock); ok {
		return b.AvailableAt(clock.FrozenTime)
	}
	// Where the clock is gone, the time in which the money would wait is gone too.
	return b.TestClock != "" || b.AvailableAt(w.now)
}

// Balance is what the account has, by currency in the order of their names. It is summed when asked for: nothing else needs it.
func (w *World) Balance() *Balance {
	available, pending, seen := map[string]int64{}, map[string]int64{}, map[string]bool{w.settings.DefaultCurrency: true}
	w.tables.movements.each("", "", func(b *BalanceTransaction) bool {
		seen[b.Currency] = true
		if w.Available(b) {
			available[b.Currency] += b.Net
		} else {
			pending[b.Currency] += b.Net
		}
		return true
	})
	out := &Balance{}
	for _, currency := range slices.Sorted(maps.Keys(seen)) {
		out.Available = append(out.Available, BalanceAmount{available[currency], currency})
		out.Pending = append(out.Pending, BalanceAmount{pending[currency], currency})
	}
	return out
}

// ListBalanceTransactions is GET /v1/balance_transactions, and under its old name GET /v1/balance/history. The movements of test clocks are
// among them: all make up the balance.
type ListBalanceTransactions struct {
	Page
	Created  Range       `form:"created"`
	Currency Opt[string] `form:"currency"`
	Source   Opt[string] `form:"source"`
	Type     Opt[string] `form:"type"`
}

func (q ListBalanceTransactions) run(w *World) (*Listing, error) {
	s := selection[BalanceTransaction]{cursorName: "balance_transaction"}
	if source, ok := q.Source.Get(); ok {
		s.index, s.value = "source", source
	}
	s.keep = func(b *BalanceTransaction) bool {
		return q.Created.holds(b.Created) && q.Currency.Or(b.Currency) == b.Currency && q.Type.Or(b.Type) == b.Type
	}
	return list(w, q.Page, s)
}

const balanceSettings = "balance_settings"

// BalanceSettings are the account's choices about its balance.
func (w *World) BalanceSettings() *BalanceSettings {
	if set, ok := Get[BalanceSettings](w, balanceSettings); ok {
		return set
	}
	return &BalanceSettings{}
}

// SettlementDays is how long charged money waits until it is available.
func (s *BalanceSettings) SettlementDays() int64 { return cmp.Or(s.DelayDays, settlementDays) }

// UpdateBalanceSettings is POST /v1/balance_settings. Payouts are not simulated, so of their choices none is taken.
type UpdateBalanceSettings struct {
	Payments Opt[BalancePaymentsParams] `form:"payments"`
}

// BalancePaymentsParams are the choices about what payments bring.
type BalancePaymentsParams struct {
	SettlementTiming Opt[SettlementTimingParams] `form:"settlement_timing"`
}

// SettlementTimingParams say how long charged money waits.
type SettlementTimingParams struct {
	DelayDays Opt[int64] `form:"delay_days_override"`
}

// delayDaysMax is the longest wait that Stripe lets an account choose.
const delayDaysMax = 31

func (c UpdateBalanceSettings) apply(t *tx) (Result, error) {
	next := *t.world.BalanceSettings()
	days := c.Payments.Or(BalancePaymentsParams{}).SettlementTiming.Or(SettlementTimingParams{}).DelayDays
	if n, ok := days.Get(); ok {
		if err := within(n, settlementDays, delayDaysMax, "payments[settlement_timing][delay_days_override]"); err != nil {
			return nil, err
		}
	}
	days.Set(&next.DelayDays)
	if next != *t.world.BalanceSettings() {
		create(t, "balance_settings.updated", &next)
	}
	return &next, nil
}

// CashBalance is the cash that a customer has with the account: none, for it comes by bank transfer.
type CashBalance struct {
	Customer string
}

// CashBalanceOf is the cash balance of a customer.
func (w *World) CashBalanceOf(customer string) (*CashBalance, error) {
	if c, ok := Get[Customer](w, customer); !ok || c.Deleted {
		return nil, NotFound("customer", customer, "customer")
	}
	return &CashBalance{Customer: customer}, nil
}

// ListCashBalanceTransactions is GET /v1/customers/{customer}/cash_balance_transactions: none ever moves.
type ListCashBalanceTransactions struct {
	Page
	Customer string `form:"-"`
}

func (q ListCashBalanceTransactions) run(w *World) (*Listing, error) {
	if _, err := w.CashBalanceOf(q.Customer); err != nil {
		return nil, err
	}
	none := []*CashBalance{}
	return listEmbedded(q.Page, none, "customer_cash_balance_transaction", func(c *CashBalance) string { return c.Customer })
}

var _ = register(UpdateBalanceSettings{})
