package engine

import (
	"slices"
	"strings"
)

// What creating and updating a subscription check alike.

// The words of payment_behavior and proration_behavior.
const (
	AllowIncomplete   = "allow_incomplete"
	DefaultIncomplete = "default_incomplete"
	ErrorIfIncomplete = "error_if_incomplete"
	unattended        = "unattended" // nobody asked: a timer, whose payment may fail as it likes

	CreateProrations = "create_prorations"
	AlwaysInvoice    = "always_invoice"
	NoProrations     = "none"
)

// oneOf checks a parameter that takes one of a few words.
func oneOf(param, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	last := len(allowed) - 1
	return invalid(param, "", "Invalid %s: must be one of %s, or %s", param, strings.Join(allowed[:last], ", "), allowed[last])
}

// newItem makes an item that is not stored yet. The first item gives the subscription its currency.
func (t *tx) newItem(s *Subscription, p SubscriptionItemParams, currency, param string) (*SubscriptionItem, error) {
	price, err := t.itemPrice(p.Price, p.Plan, p.PriceData, param)
	if err != nil {
		return nil, err
	}
	if s.Currency == "" {
		s.Currency = strings.ToLower(currency)
		if s.Currency == "" {
			s.Currency = price.Currency
		}
	}
	if err := checkItemPrice(s, price, param); err != nil {
		return nil, err
	}
	quantity, given := p.Quantity.Get()
	if !given {
		quantity = 1
	}
	item := &SubscriptionItem{
		ID: t.short("si_"), Created: t.now, Subscription: s.ID, Price: price.ID, Quantity: price.licensed(quantity), UsageFrom: t.now,
		Metadata: mergeMetadata(nil, p.Metadata),
	}
	if given {
		if err := item.checkQuantity(quantity, param); err != nil {
			return nil, err
		}
	}
	if item.UsageGTE, err = takeItemThreshold(p.BillingThresholds, 0, price, thresholdParam(param)); err != nil {
		return nil, err
	}
	if item.TaxRates, err = t.taxRatesParam(p.TaxRates, nil, param+"[tax_rates]"); err != nil {
		return nil, err
	}
	return item, t.grantItem(s, item, p.Discounts, param)
}

// itemPrice finds the price that an item names: by price, by the older word plan, or made inline.
func (t *tx) itemPrice(price, plan Opt[string], data Opt[PriceDataParams], param string) (*Price, error) {
	if d, ok := data.Get(); ok {
		return t.inlinePrice(d, param+"[price_data]")
	}
	if id, ok := price.Get(); ok {
		return t.activePrice(id, "price", param+"[price]")
	}
	if id, ok := plan.Get(); ok {
		return t.activePrice(id, "plan", "plan")
	}
	return nil, required(param + "[price]")
}

// activePrice finds a price that new subscriptions may use.
func (t *tx) activePrice(id, kind, param string) (*Price, error) {
	price, ok := Get[Price](t.world, id)
	if !ok || price.Deleted {
		return nil, noSuchParam(kind, id, param)
	}
	if !price.Active {
		return nil, invalid(param, "", "The price specified is inactive. This field only accepts active prices.")
	}
	if price.CustomUnitAmount != nil {
		return nil, invalid(param, "parameter_unsupported", "Prices with `custom_unit_amount` are an offer of Stripe that this emulator does not honour yet.")
	}
	if !must[Product](t, price.Product).Active {
		return nil, invalid(param, "product_inactive", "The product of this price is inactive: %s.", price.Product)
	}
	return price, nil
}

// inlinePrice makes the price of price_data; it is stored, but no list shows it.
func (t *tx) inlinePrice(d PriceDataParams, param string) (*Price, error) {
	price, err := t.newPrice(CreatePrice{
		Currency: d.Currency, Product: d.Product, Recurring: d.Recurring, TaxBehavior: d.TaxBehavior, UnitAmount: d.UnitAmount,
		UnitAmountDecimal: d.UnitAmountDecimal, Active: Some(false),
	}, param)
	if err != nil {
		return nil, err
	}
	price.Inline = true
	put(t, price)
	return price, nil
}

// inlinePriceOf makes the price of price_data whose product may be made with it.
func (t *tx) inlinePriceOf(d PriceDataParams, made Opt[ProductData], param string) (*Price, error) {
	if p, ok := made.Get(); ok {
		if d.Product.Given() {
			return nil, invalid("", "parameters_exclusive", "You may only specify one of these parameters: product, product_data.")
		}
		product, err := CreateProduct{ID: p.ID, ProductParams: p.params()}.apply(t)
		if err != nil {
			return nil, inside(err, param+"[product_data]")
		}
		d.Product = Some(product.(*Product).ID)
	}
	if !d.Product.Given() {
		return nil, required(param + "[product]")
	}
	return t.inlinePrice(d, param)
}

// checkItemPrice checks that a price fits into a subscription: recurring, of its currency, and not there yet.
func checkItemPrice(s *Subscription, price *Price, param string) error {
	if price.Recurring == nil {
		return invalid(param+"[price]", "", "The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.")
	}
	if !price.offers(s.Currency) {
		return invalid(param+"[price]", "", "The price specified only supports `%s`. This doesn't match the expected currency: `%s`.", price.Currency, s.Currency)
	}
	for _, item := range s.Items {
		if item.Price == price.ID {
			return invalid(param+"[price]", "", "Price `%s` is already in use by subscription item `%s`. "+
				"A subscription can have each price only once.", price.ID, item.ID)
		}
	}
	return nil
}

// checkRhythm checks that the items' intervals go together: all alike in classic mode; in flexible mode multiples of the
// shortest.
func (t *tx) checkRhythm(s *Subscription) error {
	shortest := intervalOf(must[Price](t, s.Items[0].Price))
	for _, item := range s.Items {
		if v := intervalOf(must[Price](t, item.Price)); v.shorterThan(shortest) {
			shortest = v
		}
	}
	for _, item := range s.Items {
		v := intervalOf(must[Price](t, item.Price))
		if v != shortest && s.BillingMode.Type == ModeClassic {
			return invalid("items", "", "Currently, all prices on a subscription must have the same `recurring.interval` and "+
				"`recurring.interval_count`. If you meant to use the API to update an existing subscription item, pass its id.")
		}
		if !v.multipleOf(shortest) && t.decided().MixedIntervals == MixedMultiples {
			return invalid("items", "", "All prices on a subscription must have intervals that are multiples of the shortest one.")
		}
	}
	return nil
}

// setCollection takes days_until_due, which belongs to send_invoice alone.
func (s *Subscription) setCollection(days Opt[int64]) error {
	if d, ok := days.Get(); ok {
		if s.CollectionMethod != InvoiceByMail {
			return invalid("days_until_due", "", "You can only set `days_until_due` if `collection_method` is `send_invoice`.")
		}
		if err := within(d, 0, dueDaysMax, "days_until_due"); err != nil {
			return err
		}
		s.DaysUntilDue = &d
	}
	if s.CollectionMethod == InvoiceByMail && s.DaysUntilDue == nil {
		return invalid("days_until_due", "", "If you set `collection_method` to `send_invoice`, you must also set `days_until_due`.")
	}
	if s.CollectionMethod == ChargeAutomatically {
		s.DaysUntilDue = nil
	}
	return nil
}

// take merges invoice_settings.
func (s *InvoiceSettings) take(p Opt[InvoiceSettingsParams], param string) error {
	given := p.Or(InvoiceSettingsParams{})
	given.CustomFields.Set(&s.CustomFields)
	given.Description.Set(&s.Description)
	given.Footer.Set(&s.Footer)
	return given.Issuer.Or(issuedByUs).check(param + "[issuer]")
}

func (s *Subscription) setPaymentSettings(p Opt[SubscriptionPaymentParams]) error {
	settings, ok := p.Get()
	if !ok {
		return nil
	}
	save := settings.SaveDefaultPaymentMethod.Or(s.SaveDefaultPaymentMethod)
	if err := oneOf("payment_settings[save_default_payment_method]", save, "off", "on_subscription"); err != nil {
		return err
	}
	s.SaveDefaultPaymentMethod = save
	settings.PaymentMethodTypes.Set(&s.PaymentMethodTypes)
	return nil
}

func (s *Subscription) setTrialSettings(p Opt[TrialSettingsParams]) error {
	behavior := p.Or(TrialSettingsParams{}).EndBehavior.Or(TrialEndBehaviorParams{})
	word := behavior.MissingPaymentMethod.Or(s.MissingPaymentMethod)
	if err := oneOf("trial_settings[end_behavior][missing_payment_method]", word, "cancel", "create_invoice", "pause"); err != nil {
		return err
	}
	s.MissingPaymentMethod = word
	return nil
}

// checkMethod checks that a payment method, when one is named, is attached to the customer.
func (t *tx) checkMethod(id, customer, param string) error {
	if id == "" {
		return nil
	}
	method, ok := Get[PaymentMethod](t.world, id)
	if !ok {
		return noSuchParam("PaymentMethod", id, param)
	}
	if method.Customer != customer {
		return invalid(param, "resource_missing",
			"The customer does not have a payment method with the ID %s. The payment method must be attached to the customer.", id)
	}
	return nil
}

// setCancelAt takes both ways of asking for an end ahead, and undoes them. Asking sets canceled_at and the reason.
func (t *tx) setCancelAt(s *Subscription, at Opt[Instant], atPeriodEnd Opt[bool]) error {
	flag, flagged := atPeriodEnd.Get()
	instant, timed := at.Get()
	if timed && flag {
		return invalid("", "parameters_exclusive", "You may only specify one of these parameters: cancel_at, cancel_at_period_end.")
	}
	switch {
	case timed:
		end, err := t.cancelTime(s, instant)
		if err != nil {
			return err
		}
		s.CancelAt, s.CancelAtPeriodEnd = end, false
		s.cutTrial(t.now)
	case flag:
		if s.CancelAtPeriodEnd {
			return nil
		}
		s.CancelAt, s.CancelAtPeriodEnd = s.periodEnd(), true
	case at.Cleared() || flagged && s.CancelAtPeriodEnd:
		s.CancelAt, s.CancelAtPeriodEnd, s.CanceledAt, s.CancellationDetails.Reason = 0, false, 0, ""
		return nil
	default:
		return nil
	}
	s.CanceledAt, s.CancellationDetails.Reason = t.now, "cancellation_requested"
	return nil
}

// cutTrial lets a trial of classic mode end with its subscription; in flexible mode the trial's own end stays.
func (s *Subscription) cutTrial(now int64) {
	if s.BillingMode.Type != ModeClassic || s.TrialEnd <= now || s.CancelAt >= s.TrialEnd {
		return
	}
	s.TrialEnd, s.BillingCycleAnchor = s.CancelAt, s.CancelAt
	for _, item := range s.Items {
		item.CurrentPeriodEnd = min(item.CurrentPeriodEnd, s.CancelAt)
	}
}

func (t *tx) cancelTime(s *Subscription, at Instant) (int64, error) {
	switch at.Word {
	case "":
		if at.Unix <= t.now {
			return 0, invalid("cancel_at", "", "`cancel_at` must be a Unix timestamp in the future.")
		}
		return at.Unix, nil
	case "min_period_end":
		return s.periodEnd(), nil
	case "max_period_end":
		return s.latestEnd(), nil
	}
	return 0, invalid("cancel_at", "", "Invalid cancel_at: must be a Unix timestamp, min_period_end or max_period_end")
}

// pricedItem is an invoice item for a quantity of a one-time price. Such items are described by the product's name alone.
func (t *tx) pricedItem(customer string, price *Price, currency string, quantity int64) *InvoiceItem {
	p := tariffOf(price, currency)
	return &InvoiceItem{
		ID: t.long("ii_"), Created: t.now, Date: t.now, Customer: customer, Amount: p.total(quantity), Currency: currency,
		Description: must[Product](t, price.Product).Name, Discountable: true, Period: Period{t.now, t.now}, Price: price.ID,
		Product: price.Product, UnitAmount: &p.Unit, Quantity: quantity,
	}
}

// debitOf is what an item costs for a whole period, of which it may take only a part.
func (t *tx) debitOf(s *Subscription, item *SubscriptionItem, period Period) Debit {
	var reductions []Reduction
	full, percent := t.folded(s, item, false, &reductions)
	debit := Debit{Price: item.Price, Quantity: item.quantity(), Full: full, PercentOff: percent, TaxRates: s.rated(item), Period: period}
	debit.itemize(s, DecimalOf(t.ahead(s, item)), reductions)
	if item.CurrentPeriodEnd < period.End {
		debit.Until = item.CurrentPeriodEnd
	}
	return debit
}

// subscriptionAtPath finds the subscription that a route names, and moves to its time line.
func (t *tx) subscriptionAtPath(id, param string) (*Subscription, error) {
	s, ok := Get[Subscription](t.world, id)
	if !ok {
		return nil, NotFound("subscription", id, param)
	}
	return s, t.enter(s.TestClock)
}
