package service

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"strings"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
	"github.com/dues-billing/dues/webhook"
)

// tell writes what the application has to be told of a change, a row for each endpoint that wants it, in the transaction of the
// change. It reports whether there is something to deliver. The caller holds the customer's lease.
func (s *Service) tell(ctx context.Context, tx *sqlstore.Tx, account billing.Account, change billing.Change) (bool, error) {
	if len(s.endpoints) == 0 {
		return false, nil
	}
	told, err := tx.Told(ctx, account.ID)
	if err != nil {
		return false, err
	}
	change.Account, change.Told, change.At = account.ID, told, s.cfg.Clock.Business()
	notices, now := billing.Tell(s.cfg.Catalog, change)
	return s.addNotices(ctx, tx, account, notices, told, now)
}

// tellAccount tells of the account itself: once that it is there, and each time that it is otherwise. The caller holds the lease of its customer.
func (s *Service) tellAccount(ctx context.Context, tx *sqlstore.Tx, account billing.Account, kind string, state billing.State) error {
	if len(s.endpoints) == 0 {
		return nil
	}
	told, err := tx.Told(ctx, account.ID)
	if err != nil || kind == billing.AccountCreated && told.Sequence > 0 { // a creation that broke off goes on
		return err
	}
	now := told
	now.Sequence++
	n := billing.OfAccount(account.ID, kind, now.Sequence, billing.AccessOf(s.cfg.Catalog.In(""), state, s.cfg.Clock.Business()))
	_, err = s.addNotices(ctx, tx, account, []billing.Notice{n}, told, now)
	return err
}

// addNotices stores what is to be told, and what has been told then. The caller holds the lease of the account's customer.
func (s *Service) addNotices(ctx context.Context, tx *sqlstore.Tx, account billing.Account, notices []billing.Notice, told, now billing.Told) (added bool, err error) {
	if !now.Equal(told) {
		if err := tx.SaveTold(ctx, account.ID, now); err != nil {
			return false, err
		}
	}
	at := s.cfg.Clock.Business()
	for _, n := range notices {
		fresh, err := s.addNotice(ctx, tx, account, n, at)
		if err != nil {
			return false, err
		}
		added = added || fresh
	}
	return added, nil
}

// addNotice stores a notice for each endpoint that wants it, with its body as it will be delivered each time.
func (s *Service) addNotice(ctx context.Context, tx *sqlstore.Tx, account billing.Account, n billing.Notice, at time.Time) (added bool, err error) {
	body, err := json.Marshal(s.noticeBody(account, n, at))
	if err != nil {
		return false, err
	}
	for _, e := range s.endpoints {
		if !e.wants(n.Type) {
			continue
		}
		key := "notice:" + e.Name + ":" + n.Key
		s.originates(ctx, key)
		fresh, err := tx.AddEffect(ctx, sqlstore.Effect{
			Key: key, Kind: string(billing.NoticeEffect), Name: n.Type, Endpoint: e.Name, Account: account.ID,
			Payload: body, CreatedAt: s.cfg.Clock.Wall(),
		})
		if err != nil {
			return false, err
		}
		added = added || fresh
	}
	return added, nil
}

// noticeID names a transition to receivers. It follows from the key, so that a database that was restored from a backup says the same.
func noticeID(key string) string {
	const letters = 26 // 130 bits
	sum := sha256.Sum256([]byte(key))
	return "msg_" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:letters])
}

// noticeBody is a notice in the words of the API.
func (s *Service) noticeBody(account billing.Account, n billing.Notice, at time.Time) webhook.Notice {
	out := webhook.Notice{
		ID: noticeID(n.Key), Type: n.Type, Created: at.UTC().Truncate(time.Second), Sequence: n.Sequence,
		Data: webhook.Data{
			Account: string(account.ID), Customer: string(account.Customer),
			Access: webhook.Access{
				Group: string(n.Access.Group), Plan: string(n.Access.Plan), Price: n.Access.Price, Level: string(n.Access.Level), Until: known(n.Access.Until), Action: string(n.Access.Action),
				AddOns: addOnsTold(n.Access.AddOns),
			},
		},
	}
	if sub := n.Subscription; sub.ID != "" {
		plan, price := s.cfg.Catalog.Sold(sub)
		out.Data.Subscription = &webhook.Subscription{
			ID: string(sub.ID), Group: string(plan.Group), Status: string(sub.Status), Plan: string(plan.ID), Price: price.Key,
			PeriodEnd: known(sub.PeriodEnd()), CancelAt: known(sub.CancelAt), EndedAt: known(sub.EndedAt),
		}
	}
	if i := n.Invoice; i.ID != "" {
		out.Data.Invoice = &webhook.Invoice{
			ID: string(i.ID), Number: i.Number, Status: string(i.Status), Reason: i.Reason, Currency: string(i.Total.Currency),
			Total: i.Total.Minor, AmountDue: i.AmountDue.Minor, AmountPaid: i.AmountPaid.Minor, PaidAt: known(i.PaidAt), URL: i.HostedURL,
		}
	}
	if l := n.License; l.Asset != "" {
		out.Data.License = &webhook.License{Asset: string(l.Asset), StartsAt: l.StartsAt.UTC(), EndsAt: known(l.EndsAt)}
	}
	if r := n.Refund; r.ID != "" {
		out.Data.Refund = &webhook.Refund{ID: string(r.ID), Status: r.Status, Reason: r.Reason, Currency: string(r.Amount.Currency), Amount: r.Amount.Minor}
	}
	if d := n.Dispute; d.ID != "" {
		out.Data.Dispute = &webhook.Dispute{
			ID: string(d.ID), Status: d.Status, Reason: d.Reason, Currency: string(d.Amount.Currency), Amount: d.Amount.Minor, AnswerBy: known(d.AnswerBy),
		}
	}
	if o := n.Purchase; o.ID != "" {
		asset, _, _ := s.cfg.Catalog.AssetOfPrice(o.PriceKey)
		out.Data.Purchase = &webhook.Purchase{
			ID: string(o.ID), Key: o.Key, Status: string(o.Status), Price: o.PriceKey, Asset: string(asset.ID), Currency: string(o.Amount.Currency), Amount: o.Amount.Minor,
		}
	}
	if p := n.Previous; p != (billing.Previous{}) {
		out.Previous = &webhook.Previous{Plan: string(p.Plan), Price: p.Price, Level: string(p.Level)}
	}
	return out
}

func addOnsTold(all []billing.HeldAddOn) []webhook.AddOn {
	var out []webhook.AddOn
	for _, h := range all {
		out = append(out, webhook.AddOn{ID: string(h.AddOn), Price: h.Price, Quantity: h.Quantity})
	}
	return out
}

// known is a time in a notice: null when it is not known.
func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
