package service

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
)

// previewLife is how long a preview may be acted on. The change is then prorated from the moment of the preview, so this is how much a customer could
// at most choose to be billed from too early.
const previewLife = 30 * time.Minute

// ChangePreview is what a change will cost, and the token to have it for that.
type ChangePreview struct {
	billing.Preview
	Planned   billing.PlannedChange
	Token     string
	ExpiresAt time.Time
}

// StalePreview says that a change would not cost what was shown. It brings what it costs now.
type StalePreview struct{ Now ChangePreview }

func (*StalePreview) Error() string { return "the preview is stale" }

// PreviewChange answers what a change will cost, in the mirror's view of the subscription; nothing is changed. A change that is none is an error of code conflict.
func (s *Service) PreviewChange(ctx context.Context, id billing.AccountID, wish billing.ChangeWish) (ChangePreview, error) {
	account, err := s.Account(ctx, id)
	if err != nil {
		return ChangePreview{}, err
	}
	p, err := s.configured(account.ProviderAccount)
	if err != nil {
		return ChangePreview{}, err
	}
	state, err := s.cfg.Store.State(ctx, account.Customer)
	if err != nil {
		return ChangePreview{}, err
	}
	c := &changing{Service: s, account: account, provider: p}
	if err := c.plan(ctx, state, wish); err != nil {
		return ChangePreview{}, err
	}
	if !c.planned.Needed {
		return ChangePreview{}, c.already()
	}
	return c.preview(ctx)
}

// already is the error for a change that is none.
func (c *changing) already() error {
	if c.wish.AddOn != (billing.AddOnWish{}) {
		return billing.Errorf(billing.Conflict, "the account has the add-on so already")
	}
	return billing.Errorf(billing.Conflict, "the account is on %q already, with this quantity", c.planned.Price.Key)
}

// Upcoming answers what the account's next invoice of a group will be. An error of code not_found says that none will come: the account is on no plan that renews, or its plan ends.
func (s *Service) Upcoming(ctx context.Context, id billing.AccountID, group billing.Group) (billing.Preview, error) {
	if err := s.cfg.Catalog.CheckGroup(group); err != nil {
		return billing.Preview{}, err
	}
	account, err := s.Account(ctx, id)
	if err != nil {
		return billing.Preview{}, err
	}
	p, err := s.configured(account.ProviderAccount)
	if err != nil {
		return billing.Preview{}, err
	}
	state, err := s.cfg.Store.State(ctx, account.Customer)
	if err != nil {
		return billing.Preview{}, err
	}
	best, ok := billing.Best(s.cfg.Catalog.In(group), state)
	if !ok {
		return billing.Preview{}, billing.Errorf(billing.NotFound, "the account has no subscription, so no invoice will come")
	}
	next, err := call(ctx, func(ctx context.Context) (billing.Preview, error) { return p.Provider.Upcoming(ctx, best.ID) })
	if billing.CodeOf(err) == billing.NotFound {
		return billing.Preview{}, billing.Errorf(billing.NotFound, "no invoice will come").Because(err)
	}
	return next, err
}

// look asks the provider what the change costs, prorated from a moment.
func (c *changing) look(ctx context.Context, at time.Time) (billing.Preview, error) {
	req := c.request()
	req.ProratedAt = at
	seen, err := call(ctx, func(ctx context.Context) (billing.Preview, error) { return c.provider.Provider.PreviewChange(ctx, req) })
	if err == nil && c.planned.Proration == billing.ProrateNow {
		seen.At = at
	}
	return seen, err
}

// preview answers what the change costs from now on, with a token.
func (c *changing) preview(ctx context.Context) (ChangePreview, error) {
	now := c.cfg.Clock.Business().Truncate(time.Second)
	seen, err := c.look(ctx, now)
	if err != nil {
		return ChangePreview{}, err
	}
	t := token{
		Account: c.account.ID, From: was(c.planned), Price: c.planned.Price.Key, Quantity: c.planned.Quantity,
		When: c.planned.When, Proration: c.planned.Proration, At: now.Unix(), Currency: seen.Total.Currency,
		Minor: [3]int64{seen.Total.Minor, seen.Applied.Minor, seen.AmountDue.Minor},
	}
	if c.wish.AddOn != (billing.AddOnWish{}) {
		t.AddOn, t.Group = c.wish.AddOn, c.wish.Group
		if t.Price, t.Quantity = "", 0; !t.AddOn.Drop {
			t.AddOn.Quantity = c.planned.AddOns[0].Quantity
		}
	}
	return ChangePreview{Preview: seen, Planned: c.planned, Token: t.String(), ExpiresAt: t.at().Add(previewLife)}, nil
}

// change is what an upgrade is when a saved method pays for it.
func (u Upgrade) change() PlanChange {
	return PlanChange{ChangeWish: billing.ChangeWish{PriceKey: u.PriceKey, When: billing.ChangeNow}, Preview: u.Preview, ByCustomer: true}
}

// asShown makes sure that an upgrade costs what its preview has shown, where it has one, and fills in how.
func (u *upgrading) asShown(ctx context.Context, state billing.State, req *ChangeRequest) error {
	wish := u.req.change()
	shown, err := u.shown(u.account.ID, &wish)
	if err != nil || shown == nil {
		return err
	}
	c := &changing{Service: u.Service, account: u.account, provider: u.provider}
	if err := c.plan(ctx, state, wish.ChangeWish); err != nil {
		return err
	}
	if err := c.hold(ctx, shown); err != nil {
		return err
	}
	// The key is of this preview: another one of the same purchase asks in other words.
	req.Item, req.Quantity, req.Proration, req.ProratedAt = c.planned.Item.ID, c.planned.Quantity, c.planned.Proration, shown.at()
	req.Key += ":" + shown.at().Format(time.RFC3339)
	return nil
}

// token is a preview as its customer carries it. It is not signed, for it gives no right: whatever it says, the change is decided anew by the rules, and its amount is
// asked of the provider anew. Who makes one up is refused, or gets what was to be had anyway.
type token struct {
	Account   billing.AccountID  `json:"a"`
	From      priced             `json:"f"`
	Price     string             `json:"p"`
	Quantity  int64              `json:"q"`
	When      billing.ChangeWhen `json:"w"`
	Proration billing.Proration  `json:"r,omitempty"`
	At        int64              `json:"t"`
	Currency  money.Currency     `json:"c"`
	Minor     [3]int64           `json:"m"`
	AddOn     billing.AddOnWish  `json:"d,omitzero"`
	Group     billing.Group      `json:"g,omitempty"` // of an add-on: a price says it by itself
}

// priced is what a subscription was on when it was previewed.
type priced struct {
	Subscription billing.SubscriptionID `json:"s"`
	Price        billing.PriceID        `json:"p"`
	Quantity     int64                  `json:"q"`
	PeriodEnd    int64                  `json:"e"`
	AddOns       string                 `json:"a,omitempty"` // with their quantities
}

func was(p billing.PlannedChange) priced {
	beside := ""
	for _, item := range p.Subscription.Items {
		if item.ID != p.Item.ID {
			beside += fmt.Sprintf("%s:%d ", item.Price, item.Quantity)
		}
	}
	return priced{p.Subscription.ID, p.Item.Price, p.Item.Quantity, p.Item.Period.End.Unix(), beside}
}

func (t token) String() string {
	text, err := json.Marshal(t)
	if err != nil {
		panic("service: a token of texts and numbers is always JSON: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

func (t token) at() time.Time { return time.Unix(t.At, 0).UTC() }

func (t token) amounts() (out [3]money.Amount) {
	for i, minor := range t.Minor {
		out[i] = money.New(minor, t.Currency)
	}
	return out
}

// expired reports that a preview cannot be acted on at a moment: it is too old, or of a time to come.
func (t token) expired(now time.Time) bool {
	return now.Sub(t.at()) > previewLife || t.at().After(now)
}

// shown reads the token of a request, nil without one, and fills in what the request leaves to it. Whoever made the token, the request is
// refused when it is not for who asks to make.
func (s *Service) shown(id billing.AccountID, req *PlanChange) (t *token, err error) {
	if req.Preview != "" {
		t, err = read(id, req)
	}
	if err == nil && req.ByCustomer {
		err = req.OfCustomer()
	}
	return t, err
}

// read reads a token, which decides what the request leaves out.
func read(id billing.AccountID, req *PlanChange) (*token, error) {
	var t token
	text, err := base64.RawURLEncoding.DecodeString(req.Preview)
	if err == nil {
		err = json.Unmarshal(text, &t)
	}
	if err != nil || t.Account != id || (t.Price == "") == (t.AddOn.PriceKey == "") {
		return nil, billing.Errorf(billing.Invalid, "this is no preview of this account; ask for a preview and send its token as it is").In("preview")
	}
	told := billing.ChangeWish{PriceKey: t.Price, Quantity: t.Quantity, When: t.When, Proration: t.Proration, AddOn: t.AddOn, Group: t.Group}
	addOn := billing.AddOnWish{
		PriceKey: cmp.Or(req.AddOn.PriceKey, t.AddOn.PriceKey), Quantity: cmp.Or(req.AddOn.Quantity, t.AddOn.Quantity), Drop: req.AddOn.Drop || t.AddOn.Drop,
	}
	same := billing.ChangeWish{
		AddOn: addOn, Group: t.Group,
		PriceKey: cmp.Or(req.PriceKey, told.PriceKey), Quantity: cmp.Or(req.Quantity, told.Quantity),
		When: cmp.Or(req.When, told.When), Proration: cmp.Or(req.Proration, told.Proration),
	}
	if same != told {
		return nil, billing.Errorf(billing.Invalid, "the preview is of another change; leave the other fields out, or ask for a preview of this one").In("preview")
	}
	req.ChangeWish = told
	return &t, nil
}
