package engine

// The hosted Checkout page: what happens when the payer presses the button, and when the session ends.

// CardEntry is a card as a payer types it into a hosted page.
type CardEntry struct {
	Number     string `form:"number"`
	ExpMonth   int64  `form:"exp_month"`
	ExpYear    int64  `form:"exp_year"`
	CVC        string `form:"cvc"`
	Name       string `form:"name"`
	PostalCode string `form:"postal_code"`
	Country    string `form:"country"`
}

// data is the entry as the API takes it.
func (e CardEntry) data(email string) PaymentMethodData {
	details := BillingDetailsParam{Email: Some(email), Name: Some(e.Name)}
	if e.PostalCode != "" || e.Country != "" {
		details.Address = Some(Address{PostalCode: e.PostalCode, Country: e.Country})
	}
	return PaymentMethodData{
		Type: Some("card"), BillingDetails: Some(details),
		Card: Some(CardInput{Number: Some(e.Number), ExpMonth: Some(e.ExpMonth), ExpYear: Some(e.ExpYear), CVC: Some(e.CVC)}),
	}
}

// SubmitCheckout is the button of the hosted Checkout page. A card the bank refuses is an *Error; the session stays open for another try.
type SubmitCheckout struct {
	Session       string    `form:"-"`
	Email         string    `form:"email"`
	Card          CardEntry `form:"card"`
	PaymentMethod string    `form:"payment_method"` // a saved card of the session's customer, instead of Card
	CheckoutAnswers
}

// CheckoutOutcome is where the page goes next: to a challenge, or to the success URL.
type CheckoutOutcome struct {
	Session        *CheckoutSession
	RequiresAction bool
	Challenge      string // the intent that waits for the payer
}

func (c SubmitCheckout) apply(t *tx) (Result, error) {
	s, err := t.openCheckout(c.Session)
	if err != nil {
		return nil, err
	}
	next := *s
	details := t.knownPayer(s)
	if details.Email == "" {
		if !emailLike(c.Email) {
			return nil, invalid("email", "email_invalid", "Invalid email address: %s", c.Email)
		}
		details.Email = c.Email
	}
	if c.Card.Name != "" && details.Name == "" {
		details.Name = c.Card.Name
	}
	next.CustomerDetails = &details
	if err := c.take(&next); err != nil {
		return nil, err
	}
	stored := next // what is stored is not written to: its index would keep the customer that it had
	put(t, &stored)
	if !next.needsMethod() {
		return t.completeCheckout(&next, nil, onSession)
	}
	pm, err := c.method(t, &next)
	if err != nil {
		return nil, err
	}
	return t.tryCheckout(&next, pm)
}

// openCheckout finds a session that can still be paid, and moves to its time line.
func (t *tx) openCheckout(id string) (*CheckoutSession, error) {
	s, ok := Get[CheckoutSession](t.world, id)
	if !ok {
		return nil, NotFound("checkout.session", id, "session")
	}
	if s.Status != SessionOpen {
		return nil, invalid("", "", "This Checkout Session is no longer open: its status is %s.", s.Status)
	}
	return s, t.enter(s.TestClock)
}

// knownPayer is what the session's customer or the application has told about the payer.
func (t *tx) knownPayer(s *CheckoutSession) CheckoutDetails {
	if cus, ok := Get[Customer](t.world, s.Customer); ok {
		return CheckoutDetails{
			Email: cus.Email, Name: cus.Name, Phone: cus.Phone, Address: cus.Address, BusinessName: cus.BusinessName, IndividualName: cus.IndividualName,
		}
	}
	return CheckoutDetails{Email: s.CustomerEmail}
}

// needsMethod says whether the page asks for a card at all.
func (s *CheckoutSession) needsMethod() bool {
	return s.Mode == ModeSetup || s.AmountTotal > 0 || s.PaymentMethodCollection == CollectAlways
}

func (c SubmitCheckout) method(t *tx, s *CheckoutSession) (*PaymentMethod, error) {
	if c.PaymentMethod != "" {
		pm, ok := Get[PaymentMethod](t.world, c.PaymentMethod)
		if !ok || pm.Customer == "" || pm.Customer != s.Customer {
			return nil, noSuchParam("PaymentMethod", c.PaymentMethod, "payment_method")
		}
		return pm, nil
	}
	data := c.Card.data(s.CustomerDetails.Email)
	if s.AllowRedisplay != "" {
		data.AllowRedisplay = Some(s.AllowRedisplay)
	}
	return t.newMethod(data, "")
}

// tryCheckout asks the bank, and completes the session when it agrees at once.
func (t *tx) tryCheckout(s *CheckoutSession, pm *PaymentMethod) (Result, error) {
	if s.Mode == ModeSetup || s.AmountTotal == 0 {
		si, refused := t.trySetup(t.checkoutSetup(s), pm, onSession, "")
		if refused == nil && si.Status == IntentSucceeded {
			return t.completeCheckout(s, must[PaymentMethod](t, pm.ID), onSession)
		}
		return t.pending(s, si.ID, pm, refused)
	}
	if s.Mode == ModePayment {
		if err := t.checkoutCustomer(s); err != nil {
			return nil, err
		}
		p := t.confirm(t.checkoutIntent(s), pm, onSession)
		s.PendingIntent = p.intent.ID
		if p.paid {
			return t.completeCheckout(s, pm, onSession)
		}
		return t.pending(s, p.intent.ID, pm, p.err)
	}
	// The money of a subscription is taken by its first invoice, so here the bank is only asked whether it would agree.
	if pm.Card.asks(onSession, true) {
		return t.pending(s, t.challenge(t.checkoutIntent(s), pm).intent.ID, pm, nil)
	}
	if code := t.declineOf(pm); code != "" {
		p := t.decline(t.checkoutIntent(s), pm, code)
		return t.pending(s, p.intent.ID, pm, p.err)
	}
	return t.completeCheckout(s, pm, onSession)
}

// pending keeps the intent of a session that is not complete: it waits for the payer, or for another try after a refusal.
func (t *tx) pending(s *CheckoutSession, intent string, pm *PaymentMethod, refused *Error) (Result, error) {
	next := *s
	next.PendingIntent, next.PendingMethod = intent, pm.ID
	put(t, &next)
	if refused != nil {
		return nil, refused
	}
	return &CheckoutOutcome{Session: &next, RequiresAction: true, Challenge: intent}, nil
}

// checkoutIntent is the session's PaymentIntent, made at the first try.
func (t *tx) checkoutIntent(s *CheckoutSession) *PaymentIntent {
	if pi, ok := Get[PaymentIntent](t.world, s.PendingIntent); ok {
		return pi
	}
	d := s.PaymentData
	pi := &PaymentIntent{
		ID: t.payment("pi_", ""), Created: t.now, TestClock: s.TestClock, Status: RequiresPaymentMethod, Amount: s.AmountTotal,
		Currency: s.Currency, Customer: s.Customer, CaptureMethod: captureAsync, ConfirmationMethod: "automatic",
		PaymentMethodTypes: byCard, Description: d.Description, ReceiptEmail: d.ReceiptEmail, SetupFutureUsage: d.SetupFutureUsage,
		StatementDescriptor: d.StatementDescriptor, CheckoutSession: s.ID, Metadata: d.Metadata,
		Shipping: d.Shipping,
	}
	if d.CaptureMethod != "" {
		pi.CaptureMethod = d.CaptureMethod
	}
	if s.Mode == ModeSubscription {
		pi.CaptureMethod, pi.SetupFutureUsage, pi.Description = "automatic", "off_session", "Subscription creation"
	}
	pi.ClientSecret = t.secret(pi.ID, 25)
	return create(t, "payment_intent.created", pi)
}

// checkoutSetup is the session's SetupIntent: there from the start in setup mode, made at the first try for a trial.
func (t *tx) checkoutSetup(s *CheckoutSession) *SetupIntent {
	for _, id := range []string{s.SetupIntent, s.PendingIntent} {
		if si, ok := Get[SetupIntent](t.world, id); ok {
			return si
		}
	}
	return t.storeSetup(&SetupIntent{
		Status: RequiresPaymentMethod, Customer: s.Customer, TestClock: s.TestClock, Usage: "off_session", PaymentMethodTypes: byCard,
		CheckoutSession: s.ID,
	})
}

// storyCheckout is the order of events after a payment through Checkout (chapter 7.6 A).
var storyCheckout = []string{
	"setup_intent.created", "charge.succeeded", "payment_method.attached", "setup_intent.succeeded", "customer.created", "customer.updated", "customer.tax_id.created",
	"checkout.session.completed", "customer.subscription.created", "payment_intent.created", "payment_intent.succeeded",
	"payment_intent.amount_capturable_updated", "invoiceitem.created",
	"invoice.created", "invoice.finalized", "invoice.updated", "invoice.paid", "invoice.payment_succeeded", "invoice_payment.paid",
	"payment_link.updated",
}

// storyCheckoutFree is the same when the first invoice has nothing to pay, as in a trial (chapter 14.11).
var storyCheckoutFree = []string{
	"setup_intent.created", "payment_method.attached", "setup_intent.succeeded", "customer.created", "customer.updated", "customer.tax_id.created",
	"checkout.session.completed", "customer.subscription.created", "invoiceitem.created", "invoice.created", "invoice.updated",
	"invoice.finalized", "invoice.paid", "invoice.payment_succeeded",
}

// completeCheckout ends a session whose payment stands, or for a subscription is about to be taken by its first invoice.
func (t *tx) completeCheckout(before *CheckoutSession, pm *PaymentMethod, who presence) (Result, error) {
	copied := *before
	s := &copied
	since := t.start.events // what the bank said belongs to the story
	if err := t.checkoutCustomer(s); err != nil {
		return nil, err
	}
	if err := t.tellCustomer(s); err != nil {
		return nil, err
	}
	if s.Mode == ModeSubscription {
		if err := t.checkoutSubscription(s, pm, who); err != nil {
			return nil, err
		}
	}
	if s.Mode == ModePayment && s.AmountTotal > 0 {
		s.PaymentIntent = s.PendingIntent
	}
	if s.Mode == ModePayment {
		if err := t.invoiceCheckout(s); err != nil {
			return nil, err
		}
		if s.Invoice == "" { // else it was redeemed by the invoice
			t.redeemCheckout(s)
		}
	}
	s.Status, s.PaymentStatus = SessionComplete, SessionPaid
	if s.AmountTotal == 0 || s.Mode == ModeSetup {
		s.PaymentStatus = NoPaymentRequired
	}
	if pi, ok := Get[PaymentIntent](t.world, s.PaymentIntent); ok && pi.Status == RequiresCapture {
		s.PaymentStatus = SessionUnpaid
	}
	s.PendingIntent, s.PendingMethod = "", ""
	put(t, s)
	t.retireInlinePrices(s)
	t.unschedule(timerCheckout, s.ID)
	t.emit("checkout.session.completed", s)
	t.countLink(s)
	story := storyCheckout
	if inv, ok := Get[Invoice](t.world, s.Invoice); ok && inv.PaymentIntent == "" {
		story = storyCheckoutFree
	}
	t.arrange(since, story)
	return &CheckoutOutcome{Session: s}, nil
}

// captured marks a session as paid whose money was only reserved when it was completed. Stripe documents no event for it: those that a
// session has tell of methods whose money takes days, and a capture by hand tells of itself.
func (t *tx) captured(session string) {
	s, ok := Get[CheckoutSession](t.world, session)
	if !ok || s.PaymentStatus != SessionUnpaid {
		return
	}
	next := *s
	next.PaymentStatus = SessionPaid
	put(t, &next)
}

// checkoutSubscription makes the subscription that was paid for, with the card as its own default.
func (t *tx) checkoutSubscription(s *CheckoutSession, pm *PaymentMethod, who presence) error {
	c := s.create()
	if pm != nil {
		pm = must[PaymentMethod](t, pm.ID)
		if who == authenticated {
			pm = t.markSetUp(pm, "off_session")
		}
		if pm.Customer == "" {
			pm = t.attachChecked(pm, s.Customer)
		}
		c.DefaultPaymentMethod = Some(pm.ID)
	}
	if _, ok := Get[PaymentIntent](t.world, s.PendingIntent); ok {
		t.adopted = s.PendingIntent
	}
	sub, err := t.createSubscription(c, who)
	if err != nil {
		return err
	}
	if t.adopted != "" { // the customer's credit covered it all
		t.cancelIntent(must[PaymentIntent](t, t.adopted), "automatic")
		t.adopted = ""
	}
	s.Subscription, s.Invoice = sub.ID, sub.LatestInvoice
	return nil
}

// retireInlinePrices ends the use of the prices that were made for this session only.
func (t *tx) retireInlinePrices(s *CheckoutSession) {
	if s.PaymentLink != "" { // its prices are the link's
		return
	}
	for _, line := range s.Lines {
		if price := must[Price](t, line.Price); price.Inline && price.Active {
			retired := *price
			retired.Active = false
			put(t, &retired)
		}
	}
}

// expireCheckout closes a session that nobody completed in time.
func (t *tx) expireCheckout(id string) {
	if s, ok := Get[CheckoutSession](t.world, id); ok && s.Status == SessionOpen {
		t.closeCheckout(s)
	}
}

func (t *tx) closeCheckout(s *CheckoutSession) *CheckoutSession {
	next := *s
	next.Status, next.PendingIntent, next.PendingMethod = SessionExpired, "", ""
	t.recoverable(&next)
	if pi, ok := Get[PaymentIntent](t.world, s.PendingIntent); ok && open(pi.Status) {
		t.cancelIntent(pi, "abandoned")
	}
	put(t, &next)
	t.retireInlinePrices(&next)
	t.unschedule(timerCheckout, s.ID)
	t.emit("checkout.session.expired", &next)
	return &next
}

// ExpireCheckoutSession is POST /v1/checkout/sessions/{id}/expire.
type ExpireCheckoutSession struct {
	ID string `form:"-"`
}

func (c ExpireCheckoutSession) apply(t *tx) (Result, error) {
	s, ok := Get[CheckoutSession](t.world, c.ID)
	if !ok {
		return nil, NotFound("checkout.session", c.ID, "session")
	}
	if s.Status != SessionOpen {
		return nil, invalid("", "", "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of `%s`.", s.Status)
	}
	if err := t.enter(s.TestClock); err != nil {
		return nil, err
	}
	return t.closeCheckout(s), nil
}

// UpdateCheckoutSession is POST /v1/checkout/sessions/{id}.
type UpdateCheckoutSession struct {
	ID       string                 `form:"-"`
	Metadata Opt[map[string]string] `form:"metadata"`
}

func (c UpdateCheckoutSession) apply(t *tx) (Result, error) {
	s, ok := Get[CheckoutSession](t.world, c.ID)
	if !ok {
		return nil, NotFound("checkout.session", c.ID, "session")
	}
	next := *s
	next.Metadata = mergeMetadata(s.Metadata, c.Metadata)
	put(t, &next)
	return &next, nil
}

// ListCheckoutSessions is GET /v1/checkout/sessions.
type ListCheckoutSessions struct {
	Page
	Created         Range               `form:"created"`
	Customer        Opt[string]         `form:"customer"`
	CustomerDetails Opt[CheckoutFilter] `form:"customer_details"`
	PaymentIntent   Opt[string]         `form:"payment_intent"`
	PaymentLink     Opt[string]         `form:"payment_link"`
	Status          Opt[string]         `form:"status"`
	Subscription    Opt[string]         `form:"subscription"`
}

// CheckoutFilter selects sessions by their payer.
type CheckoutFilter struct {
	Email Opt[string] `form:"email"`
}

func (q ListCheckoutSessions) run(w *World) (*Listing, error) {
	s := selection[CheckoutSession]{index: "clock", cursorName: "checkout.session"}
	switch {
	case q.PaymentIntent.Given():
		s.index, s.value = "payment_intent", q.PaymentIntent.Or("")
	case q.PaymentLink.Given():
		s.index, s.value = "payment_link", q.PaymentLink.Or("")
	case q.Subscription.Given():
		s.index, s.value = "subscription", q.Subscription.Or("")
	case q.Customer.Given():
		s.index, s.value = "customer", q.Customer.Or("")
	}
	s.keep = func(c *CheckoutSession) bool {
		email := ""
		if c.CustomerDetails != nil {
			email = c.CustomerDetails.Email
		}
		return q.Created.holds(c.Created) && q.Customer.Or(c.Customer) == c.Customer && q.Status.Or(c.Status) == c.Status &&
			q.PaymentIntent.Or(c.PaymentIntent) == c.PaymentIntent && q.Subscription.Or(c.Subscription) == c.Subscription &&
			q.PaymentLink.Or(c.PaymentLink) == c.PaymentLink &&
			q.CustomerDetails.Or(CheckoutFilter{}).Email.Or(email) == email
	}
	return list(w, q.Page, s)
}

// ListCheckoutLines is GET /v1/checkout/sessions/{id}/line_items.
type ListCheckoutLines struct {
	Page
	Session string `form:"-"`
}

func (q ListCheckoutLines) run(w *World) (*Listing, error) {
	s, ok := Get[CheckoutSession](w, q.Session)
	if !ok {
		return nil, NotFound("checkout.session", q.Session, "session")
	}
	return listEmbedded(q.Page, s.Lines, "item", func(l *CheckoutLine) string { return l.ID })
}

var _ = register(CreateCheckoutSession{}, SubmitCheckout{}, ExpireCheckoutSession{}, UpdateCheckoutSession{})
