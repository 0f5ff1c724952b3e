package wire

import "github.com/dues-billing/dues/emulator/engine"

// renderMoney is the part of render that is about payments: what moves money, and what it is moved with.
func (v *view) renderMoney(o any) (object, bool) {
	switch o := o.(type) {
	case *engine.PaymentIntent:
		return v.paymentIntent(o), true
	case *engine.SetupIntent:
		return v.setupIntent(o), true
	case *engine.PaymentMethod:
		return v.paymentMethod(o), true
	case *engine.Charge:
		return v.charge(o), true
	case *engine.Refund:
		return v.refund(o), true
	case *engine.BalanceTransaction:
		return v.balanceTransaction(o), true
	case *engine.Dispute:
		return v.dispute(o), true
	case *engine.FraudWarning:
		return v.fraudWarning(o), true
	case *engine.Source:
		return v.source(o), true
	case *engine.Token:
		return v.token(o), true
	case *engine.SetupAttempt:
		return v.setupAttempt(o), true
	case *engine.Balance:
		return v.balance(o), true
	case *engine.BalanceSettings:
		return balanceSettings(o), true
	case *engine.ShippingRate:
		return shippingRate(o), true
	case *engine.CashBalance:
		return cashBalance(o), true
	}
	return nil, false
}
