package engine

// CreateInvoiceItem is POST /v1/invoiceitems: an amount on a draft, or one that waits for the customer's next invoice.
type CreateInvoiceItem struct {
	Amount            Opt[int64]             `form:"amount"`
	Currency          Opt[string]            `form:"currency"`
	Customer          Opt[string]            `form:"customer"`
	Description       Opt[string]            `form:"description"`
	Discountable      Opt[bool]              `form:"discountable"`
	Discounts         Opt[[]DiscountParams]  `form:"discounts"`
	Invoice           Opt[string]            `form:"invoice"`
	Metadata          Opt[map[string]string] `form:"metadata"`
	Period            Opt[PeriodParams]      `form:"period"`
	PriceData         Opt[ItemPriceParams]   `form:"price_data"`
	Pricing           Opt[PricingParams]     `form:"pricing"`
	Quantity          Opt[int64]             `form:"quantity"`
	QuantityDecimal   Opt[Decimal]           `form:"quantity_decimal"`
	Subscription      Opt[string]            `form:"subscription"`
	TaxRates          Opt[[]string]          `form:"tax_rates"`
	UnitAmountDecimal Opt[Decimal]           `form:"unit_amount_decimal"`
}

// PricingParams name the price of an invoice item.
type PricingParams struct {
	Price Opt[string] `form:"price"`
}

// PeriodParams are the time that an invoice item is for.
type PeriodParams struct {
	Start int64 `form:"start"`
	End   int64 `form:"end"`
}

func (c CreateInvoiceItem) apply(t *tx) (Result, error) {
	if !c.Customer.Given() {
		return nil, required("customer")
	}
	customer, err := t.enterCustomer(c.Customer.Or(""), "customer")
	if err != nil {
		return nil, err
	}
	item, err := t.newInvoiceItem(c, customer)
	if err != nil {
		return nil, err
	}
	draft, err := t.draftParam(c.Invoice, customer.ID)
	if err != nil {
		return nil, err
	}
	if draft != nil {
		item.Invoice = draft.ID
		if len(t.world.tables.invoiceItems.refs("invoice", draft.ID)) >= invoiceItemsMax {
			return nil, invalid("invoice", "", "An invoice can have at most %d invoice items.", invoiceItemsMax)
		}
		if draft.Currency != item.Currency {
			return nil, otherCurrency("currency", draft)
		}
	}
	if _, err := t.fixCurrency(customer, item.Currency); err != nil {
		return nil, err
	}
	create(t, "invoiceitem.created", item)
	if draft != nil {
		t.addLine(draft, item)
	}
	return item, nil
}

// newInvoiceItem checks the parameters of an item and makes it, without storing it.
func (t *tx) newInvoiceItem(c CreateInvoiceItem, customer *Customer) (*InvoiceItem, error) {
	item, err := t.amountItem(c, customer)
	if err != nil {
		return nil, err
	}
	item.TestClock, item.Discountable = customer.TestClock, c.Discountable.Or(item.Amount >= 0)
	c.Description.Set(&item.Description)
	item.Metadata = mergeMetadata(nil, c.Metadata)
	if p, ok := c.Period.Get(); ok {
		if p.End < p.Start {
			return nil, invalid("period[end]", "", "The period's end must not be before its start.")
		}
		item.Period = Period(p)
	}
	if id, ok := c.Subscription.Get(); ok {
		s, found := Get[Subscription](t.world, id)
		if !found || s.Customer != customer.ID {
			return nil, noSuchParam("subscription", id, "subscription")
		}
		item.Subscription = id
	}
	if item.TaxRates, err = t.taxRatesParam(c.TaxRates, nil, "tax_rates"); err != nil {
		return nil, err
	}
	level := Discount{Customer: customer.ID, InvoiceItem: item.ID}
	item.Discounts, err = t.grant(c.Discounts, granting{level: level, currency: item.Currency, param: "discounts"})
	return item, err
}

// amountItem makes the item of a price, a unit amount or a bare amount.
func (t *tx) amountItem(c CreateInvoiceItem, customer *Customer) (*InvoiceItem, error) {
	given, err := wholeQuantity(c.Quantity, c.QuantityDecimal, "")
	if err != nil {
		return nil, err
	}
	quantity := given.Or(1)
	price, err := ItemParams{Amount: c.Amount, PriceData: c.PriceData, Pricing: c.Pricing}.price(t, "")
	if err != nil {
		return nil, err
	}
	if price != nil {
		return t.oneTimeItem(customer, price, c.Currency.Or(price.Currency), quantity, "pricing[price]")
	}
	unit, priced := c.UnitAmountDecimal.Get()
	if amount, ok := c.Amount.Get(); ok {
		unit, priced, quantity = DecimalOf(amount), true, 1
	}
	if !priced {
		return nil, required("amount")
	}
	if err := checkUnitAmount(unit, "amount"); err != nil {
		return nil, err
	}
	currency := customer.Currency
	if c.Currency.Given() || currency == "" {
		var err error
		if currency, err = currencyParam(c.Currency, "currency"); err != nil {
			return nil, err
		}
	}
	price = t.bareAmount(unit, currency, c.Description.Or("Invoice item"))
	return &InvoiceItem{
		ID: t.long("ii_"), Created: t.now, Date: t.now, Customer: customer.ID, Amount: unit.times(quantity), Currency: currency,
		Period: Period{t.now, t.now}, Price: price.ID, Product: price.Product, UnitAmount: &unit, Quantity: quantity,
	}, nil
}

func (t *tx) oneTimeItem(customer *Customer, price *Price, currency string, quantity int64, param string) (*InvoiceItem, error) {
	if price.Recurring != nil {
		return nil, invalid(param, "", "The price specified is set to `type=recurring` but this field only accepts prices with `type=one_time`.")
	}
	if !price.offers(currency) {
		return nil, invalid("currency", "", "The price specified only supports `%s`. This doesn't match the expected currency: `%s`.", price.Currency, currency)
	}
	return t.pricedItem(customer.ID, price, currency, quantity), nil
}

// bareAmount makes the inline price and product that Stripe gives an item of a bare amount.
func (t *tx) bareAmount(unit Decimal, currency, name string) *Price {
	product := &Product{ID: t.short("prod_"), Created: t.now, Updated: t.now, Name: name, Inline: true}
	put(t, product)
	price := &Price{
		ID: t.long("price_"), Created: t.now, BillingScheme: PerUnit, Currency: currency, Product: product.ID, TaxBehavior: "unspecified",
		UnitAmount: &unit, Inline: true,
	}
	put(t, price)
	return price
}

// draftParam finds the draft that an item shall sit on; nil when none is named.
func (t *tx) draftParam(p Opt[string], customer string) (*Invoice, error) {
	id, ok := p.Get()
	if !ok {
		return nil, nil
	}
	inv, found := Get[Invoice](t.world, id)
	if !found || inv.Customer != customer {
		return nil, noSuchParam("invoice", id, "invoice")
	}
	return inv, inv.editable()
}

// editable refuses changes of what is no draft any more.
func (inv *Invoice) editable() error {
	if inv.Status != InvoiceDraft {
		return invalid("", "invoice_not_editable", "This invoice is no longer editable")
	}
	return nil
}

// addLine puts an item on a draft: later items stand behind earlier ones.
func (t *tx) addLine(before *Invoice, item *InvoiceItem) {
	line := t.pendingLine(item)
	line.ID, line.Invoice = t.long("il_"), before.ID
	t.relineDraft(before, append(append([]*InvoiceLine{}, before.Lines...), line))
}

// UpdateInvoiceItem is POST /v1/invoiceitems/{id}, while the item waits or sits on a draft.
type UpdateInvoiceItem struct {
	ID string `form:"-"`
	ItemParams
	UnitAmountDecimal Opt[Decimal] `form:"unit_amount_decimal"`
}

func (c UpdateInvoiceItem) apply(t *tx) (Result, error) {
	before, draft, err := t.changeableItem(c.ID)
	if err != nil {
		return nil, err
	}
	item, err := c.change(t, before, c.UnitAmountDecimal, "")
	if err != nil {
		return nil, err
	}
	if draft != nil {
		t.relineDraft(draft, t.relined(draft.Lines, item))
	}
	return item, nil
}

// changeableItem finds the item that a route names and the draft it sits on, if any.
func (t *tx) changeableItem(id string) (*InvoiceItem, *Invoice, error) {
	item, ok := Get[InvoiceItem](t.world, id)
	if !ok {
		return nil, nil, NotFound("invoiceitem", id, "invoiceitem")
	}
	if err := t.enter(item.TestClock); err != nil {
		return nil, nil, err
	}
	if item.Invoice == "" {
		return item, nil, nil
	}
	draft := must[Invoice](t, item.Invoice)
	return item, draft, draft.editable()
}

// DeleteInvoiceItem is DELETE /v1/invoiceitems/{id}.
type DeleteInvoiceItem struct {
	ID string `form:"-"`
}

func (c DeleteInvoiceItem) apply(t *tx) (Result, error) {
	item, draft, err := t.changeableItem(c.ID)
	if err != nil {
		return nil, err
	}
	t.world.tables.invoiceItems.remove(t, item.ID)
	t.emit("invoiceitem.deleted", item)
	if draft != nil {
		var lines []*InvoiceLine
		for _, line := range draft.Lines {
			if line.InvoiceItem != item.ID {
				lines = append(lines, line)
			}
		}
		t.relineDraft(draft, lines)
	}
	return &Deleted{ID: c.ID, Object: "invoiceitem"}, nil
}

// ListInvoiceItems is GET /v1/invoiceitems.
type ListInvoiceItems struct {
	Page
	Created  Range       `form:"created"`
	Customer Opt[string] `form:"customer"`
	Invoice  Opt[string] `form:"invoice"`
	Pending  Opt[bool]   `form:"pending"`
}

func (q ListInvoiceItems) run(w *World) (*Listing, error) {
	s := selection[InvoiceItem]{index: "clock", cursorName: "invoiceitem"}
	if customer, ok := q.Customer.Get(); ok {
		s.index, s.value = "customer", customer
	}
	if invoice, ok := q.Invoice.Get(); ok {
		s.index, s.value = "invoice", invoice
	}
	s.keep = func(item *InvoiceItem) bool {
		pending, asked := q.Pending.Get()
		return q.Created.holds(item.Created) && q.Customer.Or(item.Customer) == item.Customer && (!asked || pending == (item.Invoice == ""))
	}
	return list(w, q.Page, s)
}

var _ = register(CreateInvoiceItem{}, UpdateInvoiceItem{}, DeleteInvoiceItem{}, CreatePreview{})
