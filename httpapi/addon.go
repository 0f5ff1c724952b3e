package httpapi

import (
	"context"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// AddOns are what an account may buy beside its plan, and what it has of it.
type AddOns struct {
	AddOns []AddOnOffer `json:"addons" nullable:"false"`
}

// AddOnOffer is an add-on that goes with the account's plan, at the prices that are billed with it.
type AddOnOffer struct {
	AddOn
	Held     bool       `json:"held"`
	Quantity int64      `json:"quantity" doc:"How much of it the account has; 0 of usage, and of what it does not have"`
	Next     *NextAddOn `json:"next,omitempty" doc:"A change that happens when the period ends; absent without"`
}

// HeldAddOn is an add-on that an account has.
type HeldAddOn struct {
	ID       billing.AddOnID `json:"id"`
	Price    string          `json:"price" doc:"The price's key"`
	Quantity int64           `json:"quantity" doc:"0 of usage, which has none"`
	Next     *NextAddOn      `json:"next,omitempty" doc:"A change that happens when the period ends; absent without"`
}

// appendJSON implements rendered.
func (h HeldAddOn) appendJSON(to []byte) []byte {
	o := open(to)
	o.text("id", string(h.ID))
	o.text("price", h.Price)
	o.number("quantity", h.Quantity)
	if h.Next != nil {
		o.value("next", h.Next)
	}
	return o.close()
}

// NextAddOn is what an add-on becomes when the period ends.
type NextAddOn struct {
	Price    string  `json:"price" doc:"The price's key; empty: the add-on leaves"`
	Quantity int64   `json:"quantity"`
	At       *Moment `json:"at"`
}

// appendJSON implements rendered.
func (n *NextAddOn) appendJSON(to []byte) []byte {
	o := open(to)
	o.text("price", n.Price)
	o.number("quantity", n.Quantity)
	o.moment("at", n.At)
	return o.close()
}

func nextAddOnOf(n billing.NextAddOn) *NextAddOn {
	if n.At.IsZero() {
		return nil
	}
	return &NextAddOn{n.Price, n.Quantity, moment(n.At)}
}

func heldOf(all []billing.HeldAddOn) []HeldAddOn {
	var out []HeldAddOn
	for _, h := range all {
		out = append(out, HeldAddOn{h.AddOn, h.Price, h.Quantity, nextAddOnOf(h.Next)})
	}
	return out
}

// AddOnChange is what becomes of an add-on by a change.
type AddOnChange struct {
	Price    string `json:"price" doc:"The price's key"`
	Quantity int64  `json:"quantity"`
	Drop     bool   `json:"drop" doc:"The account has it no more"`
}

func addOnChangesOf(all []billing.ItemChange) []AddOnChange {
	var out []AddOnChange
	for _, c := range all {
		out = append(out, AddOnChange{c.Price.Key, c.Quantity, c.Drop})
	}
	return out
}

type addOnRequest struct {
	Price     string `json:"price,omitempty" doc:"The key of an add-on's price, from GET …/addons; may be left out beside a preview"`
	Quantity  int64  `json:"quantity,omitempty" minimum:"1" doc:"How many the account has from then on, of a price by seats; left out, as many as it has, or as few as are sold"`
	Drop      bool   `json:"drop,omitempty" doc:"To have it no more"`
	When      string `json:"when,omitempty" enum:"now,period_end" doc:"Left out: now for a new one and for more, at the period's end for less and for none"`
	Proration string `json:"proration,omitempty" enum:"invoice,next_invoice,none" doc:"Of a change now: the difference is invoiced at once (so unless said), is on the next invoice, or is left out. For servers only"`
	Preview   string `json:"preview,omitempty" doc:"The token of a preview: what was shown is done for what was shown, else the answer is 409 with a new preview"`
}

type addOnPreviewRequest struct {
	Price     string `json:"price" doc:"The key of an add-on's price, from GET …/addons"`
	Quantity  int64  `json:"quantity,omitempty" minimum:"1" doc:"How many the account has from then on, of a price by seats; left out, as many as it has, or as few as are sold"`
	Drop      bool   `json:"drop,omitempty" doc:"To have it no more"`
	When      string `json:"when,omitempty" enum:"now,period_end" doc:"Left out: now for a new one and for more, at the period's end for less and for none"`
	Proration string `json:"proration,omitempty" enum:"invoice,next_invoice,none" doc:"Of a change now: the difference is invoiced at once (so unless said), is on the next invoice, or is left out. For servers only"`
}

func (r addOnRequest) asked(group billing.Group, byCustomer bool) (service.PlanChange, error) {
	if r.Price == "" && r.Preview == "" {
		return service.PlanChange{}, billing.Errorf(billing.Invalid, "price is missing").In("price")
	}
	return service.PlanChange{
		ChangeWish: billing.ChangeWish{
			Group: group, AddOn: billing.AddOnWish{PriceKey: r.Price, Quantity: r.Quantity, Drop: r.Drop},
			When: billing.ChangeWhen(r.When), Proration: billing.Proration(r.Proration),
		},
		Preview: r.Preview, ByCustomer: byCustomer,
	}, nil
}

func (a *api) myAddOns(ctx context.Context, in *oneselfInGroup) (*reply[AddOns], error) {
	return a.addOnsOf(ctx, caller(ctx), in.group())
}

func (a *api) accountAddOns(ctx context.Context, in *byIDInGroup) (*reply[AddOns], error) {
	return a.addOnsOf(ctx, billing.AccountID(in.ID), in.group())
}

func (a *api) addOnsOf(ctx context.Context, id billing.AccountID, group billing.Group) (*reply[AddOns], error) {
	offers, err := a.service.AddOns(ctx, id, group)
	if err != nil {
		return nil, err
	}
	out := AddOns{AddOns: []AddOnOffer{}}
	for _, offer := range offers {
		out.AddOns = append(out.AddOns, AddOnOffer{
			AddOn: addOnShown(a.service.Catalog(), offer.AddOn, offer.Held.Price), Held: offer.Held.AddOn != "", Quantity: offer.Held.Quantity,
			Next: nextAddOnOf(offer.Held.Next),
		})
	}
	return ok(out), nil
}

func (a *api) changeMyAddOn(ctx context.Context, in *withBodyInGroup[addOnRequest]) (*reply[Account], error) {
	return a.addOnAsked(ctx, caller(ctx), in.group(), in.Body.value, true)
}

func (a *api) changeAddOn(ctx context.Context, in *withBodyOfInGroup[addOnRequest]) (*reply[Account], error) {
	return a.addOnAsked(ctx, billing.AccountID(in.ID), in.group(), in.Body.value, false)
}

func (a *api) addOnAsked(ctx context.Context, id billing.AccountID, group billing.Group, given addOnRequest, byCustomer bool) (*reply[Account], error) {
	asked, err := given.asked(group, byCustomer)
	if err != nil {
		return nil, err
	}
	return changed(a.service.Change(ctx, id, asked))
}

func (a *api) previewMyAddOn(ctx context.Context, in *withBodyInGroup[addOnPreviewRequest]) (*reply[ChangePreview], error) {
	return a.addOnPreviewed(ctx, caller(ctx), in.group(), in.Body.value, true)
}

func (a *api) previewAddOn(ctx context.Context, in *withBodyOfInGroup[addOnPreviewRequest]) (*reply[ChangePreview], error) {
	return a.addOnPreviewed(ctx, billing.AccountID(in.ID), in.group(), in.Body.value, false)
}

func (a *api) addOnPreviewed(ctx context.Context, id billing.AccountID, group billing.Group, given addOnPreviewRequest, byCustomer bool) (*reply[ChangePreview], error) {
	asked, err := addOnRequest{Price: given.Price, Quantity: given.Quantity, Drop: given.Drop, When: given.When, Proration: given.Proration}.asked(group, byCustomer)
	if err != nil {
		return nil, err
	}
	if byCustomer {
		if err := asked.OfCustomer(); err != nil {
			return nil, err
		}
	}
	seen, err := a.service.PreviewChange(ctx, id, asked.ChangeWish)
	if err != nil {
		return nil, err
	}
	return ok(previewOf(seen)), nil
}
