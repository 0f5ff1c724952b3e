package httpapi

import (
	"context"

	"github.com/dues-billing/dues/billing"
)

// Methods are what an account has saved to pay with, newest first.
type Methods struct {
	Methods []Method `json:"payment_methods" nullable:"false"`
}

// Method is a saved payment method: what its owner knows it by, and never more.
type Method struct {
	ID       billing.PaymentMethodID `json:"id"`
	Type     string                  `json:"type" doc:"card"`
	Brand    string                  `json:"brand" doc:"visa, mastercard, …"`
	Last4    string                  `json:"last4"`
	ExpMonth int                     `json:"exp_month"`
	ExpYear  int                     `json:"exp_year"`
	Wallet   string                  `json:"wallet" doc:"apple_pay, google_pay, …; empty for the card itself"`
	Default  bool                    `json:"default" doc:"It is charged next"`
}

type saveMethodRequest struct {
	ReturnURL string `json:"return_url" doc:"Where the browser goes afterwards; its host must be allowed"`
}

// Page is the address of a hosted page: send the browser there.
type Page struct {
	URL string `json:"url"`
}

type byMethod struct {
	ID     string `path:"id" doc:"The app's own id"`
	Method string `path:"method" doc:"The saved method's id"`
}

type byMyMethod struct {
	Method string `path:"method" doc:"The saved method's id"`
}

func (a *api) methods(ctx context.Context, in *byID) (*reply[Methods], error) {
	return methodsOf(a.service.PaymentMethods(ctx, billing.AccountID(in.ID)))
}

func (a *api) myMethods(ctx context.Context, _ *oneself) (*reply[Methods], error) {
	return methodsOf(a.service.PaymentMethods(ctx, caller(ctx)))
}

func (a *api) saveMethod(ctx context.Context, in *withBodyOf[saveMethodRequest]) (*reply[Page], error) {
	return opened(a.service.SavePaymentMethod(ctx, billing.AccountID(in.ID), in.Body.value.ReturnURL))
}

func (a *api) saveMyMethod(ctx context.Context, in *withBody[saveMethodRequest]) (*reply[Page], error) {
	return opened(a.service.SavePaymentMethod(ctx, caller(ctx), in.Body.value.ReturnURL))
}

func (a *api) defaultMethod(ctx context.Context, in *byMethod) (*reply[Methods], error) {
	return methodsOf(a.service.SetDefaultMethod(ctx, billing.AccountID(in.ID), billing.PaymentMethodID(in.Method)))
}

func (a *api) defaultMyMethod(ctx context.Context, in *byMyMethod) (*reply[Methods], error) {
	return methodsOf(a.service.SetDefaultMethod(ctx, caller(ctx), billing.PaymentMethodID(in.Method)))
}

func (a *api) removeMethod(ctx context.Context, in *byMethod) (*reply[Methods], error) {
	return methodsOf(a.service.RemovePaymentMethod(ctx, billing.AccountID(in.ID), billing.PaymentMethodID(in.Method)))
}

func (a *api) removeMyMethod(ctx context.Context, in *byMyMethod) (*reply[Methods], error) {
	return methodsOf(a.service.RemovePaymentMethod(ctx, caller(ctx), billing.PaymentMethodID(in.Method)))
}

func opened(url string, err error) (*reply[Page], error) {
	if err != nil {
		return nil, err
	}
	return ok(Page{URL: url}), nil
}

func methodsOf(saved []billing.PaymentMethod, err error) (*reply[Methods], error) {
	if err != nil {
		return nil, err
	}
	out := Methods{Methods: make([]Method, len(saved))}
	for i, m := range saved {
		out.Methods[i] = Method{m.ID, m.Type, m.Brand, m.Last4, m.ExpMonth, m.ExpYear, m.Wallet, m.Default}
	}
	return ok(out), nil
}
