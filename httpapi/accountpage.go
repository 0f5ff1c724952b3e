package httpapi

import (
	"context"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

type accountPageRequest struct {
	ReturnURL string `json:"return_url,omitempty" doc:"Where the page's way back leads; its host must be allowed. None unless said"`
	Language  string `json:"language,omitempty" doc:"BCP 47; that of the account unless said, else of the browser"`
}

// AccountPage is the address of an account's own page: plan, usage, invoices, card. It opens without further sign-in until expires_at: give it to the account's owner alone.
type AccountPage struct {
	URL       string `json:"url"`
	Token     string `json:"token" doc:"What <dues-account session> wants, where the page is part of one of yours"`
	ExpiresAt Moment `json:"expires_at"`
}

func (a *api) accountPageMine(ctx context.Context, in *withBody[accountPageRequest]) (*reply[AccountPage], error) {
	return a.openAccountPage(ctx, caller(ctx), in.Body.value)
}

func (a *api) accountPage(ctx context.Context, in *withBodyOf[accountPageRequest]) (*reply[AccountPage], error) {
	return a.openAccountPage(ctx, billing.AccountID(in.ID), in.Body.value)
}

func (a *api) openAccountPage(ctx context.Context, id billing.AccountID, given accountPageRequest) (*reply[AccountPage], error) {
	visit, err := a.service.OpenAccountPage(ctx, id, service.AccountPage{ReturnURL: given.ReturnURL, Language: given.Language})
	if err != nil {
		return nil, err
	}
	return ok(AccountPage{URL: visit.URL(a.service.PublicURL()), Token: visit.Token, ExpiresAt: Moment(visit.ExpiresAt())}), nil
}
