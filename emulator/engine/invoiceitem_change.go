package engine

// ItemParams change an invoice item, by itself or through its line on a draft.
type ItemParams struct {
	Amount          Opt[int64]             `form:"amount"`
	Description     Opt[string]            `form:"description"`
	Discountable    Opt[bool]              `form:"discountable"`
	Discounts       Opt[[]DiscountParams]  `form:"discounts"`
	Metadata        Opt[map[string]string] `form:"metadata"`
	Period          Opt[PeriodParams]      `form:"period"`
	PriceData       Opt[ItemPriceParams]   `form:"price_data"`
	Pricing         Opt[PricingParams]     `form:"pricing"`
	Quantity        Opt[int64]             `form:"quantity"`
	QuantityDecimal Opt[Decimal]           `form:"quantity_decimal"`
	TaxRates        Opt[[]string]          `form:"tax_rates"`
}

// ItemPriceParams are the price_data of an item; on lines their product can be made with them.
type ItemPriceParams struct {
	PriceDataParams
	ProductData Opt[ProductData] `form:"product_data"`
}

// wholeQuantity is the quantity of two parameters that exclude one another. Parts of a unit are an offer of Stripe that is not honoured.
func wholeQuantity(whole Opt[int64], decimal Opt[Decimal], prefix string) (Opt[int64], error) {
	if d, ok := decimal.Get(); ok {
		name := nested(prefix, "quantity_decimal")
		if whole.Given() {
			return whole, invalid("", "parameters_exclusive", "You may only specify one of these parameters: quantity, quantity_decimal.")
		}
		n, exact := d.Int()
		if !exact {
			return whole, unsupported(name, d.String())
		}
		return Some(n), checkQuantity(n, name)
	}
	if n, ok := whole.Get(); ok {
		return whole, checkQuantity(n, nested(prefix, "quantity"))
	}
	return whole, nil
}

// change stores the next state of an item. Errors name parameters inside prefix.
func (p ItemParams) change(t *tx, before *InvoiceItem, unit Opt[Decimal], prefix string) (*InvoiceItem, error) {
	item := *before
	if item.Proration && p.Discountable.Or(false) {
		return nil, invalid(nested(prefix, "discountable"), "", "You cannot set `discountable` to true for prorations.")
	}
	p.Description.Set(&item.Description)
	p.Discountable.Set(&item.Discountable)
	item.Metadata = mergeMetadata(item.Metadata, p.Metadata)
	if period, ok := p.Period.Get(); ok {
		if period.End < period.Start {
			return nil, invalid(nested(prefix, "period[end]"), "", "The period's end must not be before its start.")
		}
		item.Period = Period(period)
	}
	if err := p.reprice(t, &item, unit, prefix); err != nil {
		return nil, err
	}
	var err error
	if item.TaxRates, err = t.taxRatesParam(p.TaxRates, before.TaxRates, nested(prefix, "tax_rates")); err != nil {
		return nil, err
	}
	if item.Discounts, err = t.grant(p.Discounts, granting{
		level: Discount{Customer: item.Customer, InvoiceItem: item.ID}, has: before.Discounts, currency: item.Currency, param: nested(prefix, "discounts"),
	}); err != nil {
		return nil, err
	}
	put(t, &item)
	return &item, nil
}

// reprice gives an item another amount: bare, of a price, or of another quantity.
func (p ItemParams) reprice(t *tx, item *InvoiceItem, unit Opt[Decimal], prefix string) error {
	quantity, err := wholeQuantity(p.Quantity, p.QuantityDecimal, prefix)
	if err != nil {
		return err
	}
	price, err := p.price(t, prefix)
	switch {
	case err != nil:
		return err
	case item.Proration && (price != nil || quantity.Given() || unit.Given()):
		return invalid(nested(prefix, "quantity"), "", "You cannot change the price or the quantity of a proration; change its `amount`.")
	case item.Proration:
		p.Amount.Set(&item.Amount)
		return checkUnitAmount(DecimalOf(item.Amount), nested(prefix, "amount"))
	case price != nil:
		made, err := t.oneTimeItem(must[Customer](t, item.Customer), price, item.Currency, quantity.Or(item.Quantity), nested(prefix, "pricing[price]"))
		if err != nil {
			return err
		}
		item.Price, item.Product, item.UnitAmount, item.Quantity, item.Amount = made.Price, made.Product, made.UnitAmount, made.Quantity, made.Amount
		item.Used = nil
		if !p.Description.Given() {
			item.Description = made.Description
		}
		return nil
	}
	if u, ok := unit.Get(); ok {
		item.UnitAmount = &u
	}
	quantity.Set(&item.Quantity)
	if amount, ok := p.Amount.Get(); ok {
		bare := DecimalOf(amount)
		item.UnitAmount, item.Quantity = &bare, 1
	}
	if item.UnitAmount != nil && (p.Amount.Given() || quantity.Given() || unit.Given()) {
		if err := checkUnitAmount(*item.UnitAmount, nested(prefix, "amount")); err != nil {
			return err
		}
		item.Amount, item.Used = item.UnitAmount.times(item.Quantity), nil
	}
	return nil
}

// price is the other price that was asked for, or nil.
func (p ItemParams) price(t *tx, prefix string) (*Price, error) {
	id, byID := p.Pricing.Or(PricingParams{}).Price.Get()
	data, byData := p.PriceData.Get()
	switch {
	case byID && byData, (byID || byData) && p.Amount.Given():
		return nil, invalid("", "parameters_exclusive", "You may only specify one of these parameters: amount, price_data, pricing.")
	case byID:
		return t.activePrice(id, "price", nested(prefix, "pricing[price]"))
	case byData:
		return t.inlinePriceOf(data.PriceDataParams, data.ProductData, nested(prefix, "price_data"))
	}
	return nil, nil
}

// relined are lines in which that of a changed item is what the item says now.
func (t *tx) relined(lines []*InvoiceLine, item *InvoiceItem) []*InvoiceLine {
	out := make([]*InvoiceLine, len(lines))
	for i, line := range lines {
		out[i] = line
		if line.InvoiceItem == item.ID {
			next := t.pendingLine(item)
			next.ID, next.Invoice = line.ID, line.Invoice
			out[i] = next
		}
	}
	return out
}
