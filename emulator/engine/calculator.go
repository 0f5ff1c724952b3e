package engine

import (
	"cmp"
	"slices"
)

// The one invoice calculator. Create, renew, update and preview all describe their invoice as a bill; only here do its
// lines get their order and its amounts their sums.

// invoiceItemsMax is how many invoice items one invoice takes in.
const invoiceItemsMax = 250

// bill is an invoice to be.
type bill struct {
	Customer     *Customer
	Subscription *Subscription // nil for an invoice of the customer alone
	Reason       string
	At           int64 // when it is made; 0 is now
	Currency     string
	Period       Period
	Pending      []*InvoiceItem // taken in, oldest first
	Lines        []*InvoiceLine // the subscription's own, oldest item first
	Discounts    *[]string      // nil inherits those of the subscription or the customer
	ProratedAt   int64          // subscription_proration_date
}

// compose makes the invoice of a bill, as a draft without an id. Lines stand as Stripe shows them: pending items newest
// first, so that a credit precedes its debit, then the subscription's items, newest first as well.
func (t *tx) compose(b bill) *Invoice {
	c, at := b.Customer, b.At
	if at == 0 {
		at = t.now
	}
	inv := t.world.tables.invoices.shelf.one()
	*inv = Invoice{
		InvoiceTerms: t.newTerms(), Created: at, Status: InvoiceDraft, BillingReason: b.Reason, PeriodStart: b.Period.Start,
		PeriodEnd: b.Period.End, WebhooksDeliveredAt: at, SubscriptionProration: b.ProratedAt,
	}
	*inv.InvoiceTerms = InvoiceTerms{
		TestClock: c.TestClock, CollectionMethod: ChargeAutomatically, Currency: b.Currency, Customer: c.ID,
		CustomFields: c.InvoiceSettings.CustomFields, Footer: c.InvoiceSettings.Footer,
	}
	inv.copyCustomer(c)
	if s := b.Subscription; s != nil {
		inv.Subscription, inv.SubscriptionMetadata, inv.CollectionMethod = s.ID, s.Metadata, s.CollectionMethod
		inv.PaymentMethodTypes, inv.DefaultTaxRates = s.PaymentMethodTypes, s.DefaultTaxRates
		s.InvoiceSettings.write(inv)
		if s.CollectionMethod == InvoiceByMail && s.DaysUntilDue != nil {
			inv.DueDate = at + *s.DaysUntilDue*secondsPerDay
		}
	}
	inv.Lines = make([]*InvoiceLine, 0, len(b.Pending)+len(b.Lines))
	for _, item := range slices.Backward(b.Pending) {
		inv.Lines = append(inv.Lines, t.pendingLine(item))
	}
	for _, line := range slices.Backward(b.Lines) {
		inv.Lines = append(inv.Lines, line)
	}
	for _, line := range inv.Lines {
		line.Discounts = t.running(line.Discounts, at)
	}
	inv.Discounts = t.discountsOf(b, at)
	t.sum(inv, c.Balance)
	return inv
}

// write puts what a subscription says on its invoices in place of what the customer's say.
func (s InvoiceSettings) write(inv *Invoice) {
	inv.Description = s.Description
	inv.Footer = cmp.Or(s.Footer, inv.Footer)
	if s.CustomFields != nil {
		inv.CustomFields = s.CustomFields
	}
}

// copyCustomer takes what an invoice shows of its customer; it follows the customer until finalization.
func (inv *Invoice) copyCustomer(c *Customer) {
	inv.CustomerAddress, inv.CustomerEmail, inv.CustomerName, inv.CustomerPhone = c.Address, c.Email, c.Name, c.Phone
	inv.CustomerShipping, inv.CustomerTaxExempt = c.Shipping, c.TaxExempt
}

// sum computes every amount of a draft from its lines and the customer's balance, of which the negative part is credit.
func (t *tx) sum(inv *Invoice, balance int64) {
	off := t.discount(inv)
	off.ofInvoice += inv.credited()
	inv.Subtotal = -off.ofLines
	for _, line := range inv.Lines {
		inv.Subtotal += line.Amount
	}
	taxed := t.tax(inv)
	inv.Total = inv.Subtotal - off.ofInvoice + taxed.exclusive - taxed.takenOut
	inv.SubtotalExcludingTax, inv.TotalExcludingTax = inv.Subtotal, inv.Total
	if len(inv.TotalTaxes) > 0 {
		inv.SubtotalExcludingTax, inv.TotalExcludingTax = t.beforeTax(inv), inv.Total-inv.allTax()
	}
	inv.StartingBalance = balance
	inv.AmountDue = max(0, inv.Total+balance)
	inv.AmountRemaining = inv.AmountDue
}

// settleBalance fixes the amounts at finalization: what is left of the balance, and nothing due when it is less than a
// card can be charged; that is added to the balance instead, as is what rounding takes off. It answers the movements of the balance by their type.
func (t *tx) settleBalance(inv *Invoice) (applied, tooSmall, rounded int64) {
	ending := min(0, inv.Total+inv.StartingBalance)
	applied = ending - inv.StartingBalance
	if 0 < inv.AmountDue && inv.AmountDue < minimum(inv.Currency) {
		tooSmall = inv.AmountDue
		ending += tooSmall
		inv.AmountDue, inv.AmountRemaining = 0, 0
	}
	if due := roundedDue(inv.AmountDue, inv.Currency); due != inv.AmountDue {
		rounded = inv.AmountDue - due
		ending += rounded
		inv.AmountDue, inv.AmountRemaining = due, due
	}
	inv.EndingBalance = t.world.memory.number(ending)
	return applied, tooSmall, rounded
}

// pendingLine is the line of an invoice item.
func (t *tx) pendingLine(item *InvoiceItem) *InvoiceLine {
	quantity := item.Quantity
	return &InvoiceLine{
		Amount: item.Amount, Currency: item.Currency, Description: item.Description, Discountable: item.Discountable, Period: item.Period,
		Price: item.Price, Product: item.Product, UnitAmount: item.UnitAmount, Quantity: &quantity, Proration: item.Proration,
		CreditedItems: item.CreditedItems, Reduced: item.Reduced, Subscription: item.Subscription, SubscriptionItem: item.SubscriptionItem,
		InvoiceItem: item.ID, FromSubscription: item.Proration, Used: item.Used, Discounts: item.Discounts, Metadata: item.Metadata,
		TaxRates: item.TaxRates,
	}
}

// itemLines are the ordinary lines of a subscription item over a period it is billed for in advance.
func (t *tx) itemLines(s *Subscription, item *SubscriptionItem, period Period) []*InvoiceLine {
	if item.metered() {
		return nil // billed by usage, when the period is over
	}
	price := must[Price](t, item.Price)
	product := must[Product](t, price.Product)
	var out []*InvoiceLine
	costs := t.world.memory.costs.of(price, product, s.Currency, *item.Quantity)
	for i := range costs {
		line, p := t.itemLine(s, item, period), &costs[i]
		line.Amount, line.Description, line.UnitAmount, line.Quantity = p.Amount, p.text, &p.Unit, &p.Quantity.whole
		out = append(out, line)
	}
	slices.Reverse(out) // compose turns lines round; tiers keep their order
	return out
}

// trialLine is the free line of an item during a trial.
func (t *tx) trialLine(s *Subscription, item *SubscriptionItem, period Period) *InvoiceLine {
	line := t.itemLine(s, item, period)
	quantity := item.quantity()
	line.UnitAmount, line.Quantity = &Decimal{}, &quantity
	line.Description = trialText(s.BillingMode.Type, quantity, must[Product](t, line.Product))
	return line
}

func (t *tx) itemLine(s *Subscription, item *SubscriptionItem, period Period) *InvoiceLine {
	line := t.world.memory.lines.one()
	*line = InvoiceLine{
		Currency: s.Currency, Discountable: true, Period: period, Price: item.Price, Product: must[Price](t, item.Price).Product,
		Subscription: s.ID, SubscriptionItem: item.ID, FromSubscription: true, Discounts: item.Discounts,
		Metadata: s.Metadata, TaxRates: item.TaxRates,
	}
	return line
}

// quantity is the licensed quantity of an item; metered items have none.
func (item *SubscriptionItem) quantity() int64 {
	if item.Quantity == nil {
		return 0
	}
	return *item.Quantity
}
