package service

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// accountsMax bounds one answer of Accounts.
const accountsMax = 200

// CreateAccount makes the account, its customer and its free subscription, or updates e-mail and name of the one with that id.
// It may be called twice, at once and from several processes: there is one customer and one subscription. created tells
// whether this call made it. After an error, calling it again goes on where it stopped.
func (s *Service) CreateAccount(ctx context.Context, req NewAccount) (account billing.Account, created bool, err error) {
	if err := req.check(); err != nil {
		return billing.Account{}, false, err
	}
	if _, err := s.at(req.ProviderAccount); err != nil {
		return billing.Account{}, false, billing.Errorf(billing.Invalid, "there is no provider account %q", req.ProviderAccount.Name()).In("provider_account")
	}
	var row sqlstore.Account
	err = s.inTx(ctx, func(tx *sqlstore.Tx) (err error) {
		intent := billing.Account{
			ID: req.ID, Email: req.Email, Name: req.Name, Locale: req.Locale, CreatedAt: s.cfg.Clock.Business(), ProviderAccount: req.ProviderAccount,
		}
		if created, err = tx.AddAccount(ctx, intent); err != nil {
			return err
		}
		if created {
			if err := s.planCompletion(ctx, tx, req.ID); err != nil {
				return err
			}
		}
		row, err = tx.Account(ctx, req.ID)
		if billing.CodeOf(err) == billing.NotFound {
			return billing.Errorf(billing.Conflict, "account %s was deleted; take another id", req.ID).In("id")
		}
		if err == nil && !created && req.ProviderAccount != "" && row.ProviderAccount != req.ProviderAccount {
			err = billing.Errorf(billing.Conflict, "account %s is billed in provider account %s, and an account never moves", req.ID, row.ProviderAccount.Name()).
				In("provider_account")
		}
		return err
	})
	if err != nil {
		return billing.Account{}, false, err
	}
	if row.ReadyAt.IsZero() || req.contact(row.Account) != row.Account {
		row, err = s.completeAccount(ctx, req)
	}
	return row.Account, created, err
}

// completionWait is when the outbox completes an account whose creation broke off, should nobody else do so before.
const completionWait = time.Minute

func completionKey(id billing.AccountID) string { return "complete:" + string(id) }

// planCompletion makes sure that an account which was begun is completed, also when this process ends in the middle of it and the
// app never asks again.
func (s *Service) planCompletion(ctx context.Context, tx *sqlstore.Tx, id billing.AccountID) error {
	now := s.cfg.Clock.Wall()
	s.originates(ctx, completionKey(id))
	_, err := tx.AddEffect(ctx, sqlstore.Effect{
		Key: completionKey(id), Kind: string(billing.CallEffect), Name: billing.CompleteCall, Account: id, Payload: []byte(`{}`),
		CreatedAt: now, DueAt: now.Add(completionWait),
	})
	return err
}

func (a NewAccount) check() error {
	switch address, err := mail.ParseAddress(a.Email); {
	case a.ID == "":
		return billing.Errorf(billing.Invalid, "id is missing").In("id")
	case len(a.ID) > billing.AccountIDBytesMax:
		return billing.Errorf(billing.Invalid, "id is longer than %d bytes", billing.AccountIDBytesMax).In("id")
	case !printable(string(a.ID)):
		return billing.Errorf(billing.Invalid, "id must be printable text").In("id")
	case a.Email == "":
		return billing.Errorf(billing.Invalid, "email is missing").In("email")
	case len(a.Email) > billing.EmailBytesMax:
		return billing.Errorf(billing.Invalid, "email is longer than %d bytes", billing.EmailBytesMax).In("email")
	case err != nil || address.Address != a.Email:
		return billing.Errorf(billing.Invalid, "email must be an address such as ada@example.com").In("email")
	case len(a.Name) > billing.NameBytesMax:
		return billing.Errorf(billing.Invalid, "name is longer than %d bytes", billing.NameBytesMax).In("name")
	case !printable(a.Name):
		return billing.Errorf(billing.Invalid, "name must be printable text").In("name")
	}
	return a.checkLocale()
}

// checkLocale takes what names a language of the world, spoken here or not: the provider may speak it.
func (a NewAccount) checkLocale() error {
	if a.Locale == "" {
		return nil
	}
	if tag, err := language.Parse(a.Locale); err != nil || tag.String() != a.Locale || len(a.Locale) > billing.LocaleBytesMax {
		return billing.Errorf(billing.Invalid, "locale must name a language as BCP 47 does, such as de or fr-CA").In("locale")
	}
	return nil
}

// contact is the account with what the request says of whom to write to, and in which language.
func (a NewAccount) contact(is billing.Account) billing.Account {
	is.Email, is.Name, is.Locale = a.Email, a.Name, cmp.Or(a.Locale, is.Locale)
	return is
}

func printable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

// completeAccount does what is missing of an account whose row is committed.
func (s *Service) completeAccount(ctx context.Context, req NewAccount) (row sqlstore.Account, err error) {
	err = s.locked(ctx, accountLock(req.ID), func(ctx context.Context, h *hold) (err error) {
		if row, err = s.cfg.Store.Account(ctx, req.ID); err != nil {
			return err
		}
		if row.Customer == "" {
			if err := s.makeCustomer(ctx, h, &row); err != nil {
				return err
			}
		}
		if req.contact(row.Account) != row.Account {
			if err := s.updateContact(ctx, h, &row, req); err != nil {
				return err
			}
		}
		if row.ReadyAt.IsZero() {
			return s.makeReady(ctx, h, &row)
		}
		return nil
	})
	return row, err
}

func (s *Service) makeCustomer(ctx context.Context, h *hold, row *sqlstore.Account) error {
	p, err := s.configured(row.ProviderAccount)
	if err != nil {
		return err
	}
	customer, err := call(ctx, func(ctx context.Context) (billing.CustomerID, error) {
		return p.Provider.EnsureCustomer(ctx, row.Account, "customer:"+string(row.ID))
	})
	if err != nil {
		return err
	}
	return s.inTx(ctx, func(tx *sqlstore.Tx) error {
		if err := tx.Hold(ctx, h.lease); err != nil {
			return err
		}
		if _, err := tx.SetCustomer(ctx, row.ID, customer); err != nil {
			return err
		}
		if err := tx.SetHome(ctx, customer, row.ProviderAccount); err != nil {
			return err
		}
		row.Customer = customer
		return nil
	})
}

// updateContact changes e-mail and name at the provider first: when that fails, the row still differs and the next call repeats it.
func (s *Service) updateContact(ctx context.Context, h *hold, row *sqlstore.Account, req NewAccount) error {
	wanted := req.contact(row.Account)
	digest := sha256.Sum256([]byte(wanted.Email + "\x00" + wanted.Name + "\x00" + wanted.Locale))
	key := "contact:" + string(row.ID) + ":" + hex.EncodeToString(digest[:8])
	p, err := s.configured(row.ProviderAccount)
	if err != nil {
		return err
	}
	_, err = call(ctx, func(ctx context.Context) (billing.CustomerID, error) {
		return p.Provider.EnsureCustomer(ctx, wanted, key)
	})
	if err != nil {
		return err
	}
	// Notices are numbered under the customer's lease.
	err = s.locked(ctx, customerLock(row.Customer), func(ctx context.Context, customer *hold) error {
		state, err := s.cfg.Store.State(ctx, row.Customer)
		if err != nil {
			return err
		}
		return s.inTxHeld(ctx, customer, func(tx *sqlstore.Tx) error {
			if err := tx.Hold(ctx, h.lease); err != nil {
				return err
			}
			if err := tx.SetContact(ctx, wanted); err != nil || row.ReadyAt.IsZero() { // what was not told of yet did not change
				return err
			}
			return s.tellAccount(ctx, tx, wanted, billing.AccountUpdated, state)
		})
	})
	if err != nil {
		return err
	}
	row.Account = wanted
	s.wakeEndpoints()
	return nil
}

// makeReady starts the free subscription of each group, unless the customer has had one of it already, and welcomes the account. A customer that somebody
// has deleted at the provider meanwhile gets neither: no try would ever succeed.
func (s *Service) makeReady(ctx context.Context, h *hold, row *sqlstore.Account) error {
	deleted := false
	err := s.locked(ctx, customerLock(row.Customer), func(ctx context.Context, h *hold) error {
		state, err := s.sync(ctx, h, row.Customer)
		if err != nil {
			return err
		}
		deleted = state.Deleted
		if deleted {
			return nil
		}
		err = s.inTxHeld(ctx, h, func(tx *sqlstore.Tx) error { return s.tellAccount(ctx, tx, row.Account, billing.AccountCreated, state) })
		if err != nil {
			return err
		}
		for _, free := range s.cfg.Catalog.FreeFirst(state) {
			if err := s.subscribe(ctx, h, row.Account, free.Key, freeKeyOf(row.ID, free.Group)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	at := s.cfg.Clock.Business()
	err = s.inTx(ctx, func(tx *sqlstore.Tx) error {
		if err := tx.Hold(ctx, h.lease); err != nil {
			return err
		}
		if _, err := tx.SetReady(ctx, row.ID, at); err != nil {
			return err
		}
		if err := tx.DropEffect(ctx, completionKey(row.ID)); err != nil {
			return err
		}
		if deleted {
			return nil
		}
		welcome := billing.Effect{
			Key: "welcome:" + string(row.ID), Kind: billing.MailEffect, Name: billing.WelcomeMail, Price: s.freeKey(),
		}
		_, err := s.addEffect(ctx, tx, row.ID, welcome, billing.State{})
		return err
	})
	if err == nil {
		row.ReadyAt = at
		wake(s.outbox)
		s.wakeEndpoints()
	}
	return err
}

// freeKeyOf is the idempotency key of the free subscription that an account begins with in a group.
func freeKeyOf(id billing.AccountID, group billing.Group) string {
	if group == "" {
		return "free:" + string(id)
	}
	return "free-of:" + string(group) + ":" + string(id) // a group has no colon, so this is of no other account
}

func (s *Service) freeKey() string {
	price, _ := s.cfg.Catalog.FreePrice()
	return price.Key
}

// subscribe starts a subscription that costs nothing now, and syncs. The caller holds the customer's lease.
func (s *Service) subscribe(ctx context.Context, h *hold, account billing.Account, price, key string) error {
	p, err := s.configured(account.ProviderAccount)
	if err != nil {
		return err
	}
	id, err := s.priceID(ctx, p, price)
	if err != nil {
		return err
	}
	_, err = call(ctx, func(ctx context.Context) (billing.SubscriptionID, error) {
		return p.Provider.Subscribe(ctx, SubscribeRequest{Customer: account.Customer, Price: id, Account: account.ID, Key: key})
	})
	if err != nil {
		return err
	}
	_, err = s.sync(ctx, h, account.Customer)
	return err
}

// ready returns an account that can buy: one whose creation was interrupted is completed first.
func (s *Service) ready(ctx context.Context, id billing.AccountID) (billing.Account, error) {
	row, err := s.cfg.Store.Account(ctx, id)
	if err == nil && row.ReadyAt.IsZero() {
		row, err = s.completeAccount(ctx, NewAccount{ID: row.ID, Email: row.Email, Name: row.Name})
	}
	return row.Account, err
}

// Account returns an account, or an error of code not_found.
func (s *Service) Account(ctx context.Context, id billing.AccountID) (billing.Account, error) {
	row, err := s.cfg.Store.Account(ctx, id)
	return row.Account, err
}

// AccountByCustomer returns the account of a customer, or an error of code not_found.
func (s *Service) AccountByCustomer(ctx context.Context, customer billing.CustomerID) (billing.Account, error) {
	row, err := s.cfg.Store.AccountByCustomer(ctx, customer)
	return row.Account, err
}

// Accounts returns the newest accounts whose id, e-mail or name contains query or whose customer it is, at most limit.
func (s *Service) Accounts(ctx context.Context, query string, limit int) ([]billing.Account, error) {
	return accountsOf(s.cfg.Store.Accounts(ctx, query, bounded(limit, accountsMax)))
}

// Search returns what Accounts does; and where that is none, the accounts of the invoice, payment, card (its last four digits), subscription, event, purchase or other
// object whose id or number it is.
func (s *Service) Search(ctx context.Context, query string, limit int) ([]billing.Account, error) {
	return accountsOf(s.cfg.Store.Search(ctx, query, bounded(limit, accountsMax)))
}

func accountsOf(rows []sqlstore.Account, err error) ([]billing.Account, error) {
	accounts := make([]billing.Account, len(rows))
	for i, row := range rows {
		accounts[i] = row.Account
	}
	return accounts, err
}

// bounded returns limit when it lies between 1 and most, else most.
func bounded(limit, most int) int {
	if limit < 1 || limit > most {
		return most
	}
	return limit
}
