package billing

import (
	"time"

	"github.com/dues-billing/dues/money"
)

// PurchaseAuthorized is the status of a OneOff whose amount a bank keeps ready: nothing is taken before it is captured.
const PurchaseAuthorized PurchaseStatus = "authorized"

// Authorization is what a bank keeps ready for a one-off, or has kept: the provider's charge that was made for it. The mirror has it as a charge; what it
// says of the one-off, the one-off keeps.
type Authorization struct {
	Purchase      PurchaseID
	PaymentIntent string
	PaymentMethod PaymentMethodID
	Amount        money.Amount // that can be captured
	Captured      money.Amount // that was taken, none until it is captured
	Released      bool         // nothing was taken, and nothing can be any more
	Until         time.Time    // when the bank lets go of it by itself; zero: it does not say
}

// settleAuthorized is Settle of what is captured by hand: authorized once a bank keeps it ready, and completed once what was captured of it is on a
// paid invoice. What was let go has expired when its time was over, and is canceled otherwise.
func (o OneOff) settleAuthorized(checkouts []CheckoutState, s State, made []Authorization, now time.Time) OneOff {
	for _, page := range checkouts {
		if o.Status == PurchasePending && page.ID == o.Checkout && o.Checkout != "" && page.Status == "expired" {
			return o.ended(PurchaseExpired, now)
		}
	}
	for _, a := range made {
		if a.Purchase != o.ID {
			continue
		}
		o.PaymentIntent, o.PaymentMethod = a.PaymentIntent, a.PaymentMethod
		switch {
		case a.Released && !o.ExpiresAt.IsZero() && o.Status == PurchaseAuthorized && !now.Before(o.ExpiresAt):
			return o.ended(PurchaseExpired, now)
		case a.Released:
			return o.ended(PurchaseCanceled, now)
		case a.Captured.Minor > 0:
			o.Captured, o.Amount = a.Captured, a.Captured
		default:
			o.Amount, o.ExpiresAt = a.Amount, a.Until
		}
		o.Status, o.URL, o.Failure = PurchaseAuthorized, "", ""
		break
	}
	if invoice, found := s.Invoice(o.Invoice); found && o.Invoice != "" && invoice.Status == InvoicePaid {
		return o.ended(PurchaseCompleted, now)
	}
	return o
}

// Unbilled reports whether money was captured for which there is no invoice yet.
func (o OneOff) Unbilled() bool {
	return o.Manual && o.Status == PurchaseAuthorized && o.Captured.Minor > 0 && o.Invoice == ""
}

// Capture decides how much is to be captured of what is authorized: minor units, 0 for all of it. needed is false when that much was captured before. A part can be
// captured of an amount that a server named; a price of the catalogue is captured whole, for half of a license is none.
func (o OneOff) Capture(minor int64) (amount money.Amount, needed bool, err error) {
	switch {
	case !o.Manual:
		return amount, false, Errorf(Conflict, "this purchase was not made with capture: manual, so it is paid as a whole and at once")
	case o.Status == PurchasePending:
		return amount, false, Errorf(Conflict, "nothing is authorized yet: the customer has not paid")
	case o.Captured.Minor > 0 && (minor == 0 || minor == o.Captured.Minor):
		return o.Captured, false, nil
	case o.Captured.Minor > 0:
		return amount, false, Errorf(Conflict, "%s of this purchase were captured before, and the rest was let go", o.Captured)
	case o.Status != PurchaseAuthorized:
		return amount, false, Errorf(Conflict, "this purchase is %s: nothing is kept ready any more; make another", o.Status)
	case minor == 0:
		return o.Amount, true, nil
	case minor < 0 || minor > o.Amount.Minor:
		return amount, false, Errorf(Invalid, "the amount must be positive, and at most what is authorized, which is %d; got %d", o.Amount.Minor, minor).In("amount")
	case o.PriceKey != "" && minor != o.Amount.Minor:
		return amount, false, Errorf(Invalid, "a price of the catalogue is captured whole: leave amount out, or cancel the purchase").In("amount")
	}
	return money.New(minor, o.Amount.Currency), true, nil
}
