package httpapi

import (
	"context"
	"net/http"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// Account is an account with what the app asks most: plan, access, until when, why, and what the customer must do.
type Account struct {
	ID              billing.AccountID      `json:"id" doc:"The app's own id"`
	Email           string                 `json:"email"`
	Name            string                 `json:"name"`
	Locale          string                 `json:"locale" doc:"The language of its mails, as BCP 47 names it; empty: that of the installation"`
	Customer        billing.CustomerID     `json:"customer" doc:"Stripe's id of the customer"`
	ProviderAccount string                 `json:"provider_account" doc:"The Stripe account where it is billed, by the name in our configuration; default where there is one only"`
	Plan            billing.PlanID         `json:"plan"`
	PlanName        string                 `json:"plan_name"`
	Price           string                 `json:"price" doc:"The catalogue's key of the price; empty without subscription"`
	Subscription    billing.SubscriptionID `json:"subscription" doc:"Stripe's id; empty without subscription"`
	Status          billing.Status         `json:"status" doc:"The subscription's status at Stripe; empty without subscription"`
	Access          billing.Level          `json:"access" enum:"full,limited,free,none"`
	Until           *Moment                `json:"until" nullable:"true" doc:"When access ends if no news comes: the period's end with a leeway. null: no end is known"`
	PeriodEnd       *Moment                `json:"period_end" nullable:"true" doc:"The end of the period that Stripe has billed"`
	CancelAt        *Moment                `json:"cancel_at" nullable:"true" doc:"When the subscription will end; null unless a cancellation is scheduled"`
	Quantity        int64                  `json:"quantity,omitempty" doc:"The seats, of a price that is sold by them; absent without"`
	Next            *NextPlan              `json:"next,omitempty" doc:"A change that happens when the period ends; absent without"`
	AddOns          []HeldAddOn            `json:"addons,omitempty" doc:"What the account has beside its plan; absent without"`
	Paused          bool                   `json:"paused,omitempty" doc:"Nothing is charged; what is paid for is kept until its end. Absent unless paused"`
	Why             string                 `json:"why" doc:"Why access is as it is, in one sentence"`
	Action          billing.Action         `json:"action" enum:",update_payment_method,confirm_payment" doc:"What the customer must do; empty: nothing"`
	ActionURL       string                 `json:"action_url" doc:"Where to do it; empty: in the portal"`
	Groups          []GroupAccess          `json:"groups,omitempty" doc:"The same of the other groups of plans; absent where all plans are of the default one"`
	PaymentMethod   *PaymentMethod         `json:"payment_method,omitempty" doc:"The saved default; absent without"`
	CreatedAt       Moment                 `json:"created_at"`
}

// MarshalJSON implements json.Marshaler: where the framework encodes an account, it says the same as a read.
func (a Account) MarshalJSON() ([]byte, error) { return a.appendJSON(nil), nil }

// appendJSON implements rendered.
func (a Account) appendJSON(to []byte) []byte {
	o := open(to)
	o.text("id", string(a.ID))
	o.text("email", a.Email)
	o.text("name", a.Name)
	o.text("locale", a.Locale)
	o.text("customer", string(a.Customer))
	o.text("provider_account", a.ProviderAccount)
	o.text("plan", string(a.Plan))
	o.text("plan_name", a.PlanName)
	o.text("price", a.Price)
	o.text("subscription", string(a.Subscription))
	o.text("status", string(a.Status))
	o.text("access", string(a.Access))
	o.moment("until", a.Until)
	o.moment("period_end", a.PeriodEnd)
	o.moment("cancel_at", a.CancelAt)
	if a.Quantity != 0 {
		o.number("quantity", a.Quantity)
	}
	if a.Next != nil {
		o.value("next", a.Next)
	}
	if len(a.AddOns) > 0 {
		list(&o, "addons", a.AddOns)
	}
	if a.Paused {
		o.truth("paused", true)
	}
	o.text("why", a.Why)
	o.text("action", string(a.Action))
	o.text("action_url", a.ActionURL)
	if len(a.Groups) > 0 {
		list(&o, "groups", a.Groups)
	}
	if a.PaymentMethod != nil {
		o.value("payment_method", a.PaymentMethod)
	}
	o.moment("created_at", &a.CreatedAt)
	return o.close()
}

// PaymentMethod is what may be known of a saved method.
type PaymentMethod struct {
	Type     string `json:"type"`
	Brand    string `json:"brand"`
	Last4    string `json:"last4"`
	ExpMonth int    `json:"exp_month"`
	ExpYear  int    `json:"exp_year"`
	Wallet   string `json:"wallet" doc:"apple_pay, google_pay, …; empty for a card by itself"`
}

// appendJSON implements rendered.
func (m *PaymentMethod) appendJSON(to []byte) []byte {
	o := open(to)
	o.text("type", m.Type)
	o.text("brand", m.Brand)
	o.text("last4", m.Last4)
	o.number("exp_month", int64(m.ExpMonth))
	o.number("exp_year", int64(m.ExpYear))
	o.text("wallet", m.Wallet)
	return o.close()
}

func accountOf(s service.Status) Account {
	return Account{
		ID: s.Account.ID, Email: s.Account.Email, Name: s.Account.Name, Locale: s.Account.Locale, Customer: s.Account.Customer,
		ProviderAccount: s.Account.ProviderAccount.Name(),
		Plan:            s.Plan, PlanName: s.PlanName, Price: s.Price, Subscription: s.Subscription, Status: s.Status,
		Access: s.Level, Until: moment(s.Until), PeriodEnd: moment(s.PeriodEnd), CancelAt: moment(s.CancelAt),
		Quantity: s.Quantity, Next: nextOf(s.Next), AddOns: heldOf(s.AddOns), Paused: s.Paused, Why: s.Why, Action: s.Action, ActionURL: s.ActionURL, PaymentMethod: methodOf(s.Method),
		Groups: groupsOf(s), CreatedAt: Moment(s.Account.CreatedAt),
	}
}

func methodOf(m *billing.PaymentMethod) *PaymentMethod {
	if m == nil {
		return nil
	}
	return &PaymentMethod{Type: m.Type, Brand: m.Brand, Last4: m.Last4, ExpMonth: m.ExpMonth, ExpYear: m.ExpYear, Wallet: m.Wallet}
}

type newAccount struct {
	ID              string `json:"id" doc:"The app's own id of the user or organisation" maxLength:"200"`
	Email           string `json:"email" doc:"Where receipts go" maxLength:"512"`
	Name            string `json:"name,omitempty" maxLength:"256"`
	Locale          string `json:"locale,omitempty" maxLength:"35" doc:"The language of its mails and of Stripe's, as BCP 47 names it: de, fr-CA. Mails are in English, German, French and Spanish, and otherwise in the installation's language. Left out, it stays as it is"`
	ProviderAccount string `json:"provider_account,omitempty" doc:"The Stripe account to bill it at, by the name in our configuration; it never moves. Empty or default: where it is, and default for a new one"`
}

func (a *api) createAccount(ctx context.Context, in *withBody[newAccount]) (*reply[Account], error) {
	given := in.Body.value
	made, created, err := a.service.CreateAccount(ctx, service.NewAccount{ID: billing.AccountID(given.ID), Email: given.Email, Name: given.Name, Locale: given.Locale,
		ProviderAccount: billing.ProviderAccountNamed(given.ProviderAccount),
	})
	if err != nil {
		return nil, err
	}
	note(ctx, made.ID, "")
	status, err := a.service.Status(ctx, made.ID)
	if err != nil {
		return nil, err
	}
	out := ok(accountOf(status))
	if created {
		out.Status = http.StatusCreated
	}
	return out, nil
}

// status reads what the app asks most.
func (a *api) status(ctx context.Context, id billing.AccountID) ([]byte, error) {
	return a.service.StatusText(ctx, id, func(s service.Status) []byte { return textOf(accountOf(s)) })
}
