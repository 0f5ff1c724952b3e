package providertest

import (
	"errors"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// try starts a trial of ten days.
func (c *scene) try(missing billing.MissingMethod) billing.Subscription {
	c.Helper()
	id, err := c.Provider.Subscribe(c.ctx, service.SubscribeRequest{
		Customer: c.ada.Customer, Price: c.prices[basicKey], Account: c.ada.ID, Trial: billing.TrialTerms{Days: 10, Missing: missing}, Key: "trial-ada",
	})
	c.must(err)
	sub := c.subscription(id)
	if sub.Status != billing.Trialing || sub.TrialEnd.Sub(sub.StartedAt) != 10*24*time.Hour || !sub.PeriodEnd().Equal(sub.TrialEnd) {
		c.Errorf("the trial: %+v", sub)
	}
	return sub
}

func trialWithoutMethod(c *scene) {
	sub := c.try(billing.MissingCancels)
	c.World.Pass(c.T, 10*24*time.Hour+2*time.Hour)
	if got := c.subscription(sub.ID); got.Status != billing.Canceled || len(c.fetch().Charges) != 0 {
		c.Errorf("after the trial it is %+v", got)
	}
}

func trialMoved(c *scene) {
	sub := c.try(billing.MissingCancels)
	longer := sub.TrialEnd.AddDate(0, 0, 5)
	c.must(c.Provider.MoveTrial(c.ctx, sub.ID, longer, "longer"))
	if got := c.subscription(sub.ID); !got.TrialEnd.Equal(longer) || !got.PeriodEnd().Equal(longer) {
		c.Errorf("made longer: %+v", got)
	}
	c.World.SaveCard(c.T, c.ada.Customer, Failing)
	if err := c.Provider.MoveTrial(c.ctx, sub.ID, time.Time{}, "declined"); !errors.Is(err, service.ErrDeclined) {
		c.Errorf("ended with a card that does not pay: got %v", err)
	}
	if got := c.subscription(sub.ID); got.Status != billing.Trialing || !got.TrialEnd.Equal(longer) {
		c.Errorf("after a declined payment: %+v", got)
	}
	c.World.SaveCard(c.T, c.ada.Customer, Good)
	c.must(c.Provider.MoveTrial(c.ctx, sub.ID, time.Time{}, "now"))
	if got, paid := c.subscription(sub.ID), c.fetch().Invoices[0]; got.Status != billing.Active || paid.AmountPaid != eur(1000) {
		c.Errorf("ended: %+v, %s was paid", got, paid.AmountPaid)
	}
}
