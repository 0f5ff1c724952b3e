package engine

import "cmp"

// InvoiceParams are the parameters that create and update share.
type InvoiceParams struct {
	AutomaticTax             Opt[AutomaticTaxParam]    `form:"automatic_tax"`
	AutoAdvance              Opt[bool]                 `form:"auto_advance"`
	AutomaticallyFinalizesAt Opt[int64]                `form:"automatically_finalizes_at"`
	CollectionMethod         Opt[string]               `form:"collection_method"`
	CustomFields             Opt[[]CustomField]        `form:"custom_fields"`
	DaysUntilDue             Opt[int64]                `form:"days_until_due"`
	DefaultPaymentMethod     Opt[string]               `form:"default_payment_method"`
	DefaultTaxRates          Opt[[]string]             `form:"default_tax_rates"`
	Description              Opt[string]               `form:"description"`
	Discounts                Opt[[]DiscountParams]     `form:"discounts"`
	DueDate                  Opt[int64]                `form:"due_date"`
	EffectiveAt              Opt[int64]                `form:"effective_at"`
	Footer                   Opt[string]               `form:"footer"`
	Issuer                   Opt[IssuerParams]         `form:"issuer"`
	Metadata                 Opt[map[string]string]    `form:"metadata"`
	Number                   Opt[string]               `form:"number"`
	PaymentSettings          Opt[InvoicePaymentParams] `form:"payment_settings"`
	Rendering                Opt[RenderingParams]      `form:"rendering"`
	ShippingDetails          Opt[Shipping]             `form:"shipping_details"`
	StatementDescriptor      Opt[string]               `form:"statement_descriptor"`
}

// InvoicePaymentParams are payment_settings.
type InvoicePaymentParams struct {
	PaymentMethodTypes Opt[[]string] `form:"payment_method_types"`
}

// CreateInvoice is POST /v1/invoices: a draft of what waits for a customer, or an empty one.
type CreateInvoice struct {
	InvoiceParams
	Currency                    Opt[string] `form:"currency"`
	Customer                    Opt[string] `form:"customer"`
	PendingInvoiceItemsBehavior Opt[string] `form:"pending_invoice_items_behavior"`
	Subscription                Opt[string] `form:"subscription"`
}

func (c CreateInvoice) apply(t *tx) (Result, error) {
	if !c.Customer.Given() {
		return nil, required("customer")
	}
	customer, err := t.enterCustomer(c.Customer.Or(""), "customer")
	if err != nil {
		return nil, err
	}
	b, err := c.bill(t, customer)
	if err != nil {
		return nil, err
	}
	if customer, err = t.fixCurrency(customer, b.Currency); err != nil {
		return nil, err
	}
	b.Customer = customer
	draft := t.compose(b)
	if err := c.fill(t, draft); err != nil {
		return nil, err
	}
	if c.Discounts.Given() {
		level := granting{level: Discount{Customer: customer.ID, Invoice: unboundInvoice}, currency: b.Currency, param: "discounts", worth: &draft.Subtotal}
		ids, err := t.grant(c.Discounts, level)
		if err != nil {
			return nil, err
		}
		b.Discounts = &ids
	}
	return t.draft(b, func(inv *Invoice) {
		summed := *inv
		*inv = *draft
		inv.ID, inv.Lines, inv.Discounts = summed.ID, summed.Lines, summed.Discounts
		t.sum(inv, customer.Balance)
		if b.Discounts != nil {
			t.bindDiscounts(inv)
		}
		t.advance(inv)
	}), nil
}

func (c CreateInvoice) bill(t *tx, customer *Customer) (bill, error) {
	b := bill{Customer: customer, Reason: "manual", Currency: customer.Currency, Period: Period{t.now, t.now}}
	if c.Currency.Given() || b.Currency == "" {
		currency, err := currencyParam(Some(c.Currency.Or(t.settings().DefaultCurrency)), "currency")
		if err != nil {
			return b, err
		}
		b.Currency = currency
	}
	behavior := c.PendingInvoiceItemsBehavior.Or("exclude")
	if err := oneOf("pending_invoice_items_behavior", behavior, "exclude", "include"); err != nil {
		return b, err
	}
	if id, ok := c.Subscription.Get(); ok {
		s, found := Get[Subscription](t.world, id)
		if !found || s.Customer != customer.ID {
			return b, noSuchParam("subscription", id, "subscription")
		}
		b.Subscription, b.Currency, b.Period.Start = s, s.Currency, s.periodStart()
	}
	if behavior == "exclude" && b.Subscription == nil {
		return b, nil
	}
	t.world.tables.invoiceItems.each("pending", customer.ID, func(item *InvoiceItem) bool {
		wanted := b.Subscription == nil || item.Subscription == b.Subscription.ID
		if wanted && item.Currency == b.Currency {
			b.Pending = append(b.Pending, item)
		}
		return len(b.Pending) < invoiceItemsMax
	})
	return b, nil
}

// finalizesWithin is how far ahead a draft's finalization can be set: five years.
const finalizesWithin = 5 * 366 * secondsPerDay

// fill writes the given parameters into a draft.
func (p InvoiceParams) fill(t *tx, inv *Invoice) error {
	method := p.CollectionMethod.Or(inv.CollectionMethod)
	if err := oneOf("collection_method", method, ChargeAutomatically, InvoiceByMail); err != nil {
		return err
	}
	inv.CollectionMethod = method
	if err := p.fillDue(t, inv); err != nil {
		return err
	}
	if err := t.checkMethod(p.DefaultPaymentMethod.Or(""), inv.Customer, "default_payment_method"); err != nil {
		return err
	}
	if at, ok := p.AutomaticallyFinalizesAt.Get(); ok && (at <= t.now || at > t.now+finalizesWithin) {
		return invalid("automatically_finalizes_at", "", "Invalid timestamp: must be an integer Unix timestamp in the future.")
	}
	if err := p.paper(t, inv); err != nil {
		return err
	}
	rates, err := t.taxRatesParam(p.DefaultTaxRates, inv.DefaultTaxRates, "default_tax_rates")
	if err != nil {
		return err
	}
	inv.DefaultTaxRates = rates
	p.AutoAdvance.Set(&inv.AutoAdvance)
	p.AutomaticallyFinalizesAt.Set(&inv.AutomaticallyFinalizesAt)
	p.CustomFields.Set(&inv.CustomFields)
	p.DefaultPaymentMethod.Set(&inv.DefaultPaymentMethod)
	p.Description.Set(&inv.Description)
	p.Footer.Set(&inv.Footer)
	p.Number.Set(&inv.Number)
	p.StatementDescriptor.Set(&inv.StatementDescriptor)
	inv.Metadata = mergeMetadata(inv.Metadata, p.Metadata)
	if settings, ok := p.PaymentSettings.Get(); ok {
		settings.PaymentMethodTypes.Set(&inv.PaymentMethodTypes)
	}
	return nil
}

// fillDue takes when a mailed invoice is due.
func (p InvoiceParams) fillDue(t *tx, inv *Invoice) error {
	days, byDays := p.DaysUntilDue.Get()
	date, byDate := p.DueDate.Get()
	if (byDays || byDate) && inv.CollectionMethod != InvoiceByMail {
		return invalid("days_until_due", "", "You can only set `days_until_due` or `due_date` if `collection_method` is `send_invoice`.")
	}
	switch {
	case byDays && byDate:
		return invalid("", "parameters_exclusive", "You may only specify one of these parameters: days_until_due, due_date.")
	case byDays:
		inv.DueDate = inv.Created + days*secondsPerDay
	case byDate:
		inv.DueDate = date
	case inv.CollectionMethod == InvoiceByMail && inv.DueDate == 0:
		return invalid("days_until_due", "", "If you set `collection_method` to `send_invoice`, you must also set `days_until_due` or `due_date`.")
	}
	return nil
}

// advance plans the finalization of a draft that advances by itself, or takes the plan away.
func (t *tx) advance(inv *Invoice) {
	if inv.Status != InvoiceDraft {
		return
	}
	if !inv.AutoAdvance && inv.AutomaticallyFinalizesAt == 0 {
		inv.NextPaymentAttempt = 0
		t.unschedule(timerFinalize, inv.ID)
		return
	}
	inv.AutoAdvance = true
	at := cmp.Or(inv.AutomaticallyFinalizesAt, t.now+t.settings().FinalizationDelay)
	inv.AutomaticallyFinalizesAt = at
	if inv.CollectionMethod == ChargeAutomatically {
		inv.NextPaymentAttempt = at
	}
	t.schedule(timerFinalize, inv.ID, at)
}

// UpdateInvoice is POST /v1/invoices/{id}: a draft changes freely, later only what does not touch money.
type UpdateInvoice struct {
	ID string `form:"-"`
	InvoiceParams
}

func (c UpdateInvoice) apply(t *tx) (Result, error) {
	before, err := t.invoiceAtPath(c.ID)
	if err != nil {
		return nil, err
	}
	if before.Status != InvoiceDraft && (c.CollectionMethod.Given() || c.Number.Given() || c.AutomaticallyFinalizesAt.Given() ||
		c.Discounts.Given() || c.DefaultTaxRates.Given() || c.DaysUntilDue.Given() || c.EffectiveAt.Given() || c.Issuer.Given() || c.ShippingDetails.Given() || c.CustomFields.Given() || c.Description.Given() || c.Footer.Given()) {
		return nil, before.editable()
	}
	inv := *before
	t.own(&inv)
	if err := c.fill(t, &inv); err != nil {
		return nil, err
	}
	if c.DefaultTaxRates.Given() {
		t.sum(&inv, inv.StartingBalance)
	}
	if c.Discounts.Given() {
		level := Discount{Customer: inv.Customer, Invoice: inv.ID}
		if err := t.rediscount(&inv, c.Discounts, granting{level: level, has: before.Discounts, currency: inv.Currency, param: "discounts"}); err != nil {
			return nil, err
		}
	}
	if auto, ok := c.AutoAdvance.Get(); ok && !auto && !c.AutomaticallyFinalizesAt.Given() {
		inv.AutomaticallyFinalizesAt = 0
	}
	if c.AutoAdvance.Given() || c.AutomaticallyFinalizesAt.Given() {
		t.advance(&inv)
	}
	return update(t, "invoice.updated", before, &inv), nil
}

// invoiceAtPath finds the invoice that a route names, and moves to its time line.
func (t *tx) invoiceAtPath(id string) (*Invoice, error) {
	inv, ok := Get[Invoice](t.world, id)
	if !ok {
		return nil, NotFound("invoice", id, "invoice")
	}
	return inv, t.enter(inv.TestClock)
}

// DeleteInvoice is DELETE /v1/invoices/{id}: a draft that is not a subscription's vanishes, and its items with it.
type DeleteInvoice struct {
	ID string `form:"-"`
}

func (c DeleteInvoice) apply(t *tx) (Result, error) {
	inv, err := t.invoiceAtPath(c.ID)
	if err != nil {
		return nil, err
	}
	if inv.Status != InvoiceDraft {
		return nil, invalid("", "", "You can only delete draft invoices. If you would like to void this invoice, use the void endpoint.")
	}
	if inv.Subscription != "" && inv.BillingReason != "manual" {
		return nil, invalid("", "", "You can't delete invoices created by subscriptions.")
	}
	t.unschedule(timerFinalize, inv.ID)
	for _, item := range t.world.tables.invoiceItems.all("invoice", inv.ID) {
		t.world.tables.invoiceItems.remove(t, item.ID)
		t.emit("invoiceitem.deleted", item)
	}
	t.world.tables.invoices.remove(t, inv.ID)
	t.emit("invoice.deleted", inv)
	return &Deleted{ID: inv.ID, Object: "invoice"}, nil
}

// FinalizeInvoice is POST /v1/invoices/{id}/finalize.
type FinalizeInvoice struct {
	ID          string    `form:"-"`
	AutoAdvance Opt[bool] `form:"auto_advance"`
}

func (c FinalizeInvoice) apply(t *tx) (Result, error) {
	inv, err := t.invoiceAtPath(c.ID)
	if err != nil {
		return nil, err
	}
	if inv.Status != InvoiceDraft {
		return nil, invalid("", "", "This invoice is already finalized, you can't re-finalize a non-draft invoice.")
	}
	if err := t.finalizable(inv); err != nil {
		return nil, err
	}
	next := *inv
	c.AutoAdvance.Set(&next.AutoAdvance)
	finalized := t.finalizeFrom(inv, next)
	if finalized.Status == InvoiceOpen && finalized.AutoAdvance && finalized.CollectionMethod == ChargeAutomatically {
		t.schedule(timerCollect, finalized.ID, t.now+t.settings().FinalizationDelay)
	}
	return finalized, nil
}

// PayInvoice is POST /v1/invoices/{id}/pay. A draft is finalized first.
type PayInvoice struct {
	ID            string      `form:"-"`
	Forgive       Opt[bool]   `form:"forgive"`
	OffSession    Opt[bool]   `form:"off_session"`
	PaidOutOfBand Opt[bool]   `form:"paid_out_of_band"`
	PaymentMethod Opt[string] `form:"payment_method"`
}

func (c PayInvoice) apply(t *tx) (Result, error) {
	inv, err := t.invoiceAtPath(c.ID)
	if err != nil {
		return nil, err
	}
	if c.Forgive.Or(false) {
		return nil, unsupported("forgive", "true") // of payment sources that hold an amount, which there are none of
	}
	switch inv.Status {
	case InvoicePaid:
		return nil, invalid("", "", "Invoice is already paid")
	case InvoiceVoid:
		return nil, invalid("", "", "Voided invoices cannot be paid.")
	case InvoiceDraft:
		if err := t.finalizable(inv); err != nil {
			return nil, err
		}
		if inv = t.finalize(inv); inv.Status == InvoicePaid {
			return inv, nil
		}
	}
	if c.PaidOutOfBand.Or(false) {
		return t.paidOutOfBand(inv), nil
	}
	method := c.PaymentMethod.Or(t.methodFor(inv))
	if method == "" {
		return nil, noPaymentMethod()
	}
	pm, err := t.payable(method, inv.Customer)
	if err != nil {
		return nil, err
	}
	who := offSession
	if !c.OffSession.Or(true) {
		who = onSession
	}
	if err := t.collectInvoice(inv, pm, who); err != nil {
		return nil, err
	}
	return must[Invoice](t, inv.ID), nil
}

// payable finds a payment method that may pay for a customer.
func (t *tx) payable(id, customer string) (string, error) {
	return id, t.checkMethod(id, customer, "payment_method")
}

// collectInvoice makes one attempt that somebody asked for; a decline is an error that keeps what it wrote.
func (t *tx) collectInvoice(inv *Invoice, method string, who presence) error {
	p := t.payInvoiceIntent(inv, method, who)
	switch {
	case p.paid:
		t.paid(inv, p.intent, false)
		return nil
	case p.needsAction:
		t.challenged(inv, false)
		return challengeRefusal(inv, who)
	}
	t.failed(inv, p.intent, false)
	e := *p.err
	e.Keep = true
	return &e
}

// challengeRefusal is the error of a payment that waits for 3-D Secure.
func challengeRefusal(inv *Invoice, who presence) *Error {
	e := &Error{Status: 402, Type: CardError, PaymentIntent: inv.PaymentIntent, Keep: true}
	if who == offSession {
		e.Code, e.DeclineCode = "authentication_required", "authentication_required"
		e.Message = "Your card was declined. This transaction requires authentication."
		return e
	}
	e.Code = invoiceChallengeCode
	e.Message = "This payment requires additional user action before it can be completed successfully. " +
		"Payment can be completed using the PaymentIntent associated with the invoice."
	return e
}

// paidOutOfBand marks an invoice paid without a charge; its PaymentIntent is canceled.
func (t *tx) paidOutOfBand(before *Invoice) *Invoice {
	inv := *before
	inv.PaidOutOfBand, inv.PaidOffStripe = true, before.AmountRemaining
	t.close(before, inv, nil)
	t.cancelInvoiceIntent(before)
	t.paymentClosed(before, "canceled")
	t.setDelinquent(inv.Customer, false)
	return must[Invoice](t, inv.ID)
}

// VoidInvoice is POST /v1/invoices/{id}/void.
type VoidInvoice struct {
	ID string `form:"-"`
}

func (c VoidInvoice) apply(t *tx) (Result, error) {
	inv, err := t.invoiceAtPath(c.ID)
	if err != nil {
		return nil, err
	}
	if inv.Status != InvoiceOpen && inv.Status != InvoiceUncollectible {
		return nil, invalid("", "status_transition_invalid", "You can only void an open or uncollectible invoice; this one is %s.", inv.Status)
	}
	if paid, open := t.partly(inv); paid || open {
		return nil, invalid("", "", "You cannot void an invoice that has payments with a status of `open` or `paid`.")
	}
	voided := t.void(inv)
	t.subscriptionVoided(voided)
	return voided, nil
}

// MarkInvoiceUncollectible is POST /v1/invoices/{id}/mark_uncollectible.
type MarkInvoiceUncollectible struct {
	ID string `form:"-"`
}

func (c MarkInvoiceUncollectible) apply(t *tx) (Result, error) {
	inv, err := t.invoiceAtPath(c.ID)
	if err != nil {
		return nil, err
	}
	if inv.Status != InvoiceOpen {
		return nil, invalid("", "status_transition_invalid", "You can only mark an open invoice uncollectible; this one is %s.", inv.Status)
	}
	if _, open := t.partly(inv); open {
		return nil, invalid("", "", "You cannot mark an invoice uncollectible that has payments with a status of `open`.")
	}
	marked := t.markUncollectible(inv, UncollectibleForgiven)
	t.subscriptionPaid(marked, nil)
	t.setDelinquent(marked.Customer, false)
	return marked, nil
}

// SendInvoice is POST /v1/invoices/{id}/send. A draft is finalized first.
type SendInvoice struct {
	ID string `form:"-"`
}

func (c SendInvoice) apply(t *tx) (Result, error) {
	inv, err := t.invoiceAtPath(c.ID)
	if err != nil {
		return nil, err
	}
	if inv.CollectionMethod != InvoiceByMail {
		return nil, invalid("", "", "You can only manually send an invoice if its collection method is 'send_invoice'.")
	}
	if inv.CustomerEmail == "" {
		return nil, invalid("", "", "Missing email. In order to send the invoice, the customer must have a valid email.")
	}
	if inv.Status == InvoiceDraft {
		inv = t.finalize(inv)
	}
	t.emit("invoice.sent", inv)
	return inv, nil
}

var _ = register(CreateInvoice{}, UpdateInvoice{}, DeleteInvoice{}, FinalizeInvoice{}, PayInvoice{}, VoidInvoice{},
	MarkInvoiceUncollectible{}, SendInvoice{})
