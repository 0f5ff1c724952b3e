package service

import (
	"context"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
)

// Seller sells what is paid once.
type Seller interface {
	// SellOnce opens a hosted page for one payment, which has an invoice when it is made. Without a customer the page makes one of who pays.
	SellOnce(ctx context.Context, req SellRequest) (CheckoutPage, error)
	// Buyer is the customer who has completed a page of SellOnce, "" while nobody has.
	Buyer(ctx context.Context, checkout string) (billing.CustomerID, error)
	// ChargeOnce makes an invoice and charges it to a saved method, off session. Asked again for the same purchase it goes on with the invoice that it
	// made, however long ago, and charges none twice. A declined or challenged payment wraps ErrDeclined or ErrNeedsConfirmation, and perhaps a Declined; the
	// invoice is answered all the same, and stays open.
	ChargeOnce(ctx context.Context, req SellRequest) (OpenInvoice, error)
	// VoidInvoice makes an open invoice void. One that is void is success, one that was paid an error of code conflict.
	VoidInvoice(ctx context.Context, invoice billing.InvoiceID) error
}

// SellRequest asks for a payment of something that is paid once.
type SellRequest struct {
	Customer    billing.CustomerID // "" of a guest
	Email       string             // of a guest, to fill in; "" asks for it
	Account     billing.AccountID
	Purchase    billing.PurchaseID
	Price       billing.PriceID // "" of an amount
	Amount      money.Amount    // without a price; with one, of ChargeOnce alone, its currency
	Description string          // of an amount
	Method      billing.PaymentMethodID
	SuccessURL  string
	CancelURL   string
	AskCode     bool           // let the customer enter a promotion code
	Currency    money.Currency // of a page; "" is the price's own
	Expires     time.Time      // when the page closes; zero: as late as it can
	Try         string         // of ChargeOnce: another one charges again
	Manual      bool           // of a page: it is authorized, and captured by hand; there is no invoice before that
	Key         string
}

// OpenInvoice is an invoice that was made, and the page where it can be paid.
type OpenInvoice struct {
	ID  billing.InvoiceID
	URL string
}

// Declined is what a provider's error wraps that knows why a card was declined. A stolen card is not told from a declined one: whoever holds it must not
// learn it.
type Declined interface {
	error
	DeclineCode() string
}
