package pages

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/internal/testenv/browser"
)

// switcher is a subscriber whose portal offers a dearer plan, and its price.
func switcher(t *testing.T, change func(*engine.PortalUpdateParams), flow func(s subscriber, dear *engine.Price) engine.PortalFlowParams) (subscriber, *engine.Price) {
	t.Helper()
	s := newSubscriber(t, nil)
	dear := s.plan("Business", 3600)
	own := see[engine.Price](s.bench, s.sub.Items[0].Price)
	params := engine.PortalUpdateParams{
		Enabled: engine.Some(true), DefaultAllowedUpdates: engine.Some([]string{"price", "quantity"}), ProrationBehavior: engine.Some(engine.AlwaysInvoice),
		Products: engine.Some([]engine.PortalProduct{
			{Product: own.Product, Prices: []string{own.ID}},
			{Product: dear.Product, Prices: []string{dear.ID}, Adjustable: engine.PortalAdjustable{Enabled: true, Maximum: engine.Some[int64](5)}},
		}),
	}
	if change != nil {
		change(&params)
	}
	cmd := &engine.CreatePortalConfiguration{}
	cmd.Features = engine.Some(engine.PortalFeaturesParams{SubscriptionUpdate: engine.Some(params)})
	config := do[engine.PortalConfiguration](s.bench, cmd)
	s.path = s.open(func(c *engine.CreatePortalSession) {
		c.Configuration = engine.Some(config.ID)
		if flow != nil {
			c.FlowData = engine.Some(flow(s, dear))
		}
	})
	return s, dear
}

// Rows: A9.
func TestThePortalSwitchesThePlanForWhatItsPreviewSays(t *testing.T) {
	t.Parallel()
	s, dear := switcher(t, nil, nil)
	update := s.path + "/subscriptions/" + s.sub.ID + "/update"
	s.get(s.path).says(http.StatusOK, "Change plan")
	s.get(update).says(http.StatusOK, "Change your plan", "Premium", "(now)", "Business", "€36.00 per month", "Quantity")
	// Nothing of the period has passed: the old plan is given back whole.
	s.get(update+"?price="+dear.ID+"&quantity=2").says(http.StatusOK, "Confirm your change", "Unused time on Premium", "-€12.00", "2 × Business", "€72.00", "Due now", "€60.00")
	if s.now().Items[0].Price == dear.ID {
		t.Fatal("a look at the price has changed the plan")
	}
	done := s.post(update, "price", dear.ID, "quantity", "2").leads(s.path)
	s.get(done).says(http.StatusOK, "Your plan is changed", "Business", "2 × €36.00 per month")
	inv := see[engine.Invoice](s.bench, s.now().LatestInvoice)
	if inv.AmountPaid != 6000 || inv.BillingReason != "subscription_update" {
		t.Errorf("billed %d for %s, want 6000", inv.AmountPaid, inv.BillingReason)
	}
}

func TestThePortalRefusesAQuantityOutOfBoundsAndAPlanThatIsNotOffered(t *testing.T) {
	t.Parallel()
	s, dear := switcher(t, nil, nil)
	update, other := s.path+"/subscriptions/"+s.sub.ID+"/update", s.plan("Hidden", 100)
	s.get(update+"?price="+dear.ID+"&quantity=6").says(http.StatusUnprocessableEntity, "between 1 and 5")
	s.post(update, "price", other.ID, "quantity", "1").says(http.StatusUnprocessableEntity, "No such price")
	if s.now().Items[0].Price == other.ID {
		t.Error("switched to a plan that is not offered")
	}
}

func TestADeepLinkAsksOnlyToConfirmTheSwitch(t *testing.T) {
	t.Parallel()
	s, dear := switcher(t, func(p *engine.PortalUpdateParams) { p.ProrationBehavior = engine.Some(engine.CreateProrations) },
		func(s subscriber, dear *engine.Price) engine.PortalFlowParams {
			return engine.PortalFlowParams{Type: engine.Some(engine.FlowConfirm), Confirm: engine.Some(engine.PortalConfirmParam{
				Subscription: engine.Some(s.sub.ID),
				Items:        engine.Some([]engine.PortalItemParam{{ID: s.sub.Items[0].ID, Price: dear.ID, Quantity: engine.Some[int64](3)}}),
			})}
		})
	update := s.get(s.path).leads(s.path)
	s.get(update).says(http.StatusOK, "Confirm your change", "Business", "On your next invoice")
	s.post(update, "price", dear.ID, "quantity", "3").leads(s.path)
	if item := s.now().Items[0]; item.Price != dear.ID || *item.Quantity != 3 {
		t.Errorf("the item is %+v", item)
	}
}

// With nothing but the keyboard: Tab to the other plan, an arrow, Enter, and Enter again.
//
// Rows: A9.
func TestThePlanIsSwitchedWithAKeyboard(t *testing.T) {
	t.Parallel()
	s, dear := switcher(t, nil, nil)
	server := httptest.NewServer(s.mux)
	t.Cleanup(server.Close)
	for _, width := range []int64{390, 1280} {
		tab := browser.Open(t, width)
		tab.Do(chromedp.Navigate(server.URL+s.path+"/subscriptions/"+s.sub.ID+"/update"), chromedp.Focus("input[name=price]:checked"), chromedp.KeyEvent(kb.ArrowDown))
		tab.Go(chromedp.KeyEvent(kb.Enter))
		tab.Says("Confirm your change")
		wide, err := chromedp.Run(tab.Context, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`))
		if err != nil || wide > width {
			t.Errorf("%d pixels on a screen of %d, %v", wide, width, err)
		}
		if width == 390 {
			continue
		}
		tab.Do(chromedp.Focus("form button"))
		tab.Go(chromedp.KeyEvent(kb.Enter))
	}
	if s.now().Items[0].Price != dear.ID {
		t.Error("the plan is not switched")
	}
}
