package billing_test

import (
	"strings"
	"testing"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
)

func TestAnInvoiceIsMadeOnceAndWhatBrokeOffIsCompleted(t *testing.T) {
	hour := billing.LineWish{Unit: eur(500), Quantity: 1, Description: "An hour"}
	fee := billing.LineWish{Unit: eur(100), Quantity: 1, Description: "A fee"}
	fine := billing.InvoiceWish{Lines: []billing.LineWish{hour, fee}, Key: "k"}
	with := func(status billing.InvoiceStatus) billing.State {
		return billing.State{Invoices: []billing.Invoice{{ID: "in_1", Key: "k", Status: status}}}
	}
	hourMade := billing.AddedLine{Key: "invoice:k:1", Amount: eur(500), Quantity: 1, Description: "An hour", Invoice: "in_1"}
	feeMade := billing.AddedLine{Key: "invoice:k:2", Amount: eur(100), Quantity: 1, Description: "A fee", Invoice: "in_1"}
	waits := billing.AddedLine{Key: "waits", Amount: eur(100), Quantity: 1}
	for _, c := range []struct {
		name    string
		state   billing.State
		added   billing.AddedLines
		change  func(w *billing.InvoiceWish)
		made    billing.InvoiceID
		missing int
		code    billing.Code
	}{
		{"the first", billing.State{}, nil, func(*billing.InvoiceWish) {}, "", 2, ""},
		{"of what waits", billing.State{}, billing.AddedLines{waits}, func(w *billing.InvoiceWish) { w.Lines, w.Pending = nil, true }, "", 0, ""},
		{"broke off before its lines", with(billing.InvoiceDraft), nil, func(*billing.InvoiceWish) {}, "in_1", 2, ""},
		{"broke off between them", with(billing.InvoiceDraft), billing.AddedLines{hourMade}, func(*billing.InvoiceWish) {}, "in_1", 1, ""},
		{"asked again", with(billing.InvoiceDraft), billing.AddedLines{feeMade, hourMade}, func(*billing.InvoiceWish) {}, "in_1", 0, ""},
		{"asked again when it is paid", with(billing.InvoicePaid), billing.AddedLines{feeMade, hourMade}, func(*billing.InvoiceWish) {}, "in_1", 0, ""},
		{"of what waited, asked again", with(billing.InvoicePaid), nil, func(w *billing.InvoiceWish) { w.Lines, w.Pending = nil, true }, "in_1", 0, ""},
		{"the same key for another line", with(billing.InvoiceDraft), billing.AddedLines{hourMade}, func(w *billing.InvoiceWish) { w.Lines = []billing.LineWish{fee} }, "in_1", 0, billing.Conflict},
		{"the same key for fewer lines", with(billing.InvoiceDraft), billing.AddedLines{feeMade, hourMade}, func(w *billing.InvoiceWish) { w.Lines = w.Lines[:1] }, "in_1", 0, billing.Conflict},
		{"the same key by mail", with(billing.InvoiceDraft), nil, func(w *billing.InvoiceWish) { w.DueDays = 14 }, "in_1", 0, billing.Conflict},
		{"nothing waits", billing.State{}, billing.AddedLines{hourMade}, func(w *billing.InvoiceWish) { w.Lines, w.Pending, w.Key = nil, true, "other" }, "", 0, billing.Conflict},
		{"of nothing", billing.State{}, nil, func(w *billing.InvoiceWish) { w.Lines = nil }, "", 0, billing.Invalid},
		{"too many lines", billing.State{}, nil, func(w *billing.InvoiceWish) { w.Lines = make([]billing.LineWish, billing.MaxLines+1) }, "", 0, billing.Invalid},
		{"a line of nothing", billing.State{}, nil, func(w *billing.InvoiceWish) { w.Lines = []billing.LineWish{{Quantity: 1}} }, "", 0, billing.Invalid},
		{"two currencies", billing.State{}, nil, func(w *billing.InvoiceWish) {
			w.Lines = []billing.LineWish{hour, {Unit: money.New(1, "usd"), Quantity: 1, Description: "d"}}
		}, "", 0, billing.Invalid},
		{"due before it is made", billing.State{}, nil, func(w *billing.InvoiceWish) { w.DueDays = -1 }, "", 0, billing.Invalid},
		{"due in years", billing.State{}, nil, func(w *billing.InvoiceWish) { w.DueDays = billing.MaxDueDays + 1 }, "", 0, billing.Invalid},
		{"a long memo", billing.State{}, nil, func(w *billing.InvoiceWish) { w.Memo = strings.Repeat("m", billing.MaxInvoiceMemo+1) }, "", 0, billing.Invalid},
		{"no key", billing.State{}, nil, func(w *billing.InvoiceWish) { w.Key = "" }, "", 0, billing.Invalid},
		{"a long key", billing.State{}, nil, func(w *billing.InvoiceWish) { w.Key = strings.Repeat("k", billing.MaxInvoiceKey+1) }, "", 0, billing.Invalid},
	} {
		wish := fine
		c.change(&wish)
		made, missing, err := c.state.MakeInvoice(wish, c.added)
		if billing.CodeOf(err) != c.code || err == nil && (made.ID != c.made || len(missing) != c.missing) {
			t.Errorf("%s: %s, missing %v, %v", c.name, made.ID, missing, err)
		}
		for _, line := range missing {
			if err := line.Check(); err != nil || line.Invoice != made.ID {
				t.Errorf("%s: the line %+v: %v", c.name, line, err)
			}
		}
	}
}

func TestAnInvoiceMovesOnlyWhereItMay(t *testing.T) {
	of := func(status billing.InvoiceStatus, sub billing.SubscriptionID) billing.State {
		return billing.State{Invoices: []billing.Invoice{{ID: "in_1", Status: status, Subscription: sub, Lines: make([]billing.InvoiceLine, 1)}}}
	}
	const none, needed, conflict, missing = "none", "needed", "conflict", "not_found"
	word := func(is bool, err error) string {
		if err != nil {
			return string(billing.CodeOf(err))
		}
		return map[bool]string{false: none, true: needed}[is]
	}
	held := of(billing.InvoiceDraft, "sub")
	held.Invoices[0].Held = true
	empty := of(billing.InvoiceDraft, "")
	empty.Invoices[0].Lines = nil
	for _, c := range []struct {
		name                                            string
		state                                           billing.State
		issue, void, writeOff, discard, hold, letItGoOn string
	}{
		{"a draft", of(billing.InvoiceDraft, ""), needed, conflict, conflict, needed, needed, none},
		{"an empty draft", empty, conflict, conflict, conflict, needed, needed, none},
		{"a plan's draft", of(billing.InvoiceDraft, "sub"), needed, conflict, conflict, conflict, needed, none},
		{"a plan's draft that is held", held, needed, conflict, conflict, conflict, none, needed},
		{"open", of(billing.InvoiceOpen, ""), needed, needed, needed, conflict, conflict, conflict},
		{"paid", of(billing.InvoicePaid, ""), none, conflict, conflict, conflict, conflict, conflict},
		{"written off", of(billing.InvoiceUncollectible, ""), needed, needed, none, conflict, conflict, conflict},
		{"void", of(billing.InvoiceVoid, ""), conflict, none, conflict, conflict, conflict, conflict},
		{"not there", billing.State{}, missing, missing, missing, none, missing, missing},
	} {
		_, is, err := c.state.IssueInvoice("in_1")
		got := []string{
			word(is, err), word(c.state.EndInvoice("in_1", billing.EndVoided)), word(c.state.EndInvoice("in_1", billing.EndWrittenOff)),
			word(c.state.EndInvoice("in_1", billing.EndDiscarded)), word(c.state.HoldInvoice("in_1", true)), word(c.state.HoldInvoice("in_1", false)),
		}
		if want := []string{c.issue, c.void, c.writeOff, c.discard, c.hold, c.letItGoOn}; strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%s: got %v, want %v", c.name, got, want)
		}
	}
}
