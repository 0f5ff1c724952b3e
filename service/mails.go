package service

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/sqlstore"
)

// mailFacts are what a mail will speak of, as they are at the moment of the transition. The address is looked up when the mail
// is sent.
func (s *Service) mailFacts(e billing.Effect, now billing.State) MailData {
	plan, price, _ := s.cfg.Catalog.PlanOfPrice(e.Price)
	if asset, once, ok := s.cfg.Catalog.AssetOfPrice(e.Price); ok {
		plan.Name, price = asset.Name, once
	}
	from, _, _ := s.cfg.Catalog.PlanOfPrice(e.PriceFrom)
	data := MailData{
		Plan: plan.Name, PlanFrom: from.Name, Price: price, URL: s.cfg.AccountURL, ManageURL: s.cfg.AccountURL,
	}
	if sub, ok := now.Subscription(e.Subscription); ok && !sub.Status.Ended() {
		data.PeriodEnd = sub.PeriodEnd()
	}
	if e.Invoice.ID == "" {
		data.Amount = e.Refund.Amount
		return data
	}
	data.Invoice = cmp.Or(e.Invoice.Number, string(e.Invoice.ID))
	data.PaidAt, data.PDF = e.Invoice.PaidAt, e.Invoice.PDF
	data.URL = cmp.Or(e.Invoice.HostedURL, s.cfg.AccountURL) // the page shows what was paid, and takes what was not
	data.Amount = e.Invoice.AmountPaid
	if e.Name == billing.RefundedMail {
		data.Amount = e.Refund.Amount
		data.Paid, data.Returned = e.Invoice.AmountPaid, e.Invoice.Refunded
		return data
	}
	for _, line := range e.Invoice.Lines {
		data.Lines = append(data.Lines, MailLine{Description: line.Description, Amount: line.Amount})
		if line.Amount.Minor > 0 && line.Period.End.After(data.PeriodEnd) {
			data.PeriodEnd = line.Period.End // what is paid for, should the subscription have been read a moment earlier
		}
	}
	if e.Name == billing.PaymentFailedMail || e.Name == billing.ActionRequiredMail || isReminder(e.Name) {
		data.Amount = e.Invoice.AmountDue
		data.Attempt, data.RetryAt = e.Invoice.Attempts, e.Invoice.NextAttempt
	}
	return data
}

// send renders a mail and sends it to the account's present address.
func (s *Service) send(ctx context.Context, account billing.Account, e sqlstore.Effect) error {
	var data MailData
	if err := json.Unmarshal(e.Payload, &data); err != nil {
		return fmt.Errorf("payload: %w", err)
	}
	data.Account = account
	if isReminder(e.Name) {
		if due, err := s.stillDue(ctx, account, e, &data); err != nil || !due {
			return err
		}
	}
	mail, err := s.cfg.Render.Render(e.Name, data)
	if err != nil {
		return fmt.Errorf("render %s: %w", e.Name, err)
	}
	mail.Key, mail.To, mail.Name = e.Key, account.Email, account.Name
	return s.cfg.Sender.Send(ctx, mail)
}
