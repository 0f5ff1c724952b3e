package engine

import (
	"strings"
	"time"
)

// CardInput is a card as somebody enters it: a number, or the name of a test token.
type CardInput struct {
	Token    Opt[string] `form:"token"`
	Number   Opt[string] `form:"number"`
	ExpMonth Opt[int64]  `form:"exp_month"`
	ExpYear  Opt[int64]  `form:"exp_year"`
	CVC      Opt[string] `form:"cvc"`
}

// PaymentMethodData describes a payment method that is made on the fly.
type PaymentMethodData struct {
	Type           Opt[string]              `form:"type"`
	AllowRedisplay Opt[string]              `form:"allow_redisplay"`
	BillingDetails Opt[BillingDetailsParam] `form:"billing_details"`
	Card           Opt[CardInput]           `form:"card"`
	Metadata       Opt[map[string]string]   `form:"metadata"`
}

// BillingDetailsParam are the payer's details; each may be unset.
type BillingDetailsParam struct {
	Address Opt[Address] `form:"address"`
	Email   Opt[string]  `form:"email"`
	Name    Opt[string]  `form:"name"`
	Phone   Opt[string]  `form:"phone"`
}

func (p BillingDetailsParam) fill(b *BillingDetails) {
	p.Address.Set(&b.Address)
	p.Email.Set(&b.Email)
	p.Name.Set(&b.Name)
	p.Phone.Set(&b.Phone)
}

// CreatePaymentMethod is POST /v1/payment_methods.
type CreatePaymentMethod struct {
	PaymentMethodData
}

func (c CreatePaymentMethod) apply(t *tx) (Result, error) {
	pm, err := t.newMethod(c.PaymentMethodData, "")
	if err != nil {
		return nil, err
	}
	return pm, nil
}

// newMethod makes and stores a payment method; that alone has no event. Errors name parameters inside prefix.
func (t *tx) newMethod(d PaymentMethodData, prefix string) (*PaymentMethod, error) {
	kind, ok := d.Type.Get()
	if !ok {
		return nil, required(nested(prefix, "type"))
	}
	if kind != "card" {
		return nil, invalid(nested(prefix, "type"), "", "This emulator serves payment methods of type card only, got %s.", kind)
	}
	input, ok := d.Card.Get()
	if !ok {
		return nil, required(nested(prefix, "card"))
	}
	pm := &PaymentMethod{
		Created: t.now, Type: kind, Redisplay: d.AllowRedisplay.Or("unspecified"), Metadata: mergeMetadata(nil, d.Metadata),
	}
	var err error
	if pm.Card, pm.BillingDetails, err = t.enteredCard(input, nested(prefix, "card")); err != nil {
		return nil, err
	}
	pm.ID = t.long("pm_")
	d.BillingDetails.Or(BillingDetailsParam{}).fill(&pm.BillingDetails)
	put(t, pm)
	return pm, nil
}

// enteredCard is the card of a token, with what the token knows of its holder, or the one that was entered.
func (t *tx) enteredCard(in CardInput, param string) (Card, BillingDetails, error) {
	token, ok := in.Token.Get()
	if !ok {
		card, err := t.readCard(in, param)
		return card, BillingDetails{}, err
	}
	s, err := t.spend(token, nested(param, "token"))
	if err != nil {
		return Card{}, BillingDetails{}, err
	}
	if s.Card == nil {
		return Card{}, BillingDetails{}, invalid(nested(param, "token"), "", "The token %s stands for a bank account, not for a card.", token)
	}
	return s.Card.Card, s.Card.BillingDetails, nil
}

// readCard turns what was entered into a card. Anything that is no test card is declined: a success for an unknown number would be a lie.
func (t *tx) readCard(in CardInput, param string) (Card, error) {
	number, ok := in.Number.Get()
	if !ok {
		return Card{}, required(nested(param, "number"))
	}
	number = bareNumber(number)
	if len(number) < 12 || len(number) > 19 || strings.Trim(number, "0123456789") != "" {
		return Card{}, badCard("invalid_number", "number", "Your card number is not a valid credit card number.")
	}
	if !luhn(number) {
		return Card{}, cardError("incorrect_number")
	}
	row, known := cardsByNumber[number]
	if !known {
		return Card{}, cardError("test_mode_live_card")
	}
	card := row.card(t.world)
	return card, t.checkEntry(in, param, &card)
}

// checkEntry checks what was entered beside the number, and notes it on the card.
func (t *tx) checkEntry(in CardInput, param string, card *Card) error {
	month, ok := in.ExpMonth.Get()
	if !ok {
		return required(nested(param, "exp_month"))
	}
	year, ok := in.ExpYear.Get()
	if !ok {
		return required(nested(param, "exp_year"))
	}
	if month < 1 || month > 12 {
		return badCard("invalid_expiry_month", "exp_month", "Your card's expiration month is invalid.")
	}
	now := time.Unix(t.now, 0).UTC()
	thisYear := int64(now.Year())
	if year >= 0 && year < 100 { // two digits mean a year up to fifty years back or ahead
		if year += 2000; year > thisYear+50 {
			year -= 100
		}
	}
	if year < thisYear || year > thisYear+50 {
		return badCard("invalid_expiry_year", "exp_year", "Your card's expiration year is invalid.")
	}
	if year == thisYear && month < int64(now.Month()) {
		return badCard("invalid_expiry_month", "exp_month", "Your card's expiration month is invalid.")
	}
	card.ExpMonth, card.ExpYear = month, year
	cvc, given := in.CVC.Get()
	if !given {
		card.CVCCheck = ""
		return nil
	}
	if strings.Trim(cvc, "0123456789") != "" || len(cvc) != 3 && (len(cvc) != 4 || card.Brand != "amex") {
		return badCard("invalid_cvc", "cvc", "Your card's security code is invalid.")
	}
	return nil
}

// nextYear gives a card from a token its expiry: the same month of the next year.
func (t *tx) nextYear(card Card) Card {
	now := time.Unix(t.now, 0).UTC()
	card.ExpMonth, card.ExpYear = int64(now.Month()), int64(now.Year())+1
	return card
}

// luhn checks the last digit of a card number.
func luhn(number string) bool {
	sum := 0
	for i := range len(number) {
		digit := int(number[len(number)-1-i] - '0')
		if i%2 == 1 {
			if digit *= 2; digit > 9 {
				digit -= 9
			}
		}
		sum += digit
	}
	return sum%10 == 0
}

// method finds a payment method that a parameter names. A magic id such as pm_card_visa makes a fresh one with each use.
func (t *tx) method(id, param string) (*PaymentMethod, error) {
	if pm, ok := Get[PaymentMethod](t.world, id); ok {
		return pm, nil
	}
	name, magic := strings.CutPrefix(id, "pm_card_")
	name, wallet := cutWallet(name)
	row, known := cardsByName[name]
	if !magic || !known {
		return nil, noSuchParam("PaymentMethod", id, param)
	}
	pm := &PaymentMethod{ID: t.long("pm_"), Created: t.now, Type: "card", Card: t.nextYear(row.card(t.world)), Redisplay: "unspecified"}
	pm.Card.Wallet = wallet
	put(t, pm)
	return pm, nil
}

// cutWallet takes the wallet off the name of a magic id: pm_card_visa_apple_pay is pm_card_visa in Apple Pay. These ids are the emulator's own,
// for at Stripe a wallet's card needs the wallet.
func cutWallet(name string) (card, wallet string) {
	for _, wallet := range []string{"apple_pay", "google_pay"} {
		if card, has := strings.CutSuffix(name, "_"+wallet); has {
			return card, wallet
		}
	}
	return name, ""
}

// spentMessage refuses a payment method that can be used no more.
const spentMessage = "This PaymentMethod was previously used without being attached to a Customer or was detached from a Customer, and may not be used again."

// attach saves a payment method for a customer, after the check that a bank makes on saving.
func (t *tx) attach(id string, cus *Customer, param string) (*PaymentMethod, error) {
	pm, err := t.method(id, param)
	if err != nil {
		return nil, err
	}
	return t.attachMethod(pm, cus)
}

func (t *tx) attachMethod(pm *PaymentMethod, cus *Customer) (*PaymentMethod, error) {
	if pm.Customer == cus.ID {
		return pm, nil
	}
	if pm.Customer != "" {
		return nil, invalid("", "", "The payment method you provided has already been attached to a customer.")
	}
	if pm.Detached {
		return nil, invalid("", "", spentMessage)
	}
	if decline := pm.Card.declineOnSaving(); decline != "" {
		e := cardError(decline)
		e.EmptyParam = e.Param == ""
		return nil, e
	}
	return t.attachChecked(pm, cus.ID), nil
}

// attachChecked saves a payment method that a bank has accepted.
func (t *tx) attachChecked(pm *PaymentMethod, customer string) *PaymentMethod {
	next := *pm
	next.Customer = customer
	next.Card = checked(next.Card, next.BillingDetails)
	put(t, &next)
	t.emit("payment_method.attached", &next)
	t.awaitExpiry(&next)
	return &next
}

// checked is a card after the bank compared its security code and address.
func checked(card Card, details BillingDetails) Card {
	row := cardsByBehavior[card.Behavior]
	result := func(found string, given bool) string {
		if !given {
			return ""
		}
		if found == "" {
			return "pass"
		}
		return found
	}
	card.CVCCheck = result(row.cvc, card.CVCCheck != "")
	card.Line1Check = result(row.line1, details.Address.Line1 != "")
	card.PostalCheck = result(row.postal, details.Address.PostalCode != "")
	return card
}

// checkedCard is the card as a charge finds it: the payment method's own when its checks are known already, as at every renewal.
func (pm *PaymentMethod) checkedCard() *Card {
	card := checked(pm.Card, pm.BillingDetails)
	if pm.Card.checkedAs(&card) {
		return &pm.Card
	}
	found := card // so that the usual answer costs no memory
	return &found
}

// methodAtPath finds the payment method that a route names, and moves to the time line of its customer.
func (t *tx) methodAtPath(id string) (*PaymentMethod, error) {
	pm, err := t.method(id, "payment_method")
	if err != nil {
		return nil, NotFound("PaymentMethod", id, "payment_method")
	}
	if pm.Customer == "" {
		return pm, nil
	}
	return pm, t.enter(must[Customer](t, pm.Customer).TestClock)
}

// AttachPaymentMethod is POST /v1/payment_methods/{id}/attach.
type AttachPaymentMethod struct {
	ID       string      `form:"-"`
	Customer Opt[string] `form:"customer"`
}

func (c AttachPaymentMethod) apply(t *tx) (Result, error) {
	pm, err := t.method(c.ID, "payment_method")
	if err != nil {
		return nil, NotFound("PaymentMethod", c.ID, "payment_method")
	}
	id, ok := c.Customer.Get()
	if !ok {
		return nil, required("customer")
	}
	cus, err := t.enterCustomer(id, "customer")
	if err != nil {
		return nil, err
	}
	pm, err = t.attachMethod(pm, cus)
	if err != nil {
		return nil, err
	}
	return pm, nil
}

// DetachPaymentMethod is POST /v1/payment_methods/{id}/detach; the card can never be attached again.
type DetachPaymentMethod struct {
	ID string `form:"-"`
}

func (c DetachPaymentMethod) apply(t *tx) (Result, error) {
	pm, err := t.methodAtPath(c.ID)
	if err != nil {
		return nil, err
	}
	if pm.Customer == "" {
		return nil, invalid("", "", "The payment method you provided is not attached to a customer so detachment is impossible.")
	}
	return t.detach(pm), nil
}

// detach takes a card from its customer and from everything that had it as the default.
func (t *tx) detach(pm *PaymentMethod) *PaymentMethod {
	cus := must[Customer](t, pm.Customer)
	next := t.release(pm)
	if cus.InvoiceSettings.DefaultPaymentMethod == pm.ID {
		t.setDefaultMethod(cus, "")
	}
	if pm.Legacy() {
		t.dropSource(pm)
	}
	for _, sub := range t.world.tables.subscriptions.all("customer", cus.ID) {
		if sub.DefaultPaymentMethod == pm.ID && sub.EndedAt == 0 {
			t.setSubscriptionMethod(sub, "")
		}
	}
	return next
}

// release takes a card from its customer; nothing can be charged to it any more.
func (t *tx) release(pm *PaymentMethod) *PaymentMethod {
	next := *pm
	next.Customer, next.Detached = "", true
	put(t, &next)
	t.emitChange("payment_method.detached", pm, &next) // only the attributes before say whose it was
	return &next
}

// setSubscriptionMethod changes the card of one subscription.
func (t *tx) setSubscriptionMethod(sub *Subscription, method string) *Subscription {
	next := *sub
	next.DefaultPaymentMethod = method
	return update(t, "customer.subscription.updated", sub, &next)
}

// UpdatePaymentMethod is POST /v1/payment_methods/{id}.
type UpdatePaymentMethod struct {
	ID             string                   `form:"-"`
	AllowRedisplay Opt[string]              `form:"allow_redisplay"`
	BillingDetails Opt[BillingDetailsParam] `form:"billing_details"`
	Card           Opt[CardUpdate]          `form:"card"`
	Metadata       Opt[map[string]string]   `form:"metadata"`
}

// CardUpdate is what may change on a saved card.
type CardUpdate struct {
	ExpMonth Opt[int64] `form:"exp_month"`
	ExpYear  Opt[int64] `form:"exp_year"`
}

func (c UpdatePaymentMethod) apply(t *tx) (Result, error) {
	before, err := t.methodAtPath(c.ID)
	if err != nil {
		return nil, err
	}
	if before.Customer == "" {
		return nil, invalid("", "", "You must save this PaymentMethod to a customer before you can update it.")
	}
	pm := *before
	card := c.Card.Or(CardUpdate{})
	if err := t.changeExpiry(&pm.Card, card.ExpMonth, card.ExpYear, "card"); err != nil {
		return nil, err
	}
	c.BillingDetails.Or(BillingDetailsParam{}).fill(&pm.BillingDetails)
	pm.Redisplay = c.AllowRedisplay.Or(pm.Redisplay)
	pm.Metadata = mergeMetadata(pm.Metadata, c.Metadata)
	t.awaitExpiry(&pm)
	return update(t, "payment_method.updated", before, &pm), nil
}

// changeExpiry gives a card that was renewed its new end.
func (t *tx) changeExpiry(card *Card, month, year Opt[int64], param string) error {
	if !month.Given() && !year.Given() {
		return nil
	}
	entry := CardInput{ExpMonth: Some(month.Or(card.ExpMonth)), ExpYear: Some(year.Or(card.ExpYear)), CVC: Some("000")}
	if card.CVCCheck == "" {
		entry.CVC = Opt[string]{}
	}
	check := card.CVCCheck
	if err := t.checkEntry(entry, param, card); err != nil {
		return err
	}
	card.CVCCheck = check
	return nil
}

// ListPaymentMethods is GET /v1/payment_methods and GET /v1/customers/{id}/payment_methods.
type ListPaymentMethods struct {
	Page
	CustomerAtPath string      `form:"-"`
	AllowRedisplay Opt[string] `form:"allow_redisplay"`
	Customer       Opt[string] `form:"customer"`
	Type           Opt[string] `form:"type"`
}

func (q ListPaymentMethods) run(w *World) (*Listing, error) {
	s := selection[PaymentMethod]{cursorName: "PaymentMethod"}
	customer := q.Customer.Or(q.CustomerAtPath)
	if customer != "" {
		cus, ok := Get[Customer](w, customer)
		if (!ok || cus.Deleted) && q.CustomerAtPath != "" {
			return nil, NotFound("customer", customer, "id")
		}
		if !ok || cus.Deleted {
			return nil, noSuchParam("customer", customer, "customer")
		}
		s.index, s.value = "customer", customer
	}
	s.keep = func(pm *PaymentMethod) bool {
		return q.Type.Or(pm.Type) == pm.Type && q.AllowRedisplay.Or(pm.Redisplay) == pm.Redisplay && (customer != "" || pm.Customer == "" && !pm.Detached)
	}
	return list(w, q.Page, s)
}

var _ = register(CreatePaymentMethod{}, AttachPaymentMethod{}, DetachPaymentMethod{}, UpdatePaymentMethod{})
