package engine

import "slices"

// What a customer does on the portal's pages and on the hosted invoice page.

// visit finds a portal session that is not over, and moves to its customer's time line.
func (t *tx) visit(id string) (*PortalSession, *Customer, PortalFeatures, error) {
	s, ok := Get[PortalSession](t.world, id)
	if !ok {
		return nil, nil, PortalFeatures{}, NotFound("billing_portal.session", id, "session")
	}
	if t.now >= s.ExpiresAt {
		return nil, nil, PortalFeatures{}, invalid("", "", "This portal session has expired.")
	}
	features := must[PortalConfiguration](t, s.Configuration).Features
	cus, err := t.enterCustomer(s.Customer, "customer")
	return s, cus, features, err
}

func featureOff(name string) *Error {
	return invalid("", "", "The feature %s is disabled in the portal configuration.", name)
}

// PortalAddCard saves a card on the portal. It becomes the customer's default, and that of the live subscriptions that had one of their own.
type PortalAddCard struct {
	Session string    `form:"-"`
	Card    CardEntry `form:"card"`
}

// PortalOutcome is where the page goes next: to a challenge, or on with the saved card.
type PortalOutcome struct {
	PaymentMethod  *PaymentMethod
	RequiresAction bool
	Challenge      string
}

func (c PortalAddCard) apply(t *tx) (Result, error) {
	s, cus, features, err := t.visit(c.Session)
	if err != nil {
		return nil, err
	}
	if !features.PaymentMethodUpdate {
		return nil, featureOff("payment_method_update")
	}
	pm, err := t.newMethod(c.Card.data(cus.Email), "")
	if err != nil {
		return nil, err
	}
	si := t.storeSetup(&SetupIntent{
		Status: RequiresPaymentMethod, Customer: cus.ID, TestClock: cus.TestClock, Usage: "off_session", PaymentMethodTypes: byCard,
		PortalSession: s.ID,
	})
	si, refused := t.trySetup(si, pm, onSession, "")
	if refused != nil {
		return nil, refused
	}
	if si.Status == RequiresAction {
		return &PortalOutcome{RequiresAction: true, Challenge: si.ID}, nil
	}
	pm = must[PaymentMethod](t, pm.ID)
	t.adoptCard(pm)
	return &PortalOutcome{PaymentMethod: pm}, nil
}

// adoptCard makes a card the one that everything of its customer is charged to.
func (t *tx) adoptCard(pm *PaymentMethod) {
	t.setDefaultMethod(must[Customer](t, pm.Customer), pm.ID)
	for _, sub := range t.world.tables.subscriptions.all("customer", pm.Customer) {
		if sub.live() && sub.DefaultPaymentMethod != "" {
			t.setSubscriptionMethod(sub, pm.ID)
		}
	}
}

// PortalSetDefault makes a saved card the default, as PortalAddCard does with a new one.
type PortalSetDefault struct {
	Session       string `form:"-"`
	PaymentMethod string `form:"payment_method"`
}

func (c PortalSetDefault) apply(t *tx) (Result, error) {
	pm, err := t.portalCard(c.Session, c.PaymentMethod)
	if err != nil {
		return nil, err
	}
	t.adoptCard(pm)
	return pm, nil
}

// PortalRemoveCard takes a saved card away.
type PortalRemoveCard struct {
	Session       string `form:"-"`
	PaymentMethod string `form:"payment_method"`
}

func (c PortalRemoveCard) apply(t *tx) (Result, error) {
	pm, err := t.portalCard(c.Session, c.PaymentMethod)
	if err != nil {
		return nil, err
	}
	return t.detach(pm), nil
}

// portalCard finds a card of the session's customer.
func (t *tx) portalCard(session, id string) (*PaymentMethod, error) {
	_, cus, features, err := t.visit(session)
	if err != nil {
		return nil, err
	}
	if !features.PaymentMethodUpdate {
		return nil, featureOff("payment_method_update")
	}
	pm, ok := Get[PaymentMethod](t.world, id)
	if !ok || pm.Customer != cus.ID {
		return nil, noSuchParam("PaymentMethod", id, "payment_method")
	}
	return pm, nil
}

// PortalCancel ends a subscription as the configuration says: at the period's end, or at once.
type PortalCancel struct {
	Session      string `form:"-"`
	Subscription string `form:"subscription"`
	Feedback     string `form:"feedback"`
	Comment      string `form:"comment"`
}

func (c PortalCancel) apply(t *tx) (Result, error) {
	sub, features, err := t.portalSubscription(c.Session, c.Subscription)
	if err != nil {
		return nil, err
	}
	feature := features.SubscriptionCancel
	if !feature.Enabled {
		return nil, featureOff("subscription_cancel")
	}
	details := CancellationParams{}
	if c.Feedback != "" {
		if !feature.ReasonEnabled || !slices.Contains(feature.ReasonOptions, c.Feedback) {
			return nil, invalid("feedback", "", "The portal does not offer the cancellation reason %s.", c.Feedback)
		}
		details.Feedback = Some(c.Feedback)
	}
	if c.Comment != "" {
		details.Comment = Some(c.Comment)
	}
	if feature.Mode == "immediately" {
		return CancelSubscription{
			ID: sub.ID, CancellationDetails: Some(details), Prorate: Some(feature.ProrationBehavior != NoProrations),
			InvoiceNow: Some(feature.ProrationBehavior == AlwaysInvoice),
		}.apply(t)
	}
	if sub.CancelAt != 0 {
		return nil, invalid("", "", "The subscription %s is already set to be canceled.", sub.ID)
	}
	update := UpdateSubscription{ID: sub.ID, CancellationDetails: Some(details)}
	if sub.BillingMode.Type == ModeFlexible { // the portal names the day there: periods that move afterwards do not move it
		update.CancelAt = Some(Instant{Word: "max_period_end"})
	} else {
		update.CancelAtPeriodEnd = Some(true)
	}
	return update.apply(t)
}

// portalSubscription finds a live subscription of the session's customer.
func (t *tx) portalSubscription(session, id string) (*Subscription, PortalFeatures, error) {
	_, cus, features, err := t.visit(session)
	if err != nil {
		return nil, features, err
	}
	sub, ok := Get[Subscription](t.world, id)
	if !ok || sub.Customer != cus.ID || !sub.live() {
		return nil, features, noSuchParam("subscription", id, "subscription")
	}
	return sub, features, nil
}

// PortalResume takes back a cancellation that has not happened yet.
type PortalResume struct {
	Session      string `form:"-"`
	Subscription string `form:"subscription"`
}

func (c PortalResume) apply(t *tx) (Result, error) {
	sub, features, err := t.portalSubscription(c.Session, c.Subscription)
	if err != nil {
		return nil, err
	}
	if !features.SubscriptionCancel.Enabled {
		return nil, featureOff("subscription_cancel")
	}
	if !sub.CancelAtPeriodEnd && sub.CancelAt == 0 {
		return nil, invalid("", "", "The subscription %s is not set to be canceled.", sub.ID)
	}
	update := UpdateSubscription{ID: sub.ID}
	update.CancelAtPeriodEnd = Some(false)
	if !sub.CancelAtPeriodEnd {
		update.CancelAtPeriodEnd, update.CancelAt = Opt[bool]{}, Clear[Instant]()
	}
	return update.apply(t)
}

// PayHostedInvoice pays an open invoice on its hosted page, with a new card or a saved one of its customer. A subscription goes on with the
// card that paid for it.
type PayHostedInvoice struct {
	Invoice       string    `form:"-"`
	Card          CardEntry `form:"card"`
	PaymentMethod string    `form:"payment_method"`
}

// InvoiceOutcome is where the page goes next: to a challenge, or on with the paid invoice.
type InvoiceOutcome struct {
	Invoice        *Invoice
	RequiresAction bool
	Challenge      string
}

func (c PayHostedInvoice) apply(t *tx) (Result, error) {
	inv, ok := Get[Invoice](t.world, c.Invoice)
	if !ok {
		return nil, NotFound("invoice", c.Invoice, "invoice")
	}
	if inv.Status != InvoiceOpen && inv.Status != InvoiceUncollectible {
		return nil, invalid("", "", "This invoice cannot be paid: its status is %s.", inv.Status)
	}
	cus, err := t.enterCustomer(inv.Customer, "customer")
	if err != nil {
		return nil, err
	}
	pm, err := t.hostedMethod(c, cus)
	if err != nil {
		return nil, err
	}
	pi := *must[PaymentIntent](t, inv.PaymentIntent)
	pi.HostedInvoice = true
	put(t, &pi)
	p := t.confirm(&pi, pm, onSession)
	t.follow(p)
	if p.err != nil {
		return nil, p.err
	}
	out := &InvoiceOutcome{Invoice: must[Invoice](t, inv.ID), RequiresAction: p.needsAction}
	if p.needsAction {
		out.Challenge = p.intent.ID
	}
	return out, nil
}

func (t *tx) hostedMethod(c PayHostedInvoice, cus *Customer) (*PaymentMethod, error) {
	if c.PaymentMethod == "" {
		return t.newMethod(c.Card.data(cus.Email), "")
	}
	pm, ok := Get[PaymentMethod](t.world, c.PaymentMethod)
	if !ok || pm.Customer != cus.ID {
		return nil, noSuchParam("PaymentMethod", c.PaymentMethod, "payment_method")
	}
	return pm, nil
}

var _ = register(PortalAddCard{}, PortalSetDefault{}, PortalRemoveCard{}, PortalCancel{}, PortalResume{}, PayHostedInvoice{})
