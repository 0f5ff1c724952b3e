package engine

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// What Stripe mails to customers by itself. Test mode mails nobody, so what would have been sent is kept as data, in the order in which it
// would have gone out. Which mails an account sends are its settings emails and reminder_days.

// Mail is one e-mail that would have been sent. It is never changed.
type Mail struct {
	ID       string `json:"id"`
	Created  int64  `json:"created"` // the time on its line
	Kind     string `json:"kind"`
	To       string `json:"to"`
	Customer string `json:"customer"`
	Object   string `json:"object"` // what it is about
	Clock    string `json:"test_clock,omitempty"`
}

// The kinds of mails, and with the exception of reminders the words of the setting emails.
const (
	MailRenewal        = "renewal"         // a renewal is coming, with invoice.upcoming
	MailCardExpiring   = "card_expiring"   // the card of a subscription is in its last month
	MailPaymentFailed  = "payment_failed"  // a renewal could not be charged
	MailActionRequired = "action_required" // a renewal needs 3-D Secure: the mail leads to the hosted page
	MailInvoice        = "invoice"         // an invoice that is to be paid by hand
	MailReceipt        = "receipt"         // a charge
	MailRefund         = "refund"
	MailCreditNote     = "credit_note"
	MailReminder       = "reminder" // of a mailed invoice that is open, by reminder_days
)

var mailKinds = []string{MailRenewal, MailCardExpiring, MailPaymentFailed, MailActionRequired, MailInvoice, MailReceipt, MailRefund, MailCreditNote}

const (
	timerCardExpiring = "card.expiring"
	timerReminder     = "invoice.reminder"
	remindersMax      = 8
)

func init() {
	onTimer(timerCardExpiring, (*tx).cardExpiring)
	onTimer(timerReminder, (*tx).remind)
}

// mailTables hold what would have been mailed.
type mailTables struct{ mails *table[Mail] }

func (ts *mailTables) open() []anyTable {
	ts.mails = newTable("mail", func(m *Mail) string { return m.ID }).by("customer", func(m *Mail) string { return m.Customer })
	return []anyTable{ts.mails}
}

// Mails are what would have been mailed, oldest first; of one customer, or of all with "".
func (w *World) Mails(customer string) []*Mail {
	if customer != "" {
		return w.tables.mails.all("customer", customer)
	}
	return slices.Clone(w.tables.mails.objects)
}

// mails says whether the account mails of a kind.
func (s *Settings) mails(kind string) bool { return slices.Contains(s.Emails, kind) }

// post keeps a mail to a customer, or to another address that is known. Who has none gets nothing.
func (t *tx) post(kind, customer, address, object string) {
	if c, ok := Get[Customer](t.world, customer); ok && address == "" && !c.Deleted {
		address = c.Email
	}
	if address == "" {
		return
	}
	put(t, &Mail{
		ID: "mail_" + strconv.Itoa(t.world.tables.mails.len()+1), Created: t.now, Kind: kind, To: address, Customer: customer, Object: object, Clock: t.line,
	})
}

// mailOf posts what an event makes Stripe mail.
func (t *tx) mailOf(event string, object any) {
	if len(t.settings().Emails) == 0 {
		return
	}
	switch o := object.(type) {
	case *Invoice:
		if kind := t.invoiceMail(event, o); kind != "" && t.settings().mails(kind) {
			t.post(kind, o.Customer, o.CustomerEmail, mailedAbout(o))
		}
	case *Charge:
		kind := map[string]string{"charge.succeeded": MailReceipt, "charge.refunded": MailRefund}[event]
		if kind != "" && t.settings().mails(kind) {
			t.post(kind, o.Customer, o.ReceiptEmail, o.ID)
		}
	}
}

// invoiceMail is the kind of mail that an event of an invoice is; "" is none. First invoices have their payer in front of them.
func (t *tx) invoiceMail(event string, inv *Invoice) string {
	charged := inv.CollectionMethod == ChargeAutomatically && !inv.first()
	switch event {
	case "invoice.upcoming":
		return MailRenewal
	case "invoice.sent":
		return MailInvoice
	case "invoice.payment_action_required":
		if charged {
			return MailActionRequired
		}
	case "invoice.payment_failed":
		intent, ok := Get[PaymentIntent](t.world, inv.PaymentIntent)
		if charged && !(ok && (intent.Status == RequiresAction || intent.asksPayer())) {
			return MailPaymentFailed
		}
	}
	return ""
}

// mailedAbout is the object of an invoice's mail: an upcoming invoice is none yet, its subscription is.
func mailedAbout(inv *Invoice) string {
	if strings.HasPrefix(inv.ID, "upcoming_") {
		return inv.Subscription
	}
	return inv.ID
}

// awaitExpiry plans the warning about a card: at the beginning of its last month, because it ends with it. Only cards of the old kind have an
// event for it (customer.source.expiring); the mail is the account's choice.
func (t *tx) awaitExpiry(pm *PaymentMethod) {
	due := int64(0)
	if pm.Customer != "" && pm.Card.ExpYear != 0 && (pm.Legacy() || t.settings().mails(MailCardExpiring)) {
		due = t.future(lastMonth(pm.Card))
	}
	t.plan(timerCardExpiring, pm.ID, due)
}

// lastMonth is the first second of the month with whose end a card expires.
func lastMonth(card Card) int64 {
	return time.Date(int(card.ExpYear), time.Month(card.ExpMonth), 1, 0, 0, 0, 0, time.UTC).Unix()
}

func (t *tx) cardExpiring(id string) {
	pm, ok := Get[PaymentMethod](t.world, id)
	if !ok || pm.Customer == "" || lastMonth(pm.Card) > t.now {
		return
	}
	if pm.Legacy() {
		t.emit("customer.source.expiring", &Source{Card: pm})
	}
	if t.settings().mails(MailCardExpiring) && t.renewsWith(pm) {
		t.post(MailCardExpiring, pm.Customer, "", pm.ID)
	}
}

// renewsWith says whether a subscription that runs would be charged to a card.
func (t *tx) renewsWith(pm *PaymentMethod) bool {
	customer := must[Customer](t, pm.Customer)
	for _, s := range t.world.tables.subscriptions.all("customer", customer.ID) {
		method := s.DefaultPaymentMethod
		if !t.saved(method, customer.ID) {
			method = customer.paysWith()
		}
		if s.cycling() && s.CollectionMethod == ChargeAutomatically && method == pm.ID {
			return true
		}
	}
	return false
}

// awaitExpiries plans the warnings about the cards that are there when an account begins to mail them.
func (t *tx) awaitExpiries() {
	line := t.line
	for _, pm := range slices.Clone(t.world.tables.methods.objects) {
		if pm != nil {
			now := t.now
			if clock, ok := Get[TestClock](t.world, pm.clockOf(t)); ok {
				t.line, t.now = clock.ID, clock.FrozenTime
			}
			t.awaitExpiry(pm)
			t.line, t.now = line, now
		}
	}
}

// clockOf is the test clock of a card's customer.
func (pm *PaymentMethod) clockOf(t *tx) string {
	if c, ok := Get[Customer](t.world, pm.Customer); ok {
		return c.TestClock
	}
	return ""
}

// awaitReminder plans the next reminder of a mailed invoice: so many days after it is due, or before it.
func (t *tx) awaitReminder(inv *Invoice) {
	next := int64(0)
	for _, days := range t.settings().ReminderDays {
		if at := inv.DueDate + days*secondsPerDay; at > t.now && (next == 0 || at < next) {
			next = at
		}
	}
	t.plan(timerReminder, inv.ID, next)
}

func (t *tx) remind(id string) {
	if inv, ok := Get[Invoice](t.world, id); ok && inv.Status == InvoiceOpen {
		t.post(MailReminder, inv.Customer, inv.CustomerEmail, inv.ID)
		t.awaitReminder(inv)
	}
}

// checkMails says which of the settings about mails holds what it cannot hold.
func (s *Settings) checkMails() error {
	for i, kind := range s.Emails {
		if err := oneOf(element("emails", i), kind, mailKinds...); err != nil {
			return err
		}
	}
	if len(s.ReminderDays) > remindersMax {
		return invalid("reminder_days", "", "Invalid reminder_days: at most %d reminders, got %d", remindersMax, len(s.ReminderDays))
	}
	for _, days := range s.ReminderDays {
		if err := within(days, -settingDaysMax, settingDaysMax, "reminder_days"); err != nil {
			return err
		}
	}
	return nil
}
