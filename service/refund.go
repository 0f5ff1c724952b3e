package service

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
	"github.com/dues-billing/dues/sqlstore"
)

// Refund asks to give money back. The zero value gives back what is left of the newest payment, if the rules allow it.
type Refund struct {
	Group    billing.Group
	Invoice  billing.InvoiceID // "" is that of the newest payment in the group
	Amount   int64             // in the currency's minor unit, 0 is all that is left
	Reason   string            // one of billing.RefundReasons, or ""
	Override bool              // give it back whatever the rules say
	Left     int64             // what whoever asks has seen to be left, 0 when he has not looked: if it is less by now, that is an error of code conflict
}

// QuoteRefund says whether the rules allow to give a payment of the account back, how much, and why not. An unknown invoice is an error of code
// not_found.
func (s *Service) QuoteRefund(ctx context.Context, id billing.AccountID, group billing.Group, invoice billing.InvoiceID) (billing.RefundQuote, error) {
	account, err := s.Account(ctx, id)
	if err != nil {
		return billing.RefundQuote{}, err
	}
	payer, err := s.payerOf(ctx, account, invoice)
	if err != nil {
		return billing.RefundQuote{}, err
	}
	return s.quoteRefund(ctx, payer, group, invoice)
}

// payerOf returns the account with the customer who paid an invoice: its own, or the guest's for what it has claimed.
func (s *Service) payerOf(ctx context.Context, account billing.Account, invoice billing.InvoiceID) (billing.Account, error) {
	if invoice == "" {
		return account, nil
	}
	bought, found, err := s.cfg.Store.OneOffPaidBy(ctx, account.ID, invoice)
	if err == nil && found && bought.Customer != account.Customer {
		account.Customer, account.ProviderAccount = bought.Customer, "" // guests pay at the default one
	}
	return account, err
}

func (s *Service) quoteRefund(ctx context.Context, account billing.Account, group billing.Group, invoice billing.InvoiceID) (billing.RefundQuote, error) {
	if err := s.cfg.Catalog.CheckGroup(group); err != nil {
		return billing.RefundQuote{}, err
	}
	state, err := s.cfg.Store.State(ctx, account.Customer)
	if err != nil {
		return billing.RefundQuote{}, err
	}
	used, err := s.cfg.Store.Consumption(ctx, account.ID)
	if err != nil {
		return billing.RefundQuote{}, err
	}
	elsewhere, err := s.invoicesElsewhere(ctx, account)
	if err != nil {
		return billing.RefundQuote{}, err
	}
	return s.cfg.Catalog.In(group).QuoteRefund(state, elsewhere, invoice, used, s.cfg.Clock.Business())
}

// invoicesElsewhere are those of the other customers of a payer: of the account's own customer, and of those that it was as a guest.
func (s *Service) invoicesElsewhere(ctx context.Context, payer billing.Account) (all []billing.Invoice, err error) {
	account, err := s.cfg.Store.Account(ctx, payer.ID)
	if err != nil {
		return nil, err
	}
	others, err := s.cfg.Store.GuestsOf(ctx, payer.ID, account.Customer)
	if err != nil {
		return nil, err
	}
	for _, other := range append(others, account.Customer) {
		if other == payer.Customer {
			continue
		}
		invoices, err := s.cfg.Store.Invoices(ctx, other)
		if err != nil {
			return nil, err
		}
		all = append(all, invoices...)
	}
	return all, nil
}

// Refund gives a payment back, once: whoever asks again for what was given back already, or asks at the same time, is answered with the same
// order. What the payment paid for ends with it: the license is cut, and the plan ends when nothing of its payment is left. A refund
// that the rules, or the provider, do not allow is an error of code conflict. The order is pending when the provider did not answer; then the outbox
// asks again.
func (s *Service) Refund(ctx context.Context, id billing.AccountID, req Refund) (billing.RefundOrder, error) {
	switch {
	case req.Amount < 0:
		return billing.RefundOrder{}, billing.Errorf(billing.Invalid, "a refund must be positive, got %d", req.Amount).In("amount")
	case req.Reason != "" && !slices.Contains(billing.RefundReasons, req.Reason):
		return billing.RefundOrder{}, billing.Errorf(billing.Invalid, "%q is no reason that the provider counts; known are %s", req.Reason, strings.Join(billing.RefundReasons, ", ")).In("reason")
	}
	account, err := s.Account(ctx, id)
	if err != nil {
		return billing.RefundOrder{}, err
	}
	if account, err = s.payerOf(ctx, account, req.Invoice); err != nil {
		return billing.RefundOrder{}, err
	}
	var order billing.RefundOrder
	err = s.locked(ctx, customerLock(account.Customer), func(ctx context.Context, h *hold) (err error) {
		// What was given back elsewhere a moment ago must not be given back again.
		if _, err := s.sync(ctx, h, account.Customer); err != nil {
			return err
		}
		found := false
		if order, found, err = s.beginRefund(ctx, h, account, req); err != nil || found {
			return err
		}
		order, err = s.makeRefund(ctx, h, account, order)
		if billing.CodeOf(err) == billing.Unavailable {
			s.log.WarnContext(ctx, "a refund was not made yet; the outbox tries again", "order", order.ID, "error", err)
			return nil
		}
		return err
	})
	return order, err
}

// beginRefund commits the order, together with the effect that sees to it when this process does not. found says that there is nothing to be
// made: the payment was given back by an order before.
func (s *Service) beginRefund(ctx context.Context, h *hold, account billing.Account, req Refund) (order billing.RefundOrder, found bool, err error) {
	quote, err := s.quoteRefund(ctx, account, req.Group, req.Invoice)
	if err != nil {
		return order, false, err
	}
	orders, err := s.cfg.Store.RefundOrders(ctx, account.ID)
	if err != nil {
		return order, false, err
	}
	for _, before := range orders {
		if before.Invoice != quote.Invoice || quote.Invoice == "" {
			continue
		}
		if before.Status == billing.RefundPending {
			return before, false, nil
		}
		if before.Status == billing.RefundMade && quote.Amount.Minor == 0 {
			return before, true, nil
		}
	}
	if err := refundable(quote, req); err != nil {
		return order, false, err
	}
	order = billing.RefundOrder{
		ID: billing.RefundOrderID(newID("rfo")), Account: account.ID, Invoice: quote.Invoice, Amount: quote.Amount, Reason: req.Reason,
		Override: !quote.Eligible(), Status: billing.RefundPending, CreatedAt: s.cfg.Clock.Business(),
	}
	if req.Amount > 0 {
		order.Amount = money.New(req.Amount, quote.Amount.Currency)
	}
	payload, err := json.Marshal(callFacts{Order: order.ID})
	if err != nil {
		return order, false, err
	}
	now := s.cfg.Clock.Wall()
	return order, false, s.inTxHeld(ctx, h, func(tx *sqlstore.Tx) error {
		if err := tx.AddRefundOrder(ctx, order); err != nil {
			return err
		}
		_, err := tx.AddEffect(ctx, sqlstore.Effect{
			Key: refundEffect(order.ID), Kind: string(billing.CallEffect), Name: billing.RefundCall, Account: account.ID, Payload: payload,
			CreatedAt: now, DueAt: now.Add(callTime), // by then this call has had its answer, unless the process has died
		})
		return err
	})
}

func refundEffect(id billing.RefundOrderID) string { return "refund:" + string(id) }

// refundable returns why an order cannot be given.
func refundable(q billing.RefundQuote, req Refund) error {
	switch {
	case !q.Possible, !q.Eligible() && !req.Override:
		why := make([]string, len(q.Reasons))
		for i, reason := range q.Reasons {
			why[i] = reason.Message
		}
		return billing.Errorf(billing.Conflict, "%s", strings.Join(why, " "))
	case req.Left > 0 && req.Left != q.Amount.Minor:
		return billing.Errorf(billing.Conflict, "%s are left of this payment by now; look again before more is given back", q.Amount.Format("en"))
	case req.Amount > q.Amount.Minor:
		return billing.Errorf(billing.Invalid, "%s are left of this payment, which is less", q.Amount.Format("en")).In("amount")
	}
	return nil
}

// makeRefund lets the provider make what was ordered, and notes what came of it. Its error of code conflict says that the provider refused.
func (s *Service) makeRefund(ctx context.Context, h *hold, account billing.Account, order billing.RefundOrder) (billing.RefundOrder, error) {
	p, err := s.configured(account.ProviderAccount)
	if err != nil {
		return order, err
	}
	made, refused := call(ctx, func(ctx context.Context) (RefundMade, error) {
		return p.Provider.Refund(ctx, RefundRequest{Invoice: order.Invoice, Amount: order.Amount, Reason: order.Reason, Key: string(order.ID)})
	})
	switch {
	case refused == nil:
		order.Status, order.Refund, order.CreditNote = billing.RefundMade, made.Refund, made.CreditNote
	case billing.CodeOf(refused) == billing.Conflict:
		order.Status, order.Error = billing.RefundRefused, refused.Error()
	default:
		return order, refused
	}
	order.DoneAt = s.cfg.Clock.Business()
	err = s.inTxHeld(ctx, h, func(tx *sqlstore.Tx) error {
		if err := tx.SaveRefundOrder(ctx, order); err != nil {
			return err
		}
		return tx.DropEffect(ctx, refundEffect(order.ID))
	})
	if err != nil || refused != nil {
		return order, cmp.Or(err, refused)
	}
	if _, err := s.sync(ctx, h, account.Customer); err != nil {
		// It is made; the webhook brings what this sync could not.
		s.log.WarnContext(ctx, "the sync after a refund failed", "account", account.ID, "error", err)
	}
	return order, nil
}

// refundOrdered makes a refund whose order was committed, and that nobody has made yet.
func (s *Service) refundOrdered(ctx context.Context, account billing.Account, facts callFacts) error {
	order, err := s.cfg.Store.RefundOrder(ctx, facts.Order)
	if err != nil {
		return err
	}
	if account, err = s.payerOf(ctx, account, order.Invoice); err != nil {
		return err
	}
	return s.locked(ctx, customerLock(account.Customer), func(ctx context.Context, h *hold) error {
		order, err := s.cfg.Store.RefundOrder(ctx, facts.Order)
		if err != nil || order.Status != billing.RefundPending {
			return err
		}
		if _, err = s.makeRefund(ctx, h, account, order); billing.CodeOf(err) == billing.Conflict {
			s.log.ErrorContext(ctx, "the provider refused a refund that was promised", "account", account.ID, "order", order.ID, "error", err)
			return nil
		}
		return err
	})
}

// cancelRefunded ends a subscription when nothing is left of what its running period was paid with.
func (s *Service) cancelRefunded(ctx context.Context, account billing.Account, facts callFacts, key string) error {
	_, err := s.fulfil(ctx, account.ID, func(p Provider, state billing.State) (func(context.Context) error, error) {
		sub, found := state.Subscription(facts.Subscription)
		if !found || sub.Status.Ended() || sub.TakenBack != billing.Refunded {
			return nil, nil
		}
		return func(ctx context.Context) error {
			return p.Cancel(ctx, CancelRequest{Subscription: sub.ID, When: billing.CancelNow, Key: key})
		}, nil
	})
	return err
}

// Refunds returns the refunds that were asked for of the account's payments, newest first. What was given back in the provider's dashboard is not
// among them; its invoice says it.
func (s *Service) Refunds(ctx context.Context, id billing.AccountID) ([]billing.RefundOrder, error) {
	if _, err := s.Account(ctx, id); err != nil {
		return nil, err
	}
	return s.cfg.Store.RefundOrders(ctx, id)
}

// Consume notes how much of an asset an account has consumed, in percent: what the rules of refunds ask. Less than was noted before changes
// nothing. An asset that the catalogue does not have is an error of code invalid.
func (s *Service) Consume(ctx context.Context, id billing.AccountID, asset billing.AssetID, percent int) error {
	_, known := s.cfg.Catalog.Asset(asset)
	switch {
	case !known:
		return billing.Errorf(billing.Invalid, "the catalogue has no asset %q", asset).In("asset")
	case percent < 0 || percent > 100:
		return billing.Errorf(billing.Invalid, "percent is between 0 and 100, got %d", percent).In("percent")
	}
	if _, err := s.Account(ctx, id); err != nil {
		return err
	}
	consumed := billing.Consumption{Account: id, Asset: asset, Percent: percent, ReportedAt: s.cfg.Clock.Business()}
	if err := s.inTx(ctx, func(tx *sqlstore.Tx) error { return tx.SaveConsumption(ctx, consumed) }); err != nil {
		return fmt.Errorf("note consumption: %w", err)
	}
	return nil
}

// Consumption returns what an account has consumed of each asset, as far as it was noted.
func (s *Service) Consumption(ctx context.Context, id billing.AccountID) ([]billing.Consumption, error) {
	if _, err := s.Account(ctx, id); err != nil {
		return nil, err
	}
	return s.cfg.Store.Consumption(ctx, id)
}
