package engine

import (
	"cmp"
	"slices"
	"strings"
)

// CustomerParams are the parameters that create and update share.
type CustomerParams struct {
	Address             Opt[Address]                       `form:"address"`
	Balance             Opt[int64]                         `form:"balance"`
	BusinessName        Opt[string]                        `form:"business_name"`
	Coupon              Opt[string]                        `form:"coupon"` // of versions before basil, and still the way to give a customer a discount
	Description         Opt[string]                        `form:"description"`
	Email               Opt[string]                        `form:"email"`
	IndividualName      Opt[string]                        `form:"individual_name"`
	InvoicePrefix       Opt[string]                        `form:"invoice_prefix"`
	InvoiceSettings     Opt[CustomerInvoiceSettingsParams] `form:"invoice_settings"`
	Metadata            Opt[map[string]string]             `form:"metadata"`
	Name                Opt[string]                        `form:"name"`
	NextInvoiceSequence Opt[int64]                         `form:"next_invoice_sequence"`
	Phone               Opt[string]                        `form:"phone"`
	PromotionCode       Opt[string]                        `form:"promotion_code"`
	PreferredLocales    Opt[[]string]                      `form:"preferred_locales"`
	Shipping            Opt[Shipping]                      `form:"shipping"`
	Source              Opt[string]                        `form:"source"`
	TaxExempt           Opt[string]                        `form:"tax_exempt"`
}

// CustomerInvoiceSettingsParams are the invoice defaults of a customer.
type CustomerInvoiceSettingsParams struct {
	CustomFields         Opt[[]CustomField] `form:"custom_fields"`
	DefaultPaymentMethod Opt[string]        `form:"default_payment_method"`
	Footer               Opt[string]        `form:"footer"`
}

// CreateCustomer is POST /v1/customers.
type CreateCustomer struct {
	CustomerParams
	PaymentMethod Opt[string]       `form:"payment_method"`
	TaxIDs        Opt[[]NamedTaxID] `form:"tax_id_data"`
	TestClock     Opt[string]       `form:"test_clock"`
}

// customersPerClock is Stripe's limit.
const customersPerClock = 3

func (c CreateCustomer) apply(t *tx) (Result, error) {
	cus := &Customer{NextInvoiceSequence: 1, TaxExempt: "none"}
	if clock := c.TestClock.Or(""); clock != "" {
		if _, ok := Get[TestClock](t.world, clock); !ok {
			return nil, noSuchParam("test_clock", clock, "test_clock")
		}
		if err := t.enter(clock); err != nil {
			return nil, err
		}
		if len(t.world.tables.customers.refs("clock", clock)) >= customersPerClock {
			return nil, invalid("test_clock", "", "A test clock can have at most %d customers.", customersPerClock)
		}
		cus.TestClock = clock
	}
	cus.ID, cus.Created, cus.InvoicePrefix = t.short("cus_"), t.now, t.capitals(8)
	balance := c.Balance.Or(0)
	c.Balance = Opt[int64]{}
	method := c.takeDefaultOfNewCard()
	var err error
	if err = c.fill(t, cus); err != nil {
		return nil, err
	}
	if balance != 0 {
		t.noteBalanceMove(cus, balanceMove{amount: balance, kind: "initial"})
	}
	create(t, "customer.created", cus)
	if err := t.addTaxIDs(cus, c.TaxIDs); err != nil {
		return nil, err
	}
	if cus, err = t.addSource(cus, c.Source); err != nil {
		return nil, err
	}
	if id, ok := c.PaymentMethod.Get(); ok {
		pm, err := t.attach(id, cus, "payment_method")
		if err != nil {
			return nil, err
		}
		if method {
			cus = t.setDefaultMethod(cus, pm.ID)
		}
	}
	return cus, nil
}

// takeDefaultOfNewCard says whether the card attached by this very call shall be the default too, and takes that wish out of the settings:
// a magic id such as pm_card_visa sent twice means one new card.
func (c *CreateCustomer) takeDefaultOfNewCard() bool {
	settings := c.InvoiceSettings.Or(CustomerInvoiceSettingsParams{})
	wanted, ok := settings.DefaultPaymentMethod.Get()
	attached, given := c.PaymentMethod.Get()
	if !ok || !given || wanted != attached {
		return false
	}
	settings.DefaultPaymentMethod = Opt[string]{}
	c.InvoiceSettings = Some(settings)
	return true
}

// fill writes the given parameters into a customer that is not stored yet.
func (p CustomerParams) fill(t *tx, cus *Customer) error {
	if err := checkUnitAmount(DecimalOf(p.Balance.Or(0)), "balance"); err != nil {
		return err
	}
	if email := p.Email.Or(""); email != "" && !emailLike(email) {
		return invalid("email", "email_invalid", "Invalid email address: %s", email)
	}
	if a, ok := p.Address.Get(); ok {
		cus.Address = &a
	} else if p.Address.Cleared() {
		cus.Address = nil
	}
	if s, ok := p.Shipping.Get(); ok {
		cus.Shipping = &s
	} else if p.Shipping.Cleared() {
		cus.Shipping = nil
	}
	p.BusinessName.Set(&cus.BusinessName)
	p.Description.Set(&cus.Description)
	p.Email.Set(&cus.Email)
	p.IndividualName.Set(&cus.IndividualName)
	p.Name.Set(&cus.Name)
	p.Phone.Set(&cus.Phone)
	p.PreferredLocales.Set(&cus.PreferredLocales)
	cus.TaxExempt = p.TaxExempt.Or(cus.TaxExempt)
	cus.Metadata = mergeMetadata(cus.Metadata, p.Metadata)
	if err := p.fillInvoicing(cus); err != nil {
		return err
	}
	if err := p.fillDiscount(t, cus); err != nil {
		return err
	}
	settings, ok := p.InvoiceSettings.Get()
	if !ok {
		return nil
	}
	settings.CustomFields.Set(&cus.InvoiceSettings.CustomFields)
	settings.Footer.Set(&cus.InvoiceSettings.Footer)
	if id, ok := settings.DefaultPaymentMethod.Get(); ok {
		pm, found := Get[PaymentMethod](t.world, id)
		if !found {
			return noSuchParam("PaymentMethod", id, "invoice_settings[default_payment_method]")
		}
		if pm.Customer != cus.ID {
			return invalid("invoice_settings[default_payment_method]", "resource_missing",
				"The customer does not have a payment method with the ID %s. The payment method must be attached to the customer.", id)
		}
	}
	settings.DefaultPaymentMethod.Set(&cus.InvoiceSettings.DefaultPaymentMethod)
	return nil
}

// fillInvoicing writes the parameters that number invoices.
func (p CustomerParams) fillInvoicing(cus *Customer) error {
	if prefix, ok := p.InvoicePrefix.Get(); ok {
		if len(prefix) < 3 || len(prefix) > 12 || strings.Trim(prefix, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
			return invalid("invoice_prefix", "", "Invalid invoice_prefix: it must be 3–12 uppercase letters or numbers.")
		}
		cus.InvoicePrefix = prefix
	}
	if next, ok := p.NextInvoiceSequence.Get(); ok {
		if err := within(next, cus.NextInvoiceSequence, sequenceMost, "next_invoice_sequence"); err != nil {
			return err
		}
		cus.NextInvoiceSequence = next
	}
	return nil
}

// emailLike is the little that Stripe asks of an address.
func emailLike(s string) bool {
	name, host, ok := strings.Cut(s, "@")
	return ok && name != "" && host != "" && !strings.ContainsAny(s, " \t\r\n<>,") && !strings.Contains(host, "@")
}

// UpdateCustomer is POST /v1/customers/{id}.
type UpdateCustomer struct {
	ID string `form:"-"`
	CustomerParams
	DefaultSource Opt[string] `form:"default_source"`
}

func (c UpdateCustomer) apply(t *tx) (Result, error) {
	before, err := t.customerAtPath(c.ID)
	if err != nil {
		return nil, err
	}
	if before, err = t.replaceSource(before, c.Source); err != nil {
		return nil, err
	}
	cus := *before
	if err := c.fill(t, &cus); err != nil {
		return nil, err
	}
	if err := t.chooseSource(&cus, c.DefaultSource); err != nil {
		return nil, err
	}
	if balance, ok := c.Balance.Get(); ok && balance != cus.Balance {
		t.noteBalanceMove(&cus, balanceMove{amount: balance - cus.Balance, kind: "adjustment"})
	}
	return update(t, "customer.updated", before, &cus), nil
}

// customerAtPath finds the customer that a route names, and moves to its time line.
func (t *tx) customerAtPath(id string) (*Customer, error) {
	cus, ok := Get[Customer](t.world, id)
	if !ok || cus.Deleted {
		return nil, NotFound("customer", id, "id")
	}
	return cus, t.enter(cus.TestClock)
}

// DeleteCustomer is DELETE /v1/customers/{id}: its subscriptions end at once, its cards are detached, the id stays readable as a stub.
type DeleteCustomer struct {
	ID string `form:"-"`
}

func (c DeleteCustomer) apply(t *tx) (Result, error) {
	cus, err := t.customerAtPath(c.ID)
	if err != nil {
		return nil, err
	}
	t.deleteCustomer(cus)
	return &Deleted{ID: c.ID, Object: "customer"}, nil
}

func (t *tx) deleteCustomer(cus *Customer) {
	for _, sub := range t.world.tables.subscriptions.all("customer", cus.ID) {
		if sub.Status != SubCanceled && sub.Status != SubIncompleteExpired {
			t.cancelNow(sub)
		}
	}
	for _, sc := range t.world.tables.schedules.all("customer", cus.ID) {
		if sc.live() {
			t.closeSchedule(sc, ScheduleCanceled, "subscription_schedule.canceled")
		}
	}
	last := must[Customer](t, cus.ID)
	deleted := *last
	deleted.Deleted, deleted.InvoiceSettings.DefaultPaymentMethod, deleted.DefaultSource = true, "", ""
	put(t, &deleted)
	for _, pm := range t.world.tables.methods.all("customer", cus.ID) {
		t.release(pm)
	}
	t.emit("customer.deleted", last)
}

// paysWith is what a customer's invoices are charged to when nothing nearer says so: the default payment method, else the default source.
func (cus *Customer) paysWith() string {
	return cmp.Or(cus.InvoiceSettings.DefaultPaymentMethod, cus.DefaultSource)
}

// setDefaultMethod makes a payment method the customer's default for invoices.
func (t *tx) setDefaultMethod(cus *Customer, method string) *Customer {
	next := *cus
	next.InvoiceSettings.DefaultPaymentMethod = method
	return update(t, "customer.updated", cus, &next)
}

// fixCurrency ties the customer to the currency of its first invoice, item or subscription; a later one must have the same.
func (t *tx) fixCurrency(cus *Customer, currency string) (*Customer, error) {
	if cus.Currency == currency {
		return cus, nil
	}
	if cus.Currency != "" {
		return nil, mixedCurrencies(cus)
	}
	next := *cus
	next.Currency = currency
	return update(t, "customer.updated", cus, &next), nil
}

func mixedCurrencies(cus *Customer) *Error {
	return invalid("", "", "You cannot combine currencies on a single customer. This customer has had a subscription, coupon, or invoice item "+
		"with currency %s", cus.Currency)
}

// ListCustomers is GET /v1/customers.
type ListCustomers struct {
	Page
	Created   Range       `form:"created"`
	Email     Opt[string] `form:"email"`
	TestClock Opt[string] `form:"test_clock"`
}

func (q ListCustomers) run(w *World) (*Listing, error) {
	s := selection[Customer]{index: "clock", value: q.TestClock.Or(""), cursorName: "customer"}
	if email, ok := q.Email.Get(); ok {
		s.index, s.value = "email", email
	}
	clock, onClock := q.TestClock.Get()
	s.keep = func(c *Customer) bool {
		return q.Created.holds(c.Created) && (!onClock || c.TestClock == clock)
	}
	return list(w, q.Page, s)
}

// CreateCustomerBalanceTransaction is POST /v1/customers/{id}/balance_transactions.
type CreateCustomerBalanceTransaction struct {
	Customer    string                 `form:"-"`
	Amount      Opt[int64]             `form:"amount"`
	Currency    Opt[string]            `form:"currency"`
	Description Opt[string]            `form:"description"`
	Metadata    Opt[map[string]string] `form:"metadata"`
}

func (c CreateCustomerBalanceTransaction) apply(t *tx) (Result, error) {
	cus, err := t.customerAtPath(c.Customer)
	if err != nil {
		return nil, err
	}
	amount, ok := c.Amount.Get()
	if !ok {
		return nil, required("amount")
	}
	if err := checkUnitAmount(DecimalOf(amount), "amount"); err != nil {
		return nil, err
	}
	currency, err := currencyParam(c.Currency, "currency")
	if err != nil {
		return nil, err
	}
	next := *cus
	if next.Currency == "" {
		next.Currency = currency
	}
	if next.Currency != currency {
		return nil, mixedCurrencies(cus)
	}
	moved := t.noteBalanceMove(&next, balanceMove{
		amount: amount, kind: "adjustment", description: c.Description.Or(""), metadata: mergeMetadata(nil, c.Metadata),
	})
	update(t, "customer.updated", cus, &next)
	return moved, nil
}

// balanceMove is one movement of a customer's credit balance.
type balanceMove struct {
	amount      int64 // negative gives credit
	kind        string
	description string
	invoice     string
	creditNote  string
	metadata    map[string]string
}

// moveBalance moves the credit balance and emits customer.updated.
func (t *tx) moveBalance(cus *Customer, m balanceMove) *Customer {
	next := *cus
	t.noteBalanceMove(&next, m)
	return update(t, "customer.updated", cus, &next)
}

// noteBalanceMove changes the balance of a customer that the caller is about to store, and stores the movement.
func (t *tx) noteBalanceMove(cus *Customer, m balanceMove) *CustomerBalanceTransaction {
	cus.Balance += m.amount
	if cus.Currency == "" {
		cus.Currency = t.settings().DefaultCurrency
	}
	moved := &CustomerBalanceTransaction{
		ID: t.long("cbtxn_"), Created: t.now, Customer: cus.ID, Amount: m.amount, Currency: cus.Currency, Description: m.description,
		EndingBalance: cus.Balance, Type: m.kind, Invoice: m.invoice, CreditNote: m.creditNote, Metadata: m.metadata,
	}
	put(t, moved)
	return moved
}

// ListCustomerBalanceTransactions is GET /v1/customers/{id}/balance_transactions.
type ListCustomerBalanceTransactions struct {
	Page
	Customer string      `form:"-"`
	Created  Range       `form:"created"`
	Invoice  Opt[string] `form:"invoice"`
}

func (q ListCustomerBalanceTransactions) run(w *World) (*Listing, error) {
	if cus, ok := Get[Customer](w, q.Customer); !ok || cus.Deleted {
		return nil, NotFound("customer", q.Customer, "id")
	}
	invoice, byInvoice := q.Invoice.Get()
	return list(w, q.Page, selection[CustomerBalanceTransaction]{
		index: "customer", value: q.Customer, cursorName: "customer_balance_transaction",
		keep: func(m *CustomerBalanceTransaction) bool {
			return q.Created.holds(m.Created) && (!byInvoice || m.Invoice == invoice)
		},
	})
}

var _ = register(CreateCustomer{}, UpdateCustomer{}, DeleteCustomer{}, CreateCustomerBalanceTransaction{})

// anyOf says whether an optional list of values, when given, holds the value.
func anyOf(filter Opt[[]string], value string) bool {
	list, ok := filter.Get()
	return !ok || slices.Contains(list, value)
}
