package billing

import (
	"cmp"
	"time"

	"github.com/dues-billing/dues/money"
)

// PurchaseID is our own id of a purchase.
type PurchaseID string

// PurchaseStatus is where a purchase stands.
type PurchaseStatus string

// A purchase is pending until the provider says that its checkout was completed or has expired.
const (
	PurchasePending   PurchaseStatus = "pending"
	PurchaseCompleted PurchaseStatus = "completed"
	PurchaseExpired   PurchaseStatus = "expired"
)

// Purchase is a checkout that was begun. It keeps the ids of the payment and of the method, never card data.
type Purchase struct {
	ID            PurchaseID
	Account       AccountID
	PriceKey      string
	Group         Group  // of the price's plan: an account has one open purchase of each
	Terms         string // discount and currency that were asked for, in a word; another page is needed for others
	Status        PurchaseStatus
	Checkout      string // the provider's id of the hosted page, "" until made
	URL           string
	SuccessURL    string // the app's page to return to
	Subscription  SubscriptionID
	PaymentIntent string
	PaymentMethod PaymentMethodID
	Amount        money.Amount
	CreatedAt     time.Time
	ExpiresAt     time.Time
	CompletedAt   time.Time
}

// SupportedMethods are the payment methods that a checkout accepts. Wallets (Apple Pay, Google Pay) are cards.
var SupportedMethods = []string{"card"}

// CheckoutState is where a hosted page stands at the provider.
type CheckoutState struct {
	ID            string
	Purchase      PurchaseID
	Status        string // open, complete, expired
	Subscription  SubscriptionID
	PaymentIntent string
	PaymentMethod PaymentMethodID
	Invoice       InvoiceID // of a payment that is no subscription's
	Email         string    // that the payer told
}

// Settle returns what has become of a pending purchase: completed once the provider says that its page was completed, or that
// the account's subscription of its group is on its price; expired once the page is. Without news it is returned as it was.
func (p Purchase) Settle(c Catalog, checkouts []CheckoutState, s State, now time.Time) Purchase {
	for _, page := range checkouts {
		if p.Status != PurchasePending || page.ID != p.Checkout || p.Checkout == "" {
			continue
		}
		switch page.Status {
		case "complete":
			sub, known := s.Subscription(page.Subscription)
			if _, billed := s.Invoice(sub.LatestInvoice); !known || !billed && sub.LatestInvoice != "" {
				return p // the provider's lists are not of one instant: the next fetch shows what was bought
			}
			p.PaymentIntent, p.PaymentMethod = page.PaymentIntent, page.PaymentMethod
			return p.completed(s, page.Subscription, now)
		case "expired":
			p.Status = PurchaseExpired
			return p
		}
	}
	if best, ok := Best(c.In(p.Group), s); ok && p.Status == PurchasePending && p.Checkout == "" && best.Status != Incomplete {
		if _, price := c.Sold(best); price.Key == p.PriceKey {
			return p.completed(s, best.ID, now)
		}
		if !p.ExpiresAt.IsZero() && !now.Before(p.ExpiresAt) {
			p.Status = PurchaseExpired // the change waited for its invoice, and waits no more
		}
	}
	return p
}

// completed fills in what was paid, with what and for which subscription.
func (p Purchase) completed(s State, id SubscriptionID, now time.Time) Purchase {
	p.Status, p.Subscription, p.CompletedAt = PurchaseCompleted, id, now
	sub, _ := s.Subscription(id)
	invoice, _ := s.Invoice(sub.LatestInvoice)
	p.Amount = invoice.AmountPaid
	if p.Checkout == "" {
		p.PaymentMethod = invoice.PaymentMethod // and not the one that did not pay
	}
	p.PaymentIntent = cmp.Or(p.PaymentIntent, invoice.PaymentIntent)
	p.PaymentMethod = cmp.Or(p.PaymentMethod, sub.PaymentMethod, invoice.PaymentMethod)
	return p
}
