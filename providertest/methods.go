package providertest

import (
	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

func methodSaved(c *scene) {
	page, err := c.Provider.SaveMethod(c.ctx, service.SaveMethodRequest{
		Customer: c.ada.Customer, Account: c.ada.ID, SuccessURL: "https://app.example/saved", CancelURL: "https://app.example/account", Key: "save-1",
	})
	c.must(err)
	if !c.World.Pay(c.T, page.URL, Good) {
		c.Fatal("the card was not taken")
	}
	snap := c.fetch()
	if len(snap.Methods) != 1 || snap.Methods[0].Last4 != "4242" || snap.Methods[0].ID == "" {
		c.Errorf("methods: %+v", snap.Methods)
	}
	if len(snap.Charges) != 0 || len(snap.Invoices) != 0 {
		c.Errorf("saving a card has cost something: %+v %+v", snap.Charges, snap.Invoices)
	}
}

// methodDefault moves a subscription that charges its own method, and the customer beside it.
func methodDefault(c *scene) {
	sub := c.buy(basicKey, Good)
	old := sub.PaymentMethod
	c.World.SaveCard(c.T, c.ada.Customer, Failing) // the newest, and the default of all
	c.must(c.Provider.SetDefaultMethod(c.ctx, c.ada.Customer, old, []billing.SubscriptionID{sub.ID}))
	snap := c.fetch()
	if got := c.subscription(sub.ID); snap.OwnMethod != old || got.PaymentMethod != old {
		c.Errorf("the customer's is %s and the subscription's %s, want %s", snap.OwnMethod, got.PaymentMethod, old)
	}
	c.World.Pass(c.T, month)
	if got := c.subscription(sub.ID); got.Status != billing.Active {
		c.Errorf("the renewal left it %s", got.Status)
	}
}

func methodRemoved(c *scene) {
	c.World.SaveCard(c.T, c.ada.Customer, Good)
	method := c.fetch().Methods[0].ID
	for range 2 {
		c.must(c.Provider.RemoveMethod(c.ctx, method))
	}
	if snap := c.fetch(); len(snap.Methods) != 0 || snap.OwnMethod != "" {
		c.Errorf("methods: %+v, default %q", snap.Methods, snap.OwnMethod)
	}
}

func portalTasks(c *scene) {
	sub := c.buy(basicKey, Good)
	for _, req := range []service.PortalRequest{{Task: service.UpdateMethodTask}, {Task: service.CancelTask, Subscription: sub.ID}} {
		req.Customer, req.ReturnURL = c.ada.Customer, "https://app.example/account"
		url, err := c.Provider.Portal(c.ctx, req)
		c.must(err)
		c.World.Visit(c.T, url)
	}
}

func customerRemoved(c *scene) {
	c.buy(basicKey, Good)
	for range 2 {
		c.must(c.Provider.DeleteCustomer(c.ctx, c.ada.Customer))
	}
	c.World.Pass(c.T, month)
	if snap := c.fetch(); !snap.Deleted {
		c.Errorf("the customer is not deleted: %+v", snap)
	}
}

func customerReleased(c *scene) {
	sub := c.buy(basicKey, Good)
	for range 2 {
		c.must(c.Provider.ReleaseCustomer(c.ctx, c.ada.Customer))
	}
	if snap := c.fetch(); snap.Account != "" || len(snap.Invoices) != 1 || snap.Email != c.ada.Email {
		c.Errorf("got %+v", snap)
	}
	if got := c.subscription(sub.ID); got.Status != billing.Active {
		c.Errorf("releasing a customer has ended what it pays for: %s", got.Status)
	}
}
