package engine

import "slices"

// The lines of a draft can be changed one by one or many at once. A line that is backed by an invoice item changes the item with it; one that
// is backed by a subscription item keeps its price and quantity, which are the subscription's, and cannot leave the invoice.

// linesMost is how many lines one request may add, change or remove.
const linesMost = 250

// UpdateInvoiceLine is POST /v1/invoices/{invoice}/lines/{line_item_id}.
type UpdateInvoiceLine struct {
	Invoice string `form:"-"`
	Line    string `form:"-"`
	ItemParams
}

func (c UpdateInvoiceLine) apply(t *tx) (Result, error) {
	draft, err := t.draftAtPath(c.Invoice)
	if err != nil {
		return nil, err
	}
	at := lineAt(draft.Lines, c.Line)
	if at < 0 {
		return nil, NotFound("line item", c.Line, "line_item_id")
	}
	lines, err := c.changeLine(t, draft, draft.Lines, at, "")
	if err != nil {
		return nil, err
	}
	return t.relineDraft(draft, lines).Lines[at], nil
}

// draftAtPath finds the invoice that a route names, which must be a draft.
func (t *tx) draftAtPath(id string) (*Invoice, error) {
	inv, err := t.invoiceAtPath(id)
	if err != nil {
		return nil, err
	}
	return inv, inv.editable()
}

func lineAt(lines []*InvoiceLine, id string) int {
	return slices.IndexFunc(lines, func(l *InvoiceLine) bool { return l.ID == id })
}

// changeLine answers the lines with one of them changed.
func (p ItemParams) changeLine(t *tx, inv *Invoice, lines []*InvoiceLine, at int, prefix string) ([]*InvoiceLine, error) {
	if id := lines[at].InvoiceItem; id != "" {
		item, err := p.change(t, must[InvoiceItem](t, id), Opt[Decimal]{}, prefix)
		if err != nil {
			return nil, err
		}
		return t.relined(lines, item), nil
	}
	if p.Amount.Given() || p.PriceData.Given() || p.Pricing.Given() || p.Quantity.Given() || p.QuantityDecimal.Given() {
		return nil, invalid(nested(prefix, "amount"), "",
			"You cannot change the amount, price or quantity of a line item that is backed by a subscription item. Update the subscription instead.")
	}
	line := *lines[at]
	p.Description.Set(&line.Description)
	p.Discountable.Set(&line.Discountable)
	if p.Metadata.Given() { // not merged, unlike that of an item
		line.Metadata, line.OwnMetadata = mergeMetadata(nil, p.Metadata), true
	}
	if period, ok := p.Period.Get(); ok {
		if period.End < period.Start {
			return nil, invalid(nested(prefix, "period[end]"), "", "The period's end must not be before its start.")
		}
		line.Period = Period(period)
	}
	rates, err := t.taxRatesParam(p.TaxRates, line.TaxRates, nested(prefix, "tax_rates"))
	if err != nil {
		return nil, err
	}
	line.TaxRates = rates
	if p.Discounts.Given() { // the discounts it had stay with the subscription item
		ids, err := t.grant(p.Discounts, granting{
			level: Discount{Customer: inv.Customer, Invoice: inv.ID}, currency: inv.Currency, param: nested(prefix, "discounts"),
		})
		if err != nil {
			return nil, err
		}
		line.Discounts = ids
	}
	out := slices.Clone(lines)
	out[at] = &line
	return out, nil
}

// AddInvoiceLines is POST /v1/invoices/{id}/add_lines: new lines, or items that wait.
type AddInvoiceLines struct {
	Invoice         string                 `form:"-"`
	InvoiceMetadata Opt[map[string]string] `form:"invoice_metadata"`
	Lines           []AddLineParams        `form:"lines"`
}

// AddLineParams are one element of the lines to add.
type AddLineParams struct {
	ItemParams
	InvoiceItem Opt[string] `form:"invoice_item"`
}

func (c AddInvoiceLines) apply(t *tx) (Result, error) {
	draft, err := t.draftAtPath(c.Invoice)
	if err != nil {
		return nil, err
	}
	held := len(t.world.tables.invoiceItems.refs("invoice", draft.ID))
	if held+len(c.Lines) > invoiceItemsMax {
		return nil, invalid("lines", "", "An invoice can have at most %d invoice items.", invoiceItemsMax)
	}
	lines := slices.Clone(draft.Lines)
	for i, p := range c.Lines {
		item, err := p.item(t, draft, element("lines", i))
		if err != nil {
			return nil, err
		}
		line := t.pendingLine(item)
		line.ID, line.Invoice = t.long("il_"), draft.ID
		lines = append(lines, line)
	}
	return t.relineDraft(draft, lines, c.InvoiceMetadata), nil
}

// item makes the item of a new line, or binds one that waits.
func (p AddLineParams) item(t *tx, draft *Invoice, param string) (*InvoiceItem, error) {
	if id, ok := p.InvoiceItem.Get(); ok {
		waiting, found := Get[InvoiceItem](t.world, id)
		if !found || waiting.Customer != draft.Customer {
			return nil, noSuchParam("invoiceitem", id, nested(param, "invoice_item"))
		}
		if waiting.Invoice != "" {
			return nil, invalid(nested(param, "invoice_item"), "", "The invoice item %s is already on the invoice %s.", id, waiting.Invoice)
		}
		if waiting.Currency != draft.Currency {
			return nil, otherCurrency(nested(param, "invoice_item"), draft)
		}
		bound := *waiting
		bound.Invoice = draft.ID
		return p.change(t, &bound, Opt[Decimal]{}, param)
	}
	create := CreateInvoiceItem{
		Amount: p.Amount, Currency: Some(draft.Currency), Description: p.Description, Discountable: p.Discountable, Discounts: p.Discounts,
		Metadata: p.Metadata, Period: p.Period, PriceData: p.PriceData, Pricing: p.Pricing, Quantity: p.Quantity, QuantityDecimal: p.QuantityDecimal,
		TaxRates: p.TaxRates,
	}
	item, err := t.newInvoiceItem(create, must[Customer](t, draft.Customer))
	if err != nil {
		return nil, inside(err, param)
	}
	item.Invoice = draft.ID
	t.emit("invoiceitem.created", item)
	put(t, item)
	return item, nil
}

// otherCurrency refuses an item in another currency than its invoice.
func otherCurrency(param string, inv *Invoice) *Error {
	return invalid(param, "", "The currency of an invoice item must match its invoice's, which is %s.", inv.Currency)
}

// UpdateInvoiceLines is POST /v1/invoices/{id}/update_lines.
type UpdateInvoiceLines struct {
	Invoice         string                 `form:"-"`
	InvoiceMetadata Opt[map[string]string] `form:"invoice_metadata"`
	Lines           []UpdateLineParams     `form:"lines"`
}

// UpdateLineParams are one element of the lines to change.
type UpdateLineParams struct {
	ItemParams
	ID string `form:"id"`
}

func (c UpdateInvoiceLines) apply(t *tx) (Result, error) {
	draft, err := t.draftAtPath(c.Invoice)
	if err != nil {
		return nil, err
	}
	if len(c.Lines) > linesMost {
		return nil, invalid("lines", "", "You can change at most %d line items at once.", linesMost)
	}
	lines := draft.Lines
	for i, p := range c.Lines {
		param := element("lines", i)
		at := lineAt(lines, p.ID)
		if at < 0 {
			return nil, noSuchParam("line item", p.ID, nested(param, "id"))
		}
		if lines, err = p.changeLine(t, draft, lines, at, param); err != nil {
			return nil, err
		}
	}
	return t.relineDraft(draft, lines, c.InvoiceMetadata), nil
}

// RemoveInvoiceLines is POST /v1/invoices/{id}/remove_lines.
type RemoveInvoiceLines struct {
	Invoice         string                 `form:"-"`
	InvoiceMetadata Opt[map[string]string] `form:"invoice_metadata"`
	Lines           []RemoveLineParams     `form:"lines"`
}

// RemoveLineParams are one element of the lines to remove.
type RemoveLineParams struct {
	Behavior string `form:"behavior"`
	ID       string `form:"id"`
}

func (c RemoveInvoiceLines) apply(t *tx) (Result, error) {
	draft, err := t.draftAtPath(c.Invoice)
	if err != nil {
		return nil, err
	}
	lines := slices.Clone(draft.Lines)
	for i, p := range c.Lines {
		param := element("lines", i)
		if err := oneOf(nested(param, "behavior"), p.Behavior, "delete", "unassign"); err != nil {
			return nil, err
		}
		at := lineAt(lines, p.ID)
		if at < 0 {
			return nil, noSuchParam("line item", p.ID, nested(param, "id"))
		}
		if lines[at].InvoiceItem == "" {
			return nil, invalid(nested(param, "id"), "", "The line item %s is backed by a subscription item; update the subscription to remove it.", p.ID)
		}
		item := must[InvoiceItem](t, lines[at].InvoiceItem)
		if p.Behavior == "delete" {
			t.world.tables.invoiceItems.remove(t, item.ID)
			t.emit("invoiceitem.deleted", item)
		} else {
			waiting := *item
			waiting.Invoice = ""
			put(t, &waiting)
		}
		lines = slices.Delete(lines, at, at+1)
	}
	return t.relineDraft(draft, lines, c.InvoiceMetadata), nil
}

// relineDraft gives a draft other lines and adds it up again.
func (t *tx) relineDraft(before *Invoice, lines []*InvoiceLine, metadata ...Opt[map[string]string]) *Invoice {
	inv := *before
	inv.Lines = lines
	t.own(&inv)
	for _, m := range metadata {
		inv.Metadata = mergeMetadata(inv.Metadata, m)
	}
	t.sum(&inv, must[Customer](t, inv.Customer).Balance)
	return update(t, "invoice.updated", before, &inv)
}

var _ = register(UpdateInvoiceLine{}, AddInvoiceLines{}, UpdateInvoiceLines{}, RemoveInvoiceLines{})
