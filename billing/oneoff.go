package billing

import (
	"cmp"
	"time"

	"github.com/dues-billing/dues/money"
)

// PurchaseCanceled is the status that only a OneOff has, beside those of a Purchase: nothing was taken, and nothing will be.
const PurchaseCanceled PurchaseStatus = "canceled"

// OneOff is a purchase that is paid once: of an asset, or of an amount that a server named. Its payment is an invoice, by which it is licensed, receipted
// and given back as a period of a plan is.
type OneOff struct {
	ID            PurchaseID
	Account       AccountID  // "" of a guest, until it is claimed
	Customer      CustomerID // "" of a guest, until it is paid
	Key           string     // the application's, by which the same wish is known; "" without one
	PriceKey      string     // "" of an amount
	Terms         string     // the currency that was asked for, in a word; another page is needed for another
	Description   string     // of an amount, as the invoice says it
	Status        PurchaseStatus
	Checkout      string // the provider's id of the hosted page, "" without one
	URL           string // where the customer can pay; "" when there is nothing to do
	SuccessURL    string
	Invoice       InvoiceID
	PaymentIntent string
	PaymentMethod PaymentMethodID
	Amount        money.Amount // asked for, then paid; of what is captured by hand asked for, authorized, then captured
	Manual        bool         // it is authorized, and captured by hand
	Captured      money.Amount // of what is captured by hand
	Failure       string       // why the last try with a saved method did not pay
	Email         string       // of a guest, as the payment page was told: nobody has verified it
	Claim         string       // the digest of the token by which a guest's is claimed
	CreatedAt     time.Time
	ExpiresAt     time.Time
	DoneAt        time.Time
}

// Settle returns what has become of an open one-off: completed once the invoice of its page or of its charge is paid, expired or canceled once it
// cannot be paid any more. Without news it is returned as it was. checkouts, and what was made of authorizations, may be none, when they were not read.
func (o OneOff) Settle(checkouts []CheckoutState, s State, made []Authorization, now time.Time) OneOff {
	switch {
	case o.Status != PurchasePending && o.Status != PurchaseAuthorized:
		return o
	case o.Manual:
		return o.settleAuthorized(checkouts, s, made, now)
	}
	for _, page := range checkouts {
		if page.ID != o.Checkout || o.Checkout == "" {
			continue
		}
		o.Email = cmp.Or(o.Email, page.Email)
		switch page.Status {
		case "complete":
			o.Customer, o.Invoice = cmp.Or(o.Customer, s.Customer), page.Invoice
		case "expired":
			return o.ended(PurchaseExpired, now)
		}
	}
	invoice, found := s.Invoice(o.Invoice)
	switch {
	case !found || o.Invoice == "": // the provider's lists are not of one instant: the next fetch shows it
	case invoice.Status == InvoicePaid:
		o.PaymentIntent, o.PaymentMethod, o.Amount, o.Failure = invoice.PaymentIntent, invoice.PaymentMethod, invoice.AmountPaid, ""
		return o.ended(PurchaseCompleted, now)
	case invoice.Status == InvoiceVoid:
		return o.ended(PurchaseCanceled, now)
	}
	return o
}

// ended is the one-off in a status that it keeps.
func (o OneOff) ended(status PurchaseStatus, now time.Time) OneOff {
	o.Status, o.DoneAt, o.URL = status, now, ""
	return o
}

// Over reports whether the page of a pending one-off has expired, whatever the provider has told of it.
func (o OneOff) Over(now time.Time) bool {
	return o.Status == PurchasePending && o.Checkout != "" && !o.ExpiresAt.IsZero() && !now.Before(o.ExpiresAt)
}

// BuyOnce decides whether an asset may be bought for a price, in a currency: an error of code invalid says what is not sold. An asset that is held for ever is
// an error of code conflict. lines are those that the account has.
func (c Catalog) BuyOnce(key string, currency money.Currency, lines []LicenseLine) (money.Amount, error) {
	asset, price, ok := c.AssetOfPrice(key)
	if !ok {
		if _, _, plan := c.PlanOfPrice(key); plan {
			return money.Amount{}, Errorf(Invalid, "%q is paid by the period; subscribe to it instead", key).In("price")
		}
		return money.Amount{}, Errorf(Invalid, "the catalogue has no price %q", key).In("price")
	}
	in, sold := price.In(currency)
	switch {
	case price.Archived:
		return money.Amount{}, Errorf(Invalid, "price %q is not sold any more", key).In("price")
	case !sold:
		return money.Amount{}, Errorf(Invalid, "%q is not sold in %q", key, currency).In("currency")
	case asset.Perpetual && holdsForEver(lines, asset.ID):
		return money.Amount{}, Errorf(Conflict, "%s is held already, and for ever", asset.Name).In("price")
	}
	return in.Amount, nil
}

// purchaseNews tells what has become of one-offs.
func (t *teller) purchaseNews() {
	kinds := map[PurchaseStatus]string{
		PurchaseAuthorized: BuyAuthorized, PurchaseCompleted: BoughtOnce, PurchaseExpired: BuyExpired, PurchaseCanceled: BuyCanceled,
	}
	for _, o := range t.Bought {
		if kind, ok := kinds[o.Status]; ok {
			invoice, _ := t.Now.Invoice(o.Invoice)
			t.once("purchase:"+string(o.ID)+":"+string(o.Status), Notice{Type: kind, Purchase: o, Invoice: invoice})
		}
	}
}
