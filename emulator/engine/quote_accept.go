package engine

import "fmt"

// UpdateQuote is POST /v1/quotes/{id}, while it is a draft.
type UpdateQuote struct {
	ID string `form:"-"`
	QuoteParams
}

func (c UpdateQuote) apply(t *tx) (Result, error) {
	before, err := t.quoteIn(c.ID, "update", QuoteDraft)
	if err != nil {
		return nil, err
	}
	if c.SubscriptionData.Or(QuoteSubscriptionParams{}).BillingMode.Given() {
		return nil, invalid("subscription_data[billing_mode]", "", "The billing mode of a quote cannot be changed.")
	}
	q := *before
	q.Lines = append([]*QuoteLine{}, before.Lines...)
	if err := c.QuoteParams.fill(t, &q); err != nil {
		return nil, err
	}
	return t.storeQuote(&q), nil
}

// FinalizeQuote is POST /v1/quotes/{id}/finalize.
type FinalizeQuote struct {
	ID        string     `form:"-"`
	ExpiresAt Opt[int64] `form:"expires_at"`
}

func (c FinalizeQuote) apply(t *tx) (Result, error) {
	before, err := t.quoteIn(c.ID, "finalize", QuoteDraft)
	if err != nil {
		return nil, err
	}
	q := *before
	if q.Customer == "" {
		return nil, invalid("customer", "", "You must set a customer on the quote before you can finalize it.")
	}
	if len(q.Lines) == 0 {
		return nil, invalid("line_items", "", "You cannot finalize a quote without line items.")
	}
	if err := q.takeExpiry(c.ExpiresAt, t.now); err != nil {
		return nil, err
	}
	q.Status, q.FinalizedAt = QuoteOpen, t.now
	q.Number = t.quoteNumber(&q)
	if old, ok := Get[Quote](t.world, q.FromQuote); ok && q.IsRevision && old.Status == QuoteOpen {
		t.cancelQuote(old)
	}
	t.storeQuote(&q)
	t.emit("quote.finalized", &q)
	return &q, nil
}

// quoteNumber is the customer's next number for quotes; a revision keeps that of what it revises.
func (t *tx) quoteNumber(q *Quote) string {
	prefix := must[Customer](t, q.Customer).InvoicePrefix
	if old, ok := Get[Quote](t.world, q.FromQuote); ok && q.IsRevision && old.Number != "" {
		stem := old.Number[:len(old.Number)-len(fmt.Sprint(old.Revision))]
		return stem + fmt.Sprint(q.Revision)
	}
	count := 1
	for _, other := range t.world.tables.quotes.all("customer", q.Customer) {
		if other.Number != "" && !other.IsRevision {
			count++
		}
	}
	return fmt.Sprintf("QT-%s-%04d-1", prefix, count)
}

// CancelQuote is POST /v1/quotes/{id}/cancel.
type CancelQuote struct {
	ID string `form:"-"`
}

func (c CancelQuote) apply(t *tx) (Result, error) {
	q, err := t.quoteIn(c.ID, "cancel", QuoteDraft, QuoteOpen)
	if err != nil {
		return nil, err
	}
	return t.cancelQuote(q), nil
}

func (t *tx) cancelQuote(before *Quote) *Quote {
	q := *before
	q.Status, q.CanceledAt = QuoteCanceled, t.now
	t.storeQuote(&q)
	t.emit("quote.canceled", &q)
	return &q
}

// quoteIn finds the quote that a route names, which must be in one of the states.
func (t *tx) quoteIn(id, what string, states ...string) (*Quote, error) {
	q, ok := Get[Quote](t.world, id)
	if !ok {
		return nil, NotFound("quote", id, "quote")
	}
	if err := t.enter(q.TestClock); err != nil {
		return nil, err
	}
	for _, state := range states {
		if q.Status == state {
			return q, nil
		}
	}
	return nil, invalid("", "", "You cannot %s a quote that is %s.", what, q.Status)
}

// AcceptQuote is POST /v1/quotes/{id}/accept. A quote with a recurring price becomes a subscription, now or, if its effective date is still
// to come, by a schedule; without one it becomes a draft of an invoice.
type AcceptQuote struct {
	ID string `form:"-"`
}

func (c AcceptQuote) apply(t *tx) (Result, error) {
	before, err := t.quoteIn(c.ID, "accept", QuoteOpen)
	if err != nil {
		return nil, err
	}
	q := *before
	q.Status, q.AcceptedAt = QuoteAccepted, t.now
	switch {
	case q.Recurring == nil:
		err = t.acceptInvoice(&q)
	case q.Subscribes.EffectiveDate > t.now:
		err = t.acceptSchedule(&q)
	default:
		err = t.acceptSubscription(&q)
	}
	if err != nil {
		return nil, err
	}
	t.storeQuote(&q)
	t.emit("quote.accepted", &q)
	return &q, nil
}

// redeemable are discounts of a quote as what it becomes is asked for them.
func (t *tx) redeemable(ids []string) Opt[[]DiscountParams] {
	var out []DiscountParams
	for _, id := range ids {
		d := must[Discount](t, id)
		out = append(out, PhaseDiscount{Coupon: d.Coupon}.params())
		if d.PromotionCode != "" {
			out[len(out)-1] = PhaseDiscount{PromotionCode: d.PromotionCode}.params()
		}
	}
	if out == nil {
		return Opt[[]DiscountParams]{}
	}
	return Some(out)
}

// ratesToTake are the rates of a quote as what it becomes is asked for them.
func ratesToTake(ids []string) Opt[[]string] {
	if ids == nil {
		return Opt[[]string]{}
	}
	return Some(ids)
}

// params ask for a billing mode as it is.
func (m BillingMode) params() Opt[BillingModeParams] {
	p := BillingModeParams{Type: Some(m.Type)}
	if m.Type == ModeFlexible && m.ProrationDiscounts != "" {
		p.Flexible = Some(FlexibleParams{ProrationDiscounts: Some(m.ProrationDiscounts)})
	}
	return Some(p)
}

func quantityOf(line *QuoteLine) Opt[int64] {
	if line.Quantity == nil {
		return Opt[int64]{}
	}
	return Some(*line.Quantity)
}

// parted are the lines of a quote by what becomes of them.
func (t *tx) parted(q *Quote) (recurring, once []*QuoteLine) {
	for _, line := range q.Lines {
		if must[Price](t, line.Price).Recurring != nil {
			recurring = append(recurring, line)
		} else {
			once = append(once, line)
		}
	}
	return recurring, once
}

func (t *tx) acceptSubscription(q *Quote) error {
	recurring, once := t.parted(q)
	c := CreateSubscription{
		Customer: Some(q.Customer), CollectionMethod: Some(q.CollectionMethod), Discounts: t.redeemable(q.Discounts), waits: true,
		BillingMode: q.Subscribes.BillingMode.params(), Description: Some(q.Subscribes.Description), DefaultTaxRates: ratesToTake(q.DefaultTaxRates),
	}
	if q.Subscribes.Metadata != nil {
		c.Metadata = Some(q.Subscribes.Metadata)
	}
	if q.InvoiceSettings.DaysUntilDue != nil {
		c.DaysUntilDue = Some(*q.InvoiceSettings.DaysUntilDue)
	}
	if q.Subscribes.TrialPeriodDays > 0 {
		c.TrialPeriodDays = Some(q.Subscribes.TrialPeriodDays)
	}
	var items []SubscriptionItemParams
	for _, line := range recurring {
		items = append(items, SubscriptionItemParams{Price: Some(line.Price), Quantity: quantityOf(line), Discounts: t.redeemable(line.Discounts), TaxRates: ratesToTake(line.TaxRates)})
	}
	var extras []AddInvoiceItemParams
	for _, line := range once {
		extras = append(extras, AddInvoiceItemParams{Price: Some(line.Price), Quantity: quantityOf(line), Discounts: t.redeemable(line.Discounts), TaxRates: ratesToTake(line.TaxRates)})
	}
	c.Items, c.AddInvoiceItems = Some(items), Some(extras)
	c.InvoiceSettings = Some(q.InvoiceSettings.params())
	s, err := t.createSubscription(c, offSession)
	if err != nil {
		return err
	}
	q.Subscription = s.ID
	return nil
}

func (t *tx) acceptSchedule(q *Quote) error {
	recurring, once := t.parted(q)
	settings := ScheduleSettingsParams{
		CollectionMethod: Some(q.CollectionMethod), Description: Some(q.Subscribes.Description),
		InvoiceSettings: Some(PhaseInvoiceParams{InvoiceSettingsParams: q.InvoiceSettings.params()}),
	}
	if q.InvoiceSettings.DaysUntilDue != nil {
		invoices := settings.InvoiceSettings.Or(PhaseInvoiceParams{})
		invoices.DaysUntilDue = Some(*q.InvoiceSettings.DaysUntilDue)
		settings.InvoiceSettings = Some(invoices)
	}
	phase := PhaseParams{Discounts: t.redeemable(q.Discounts), DefaultTaxRates: ratesToTake(q.DefaultTaxRates)}
	if q.Subscribes.Metadata != nil {
		phase.Metadata = Some(q.Subscribes.Metadata)
	}
	if days := q.Subscribes.TrialPeriodDays; days > 0 {
		phase.EndDate = Some(At(q.Subscribes.EffectiveDate + days*secondsPerDay))
		phase.Trial = Some(true)
	}
	var items []PhaseItemParams
	for _, line := range recurring {
		items = append(items, PhaseItemParams{Price: Some(line.Price), Quantity: quantityOf(line), Discounts: t.redeemable(line.Discounts), TaxRates: ratesToTake(line.TaxRates)})
	}
	var extras []PhaseExtraParams
	for _, line := range once {
		extras = append(extras, PhaseExtraParams{Price: Some(line.Price), Quantity: quantityOf(line), Discounts: t.redeemable(line.Discounts), TaxRates: ratesToTake(line.TaxRates)})
	}
	phase.Items, phase.AddInvoiceItems = Some(items), Some(extras)
	made, err := CreateSubscriptionSchedule{
		Customer: Some(q.Customer), StartDate: Some(At(q.Subscribes.EffectiveDate)), DefaultSettings: Some(settings), Phases: Some([]PhaseParams{phase}),
		BillingMode: q.Subscribes.BillingMode.params(), Metadata: Some(q.Subscribes.Metadata),
	}.apply(t)
	if err != nil {
		return err
	}
	q.SubscriptionSchedule = made.(*SubscriptionSchedule).ID
	return nil
}

func (s InvoiceSettings) params() InvoiceSettingsParams {
	return InvoiceSettingsParams{CustomFields: Some(s.CustomFields), Description: Some(s.Description), Footer: Some(s.Footer)}
}

func (t *tx) acceptInvoice(q *Quote) error {
	customer, err := t.fixCurrency(must[Customer](t, q.Customer), q.Currency)
	if err != nil {
		return err
	}
	b := bill{Customer: customer, Reason: "quote_accept", Currency: q.Currency, Period: Period{t.now, t.now}}
	for _, line := range q.Lines {
		item := t.pricedItem(q.Customer, must[Price](t, line.Price), q.Currency, *line.Quantity)
		item.TestClock, item.TaxRates = q.TestClock, line.TaxRates
		if item.Discounts, err = t.grant(t.redeemable(line.Discounts), granting{
			level: Discount{Customer: q.Customer, InvoiceItem: item.ID}, currency: q.Currency, param: "discounts",
		}); err != nil {
			return err
		}
		b.Pending = append(b.Pending, item)
	}
	discounts, err := t.grant(t.redeemable(q.Discounts), granting{
		level: Discount{Customer: q.Customer, Invoice: unboundInvoice}, currency: q.Currency, param: "discounts", worth: &q.Totals.Subtotal,
	})
	if err != nil {
		return err
	}
	if discounts != nil {
		b.Discounts = &discounts
	}
	inv := t.draft(b, func(inv *Invoice) {
		inv.Quote, inv.CollectionMethod, inv.DefaultTaxRates = q.ID, q.CollectionMethod, q.DefaultTaxRates
		t.sum(inv, customer.Balance)
		q.InvoiceSettings.write(inv)
		if days := q.InvoiceSettings.DaysUntilDue; days != nil {
			inv.DueDate = t.now + *days*secondsPerDay
		}
	})
	if discounts != nil {
		t.bindDiscounts(inv)
	}
	q.Invoice = inv.ID
	return nil
}

// ListQuotes is GET /v1/quotes.
type ListQuotes struct {
	Page
	Customer  Opt[string] `form:"customer"`
	Status    Opt[string] `form:"status"`
	TestClock Opt[string] `form:"test_clock"`
}

func (l ListQuotes) run(w *World) (*Listing, error) {
	s := selection[Quote]{index: "clock", value: l.TestClock.Or(""), cursorName: "quote"}
	if customer, ok := l.Customer.Get(); ok {
		s.index, s.value = "customer", customer
	}
	s.keep = func(q *Quote) bool {
		return l.Status.Or(q.Status) == q.Status && l.TestClock.Or(q.TestClock) == q.TestClock
	}
	return list(w, l.Page, s)
}

// ListQuoteLines is GET /v1/quotes/{id}/line_items.
type ListQuoteLines struct {
	Page
	Quote string `form:"-"`
}

func (l ListQuoteLines) run(w *World) (*Listing, error) {
	q, ok := Get[Quote](w, l.Quote)
	if !ok {
		return nil, NotFound("quote", l.Quote, "quote")
	}
	return listEmbedded(l.Page, q.Lines, "item", func(line *QuoteLine) string { return line.ID })
}

// ListQuoteUpfrontLines is GET /v1/quotes/{id}/computed_upfront_line_items: what the first invoice will have of it.
type ListQuoteUpfrontLines struct {
	Page
	Quote string `form:"-"`
}

func (l ListQuoteUpfrontLines) run(w *World) (*Listing, error) {
	q, ok := Get[Quote](w, l.Quote)
	if !ok {
		return nil, NotFound("quote", l.Quote, "quote")
	}
	return listEmbedded(l.Page, w.UpfrontLines(q), "item", func(line *QuoteLine) string { return line.ID })
}

// UpfrontLines are the lines of a quote that are due when it is accepted: during a trial only those that are billed once.
func (w *World) UpfrontLines(q *Quote) []*QuoteLine {
	var out []*QuoteLine
	for _, line := range q.Lines {
		if price, ok := Get[Price](w, line.Price); ok && (price.Recurring == nil || q.Subscribes.TrialPeriodDays == 0) {
			out = append(out, line)
		}
	}
	return out
}

// quoteTables hold what is offered.
type quoteTables struct {
	quotes *table[Quote]
}

func (ts *quoteTables) open() []anyTable {
	ts.quotes = newTable("quote", func(o *Quote) string { return o.ID }).
		by("customer", func(o *Quote) string { return o.Customer }).
		byAny("clock", func(o *Quote) string { return o.TestClock })
	return []anyTable{ts.quotes}
}

var _ = register(CreateQuote{}, UpdateQuote{}, FinalizeQuote{}, CancelQuote{}, AcceptQuote{})
