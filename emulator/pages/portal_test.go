package pages

import (
	"net/http"
	"strings"
	"testing"

	"github.com/dues-billing/dues/emulator/engine"
)

// subscriber is a customer with a paid monthly plan and its portal.
type subscriber struct {
	*bench
	customer *engine.Customer
	sub      *engine.Subscription
	card     string
	path     string
}

func newSubscriber(t *testing.T, change func(*engine.CreatePortalSession)) subscriber {
	t.Helper()
	b := newBench(t)
	s := subscriber{bench: b, customer: b.customer()}
	session := b.session("subscription", b.plan("Premium", 1200), func(c *engine.CreateCheckoutSession) { c.Customer = engine.Some(s.customer.ID) })
	b.post(checkoutPath(session.ID), card("4242424242424242")...).leads("https://app.example/")
	s.sub = see[engine.Subscription](b, see[engine.CheckoutSession](b, session.ID).Subscription)
	s.card = s.sub.DefaultPaymentMethod
	s.path = s.open(change)
	return s
}

// open makes a portal session and returns its path.
func (s subscriber) open(change func(*engine.CreatePortalSession)) string {
	s.t.Helper()
	cmd := &engine.CreatePortalSession{Customer: engine.Some(s.customer.ID), ReturnURL: engine.Some("https://app.example/account")}
	if change != nil {
		change(cmd)
	}
	return portalPath(do[engine.PortalSession](s.bench, cmd).Token)
}

func (s subscriber) now() *engine.Subscription { return see[engine.Subscription](s.bench, s.sub.ID) }

// Rows: A9 D6.
func TestThePortalShowsPlanCardAndInvoices(t *testing.T) {
	t.Parallel()
	s := newSubscriber(t, nil)
	page := s.get(s.path).says(http.StatusOK, "Premium", "Active", "€12.00 per month", "Renews on 5 Jan 2027", "•••• 4242 Default", "Expires 12/34", "Paid", "Return to Northwind")
	if !strings.Contains(page.html, `href="https://app.example/account"`) {
		t.Error("the portal has no way back to the application")
	}
	if !strings.Contains(page.html, `href="/i/`) {
		t.Error("the portal does not link to the invoice")
	}
	page.hides("Remove", "Make default") // the only card pays the plan
}

// Rows: A9.
func TestThePortalCancelsAtThePeriodsEndAndTakesItBack(t *testing.T) {
	t.Parallel()
	s := newSubscriber(t, nil)
	cancel := s.path + "/subscriptions/" + s.sub.ID + "/cancel"
	s.get(cancel).says(http.StatusOK, "Cancel your plan?", "until 5 Jan 2027", "It costs too much")
	done := s.post(cancel, "feedback", "too_expensive", "comment", "Perhaps later").leads(s.path)
	s.get(done).says(http.StatusOK, "Your plan is canceled", "Ends on 5 Jan 2027", "Don't cancel")
	if sub := s.now(); sub.CancelAt != sub.Items[0].CurrentPeriodEnd || sub.Status != engine.SubActive || sub.CancellationDetails.Feedback != "too_expensive" ||
		sub.CancellationDetails.Comment != "Perhaps later" {
		t.Fatalf("subscription %+v", sub)
	}
	s.post(cancel, "feedback", "unused") // pressed twice
	resumed := s.post(s.path + "/subscriptions/" + s.sub.ID + "/resume").leads(s.path)
	s.get(resumed).says(http.StatusOK, "Your plan goes on", "Renews on 5 Jan 2027")
	if sub := s.now(); sub.CancelAtPeriodEnd || sub.CancelAt != 0 {
		t.Errorf("subscription %+v", sub)
	}
}

// Rows: B2.
func TestACardAddedInThePortalPaysFromThenOn(t *testing.T) {
	t.Parallel()
	s := newSubscriber(t, nil)
	s.get(s.path+"/cards/new").says(http.StatusOK, "Add payment method", "Fails at renewal")
	done := s.post(s.path+"/cards/new", card("4000000000000341")...).leads(s.path)
	s.get(done).says(http.StatusOK, "Your card was added", "•••• 0341", "Visa ending in 0341")
	customer := see[engine.Customer](s.bench, s.customer.ID)
	if added := customer.InvoiceSettings.DefaultPaymentMethod; added == "" || added == s.card || s.now().DefaultPaymentMethod != added {
		t.Errorf("customer's default is %q, the subscription's %q, before it was %q", added, s.now().DefaultPaymentMethod, s.card)
	}
}

func TestThePortalRefusesADeclinedCardBesideItsField(t *testing.T) {
	t.Parallel()
	s := newSubscriber(t, nil)
	s.post(s.path+"/cards/new").says(http.StatusUnprocessableEntity).beside("cardNumber", "Your card number is incomplete.")
	s.post(s.path+"/cards/new", card("4000000000000002")...).says(http.StatusPaymentRequired).beside("cardNumber", "Your card was declined.")
	if s.now().DefaultPaymentMethod != s.card {
		t.Error("a refused card became the default")
	}
}

// Rows: A8.
func TestAPortalCardMayAskFor3DSecure(t *testing.T) {
	t.Parallel()
	s := newSubscriber(t, nil)
	challenge := s.post(s.path+"/cards/new", card("4000002500003155")...).leads("/3ds/seti_")
	s.get(challenge).says(http.StatusOK, "Save the card for later", "Visa ending in 3155")
	back := s.post(challenge, "outcome", "fail").leads(s.path + "/cards/new")
	s.get(back).says(http.StatusOK, authenticationFailed)
	if s.now().DefaultPaymentMethod != s.card {
		t.Fatal("a card that failed its challenge became the default")
	}
	challenge = s.post(s.path+"/cards/new", card("4000002500003155")...).leads("/3ds/seti_")
	s.get(s.post(challenge, "outcome", "succeed").leads(s.path)).says(http.StatusOK, "Your card was added", "•••• 3155")
	if s.now().DefaultPaymentMethod == s.card {
		t.Error("the confirmed card is not the default")
	}
}

func TestThePortalChangesTheDefaultAndRemovesTheOther(t *testing.T) {
	t.Parallel()
	s := newSubscriber(t, nil)
	s.post(s.path+"/cards/new", card("5555555555554444")...).leads(s.path)
	second := see[engine.Customer](s.bench, s.customer.ID).InvoiceSettings.DefaultPaymentMethod

	s.get(s.post(s.path+"/cards/"+s.card+"/default").leads(s.path)).says(http.StatusOK, "paid with this card")
	if got := see[engine.Customer](s.bench, s.customer.ID).InvoiceSettings.DefaultPaymentMethod; got != s.card {
		t.Errorf("the default is %q, want %q", got, s.card)
	}
	s.get(s.post(s.path+"/cards/"+second+"/remove").leads(s.path)).says(http.StatusOK, "The card was removed").hides("4444")
	s.get(s.post(s.path+"/cards/"+second+"/remove").leads(s.path)).says(http.StatusOK, "could not be done any more")
}

func TestAPortalSessionReachesOnlyItsCustomer(t *testing.T) {
	t.Parallel()
	s := newSubscriber(t, nil)
	other := do[engine.Customer](s.bench, &engine.CreateCustomer{})
	path := portalPath(do[engine.PortalSession](s.bench, &engine.CreatePortalSession{Customer: engine.Some(other.ID)}).Token)
	s.get(path).says(http.StatusOK, "You have no plan").hides("Premium")
	s.get(path + "/subscriptions/" + s.sub.ID + "/cancel").says(http.StatusNotFound)
	s.post(path + "/subscriptions/" + s.sub.ID + "/cancel")
	s.post(path + "/cards/" + s.card + "/remove")
	if sub := s.now(); sub.CancelAt != 0 || see[engine.PaymentMethod](s.bench, s.card).Customer != s.customer.ID {
		t.Error("one customer's portal changed another's plan or card")
	}
}

func TestAPortalLinkExpires(t *testing.T) {
	t.Parallel()
	s := newSubscriber(t, nil)
	if _, err := s.Apply(&engine.MoveTime{By: 2 * 24 * 3600}); err != nil {
		t.Fatal(err)
	}
	s.get(s.path).says(http.StatusGone, "This link has expired")
	s.post(s.path + "/subscriptions/" + s.sub.ID + "/cancel").says(http.StatusGone)
	if s.now().CancelAt != 0 {
		t.Error("an expired link cancelled a plan")
	}
}

func TestDeepLinksLeadToTheirPageAndBack(t *testing.T) {
	t.Parallel()
	s := newSubscriber(t, nil)
	update := s.open(func(c *engine.CreatePortalSession) {
		c.FlowData = engine.Some(engine.PortalFlowParams{Type: engine.Some("payment_method_update")})
	})
	s.get(update).leads(update + "/cards/new")
	cancel := s.open(func(c *engine.CreatePortalSession) {
		c.FlowData = engine.Some(engine.PortalFlowParams{
			Type:   engine.Some("subscription_cancel"),
			Cancel: engine.Some(engine.PortalSubscriptionParam{Subscription: engine.Some(s.sub.ID)}),
			AfterCompletion: engine.Some(engine.PortalCompletionParams{
				Type: engine.Some("redirect"), Redirect: engine.Some(engine.PortalRedirectParams{ReturnURL: engine.Some("https://app.example/bye")}),
			}),
		})
	})
	ask := s.get(cancel).leads(cancel + "/subscriptions/" + s.sub.ID + "/cancel")
	s.get(ask).says(http.StatusOK, "Cancel your plan?")
	s.post(ask).leads("https://app.example/bye")
	if s.now().CancelAt == 0 {
		t.Error("the plan is not cancelled")
	}
}

// configured is a portal configuration with these features only.
func (b *bench) configured(features engine.PortalFeaturesParams) engine.Opt[string] {
	b.t.Helper()
	made := do[engine.PortalConfiguration](b, &engine.CreatePortalConfiguration{PortalConfigurationParams: engine.PortalConfigurationParams{
		Features: engine.Some(features),
		BusinessProfile: engine.Some(engine.PortalBusinessParams{
			Headline: engine.Some("Your Northwind plan"), TermsOfServiceURL: engine.Some("https://app.example/terms"),
		}),
	}})
	return engine.Some(made.ID)
}

func TestThePortalOffersOnlyWhatItsConfigurationAllows(t *testing.T) {
	t.Parallel()
	s := newSubscriber(t, nil)
	only := s.configured(engine.PortalFeaturesParams{InvoiceHistory: engine.Some(engine.PortalSwitch{Enabled: engine.Some(true)})})
	path := s.open(func(c *engine.CreatePortalSession) { c.Configuration = only })
	page := s.get(path).says(http.StatusOK, "Your Northwind plan", "Terms", "Premium", "Invoices")
	page.hides("Cancel plan", "Payment methods", "Add payment method", "Billing information")
	s.get(path + "/details").leads(path)
	s.post(path+"/details", "email", "eve@example.com").leads(path)

	s.get(path + "/subscriptions/" + s.sub.ID + "/cancel").leads(path)
	s.post(path + "/subscriptions/" + s.sub.ID + "/cancel").leads(path + "/home?problem=")
	s.post(path+"/cards/new", card("4000000000000341")...).says(http.StatusUnprocessableEntity, "disabled")
	if got := see[engine.Customer](s.bench, s.customer.ID).Email; got != "ada@example.com" {
		t.Errorf("the e-mail became %s", got)
	}
	if sub := s.now(); sub.CancelAt != 0 || sub.DefaultPaymentMethod != s.card {
		t.Error("a feature that is off was used")
	}
}

func TestAPortalMayCancelAtOnce(t *testing.T) {
	t.Parallel()
	s := newSubscriber(t, nil)
	now := s.configured(engine.PortalFeaturesParams{SubscriptionCancel: engine.Some(engine.PortalCancelParams{
		Enabled: engine.Some(true), Mode: engine.Some("immediately"),
	})})
	path := s.open(func(c *engine.CreatePortalSession) { c.Configuration = now })
	ask := path + "/subscriptions/" + s.sub.ID + "/cancel"
	s.get(ask).says(http.StatusOK, "It ends at once").hides("What made you decide")
	s.get(s.post(ask).leads(path)).says(http.StatusOK, "Your plan has ended.", "Ended plans", "Canceled")
	if got := s.now().Status; got != engine.SubCanceled {
		t.Errorf("subscription is %s", got)
	}
}

func TestADeepLinkMayEndWithAConfirmation(t *testing.T) {
	t.Parallel()
	s := newSubscriber(t, nil)
	path := s.open(func(c *engine.CreatePortalSession) {
		c.FlowData = engine.Some(engine.PortalFlowParams{
			Type: engine.Some("payment_method_update"),
			AfterCompletion: engine.Some(engine.PortalCompletionParams{
				Type: engine.Some("hosted_confirmation"), Confirmation: engine.Some(engine.PortalConfirmationParams{CustomMessage: engine.Some("Thank you, Ada.")}),
			}),
		})
	})
	form := s.get(path).leads(path + "/cards/new")
	s.get(s.post(form, card("5555555555554444")...).leads(path+"/confirmed")).says(http.StatusOK, "Done", "Thank you, Ada.", "Return to Northwind")
}

func TestCustomersChangeWhatStandsOnTheirInvoices(t *testing.T) {
	t.Parallel()
	s := newSubscriber(t, nil)
	s.get(s.path).says(http.StatusOK, "Billing information", "Update information")
	s.get(s.path+"/details").says(http.StatusOK, "E-mail", "Phone", "City").hides(" Name ") // the default configuration does not offer it
	s.post(s.path+"/details", "email", "nobody", "city", "London").says(http.StatusUnprocessableEntity).beside("f-email", "Invalid email address")
	done := s.post(s.path+"/details", "email", "ada@example.org", "phone", "", "line1", "12 St James's Square", "city", "London", "country", "GB", "name", "Eve").leads(s.path)
	s.get(done).says(http.StatusOK, "Your information was changed", "ada@example.org", "12 St James's Square, London, GB", "not given")
	got := see[engine.Customer](s.bench, s.customer.ID)
	if got.Name != "Ada Lovelace" || got.Email != "ada@example.org" || got.Address == nil || got.Address.City != "London" {
		t.Errorf("customer %+v", got)
	}
}
