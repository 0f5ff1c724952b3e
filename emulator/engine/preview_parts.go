package engine

import (
	"fmt"
	"strconv"
	"strings"
)

// The parts of a preview: who pays, what is put beside, and a subscription that does not exist yet.

// PreviewCustomerParams are customer_details: a customer as they would be, or one that nobody has made yet.
type PreviewCustomerParams struct {
	Address   Opt[Address]      `form:"address"`
	Shipping  Opt[Shipping]     `form:"shipping"`
	TaxExempt Opt[string]       `form:"tax_exempt"`
	TaxIDs    Opt[[]NamedTaxID] `form:"tax_ids"`
}

// PreviewItemParams are one element of invoice_items: an item beside the real ones, or one of them as it would be.
type PreviewItemParams struct {
	Amount            Opt[int64]             `form:"amount"`
	Currency          Opt[string]            `form:"currency"`
	Description       Opt[string]            `form:"description"`
	Discountable      Opt[bool]              `form:"discountable"`
	Discounts         Opt[[]DiscountParams]  `form:"discounts"`
	InvoiceItem       Opt[string]            `form:"invoiceitem"`
	Metadata          Opt[map[string]string] `form:"metadata"`
	Period            Opt[PeriodParams]      `form:"period"`
	Price             Opt[string]            `form:"price"`
	PriceData         Opt[ItemPriceParams]   `form:"price_data"`
	Quantity          Opt[int64]             `form:"quantity"`
	QuantityDecimal   Opt[Decimal]           `form:"quantity_decimal"`
	TaxRates          Opt[[]string]          `form:"tax_rates"`
	UnitAmount        Opt[int64]             `form:"unit_amount"`
	UnitAmountDecimal Opt[Decimal]           `form:"unit_amount_decimal"`
}

// enterDetailed moves to the time line of a customer ("" is somebody new) and makes them what customer_details say.
func (c CreatePreview) enterDetailed(t *tx, id string) (*Customer, error) {
	details, given := c.CustomerDetails.Get()
	params := CustomerParams{Address: details.Address, Shipping: details.Shipping, TaxExempt: details.TaxExempt}
	if id == "" {
		made, err := CreateCustomer{CustomerParams: params, TaxIDs: details.TaxIDs}.apply(t)
		if err != nil {
			return nil, inside(err, "customer_details")
		}
		return made.(*Customer), nil
	}
	customer, err := t.enterCustomer(id, "customer")
	if err != nil || !given {
		return customer, err
	}
	changed := *customer
	if err := params.fill(t, &changed); err != nil {
		return nil, inside(err, "customer_details")
	}
	put(t, &changed)
	if details.TaxIDs.Given() { // in place of those that the customer has
		for _, old := range t.world.tables.taxIDs.all("customer", id) {
			t.world.tables.taxIDs.remove(t, old.ID)
		}
		err = inside(t.addTaxIDs(&changed, details.TaxIDs), "customer_details")
	}
	return &changed, err
}

// addItems puts the items that the preview shall hold beside the real ones, or in their place.
func (c CreatePreview) addItems(t *tx, s *Subscription) error {
	items, _ := c.InvoiceItems.Get()
	if len(items) > invoiceItemsMax {
		return invalid("invoice_items", "", "You can preview at most %d invoice items.", invoiceItemsMax)
	}
	for i, p := range items {
		if err := p.add(t, must[Customer](t, s.Customer)); err != nil {
			return inside(err, fmt.Sprintf("invoice_items[%d]", i))
		}
	}
	return nil
}

func (p PreviewItemParams) add(t *tx, customer *Customer) error {
	if whole, ok := p.UnitAmount.Get(); ok {
		if p.UnitAmountDecimal.Given() {
			return invalid("", "parameters_exclusive", "You may only specify one of these parameters: unit_amount, unit_amount_decimal.")
		}
		p.UnitAmountDecimal = Some(DecimalOf(whole))
	}
	pricing := Opt[PricingParams]{}
	if p.Price.Given() {
		pricing = Some(PricingParams{Price: p.Price})
	}
	if id, ok := p.InvoiceItem.Get(); ok {
		before, found := Get[InvoiceItem](t.world, id)
		if !found || before.Customer != customer.ID {
			return noSuchParam("invoiceitem", id, "invoiceitem")
		}
		if before.Invoice != "" {
			return invalid("invoiceitem", "", "The invoice item %s is on an invoice already: it is no part of an upcoming one.", id)
		}
		_, err := ItemParams{
			Amount: p.Amount, Description: p.Description, Discountable: p.Discountable, Discounts: p.Discounts, Metadata: p.Metadata, Period: p.Period,
			PriceData: p.PriceData, Pricing: pricing, Quantity: p.Quantity, QuantityDecimal: p.QuantityDecimal, TaxRates: p.TaxRates,
		}.change(t, before, p.UnitAmountDecimal, "")
		return err
	}
	item, err := t.newInvoiceItem(CreateInvoiceItem{
		Amount: p.Amount, Currency: p.Currency, Description: p.Description, Discountable: p.Discountable, Discounts: p.Discounts,
		Metadata: p.Metadata, Period: p.Period, PriceData: p.PriceData, Pricing: pricing, Quantity: p.Quantity,
		QuantityDecimal: p.QuantityDecimal, TaxRates: p.TaxRates, UnitAmountDecimal: p.UnitAmountDecimal,
	}, customer)
	if err != nil {
		return err
	}
	put(t, item)
	return nil
}

// ofNew previews the first invoice of a subscription that does not exist yet.
func (c CreatePreview) ofNew(t *tx, customer *Customer) (*Invoice, error) {
	planned, err := c.planNew(t, customer)
	if err != nil {
		return nil, inside(err, "subscription_details")
	}
	if err := c.addItems(t, planned.sub); err != nil {
		return nil, err
	}
	if planned.first == nil {
		return nil, nothingUpcoming(customer.ID)
	}
	planned.first.Customer = must[Customer](t, customer.ID)
	planned.first.Pending = t.pendingFor(planned.sub)
	planned.first.Reason = "upcoming"
	return t.asPreview(t.compose(*planned.first)), nil
}

// planNew plans the subscription of subscription_details, at the moment when it starts.
func (c CreatePreview) planNew(t *tx, customer *Customer) (newSubscription, error) {
	details := c.SubscriptionDetails.Or(PreviewSubscriptionParams{})
	create := CreateSubscription{
		Customer: Some(customer.ID), Currency: c.Currency, BillingMode: details.BillingMode, CancelAt: details.CancelAt,
		CancelAtPeriodEnd: details.CancelAtPeriodEnd, DefaultTaxRates: details.DefaultTaxRates, Metadata: details.Metadata,
		ProrationBehavior: details.ProrationBehavior, TrialEnd: details.TrialEnd,
	}
	if err := details.onlyForNew(); err != nil {
		return newSubscription{}, err
	}
	if anchor, ok := details.BillingCycleAnchor.Get(); ok && anchor.Type != "now" && anchor.Type != "unchanged" {
		at, err := strconv.ParseInt(anchor.Type, 10, 64)
		if err != nil {
			return newSubscription{}, invalid("billing_cycle_anchor", "", "Invalid billing_cycle_anchor: must be a Unix timestamp, now or unchanged")
		}
		create.BillingCycleAnchor = Some(at)
	}
	switch start, ok := details.StartDate.Get(); {
	case ok && start > t.now:
		if err := checkTimestamp(start, "start_date"); err != nil {
			return newSubscription{}, err
		}
		t.now = start
	case ok && start < t.now:
		create.BackdateStartDate = Some(start)
	}
	changes, _ := details.Items.Get()
	var items []SubscriptionItemParams
	for _, item := range changes {
		items = append(items, item.SubscriptionItemParams)
	}
	create.Items = Some(items)
	return t.planSubscription(create, customer)
}

// onlyForNew refuses what can only be said of a subscription that exists.
func (d PreviewSubscriptionParams) onlyForNew() error {
	absent := func(param string) error {
		return invalid(param, "", "You can only preview `%s` of an existing subscription: set `subscription` too.", param)
	}
	switch {
	case d.CancelNow.Or(false):
		return absent("cancel_now")
	case d.ProrationDate.Given():
		return absent("proration_date")
	case d.Pause.Given():
		return absent("pause")
	case d.ResumeAt.Given():
		return absent("resume_at")
	}
	changes, _ := d.Items.Get()
	for i, item := range changes {
		if item.ID.Given() || item.Deleted.Or(false) || item.ClearUsage.Or(false) {
			return absent(fmt.Sprintf("items[%d][id]", i))
		}
	}
	return nil
}

func sameCurrency(a, b string) bool { return strings.EqualFold(a, b) }

// UpcomingInvoice is GET /v1/invoices/upcoming, which is how versions before basil preview.
type UpcomingInvoice struct {
	CreatePreview
}

func (q UpcomingInvoice) run(w *World) (*Listing, error) {
	inv, err := q.look(w)
	if err != nil {
		return nil, err
	}
	return &Listing{Data: []any{inv}}, nil
}

// upcomingUntil is the last version that has upcoming invoices: who asks for one means the defaults of those days.
const upcomingUntil = "2025-02-24.acacia"

// look previews without a command: nothing is left of it.
func (c CreatePreview) look(w *World) (*Invoice, error) {
	t := w.begin(worldLine, w.now, Request{Version: upcomingUntil})
	inv, err := c.apply(t)
	t.rollback()
	if err != nil {
		return nil, err
	}
	return inv.(*Invoice), nil
}

// UpcomingLines is GET /v1/invoices/upcoming/lines.
type UpcomingLines struct {
	Page
	CreatePreview
}

func (q UpcomingLines) run(w *World) (*Listing, error) {
	inv, err := q.look(w)
	if err != nil {
		return nil, err
	}
	return listEmbedded(q.Page, inv.Lines, "line item", func(l *InvoiceLine) string { return l.ID })
}
