package engine

import (
	"fmt"
	"slices"
)

const timerQuote = "quote.expire"

func init() {
	onTimer(timerQuote, func(t *tx, id string) {
		if q, ok := Get[Quote](t.world, id); ok && q.changeable() {
			t.cancelQuote(q)
		}
	})
}

// QuoteParams are the parameters that create and update share.
type QuoteParams struct {
	AutomaticTax     Opt[AutomaticTaxParam]       `form:"automatic_tax"`
	CollectionMethod Opt[string]                  `form:"collection_method"`
	Customer         Opt[string]                  `form:"customer"`
	DefaultTaxRates  Opt[[]string]                `form:"default_tax_rates"`
	Description      Opt[string]                  `form:"description"`
	Discounts        Opt[[]DiscountParams]        `form:"discounts"`
	ExpiresAt        Opt[int64]                   `form:"expires_at"`
	Footer           Opt[string]                  `form:"footer"`
	Header           Opt[string]                  `form:"header"`
	InvoiceSettings  Opt[PhaseInvoiceParams]      `form:"invoice_settings"`
	LineItems        Opt[[]QuoteLineParams]       `form:"line_items"`
	Metadata         Opt[map[string]string]       `form:"metadata"`
	SubscriptionData Opt[QuoteSubscriptionParams] `form:"subscription_data"`
}

// QuoteLineParams are one element of line_items. On update an id keeps a line.
type QuoteLineParams struct {
	Discounts Opt[[]DiscountParams] `form:"discounts"`
	ID        Opt[string]           `form:"id"`
	Price     Opt[string]           `form:"price"`
	PriceData Opt[PriceDataParams]  `form:"price_data"`
	Quantity  Opt[int64]            `form:"quantity"`
	TaxRates  Opt[[]string]         `form:"tax_rates"`
}

// QuoteSubscriptionParams are subscription_data.
type QuoteSubscriptionParams struct {
	BillingMode     Opt[BillingModeParams] `form:"billing_mode"`
	Description     Opt[string]            `form:"description"`
	EffectiveDate   Opt[Instant]           `form:"effective_date"`
	Metadata        Opt[map[string]string] `form:"metadata"`
	TrialPeriodDays Opt[int64]             `form:"trial_period_days"`
}

// FromQuoteParams are from_quote.
type FromQuoteParams struct {
	IsRevision Opt[bool]   `form:"is_revision"`
	Quote      Opt[string] `form:"quote"`
}

// CreateQuote is POST /v1/quotes.
type CreateQuote struct {
	QuoteParams
	FromQuote Opt[FromQuoteParams] `form:"from_quote"`
	TestClock Opt[string]          `form:"test_clock"`
}

func (c CreateQuote) apply(t *tx) (Result, error) {
	if c.FromQuote.Given() {
		return c.clone(t)
	}
	if clock, ok := c.TestClock.Get(); ok {
		if _, found := Get[TestClock](t.world, clock); !found {
			return nil, noSuchParam("test_clock", clock, "test_clock")
		}
		if err := t.enter(clock); err != nil {
			return nil, err
		}
	}
	q := &Quote{ID: t.long("qt_"), Status: QuoteDraft, CollectionMethod: ChargeAutomatically, Revision: 1}
	if err := c.QuoteParams.fill(t, q); err != nil {
		return nil, err
	}
	if err := t.roomForQuote(q, t.line); err != nil {
		return nil, err
	}
	q.Created, q.TestClock = t.now, t.line
	if q.ExpiresAt == 0 {
		q.ExpiresAt = t.now + quoteDays*secondsPerDay
	}
	t.storeQuote(q)
	t.emit("quote.created", q)
	return q, nil
}

// quotesOnClock is how many quotes a test clock has at most that belong to no customer of its own.
const quotesOnClock = 10

func (t *tx) roomForQuote(q *Quote, clock string) error {
	if clock == worldLine || q.Customer != "" {
		return nil
	}
	count := 0
	for _, other := range t.world.tables.quotes.all("clock", clock) {
		if other.Customer == "" {
			count++
		}
	}
	if count >= quotesOnClock {
		return invalid("test_clock", "", "A test clock can have at most %d quotes that belong to no customer.", quotesOnClock)
	}
	return nil
}

// clone makes a draft like another quote.
func (c CreateQuote) clone(t *tx) (Result, error) {
	given := c.FromQuote.Or(FromQuoteParams{})
	old, ok := Get[Quote](t.world, given.Quote.Or(""))
	if !ok {
		return nil, noSuchParam("quote", given.Quote.Or(""), "from_quote[quote]")
	}
	p := c.QuoteParams
	if p.CollectionMethod.Given() || p.Customer.Given() || p.Description.Given() || p.Discounts.Given() || p.Footer.Given() || p.Header.Given() ||
		p.DefaultTaxRates.Given() || p.AutomaticTax.Given() || p.InvoiceSettings.Given() || p.LineItems.Given() || p.Metadata.Given() || p.SubscriptionData.Given() || c.TestClock.Given() {
		return nil, invalid("from_quote", "", "When using `from_quote`, you cannot specify any other parameters except for `expires_at`.")
	}
	if err := t.enter(old.TestClock); err != nil {
		return nil, err
	}
	q := *old
	q.ID, q.Created, q.Status, q.Number, q.FromQuote, q.IsRevision = t.long("qt_"), t.now, QuoteDraft, "", old.ID, given.IsRevision.Or(false)
	if q.IsRevision && old.Status != QuoteOpen {
		return nil, invalid("from_quote[is_revision]", "", "You can only revise a quote that is open; this one is %s.", old.Status)
	}
	if q.Revision = 1; q.IsRevision {
		q.Revision = old.Revision + 1
	}
	q.AcceptedAt, q.CanceledAt, q.FinalizedAt, q.Invoice, q.Subscription, q.SubscriptionSchedule = 0, 0, 0, "", "", ""
	q.ExpiresAt = t.now + quoteDays*secondsPerDay
	if err := q.takeExpiry(p.ExpiresAt, t.now); err != nil {
		return nil, err
	}
	q.Lines = nil
	for _, line := range old.Lines {
		next := *line
		next.ID = t.long("li_")
		q.Lines = append(q.Lines, &next)
	}
	t.storeQuote(&q)
	t.emit("quote.created", &q)
	return &q, nil
}

// fill takes the parameters into a quote and adds it up.
func (c QuoteParams) fill(t *tx, q *Quote) error {
	if id, ok := c.Customer.Get(); ok {
		if q.Customer != "" && q.Customer != id {
			return invalid("customer", "", "The customer of a quote cannot be changed once it is set.")
		}
		if _, err := t.enterCustomer(id, "customer"); err != nil {
			return err
		}
		q.Customer = id
	}
	if err := oneOf("collection_method", c.CollectionMethod.Or(q.CollectionMethod), ChargeAutomatically, InvoiceByMail); err != nil {
		return err
	}
	c.CollectionMethod.Set(&q.CollectionMethod)
	c.Description.Set(&q.Description)
	c.Footer.Set(&q.Footer)
	c.Header.Set(&q.Header)
	q.Metadata = mergeMetadata(q.Metadata, c.Metadata)
	if err := q.takeExpiry(c.ExpiresAt, t.now); err != nil {
		return err
	}
	if given, ok := c.InvoiceSettings.Get(); ok {
		if err := q.InvoiceSettings.take(Some(given.InvoiceSettingsParams), "invoice_settings"); err != nil {
			return err
		}
		if days, ok := given.DaysUntilDue.Get(); ok {
			if err := within(days, 0, dueDaysMax, "invoice_settings[days_until_due]"); err != nil {
				return err
			}
			q.InvoiceSettings.DaysUntilDue = &days
		}
	}
	if (q.CollectionMethod == InvoiceByMail) != (q.InvoiceSettings.DaysUntilDue != nil) {
		return invalid("invoice_settings[days_until_due]", "", "`invoice_settings[days_until_due]` must be set if, and only if, `collection_method` is `send_invoice`.")
	}
	if err := c.AutomaticTax.Or(AutomaticTaxParam{}).check("automatic_tax"); err != nil {
		return err
	}
	if err := q.Subscribes.take(t, c.SubscriptionData); err != nil {
		return err
	}
	var err error
	if q.DefaultTaxRates, err = t.taxRatesParam(c.DefaultTaxRates, q.DefaultTaxRates, "default_tax_rates"); err != nil {
		return err
	}
	if err := t.quoteLines(q, c.LineItems); err != nil {
		return err
	}
	if q.Discounts, err = t.quoteDiscounts(c.Discounts, q, q.Discounts, "discounts"); err != nil {
		return err
	}
	t.addQuoteUp(q)
	return nil
}

func (q *Quote) takeExpiry(p Opt[int64], now int64) error {
	at, ok := p.Get()
	if !ok {
		return nil
	}
	if at <= now {
		return invalid("expires_at", "", "Invalid timestamp: must be an integer Unix timestamp in the future.")
	}
	q.ExpiresAt = at
	return checkTimestamp(at, "expires_at")
}

func (s *QuoteSubscription) take(t *tx, p Opt[QuoteSubscriptionParams]) error {
	given := p.Or(QuoteSubscriptionParams{})
	if s.BillingMode.Type == "" || given.BillingMode.Given() {
		mode, err := t.takeMode(given.BillingMode)
		if err != nil {
			return err
		}
		s.BillingMode = mode
	}
	given.Description.Set(&s.Description)
	s.Metadata = mergeMetadata(s.Metadata, given.Metadata)
	if date, ok := given.EffectiveDate.Get(); ok && date.Word != "" {
		return unsupported("subscription_data[effective_date]", date.Word)
	}
	if given.EffectiveDate.Given() {
		s.EffectiveDate = given.EffectiveDate.Or(Instant{}).Unix
	}
	given.TrialPeriodDays.Set(&s.TrialPeriodDays)
	return within(s.TrialPeriodDays, 0, trialDaysMax, "subscription_data[trial_period_days]")
}

// quoteLines takes line_items: a list stands for all there were.
func (t *tx) quoteLines(q *Quote, p Opt[[]QuoteLineParams]) error {
	list, ok := p.Get()
	if !ok {
		return nil
	}
	if len(list) > quoteLinesMax {
		return invalid("line_items", "", "A quote can have at most %d line items.", quoteLinesMax)
	}
	old := q.Lines
	q.Lines, q.Currency = nil, ""
	for i, one := range list {
		line, err := t.quoteLine(q, old, one, fmt.Sprintf("line_items[%d]", i))
		if err != nil {
			return err
		}
		q.Lines = append(q.Lines, line)
	}
	return t.checkQuoteRhythm(q)
}

func (t *tx) quoteLine(q *Quote, old []*QuoteLine, p QuoteLineParams, param string) (*QuoteLine, error) {
	line := QuoteLine{ID: t.long("li_")}
	id, kept := p.ID.Get()
	if kept {
		at := slices.IndexFunc(old, func(l *QuoteLine) bool { return l.ID == id })
		if at < 0 {
			return nil, noSuchParam("item", id, param+"[id]")
		}
		line = *old[at]
	}
	if !kept || p.Price.Given() || p.PriceData.Given() {
		price, err := t.itemPrice(p.Price, Opt[string]{}, p.PriceData, param)
		if err != nil {
			return nil, err
		}
		if price.Inline {
			usable := *price
			usable.Active = true
			put(t, &usable)
		}
		line.Price, line.Currency, line.Description = price.ID, price.Currency, must[Product](t, price.Product).Name
		if line.Quantity = pointer(Some[int64](1)); price.Recurring != nil {
			line.Quantity = price.licensed(1)
		}
	}
	if quantity, ok := p.Quantity.Get(); ok {
		if line.Quantity == nil {
			return nil, quantityOfMetered(param)
		}
		if err := checkQuantity(quantity, param+"[quantity]"); err != nil {
			return nil, err
		}
		line.Quantity = &quantity
	}
	if q.Currency == "" {
		q.Currency = line.Currency
	}
	if q.Currency != line.Currency {
		return nil, invalid(param+"[price]", "", "All prices of a quote must have the same currency, %s.", q.Currency)
	}
	var err error
	if line.TaxRates, err = t.taxRatesParam(p.TaxRates, line.TaxRates, param+"[tax_rates]"); err != nil {
		return nil, err
	}
	line.Discounts, err = t.quoteDiscounts(p.Discounts, q, line.Discounts, param+"[discounts]")
	return &line, err
}

// checkQuoteRhythm checks the recurring lines as a subscription would.
func (t *tx) checkQuoteRhythm(q *Quote) error {
	like := &Subscription{Currency: q.Currency, BillingMode: q.Subscribes.BillingMode}
	for i, line := range q.Lines {
		price := must[Price](t, line.Price)
		if price.Recurring == nil {
			continue
		}
		if err := checkItemPrice(like, price, fmt.Sprintf("line_items[%d]", i)); err != nil {
			return err
		}
		like.Items = append(like.Items, &SubscriptionItem{ID: line.ID, Price: price.ID})
	}
	if len(like.Items) == 0 {
		return nil
	}
	return t.checkRhythm(like)
}

// quoteDiscounts makes the discounts that a quote shows. They are redeemed by what it becomes.
func (t *tx) quoteDiscounts(p Opt[[]DiscountParams], q *Quote, has []string, param string) ([]string, error) {
	if !p.Given() {
		return has, nil
	}
	list, _ := p.Get()
	if len(list) > discountsMax {
		return nil, invalid(param, "", "You can apply at most %d discounts.", discountsMax)
	}
	var ids []string
	for i, one := range list {
		g := granting{level: Discount{Customer: q.Customer}, has: has, currency: q.Currency}
		d, err := t.asked(one, g, fmt.Sprintf("%s[%d]", param, i))
		if err != nil {
			return nil, err
		}
		if d.ID == "" {
			d.ID = t.long("di_")
			put(t, d)
		}
		ids = append(ids, d.ID)
	}
	return ids, nil
}

// addQuoteUp computes what a quote comes to, with the calculator of invoices.
func (t *tx) addQuoteUp(q *Quote) {
	all, recurring := []*QuoteLine{}, []*QuoteLine{}
	upfront := []*QuoteLine{}
	for i, line := range q.Lines {
		next := *line
		q.Lines[i] = &next
		price := must[Price](t, line.Price)
		all = append(all, &next)
		if price.Recurring != nil {
			recurring = append(recurring, &next)
		}
		if price.Recurring == nil || q.Subscribes.TrialPeriodDays == 0 {
			upfront = append(upfront, &next)
		}
	}
	q.Upfront = t.quoteSum(upfront, q, q.Discounts, false)
	if q.Recurring = nil; len(recurring) > 0 {
		forever := t.keep(q.Discounts, func(d *Discount) bool { return must[Coupon](t, d.Coupon).Duration == DurationForever })
		sum := t.quoteSum(recurring, q, forever, false)
		q.Recurring = &sum
		q.RecurringEvery = *must[Price](t, recurring[0].Price).Recurring
	}
	q.Totals = t.quoteSum(all, q, q.Discounts, true)
}

// quoteSum adds lines up as the invoice of them will: in its order, on which the last cents of discounts depend. keep writes what each
// comes to.
func (t *tx) quoteSum(lines []*QuoteLine, q *Quote, discounts []string, keep bool) QuoteTotals {
	inv := &Invoice{
		InvoiceTerms: &InvoiceTerms{Currency: q.Currency, Customer: q.Customer, DefaultTaxRates: q.DefaultTaxRates}, Discounts: discounts,
	}
	if payer, ok := Get[Customer](t.world, q.Customer); ok {
		inv.CustomerTaxExempt = payer.TaxExempt
	}
	var of []*QuoteLine
	for _, recurring := range []bool{false, true} {
		for _, line := range slices.Backward(lines) {
			if price := must[Price](t, line.Price); (price.Recurring != nil) == recurring {
				made := quoteInvoiceLines(line, price, q.Currency)
				inv.Lines, of = append(inv.Lines, made...), append(of, slices.Repeat([]*QuoteLine{line}, len(made))...)
			}
		}
	}
	t.sum(inv, 0)
	sum := QuoteTotals{Tax: inv.allTax(), Total: inv.Total}
	if keep {
		for _, line := range lines {
			line.QuoteTotals = QuoteTotals{}
		}
	}
	for i, line := range inv.Lines {
		one := QuoteTotals{Subtotal: line.Amount, Discount: line.Amount - line.net(), Total: line.net() - line.TakenOut}
		for _, tax := range line.Taxes {
			if one.Tax += tax.Amount; !tax.Inclusive {
				one.Total += tax.Amount
			}
		}
		sum.Subtotal, sum.Discount = sum.Subtotal+one.Subtotal, sum.Discount+one.Discount
		if keep {
			of[i].QuoteTotals = of[i].plus(one)
		}
	}
	return sum
}

// quoteInvoiceLines are the lines that a quote's line becomes: one, or one for each tier that is reached.
func quoteInvoiceLines(line *QuoteLine, price *Price, currency string) []*InvoiceLine {
	var out []*InvoiceLine
	add := func(amount int64) {
		out = append(out, &InvoiceLine{
			Amount: amount, Currency: currency, Discountable: true, Price: price.ID, Product: price.Product, Discounts: line.Discounts, TaxRates: line.TaxRates,
		})
	}
	switch {
	case line.Quantity == nil:
		add(0)
	case price.Recurring == nil:
		add(tariffOf(price, currency).total(*line.Quantity))
	default:
		for _, part := range tariffOf(price, currency).lines(*line.Quantity) {
			add(part.Amount)
		}
	}
	return out
}

func (q QuoteTotals) plus(more QuoteTotals) QuoteTotals {
	return QuoteTotals{q.Subtotal + more.Subtotal, q.Discount + more.Discount, q.Tax + more.Tax, q.Total + more.Total}
}

// changeable says whether a quote can still become something else.
func (q *Quote) changeable() bool { return q.Status == QuoteDraft || q.Status == QuoteOpen }

func (t *tx) storeQuote(q *Quote) *Quote {
	put(t, q)
	due := int64(0)
	if q.changeable() {
		due = q.ExpiresAt
	}
	t.plan(timerQuote, q.ID, due)
	return q
}
