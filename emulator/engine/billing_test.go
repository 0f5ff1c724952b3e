package engine

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// shop is a world with a clock of its own, for stories: every call happens at now, and a failure is the test's.
type shop struct {
	testing.TB
	*World
	now   int64
	names map[string]string // ids by the name a story gave them
	seen  int64             // events read so far
	heard []heard           // the commands of do and anyStep
}

const opening = "2026-01-31 12:00:00"

func openShop(t testing.TB, change ...func(*Settings)) *shop {
	t.Helper()
	settings := DefaultSettings()
	for _, f := range change {
		f(&settings)
	}
	return &shop{TB: t, World: New("test", settings), now: unix(t, opening), names: map[string]string{}}
}

// do applies a command that must succeed.
func (s *shop) do(cmd Command) Result {
	s.Helper()
	s.heard = append(s.heard, heard{cmd, s.now})
	got, err := s.Apply(cmd, Request{ID: "req_test"}, s.now)
	if err != nil {
		s.Fatalf("%s: %v", NameOf(cmd), err)
	}
	s.check()
	return got
}

// refuse applies a command that must fail, and returns its error.
func (s *shop) refuse(cmd Command) *Error {
	s.Helper()
	_, err := s.Apply(cmd, Request{}, s.now)
	var e *Error
	if !errors.As(err, &e) {
		s.Fatalf("%s: got %v, want a refusal", NameOf(cmd), err)
	}
	s.check()
	return e
}

// wait lets seconds pass.
func (s *shop) wait(seconds int64) {
	s.Helper()
	s.now += seconds
	s.do(Tick{})
}

func (s *shop) waitUntil(at string) { s.Helper(); s.wait(unix(s.TB, at) - s.now) }

// price makes a monthly price of an amount, or of what change says.
func (s *shop) price(name string, amount int64, change ...func(*CreatePrice)) string {
	s.Helper()
	cmd := CreatePrice{
		Currency: Some("usd"), ProductData: Some(ProductData{Name: Some(name)}), UnitAmount: Some(amount),
		Recurring: Some(RecurringParam{Interval: Some("month")}),
	}
	for _, f := range change {
		f(&cmd)
	}
	return s.do(cmd).(*Price).ID
}

func yearly(p *CreatePrice) { p.Recurring = Some(RecurringParam{Interval: Some("year")}) }

// customer makes a customer who pays with a test card; "" is one without a card.
func (s *shop) customer(card string) string {
	s.Helper()
	id := s.do(CreateCustomer{CustomerParams: CustomerParams{Email: Some("ada@example.com")}}).(*Customer).ID
	if card != "" {
		s.useCard(id, card)
	}
	return id
}

// useCard attaches a card and makes it the customer's default.
func (s *shop) useCard(customer, card string) string {
	s.Helper()
	pm := s.do(AttachPaymentMethod{ID: card, Customer: Some(customer)}).(*PaymentMethod).ID
	s.do(UpdateCustomer{ID: customer, CustomerParams: CustomerParams{
		InvoiceSettings: Some(CustomerInvoiceSettingsParams{DefaultPaymentMethod: Some(pm)}),
	}})
	return pm
}

func items(prices ...string) Opt[[]SubscriptionItemParams] {
	var out []SubscriptionItemParams
	for _, p := range prices {
		out = append(out, SubscriptionItemParams{Price: Some(p)})
	}
	return Some(out)
}

// subscribe makes a subscription of one price.
func (s *shop) subscribe(customer, price string, change ...func(*CreateSubscription)) *Subscription {
	s.Helper()
	cmd := CreateSubscription{Customer: Some(customer), Items: items(price)}
	for _, f := range change {
		f(&cmd)
	}
	return s.do(cmd).(*Subscription)
}

// swap is the change that puts another price under the only item of a subscription.
func (s *shop) swap(sub, price string) SubscriptionChange {
	return SubscriptionChange{Items: Some([]ItemChange{{
		ID: Some(s.sub(sub).Items[0].ID), SubscriptionItemParams: SubscriptionItemParams{Price: Some(price)},
	}})}
}

func (s *shop) sub(id string) *Subscription { s.Helper(); return get[Subscription](s, id) }

func (s *shop) invoice(id string) *Invoice { s.Helper(); return get[Invoice](s, id) }

// latest is the latest invoice of a subscription.
func (s *shop) latest(sub string) *Invoice { s.Helper(); return s.invoice(s.sub(sub).LatestInvoice) }

func get[T any](s *shop, id string) *T {
	s.Helper()
	obj, ok := Get[T](s.World, id)
	if !ok {
		s.Fatalf("no object %s", id)
	}
	return obj
}

// events are the types of all events since the last call.
func (s *shop) events() []string {
	var out []string
	for _, e := range s.EventsSince(s.seen) {
		out = append(out, e.Type)
	}
	s.seen = s.LastEventSeq()
	return out
}

// wantEvents compares the events since the last call with a story, written as one line.
func (s *shop) wantEvents(what, want string) {
	s.Helper()
	if got := strings.Join(s.events(), " "); got != strings.Join(strings.Fields(want), " ") {
		s.Errorf("%s\n got %s\nwant %s", what, got, strings.Join(strings.Fields(want), " "))
	}
}

// lines are the amounts and texts of an invoice.
func lines(inv *Invoice) string {
	var out []string
	for _, l := range inv.Lines {
		out = append(out, fmt.Sprintf("%d %s", l.Amount, l.Description))
	}
	return strings.Join(out, " | ")
}

// check looks for what must hold of every world after every command.
func (s *shop) check() {
	s.Helper()
	for _, inv := range s.tables.invoices.all("", "") {
		if err := adds(inv); err != nil {
			s.Fatalf("invoice %s %s: %v", inv.ID, inv.BillingReason, err)
		}
		if err := checkNotes(s.World, inv); err != nil {
			s.Fatalf("credit notes of %s: %v", inv.ID, err)
		}
	}
	if err := moneyAdds(s.World); err != nil {
		s.Fatal(err)
	}
	for _, sc := range s.tables.schedules.all("", "") {
		if err := s.followed(sc); err != nil {
			s.Fatalf("schedule %s %s: %v", sc.ID, sc.Status, err)
		}
	}
	seq := int64(0)
	for _, e := range s.EventsSince(0) {
		if seq++; e.Seq != seq {
			s.Fatalf("event %s has seq %d at place %d", e.Type, e.Seq, seq)
		}
		if stored, _ := s.Event(e.ID); stored == nil || *stored != *e {
			s.Fatalf("event %s of the log is not the stored one", e.Type)
		}
	}
	for _, e := range s.tables.entitlements.all("", "") {
		if !granted(s.World, e) {
			s.Fatalf("%s may use %s, and no subscription grants it", e.Customer, e.LookupKey)
		}
	}
	for _, g := range s.tables.creditGrants.all("", "") {
		if left := s.leftOf(g); left < 0 || left > g.Amount {
			s.Fatalf("grant %s of %d has %d left", g.ID, g.Amount, left)
		}
	}
	for _, c := range s.tables.customers.all("", "") {
		balance := int64(0)
		for _, m := range s.tables.balances.all("customer", c.ID) {
			balance += m.Amount
		}
		if balance != c.Balance {
			s.Fatalf("the movements of %s add up to %d, its balance is %d", c.ID, balance, c.Balance)
		}
	}
}

// granted says whether a running subscription of the customer grants the entitlement.
func granted(w *World, e *ActiveEntitlement) bool {
	for _, sub := range w.tables.subscriptions.all("customer", e.Customer) {
		for _, g := range sub.Granted {
			if g.Feature == e.Feature && w.settings.Decisions.entitles(sub.Status) {
				return true
			}
		}
	}
	return false
}

// adds says whether the amounts of an invoice agree with one another.
func adds(inv *Invoice) error {
	sum, off := int64(0), map[string]int64{}
	for _, l := range inv.Lines {
		sum += l.net()
		for _, d := range l.DiscountAmounts {
			off[d.Discount] += d.Amount
			if d.Amount < 0 {
				return fmt.Errorf("discount %s adds %d", d.Discount, -d.Amount)
			}
		}
		if l.net() < 0 && l.net() < l.Amount {
			return fmt.Errorf("%q costs %d after its discounts", l.Description, l.net())
		}
	}
	general := int64(0)
	for _, d := range inv.TotalDiscounts {
		if off[d.Discount] != d.Amount {
			return fmt.Errorf("discount %s took %d off the lines, %d off the invoice", d.Discount, off[d.Discount], d.Amount)
		}
		delete(off, d.Discount)
		if slices.Contains(inv.Discounts, d.Discount) {
			general += d.Amount
		}
	}
	general += inv.credited()
	added, err := taxesAgree(inv)
	switch {
	case err != nil:
		return err
	case len(off) > 0:
		return fmt.Errorf("the invoice misses discounts %v", off)
	case sum+added != inv.Total || inv.Subtotal != sum+general:
		return fmt.Errorf("lines come to %d, tax adds %d and general discounts took %d; subtotal %d, total %d", sum, added, general, inv.Subtotal, inv.Total)
	case inv.AmountPaid+inv.AmountRemaining != inv.AmountDue:
		return fmt.Errorf("paid %d and remaining %d of due %d", inv.AmountPaid, inv.AmountRemaining, inv.AmountDue)
	case inv.Status == InvoicePaid && inv.AmountRemaining != 0:
		return fmt.Errorf("paid with %d remaining", inv.AmountRemaining)
	case (inv.EndingBalance == nil) != (inv.Status == InvoiceDraft):
		return fmt.Errorf("%s with ending balance %v", inv.Status, inv.EndingBalance)
	case inv.EndingBalance != nil && inv.Total+inv.StartingBalance != inv.AmountDue+inv.PreCredited+*inv.EndingBalance:
		return fmt.Errorf("total %d + balance %d is not due %d + balance %d", inv.Total, inv.StartingBalance, inv.AmountDue, *inv.EndingBalance)
	}
	return nil
}

// taxesAgree says whether the taxes of an invoice are those of its lines, and answers what they add to them: exclusive tax, less what an
// exempt payer's prices have lost.
func taxesAgree(inv *Invoice) (added int64, err error) {
	all, byRate := int64(0), map[string]int64{}
	for _, l := range inv.Lines {
		rates := make([]string, len(l.Taxes))
		for i, tax := range l.Taxes {
			rates[i] = tax.Rate
			byRate[tax.Rate] += tax.Amount
			if all += tax.Amount; !tax.Inclusive {
				added += tax.Amount
			}
			if against := (tax.Amount < 0) != (l.net() < 0); against && (tax.Amount < -1 || tax.Amount > 1) { // a cent that the invoice's rounding moved
				return 0, fmt.Errorf("%q costs %d and is taxed %d", l.Description, l.net(), tax.Amount)
			}
		}
		added -= l.TakenOut
		if !slices.Equal(rates, inv.rated(l)) {
			return 0, fmt.Errorf("%q is taxed by %v, its rates are %v", l.Description, rates, inv.rated(l))
		}
	}
	for _, total := range inv.TotalTaxes {
		if byRate[total.Rate] != total.Amount {
			return 0, fmt.Errorf("rate %s takes %d of the invoice and %d of its lines", total.Rate, total.Amount, byRate[total.Rate])
		}
		delete(byRate, total.Rate)
	}
	if len(byRate) > 0 || inv.TotalExcludingTax != inv.Total-all {
		return 0, fmt.Errorf("total %d with %d of tax, %d without; the invoice misses %v", inv.Total, all, inv.TotalExcludingTax, byRate)
	}
	return added, nil
}
