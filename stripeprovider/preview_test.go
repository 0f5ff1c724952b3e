package stripeprovider_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/money"
	"github.com/dues-billing/dues/service"
	"github.com/dues-billing/dues/stripeprovider"
)

// changesDrawn is how many changes one seed lives through.
const changesDrawn = 20

// FuzzWhatIsPreviewedIsWhatIsCharged lives through changes of price and quantity, up and down, that a seed draws: each is previewed, made up to half an hour later
// with the moment of the preview, and has to cost what was shown. make test lives through a thousand, scripts/fuzz through ever more.
//
// Features: 33.
func FuzzWhatIsPreviewedIsWhatIsCharged(f *testing.F) {
	for seed := range uint64(50) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		t.Parallel()
		l := newPreviewed(t, rand.New(rand.NewPCG(seed, 33)))
		for range changesDrawn {
			l.change()
		}
	})
}

// previewed is a customer who changes all the time.
type previewed struct {
	*testing.T
	draw   *rand.Rand
	world  *world
	client *stripeprovider.Client
	ids    map[string]billing.PriceID
	keys   []string
	ada    billing.CustomerID
	keyed  int
}

func newPreviewed(t *testing.T, draw *rand.Rand) *previewed {
	w := &world{}
	w.now.Store(time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC).Unix())
	w.server = emulator.Start(t, func(o *emulator.Options) { o.Now = func() time.Time { return time.Unix(w.now.Load(), 0) } })
	p := &previewed{T: t, draw: draw, world: w, client: stripeprovider.New(stripeprovider.Config{Key: w.server.Key, BaseURL: w.server.URL})}
	sold := billing.Catalog{Plans: []billing.Plan{{ID: "plan", Name: "Plan"}}}
	for i := range 4 {
		p.keys = append(p.keys, fmt.Sprintf("price-%d", i))
		sold.Plans[0].Prices = append(sold.Plans[0].Prices, billing.Price{
			Key: p.keys[i], Amount: money.New(1+draw.Int64N(9999), "eur"), Interval: billing.Month, IntervalCount: 1, Kind: billing.PerSeat,
		})
	}
	ctx := t.Context()
	var err error
	p.ids, err = p.client.EnsurePrices(ctx, sold)
	p.must(err)
	p.ada, err = p.client.EnsureCustomer(ctx, billing.Account{ID: "ada", Email: "ada@example.com"}, "ada")
	p.must(err)
	id, sc := string(p.ada), w.server.Client()
	method, err := sc.V1PaymentMethods.Attach(ctx, "pm_card_visa", &stripe.PaymentMethodAttachParams{Customer: &id})
	p.must(err)
	_, err = sc.V1Customers.Update(ctx, id, &stripe.CustomerUpdateParams{InvoiceSettings: &stripe.CustomerUpdateInvoiceSettingsParams{DefaultPaymentMethod: &method.ID}})
	p.must(err)
	params := &stripe.SubscriptionCreateParams{Customer: &id, Items: []*stripe.SubscriptionCreateItemParams{{
		Price: stripe.String(string(p.ids[p.keys[0]])), Quantity: stripe.Int64(1 + draw.Int64N(20)),
	}}}
	if draw.IntN(2) == 0 {
		percent := float64(1 + draw.IntN(60)) //tidy:allow float the SDK has percents as floats; these are whole
		coupon, err := sc.V1Coupons.Create(ctx, &stripe.CouponCreateParams{PercentOff: &percent, Duration: stripe.String("forever")})
		p.must(err)
		params.Discounts = []*stripe.SubscriptionCreateDiscountParams{{Coupon: &coupon.ID}}
	}
	_, err = sc.V1Subscriptions.Create(ctx, params)
	p.must(err)
	return p
}

func (p *previewed) must(err error) {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
}

func (p *previewed) pass(seconds int) { p.world.now.Add(int64(seconds)) }

func (p *previewed) fetch(ctx context.Context) service.Snapshot {
	p.Helper()
	snap, err := p.client.Fetch(ctx, p.ada)
	p.must(err)
	return snap
}

func (p *previewed) change() {
	p.Helper()
	ctx := p.Context()
	p.pass(1 + p.draw.IntN(20*24*3600))
	if p.draw.IntN(6) == 0 { // given, or a debt
		_, err := p.world.server.Client().V1Customers.Update(ctx, string(p.ada), &stripe.CustomerUpdateParams{Balance: stripe.Int64(p.draw.Int64N(8000) - 6000)})
		p.must(err)
	}
	before := p.fetch(ctx)
	sub := before.Subscriptions[0]
	p.keyed++
	req := service.ChangeRequest{
		Subscription: sub.ID, Item: sub.Items[0].ID, Price: p.ids[p.keys[p.draw.IntN(len(p.keys))]], Quantity: 1 + p.draw.Int64N(40),
		ProratedAt: time.Unix(p.world.now.Load(), 0), Key: fmt.Sprintf("change-%d", p.keyed),
	}
	if is := sub.Items[0]; is.Price == req.Price && is.Quantity == req.Quantity {
		return
	}
	seen, err := p.client.PreviewChange(ctx, req)
	p.must(err)
	if sub.PeriodEnd().Sub(req.ProratedAt) > time.Hour {
		p.pass(p.draw.IntN(30 * 60))
	}
	p.must(p.client.Change(ctx, req))
	charged := p.fetch(ctx).Invoices[0]
	if charged.ID == before.Invoices[0].ID || charged.Total != seen.Total || charged.AmountDue != seen.AmountDue || charged.AmountPaid != seen.AmountDue || len(charged.Lines) != len(seen.Lines) {
		p.Fatalf("change %d: %+v was charged, and %+v was shown", p.keyed, charged, seen)
	}
}
