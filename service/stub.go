package service

import (
	"context"
	"errors"
	"net/http"

	"github.com/dues-billing/dues/billing"
)

var errSoon = errors.New("being written")

type priceIDs struct{}
type lockTable struct{}

// CreateAccount makes the account, its customer and its free subscription, or updates e-mail and name of the one with that id.
// It may be called twice, at once and from several processes: there is one customer and one subscription. created tells
// whether this call made it.
func (s *Service) CreateAccount(ctx context.Context, req NewAccount) (account billing.Account, created bool, err error) {
	return billing.Account{}, false, errSoon
}

// Account returns an account, or an error of code not_found.
func (s *Service) Account(ctx context.Context, id billing.AccountID) (billing.Account, error) {
	return billing.Account{}, errSoon
}

// AccountByCustomer returns the account of a customer, or an error of code not_found.
func (s *Service) AccountByCustomer(ctx context.Context, customer billing.CustomerID) (billing.Account, error) {
	return billing.Account{}, errSoon
}

// Accounts returns the newest accounts whose id, e-mail or name contains query, at most limit.
func (s *Service) Accounts(ctx context.Context, query string, limit int) ([]billing.Account, error) {
	return nil, errSoon
}

// Status answers from our own store what the account is on, until when and why, and what the customer must do.
func (s *Service) Status(ctx context.Context, id billing.AccountID) (Status, error) {
	return Status{}, errSoon
}

// Entitlements returns every feature of the catalogue and what the account may use of it now.
func (s *Service) Entitlements(ctx context.Context, id billing.AccountID) ([]billing.Entitlement, error) {
	return nil, errSoon
}

// Entitled reports whether the account may use the feature now. An unknown account or feature is an error of code not_found.
func (s *Service) Entitled(ctx context.Context, id billing.AccountID, feature billing.FeatureID) (bool, error) {
	return false, errSoon
}

// Licenses returns the account's licenses, ended ones included.
func (s *Service) Licenses(ctx context.Context, id billing.AccountID) ([]billing.License, error) {
	return nil, errSoon
}

// Invoices returns the account's invoices, newest first.
func (s *Service) Invoices(ctx context.Context, id billing.AccountID) ([]billing.Invoice, error) {
	return nil, errSoon
}

// Subscriptions returns the account's subscriptions as the provider has them, ended ones included, newest first.
func (s *Service) Subscriptions(ctx context.Context, id billing.AccountID) ([]billing.Subscription, error) {
	return nil, errSoon
}

// Purchases returns the account's purchases, newest first.
func (s *Service) Purchases(ctx context.Context, id billing.AccountID) ([]billing.Purchase, error) {
	return nil, errSoon
}

// Events returns the newest webhooks about the account, or about anybody when id is "", at most limit.
func (s *Service) Events(ctx context.Context, id billing.AccountID, limit int) ([]Event, error) {
	return nil, errSoon
}

// Effects returns the newest effects on the account, or on anybody when id is "", at most limit.
func (s *Service) Effects(ctx context.Context, id billing.AccountID, limit int) ([]Effect, error) {
	return nil, errSoon
}

// Queues counts what waits in inbox and outbox, and what was given up.
func (s *Service) Queues(ctx context.Context) (Queues, error) { return Queues{}, errSoon }

// Upgrade puts the account on a price: at once when a saved method pays for it, else the answer is a page to visit.
func (s *Service) Upgrade(ctx context.Context, id billing.AccountID, req Upgrade) (UpgradeResult, error) {
	return UpgradeResult{}, errSoon
}

// CompleteReturn is called when a customer comes back from a checkout (GET /return/checkout?purchase=ID): it syncs, and answers
// where to send the customer.
func (s *Service) CompleteReturn(ctx context.Context, purchase billing.PurchaseID) (redirect string, err error) {
	return "", errSoon
}

// OpenPortal opens the provider's portal for the account and returns its URL, which is short-lived.
func (s *Service) OpenPortal(ctx context.Context, id billing.AccountID, returnURL string) (url string, err error) {
	return "", errSoon
}

// CompletePortal is called when a customer comes back from the portal (GET /return/portal?visit=ID): it syncs, and answers
// where to send the customer.
func (s *Service) CompletePortal(ctx context.Context, visit string) (redirect string, err error) {
	return "", errSoon
}

// Receive takes a webhook in: once it returns nil, the event is committed and the sender may be told 2xx. An event that is
// known already is nil too. A bad signature or body is an error of code invalid.
func (s *Service) Receive(ctx context.Context, header http.Header, body []byte) error { return errSoon }

// Sync reads the customer's state from the provider and commits it with all its effects. It is the one way in, for webhooks,
// return pages and requests alike, and runs for one customer at a time.
func (s *Service) Sync(ctx context.Context, customer billing.CustomerID) error { return errSoon }

// Run works off inbox and outbox until ctx ends. Several processes may run it on one database.
func (s *Service) Run(ctx context.Context) error { return errSoon }

// Drain works off inbox and outbox until nothing is due, whether Run is running or not. What waits for a later try stays.
func (s *Service) Drain(ctx context.Context) error { return errSoon }

// Ready returns an error when the service cannot work: the database does not answer or is not migrated.
func (s *Service) Ready(ctx context.Context) error { return errSoon }
