package billing_test

import (
	"strings"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
)

func TestALineIsAddedOnceAndOnlyWhereItCanBeBilled(t *testing.T) {
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	fine := billing.LineWish{Unit: eur(250), Quantity: 3, Description: "Set-up", Key: "k"}
	has := billing.AddedLines{{Key: "before", Amount: eur(750), Quantity: 3, Description: "Set-up"}}
	state := billing.State{
		Subscriptions: []billing.Subscription{{Status: billing.Active, Items: []billing.Item{{Amount: eur(1000)}}}},
		Invoices: []billing.Invoice{
			{ID: "in_draft", Status: billing.InvoiceDraft, Total: eur(1000)}, {ID: "in_usd", Status: billing.InvoiceDraft, Total: money.New(1, "usd")},
			{ID: "in_open", Status: billing.InvoiceOpen, Total: eur(1000)},
		},
	}
	for _, c := range []struct {
		name   string
		lines  billing.AddedLines
		state  billing.State
		change func(w *billing.LineWish)
		needed bool
		code   billing.Code
	}{
		{"the first", nil, state, func(*billing.LineWish) {}, true, ""},
		{"of who is on no plan", nil, billing.State{}, func(w *billing.LineWish) { w.Unit = money.New(5, "usd") }, true, ""},
		{"one more", has, state, func(*billing.LineWish) {}, true, ""},
		{"less than nothing", has, state, func(w *billing.LineWish) { w.Unit = eur(-1) }, true, ""},
		{"on a draft", has, state, func(w *billing.LineWish) { w.Invoice = "in_draft" }, true, ""},
		{"of a period", has, state, func(w *billing.LineWish) { w.Period = billing.Period{Start: day, End: day} }, true, ""},
		{"asked again", has, state, func(w *billing.LineWish) { w.Key = "before" }, false, ""},
		{"the same key for more", has, state, func(w *billing.LineWish) { w.Key, w.Unit = "before", eur(251) }, false, billing.Conflict},
		{"the same key for other words", has, state, func(w *billing.LineWish) { w.Key, w.Description = "before", "Setup" }, false, billing.Conflict},
		{"the same key on an invoice", has, state, func(w *billing.LineWish) { w.Key, w.Invoice = "before", "in_draft" }, false, billing.Conflict},
		{"another currency than the plan's", nil, state, func(w *billing.LineWish) { w.Unit = money.New(5, "usd") }, false, billing.Conflict},
		{"another currency than the draft's", nil, state, func(w *billing.LineWish) { w.Invoice = "in_usd" }, false, billing.Conflict},
		{"on a finalized invoice", nil, state, func(w *billing.LineWish) { w.Invoice = "in_open" }, false, billing.Conflict},
		{"on no invoice of the account", nil, state, func(w *billing.LineWish) { w.Invoice = "in_none" }, false, billing.NotFound},
		{"more than an invoice holds", make(billing.AddedLines, billing.MaxLines), state, func(*billing.LineWish) {}, false, billing.Conflict},
		{"of nothing", nil, state, func(w *billing.LineWish) { w.Unit = eur(0) }, false, billing.Invalid},
		{"too much", nil, state, func(w *billing.LineWish) { w.Unit, w.Quantity = eur(billing.MaxLineAmount), 2 }, false, billing.Invalid},
		{"the least number", nil, state, func(w *billing.LineWish) { w.Unit = eur(-1 << 63) }, false, billing.Invalid},
		{"no currency", nil, state, func(w *billing.LineWish) { w.Unit = money.New(1, "") }, false, billing.Invalid},
		{"a currency in upper case", nil, state, func(w *billing.LineWish) { w.Unit = money.New(1, "EUR") }, false, billing.Invalid},
		{"none of it", nil, state, func(w *billing.LineWish) { w.Quantity = 0 }, false, billing.Invalid},
		{"less than none of it", nil, state, func(w *billing.LineWish) { w.Quantity = -1 }, false, billing.Invalid},
		{"far too many", nil, state, func(w *billing.LineWish) { w.Unit, w.Quantity = eur(1), 1<<62 }, false, billing.Invalid},
		{"no words", nil, state, func(w *billing.LineWish) { w.Description = "" }, false, billing.Invalid},
		{"too many words", nil, state, func(w *billing.LineWish) { w.Description = strings.Repeat("x", billing.MaxLineDescription+1) }, false, billing.Invalid},
		{"a period without end", nil, state, func(w *billing.LineWish) { w.Period.Start = day }, false, billing.Invalid},
		{"a period that ends first", nil, state, func(w *billing.LineWish) { w.Period = billing.Period{Start: day, End: day.Add(-1)} }, false, billing.Invalid},
		{"no key", nil, state, func(w *billing.LineWish) { w.Key = "" }, false, billing.Invalid},
		{"a long key", nil, state, func(w *billing.LineWish) { w.Key = strings.Repeat("k", billing.MaxLineKey+1) }, false, billing.Invalid},
		{"a key that no header takes", nil, state, func(w *billing.LineWish) { w.Key = "a\nb" }, false, billing.Invalid},
	} {
		wish := fine
		c.change(&wish)
		if needed, err := c.lines.Add(wish, c.state); needed != c.needed || billing.CodeOf(err) != c.code {
			t.Errorf("%s: needed %v, %v", c.name, needed, err)
		}
	}
}

func TestALineIsRemovedUntilItIsBilled(t *testing.T) {
	lines := billing.AddedLines{{ID: "waits"}, {ID: "drafted", Invoice: "in_1"}, {ID: "billed", Invoice: "in_2", Billed: true}, {ID: "change", Proration: true}}
	for _, c := range []struct {
		line   billing.LineID
		needed bool
		code   billing.Code
	}{
		{"waits", true, ""},
		{"drafted", true, ""},
		{"gone", false, ""},
		{"billed", false, billing.Conflict},
		{"change", false, billing.Conflict},
	} {
		if needed, err := lines.Remove(c.line); needed != c.needed || billing.CodeOf(err) != c.code {
			t.Errorf("%s: needed %v, %v", c.line, needed, err)
		}
	}
	if open := lines.Open(); len(open) != 3 || len(lines) != 4 {
		t.Errorf("open: %+v", open)
	}
}
