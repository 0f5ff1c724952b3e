package billing

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/dues-billing/dues/money"
)

// RefundRule says when a customer may have the money back. What it leaves out does not matter.
type RefundRule struct {
	Plans     []PlanID      // it is about, empty like Assets: all
	Assets    []AssetID     // that are bought alone
	Within    time.Duration // since the account's first purchase, 0: at any time
	Consumed  int           // the most that may have been consumed, in percent; 100: all
	Count     int           // how many purchases of an account are given back, 0: any number
	Renewals  bool          // may be given back too; else a renewal can only be cancelled
	KeepsPlan bool          // the plan goes on after a full refund, such as one for goodwill; else it ends, whoever refunded
}

// refundRule is the rule for a plan.
func (c Catalog) refundRule(plan PlanID) (RefundRule, bool) {
	for _, rule := range c.Refunds {
		if len(rule.Plans)+len(rule.Assets) == 0 || slices.Contains(rule.Plans, plan) {
			return rule, true
		}
	}
	return RefundRule{}, false
}

// Consumption is how much of an asset an account has consumed, as the application reports it: pages read, minutes seen.
type Consumption struct {
	Account    AccountID
	Asset      AssetID
	Percent    int // 0 to 100
	ReportedAt time.Time
}

// NoRefund is why a payment is not given back.
type NoRefund string

// The reasons.
const (
	NothingPaid     NoRefund = "nothing_paid"     // there is no payment
	NotOffered      NoRefund = "not_offered"      // no rule is about the plan
	IsRenewal       NoRefund = "renewal"          // a later period is cancelled, not given back
	TooLate         NoRefund = "too_late"         // the time since the first purchase is over
	TooMuchConsumed NoRefund = "consumed"         // more than the rule's share
	TooOften        NoRefund = "too_often"        // as many purchases as the rule allows were given back
	NothingLeft     NoRefund = "already_refunded" // all of it was given back before
	IsDisputed      NoRefund = "disputed"         // the bank decides about this payment
)

// RefundReason is one reason against a refund, for programs and for people.
type RefundReason struct {
	Code    NoRefund
	Message string
}

// RefundQuote is what a refund of a payment would be.
type RefundQuote struct {
	Invoice  InvoiceID
	Amount   money.Amount // what is left to be given back
	Until    time.Time    // until when the rule allows it; zero: it names no time, or allows it at no time
	Reasons  []RefundReason
	Possible bool // the provider would do it: reasons of the rules alone speak against it
}

// Eligible reports whether the rules allow the refund.
func (q RefundQuote) Eligible() bool { return len(q.Reasons) == 0 }

// QuoteRefund says whether the rules allow to give a payment back, how much, and why not. id names its invoice, "" is the newest that was paid for in
// the catalogue's group.
// s has all invoices of the customer, elsewhere are those of the account's other customers: what it bought as a guest, or with its own. An invoice that it does not have is an error of code not_found.
func (c Catalog) QuoteRefund(s State, elsewhere []Invoice, id InvoiceID, used []Consumption, now time.Time) (RefundQuote, error) {
	invoice, found := c.payment(s, id)
	switch {
	case !found && id != "":
		return RefundQuote{}, Errorf(NotFound, "the account has no invoice %q", id).In("invoice")
	case !found || invoice.Status != InvoicePaid || invoice.AmountPaid.Minor <= 0:
		q := RefundQuote{Invoice: invoice.ID}
		q.refuse(NothingPaid, "Nothing was paid that could be given back.")
		return q, nil
	}
	q := RefundQuote{Invoice: invoice.ID, Amount: money.New(invoice.AmountPaid.Minor-invoice.TakenBack().Minor, invoice.AmountPaid.Currency)}
	switch {
	case invoice.Disputed.Minor > 0:
		q.refuse(IsDisputed, "The bank has taken this payment back, and decides about it.")
	case q.Amount.Minor == 0:
		q.refuse(NothingLeft, "This payment was given back already.")
	default:
		q.Possible = true
	}
	sub, _ := s.Subscription(invoice.Subscription)
	c.In(c.GroupOf(sub)).judgeRefund(&q, s, elsewhere, invoice, used, now)
	return q, nil
}

// judgeRefund adds what the rule of the invoice's plan says.
func (c Catalog) judgeRefund(q *RefundQuote, s State, elsewhere []Invoice, invoice Invoice, used []Consumption, now time.Time) {
	key := billed(c, invoice)
	rule, ok := c.refundRuleOf(invoice)
	if !ok {
		q.refuse(NotOffered, "Payments for %s are not given back.", c.nameOfPrice(key))
		return
	}
	first := c.firstPayment(s, invoice)
	if invoice.Reason == renewal && !rule.Renewals && first.ID != invoice.ID {
		q.refuse(IsRenewal, "A renewal is not given back; %s can be cancelled, and ends with what is paid for.", c.nameOfPrice(key))
	}
	if rule.Within > 0 {
		first, since := c.firstPayment(s, Invoice{}), "the first purchase"
		if _, _, once := c.AssetOfPrice(key); once {
			first, since = invoice, "the purchase" // each is one of its own
		}
		q.Until = first.PaidAt.Add(rule.Within)
		if !now.Before(q.Until) {
			q.refuse(TooLate, "It could be given back until %s, %s after %s.", day(q.Until), inDays(rule.Within), since)
		}
	}
	for _, consumed := range used {
		if consumed.Percent > rule.Consumed && (consumed.Asset == "" || slices.Contains(c.assetsOfPrice(key), consumed.Asset)) {
			q.refuse(TooMuchConsumed, "%d %% was consumed; up to %d %% it could be given back.", consumed.Percent, rule.Consumed)
			break
		}
	}
	if n := purchasesGivenBack(slices.Concat(s.Invoices, elsewhere), invoice); rule.Count > 0 && n >= rule.Count {
		q.refuse(TooOften, "%d of the account's purchases were given back before, and %d may be.", n, rule.Count)
	}
	if !q.Eligible() {
		q.Until = time.Time{}
	}
}

func (q *RefundQuote) refuse(code NoRefund, format string, args ...any) {
	q.Reasons = append(q.Reasons, RefundReason{Code: code, Message: fmt.Sprintf(format, args...)})
}

// payment is the invoice with that id, or with "" the newest of the group that was paid with money.
func (c Catalog) payment(s State, id InvoiceID) (Invoice, bool) {
	if id != "" {
		return s.Invoice(id)
	}
	at := slices.IndexFunc(s.Invoices, func(i Invoice) bool { return i.Status == InvoicePaid && i.AmountPaid.Minor > 0 && c.bills(s, i) })
	if at < 0 {
		return Invoice{}, false
	}
	return s.Invoices[at], true
}

// firstPayment is the first that was paid with money: for the subscription of an invoice, or for anything of the group when it has none.
func (c Catalog) firstPayment(s State, of Invoice) Invoice {
	var first Invoice
	for _, i := range s.Invoices {
		if i.Status != InvoicePaid || i.AmountPaid.Minor <= 0 || of.Subscription != "" && i.Subscription != of.Subscription || !c.bills(s, i) {
			continue
		}
		if first.ID == "" || !i.PaidAt.After(first.PaidAt) { // newest first: of one second the later is the older
			first = i
		}
	}
	return first
}

// purchasesGivenBack counts the subscriptions, and the purchases outside of one, of which something was given back, but for that of an invoice.
func purchasesGivenBack(all []Invoice, but Invoice) int {
	seen := map[string]bool{}
	for _, i := range all {
		if i.Refunded.Minor > 0 && i.purchase() != but.purchase() {
			seen[i.purchase()] = true
		}
	}
	return len(seen)
}

// purchase names what the invoice is of: its subscription, or itself.
func (i Invoice) purchase() string { return cmp.Or(string(i.Subscription), string(i.ID)) }

// inDays writes a duration as people say it.
func inDays(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d%day != 0:
		return d.String()
	case d == day:
		return "1 day"
	}
	return fmt.Sprintf("%d days", d/day)
}

// RefundOrderID is our own id of a refund that was asked for.
type RefundOrderID string

// RefundStatus is where a RefundOrder stands.
type RefundStatus string

// An order is pending until the provider has answered; then it is made, or refused.
const (
	RefundPending RefundStatus = "pending"
	RefundMade    RefundStatus = "made"
	RefundRefused RefundStatus = "refused"
)

// RefundOrder is a refund that was asked for here. The provider's Refund is what came of it; one made in its dashboard has no order.
type RefundOrder struct {
	ID         RefundOrderID
	Account    AccountID
	Invoice    InvoiceID
	Amount     money.Amount
	Reason     string // one of RefundReasons
	Override   bool   // the rules spoke against it
	Status     RefundStatus
	Refund     RefundID // the provider's, once made
	CreditNote string   // the provider's number of it
	Error      string   // why it was refused
	CreatedAt  time.Time
	DoneAt     time.Time
}

// RefundReasons are what may be said of why. They are Stripe's words (credit_note.reason), which its reports count by.
var RefundReasons = []string{"duplicate", "fraudulent", "order_change", "product_unsatisfactory"}
