package pages

import "github.com/dues-billing/dues/emulator/engine"

// entry is the card of a form that was checked.
func (f cardForm) entry() engine.CardEntry {
	month, year, _ := expiryOf(f.Expiry)
	return engine.CardEntry{
		Number: onlyDigits(f.Number), ExpMonth: month, ExpYear: year, CVC: onlyDigits(f.CVC), Name: f.Name, PostalCode: f.PostalCode,
	}
}

// checkoutCommand is what the button of Checkout asks for.
func checkoutCommand(session, email string, needsCard bool, form cardForm, answers engine.CheckoutAnswers) engine.Command {
	cmd := &engine.SubmitCheckout{Session: session, Email: email, CheckoutAnswers: answers}
	if needsCard {
		cmd.Card = form.entry()
		cmd.Card.Country = answers.Address.Or(engine.Address{}).Country
	}
	return cmd
}

// portalCardCommand saves a card in the portal.
func portalCardCommand(session string, form cardForm) engine.Command {
	return &engine.PortalAddCard{Session: session, Card: form.entry()}
}

// invoiceCommand pays an invoice with a saved card, or else with the form's.
func invoiceCommand(invoice, method string, form cardForm) engine.Command {
	cmd := &engine.PayHostedInvoice{Invoice: invoice, PaymentMethod: method}
	if method == "" {
		cmd.Card = form.entry()
	}
	return cmd
}

// challengeOf is the intent that the payer must confirm before a command has
// its effect; empty when it has it.
func challengeOf(result engine.Result) string {
	switch o := result.(type) {
	case *engine.CheckoutOutcome:
		return o.Challenge
	case *engine.PortalOutcome:
		return o.Challenge
	case *engine.InvoiceOutcome:
		return o.Challenge
	}
	return ""
}

// timeOn is the time on a test clock, or the world's own for none.
func timeOn(w *engine.World, now int64, clock string) int64 {
	if c, ok := engine.Get[engine.TestClock](w, clock); ok {
		return c.FrozenTime
	}
	return now
}
