package wire

import (
	"strings"

	"github.com/dues-billing/dues/emulator/engine"
)

func (v *view) source(s *engine.Source) object {
	if s.Bank != nil {
		return bankAccount(s.Bank)
	}
	return legacyCard(s.Card)
}

// brands are the names of cards in the old kind of object.
var brands = map[string]string{
	"visa": "Visa", "mastercard": "MasterCard", "amex": "American Express", "discover": "Discover", "diners": "Diners Club", "jcb": "JCB",
	"unionpay": "UnionPay",
}

// legacyCard renders a payment method as the card of before PaymentMethods.
func legacyCard(p *engine.PaymentMethod) object {
	c, home := &p.Card, &p.BillingDetails.Address
	return object{
		"id": p.ID, "object": "card", "metadata": metadata(p.Metadata), "address_city": orNull(home.City), "address_country": orNull(home.Country),
		"address_line1": orNull(home.Line1), "address_line1_check": orNull(c.Line1Check), "address_line2": orNull(home.Line2),
		"address_state": orNull(home.State), "address_zip": orNull(home.PostalCode), "address_zip_check": orNull(c.PostalCheck),
		"allow_redisplay": p.Redisplay, "brand": brands[c.Brand], "country": orNull(c.Country), "customer": orNull(p.Customer),
		"cvc_check": orNull(c.CVCCheck), "dynamic_last4": nil, "exp_month": c.ExpMonth, "exp_year": c.ExpYear, "fingerprint": c.Fingerprint,
		"funding": c.Funding, "last4": c.Last4, "name": orNull(p.BillingDetails.Name), "networks": object{"preferred": nil},
		"regulated_status": "unregulated", "tokenization_method": nil,
	}
}

func bankAccount(b *engine.BankAccount) object {
	return object{
		"id": b.ID, "object": "bank_account", "metadata": metadata(b.Metadata), "account_holder_name": orNull(b.HolderName),
		"account_holder_type": orNull(b.HolderType), "account_type": nil, "bank_name": "STRIPE TEST BANK", "country": b.Country, "currency": b.Currency,
		"customer": orNull(b.Customer), "fingerprint": b.Fingerprint, "last4": b.Last4, "routing_number": b.Routing, "status": b.Status,
	}
}

func (v *view) token(t *engine.Token) object {
	o := object{"id": t.ID, "object": "token", "created": t.Created, "livemode": false, "client_ip": nil, "used": t.Used}
	if t.Bank != nil {
		o["type"], o["bank_account"] = "bank_account", part(bankAccount(t.Bank), "metadata", "customer")
		return o
	}
	o["type"], o["card"] = "card", part(legacyCard(t.Card), "customer")
	return o
}

// part leaves keys out of an object.
func part(o object, without ...string) object {
	for _, key := range without {
		delete(o, key)
	}
	return o
}

// sources are what a customer has of the old kind, as an expanded field.
func (v *view) sources(id string) any {
	return v.counted(engine.ListSources{Customer: id}, "/v1/customers/"+id+"/sources")
}

// chargedSource is the card that a charge without a PaymentIntent was made to.
func chargedSource(c *engine.Charge) any {
	if !strings.HasPrefix(c.PaymentMethod, "card_") {
		return nil
	}
	return legacyCard(&engine.PaymentMethod{
		ID: c.PaymentMethod, Card: *c.Card, BillingDetails: *c.BillingDetails, Customer: c.Customer, Redisplay: "unspecified",
	})
}

func (v *view) setupAttempt(a *engine.SetupAttempt) object {
	c := &a.Card
	var authenticated any
	if a.ThreeDSecure {
		authenticated = threeDSecure()
	}
	return object{
		"id": a.ID, "object": "setup_attempt", "created": a.Created, "livemode": false, "application": nil, "customer": orNull(a.Customer),
		"customer_account": nil, "flow_directions": nil, "on_behalf_of": nil, "payment_method": a.PaymentMethod,
		"payment_method_details": object{
			"card": object{
				"brand": c.Brand, "checks": checks(c), "country": orNull(c.Country), "exp_month": c.ExpMonth, "exp_year": c.ExpYear,
				"fingerprint": c.Fingerprint, "funding": c.Funding, "last4": c.Last4, "network": network(c), "three_d_secure": authenticated,
				"wallet": nil,
			},
			"type": "card",
		},
		"setup_error": v.lastError(a.Error), "setup_intent": a.SetupIntent, "status": a.Status, "usage": a.Usage,
	}
}

func (v *view) balance(b *engine.Balance) object {
	amounts := func(list []engine.BalanceAmount) []any {
		out := make([]any, len(list))
		for i, a := range list {
			out[i] = object{"amount": a.Amount, "currency": a.Currency, "source_types": object{"card": a.Amount}}
		}
		return out
	}
	return object{
		"object": "balance", "available": amounts(b.Available), "livemode": false, "pending": amounts(b.Pending),
		"refund_and_dispute_prefunding": object{"available": amounts(nil), "pending": amounts(nil)},
	}
}

func balanceSettings(s *engine.BalanceSettings) object {
	timing := object{"delay_days": s.SettlementDays()}
	if s.DelayDays != 0 {
		timing["delay_days_override"] = s.DelayDays
	}
	return object{
		"object": "balance_settings",
		"payments": object{
			"debit_negative_balances": false,
			"payouts": object{
				"automatic_transfer_rules_by_currency": nil, "minimum_balance_by_currency": nil, "schedule": object{"interval": "manual"},
				"statement_descriptor": nil, "status": "disabled",
			},
			"settlement_timing": timing,
		},
	}
}

func cashBalance(c *engine.CashBalance) object {
	return object{
		"object": "cash_balance", "available": nil, "customer": c.Customer, "customer_account": nil, "livemode": false,
		"settings": object{"reconciliation_mode": "automatic", "using_merchant_default": true},
	}
}
