package billing_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/dues-billing/dues/billing"
)

// keys are the effects' names and keys, as a specification can read them.
func keys(d billing.Decision) []string {
	var all []string
	for _, e := range d.Effects {
		all = append(all, e.Name+" "+e.Key)
	}
	return all
}

// Rows: B6 B7 B8 C20 C27.
func TestEachTransitionHasItsEffects(t *testing.T) {
	t.Parallel()
	premium, starter := sub("s", "monthly", billing.Active), sub("f", "starter", billing.Active)
	ended := func(s *billing.Subscription) { s.EndedAt = feb28 }
	tried := func(n int) func(*billing.Invoice) { return func(i *billing.Invoice) { i.Attempts = n } }
	reason := func(r string) func(*billing.Invoice) { return func(i *billing.Invoice) { i.Reason = r } }
	confirm := func(i *billing.Invoice) { i.NeedsConfirmation = true }
	latest := func(id billing.InvoiceID) func(*billing.Subscription) {
		return func(s *billing.Subscription) { s.LatestInvoice = id }
	}
	for _, c := range []struct {
		name        string
		mirror, now billing.State
		want        []string
	}{
		{"nothing changed", known(premium), known(premium), nil},
		{"a first payment", known(premium), known(premium, invoice("i", "s", "monthly", billing.InvoicePaid, reason("subscription_create"))), []string{"receipt receipt:i"}},
		{"a renewal", known(premium, invoice("i", "s", "monthly", billing.InvoiceOpen)), known(premium, invoice("i", "s", "monthly", billing.InvoicePaid)), []string{"renewed receipt:i"}},
		{"an invoice of nothing", known(starter), known(starter, invoice("i", "f", "starter", billing.InvoicePaid)), nil},
		{"an invoice that was paid before", known(premium, invoice("i", "s", "monthly", billing.InvoicePaid)), known(premium, invoice("i", "s", "monthly", billing.InvoicePaid)), nil},
		{"a draft and an untried invoice", known(premium), known(premium, invoice("i", "s", "monthly", billing.InvoiceDraft), invoice("j", "s", "monthly", billing.InvoiceOpen)), nil},
		{
			"a failed payment", known(premium), known(sub("s", "monthly", billing.PastDue), invoice("i", "s", "monthly", billing.InvoiceOpen, tried(1))),
			[]string{"payment_failed failed:i:1"},
		},
		{
			"a second failure", known(sub("s", "monthly", billing.PastDue), invoice("i", "s", "monthly", billing.InvoiceOpen, tried(1))), known(sub("s", "monthly", billing.PastDue), invoice("i", "s", "monthly", billing.InvoiceOpen, tried(2))),
			[]string{"payment_failed failed:i:2"},
		},
		{"a failure on the page, where the customer sees it", known(), known(sub("s", "monthly", billing.Incomplete), invoice("i", "s", "monthly", billing.InvoiceOpen, tried(1), reason("subscription_create"))), nil},
		{
			"a payment that the bank wants confirmed", known(premium), known(sub("s", "monthly", billing.PastDue), invoice("i", "s", "monthly", billing.InvoiceOpen, confirm)),
			[]string{"action_required confirm:i"},
		},
		{
			"the confirmation is still open", known(sub("s", "monthly", billing.PastDue), invoice("i", "s", "monthly", billing.InvoiceOpen, confirm)), known(sub("s", "monthly", billing.PastDue), invoice("i", "s", "monthly", billing.InvoiceOpen, confirm)),
			nil,
		},
		{
			"the last retry failed", known(sub("s", "monthly", billing.PastDue), invoice("i", "s", "monthly", billing.InvoiceOpen, tried(4))), known(sub("s", "monthly", billing.Canceled, ended), invoice("i", "s", "monthly", billing.InvoiceOpen, tried(5))),
			[]string{"back_to_free ended:s", "start_free free-after:s"},
		},
		{"it ended and the free one runs", known(sub("s", "monthly", billing.Canceled, ended)), known(sub("s", "monthly", billing.Canceled, ended), starter), nil},
		{"it ended, and the free one does not run yet", known(sub("s", "monthly", billing.Canceled, ended)), known(sub("s", "monthly", billing.Canceled, ended)), []string{"start_free free-after:s"}},
		{"it began and ended unseen", known(), known(sub("s", "monthly", billing.Canceled, ended), starter), []string{"back_to_free ended:s"}},
		{"it never began", known(sub("s", "monthly", billing.Incomplete)), known(sub("s", "monthly", billing.IncompleteExpired), starter), nil},
		{"a checkout beside the free one", known(starter), known(premium, starter), []string{"cancel_free cancel-free:f"}},
		{"the first payment is not complete", known(starter), known(sub("s", "monthly", billing.Incomplete), starter), nil},
		{"the free one ended for the paid one", known(premium, starter), known(premium, sub("f", "starter", billing.Canceled, ended)), nil},
		{"one paid one follows another", known(premium), known(sub("t", "yearly", billing.Active), sub("s", "monthly", billing.Canceled, ended)), nil},
		{"from free to paid, for which there is a receipt", known(sub("s", "starter", billing.Active)), known(sub("s", "monthly", billing.Active)), nil},
		{"from monthly to yearly", known(premium), known(sub("s", "yearly", billing.Active, latest("i"))), []string{"plan_changed plan:s:monthly:yearly:i"}},
		{"from paid to free", known(premium), known(sub("s", "starter", billing.Active, latest("i"))), []string{"plan_changed plan:s:monthly:starter:i"}},
		{
			"a customer who was never fetched has no news, but gets what follows from the state", billing.State{},
			known(sub("s", "monthly", billing.Canceled, ended), invoice("i", "s", "monthly", billing.InvoicePaid)), []string{"start_free free-after:s"},
		},
	} {
		if got := keys(billing.Decide(shop, "ada", c.mirror, c.now)); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

func TestADeletedCustomerIsLeftAlone(t *testing.T) {
	t.Parallel()
	now := known(sub("s", "monthly", billing.Canceled))
	now.Deleted = true
	if got := keys(billing.Decide(shop, "ada", known(sub("s", "monthly", billing.Active)), now)); got != nil {
		t.Errorf("got %q, want nothing", got)
	}
}

func TestTheFreePlanFollowsThePaidOneThatEndedLast(t *testing.T) {
	t.Parallel()
	at := func(n int) func(*billing.Subscription) {
		return func(s *billing.Subscription) { s.EndedAt = jan31.Add(days(n)) }
	}
	state := known(sub("b", "monthly", billing.Canceled, at(1)), sub("c", "monthly", billing.Canceled, at(9)), sub("a", "monthly", billing.Canceled, at(5)), sub("f", "starter", billing.Canceled, at(20)))
	if got, want := keys(billing.Decide(shop, "ada", state, state)), []string{"start_free free-after:c"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestALifeSeenInAnyStepsHasEachEffectOnce walks one subscription's life: whichever of its states are seen, and however often each,
// no key of an effect comes twice, and licenses end the same.
func TestALifeSeenInAnyStepsHasEachEffectOnce(t *testing.T) {
	t.Parallel()
	open := func(tries int) billing.Invoice {
		return invoice("r", "s", "monthly", billing.InvoiceOpen, func(i *billing.Invoice) { i.Attempts, i.NextAttempt = tries, feb28.Add(days(tries)) })
	}
	first := invoice("i", "s", "monthly", billing.InvoicePaid, func(i *billing.Invoice) { i.Reason, i.CreatedAt = "subscription_create", jan31 })
	paid := invoice("r", "s", "monthly", billing.InvoicePaid)
	starter, free := sub("f", "starter", billing.Active), sub("f", "starter", billing.Canceled)
	life := []billing.State{
		known(starter),
		known(sub("s", "monthly", billing.Active), starter, first),
		known(sub("s", "monthly", billing.Active), free, first),
		known(sub("s", "monthly", billing.PastDue, next), free, open(1), first),
		known(sub("s", "monthly", billing.PastDue, next), free, open(2), first),
		known(sub("s", "monthly", billing.Active, next), free, paid, first),
		known(sub("s", "monthly", billing.Canceled, func(s *billing.Subscription) { s.EndedAt = mar31 }), free, paid, first),
	}
	rapid.Check(t, func(t *rapid.T) {
		seen, mirror := map[string]bool{}, life[0]
		var lines []billing.LicenseLine
		for step := 1; step < len(life); {
			d := billing.Decide(shop, "ada", mirror, life[step])
			for _, e := range d.Effects {
				if e.Kind == billing.MailEffect && seen[e.Key] {
					t.Fatalf("%s came twice", e.Key)
				}
				seen[e.Key] = true
			}
			lines = append(lines, d.Licenses...)
			mirror = life[step]
			step += rapid.IntRange(0, 2).Draw(t, "on")
			if step > len(life)-1 && mirror.Subscriptions[0].Status != billing.Canceled {
				step = len(life) - 1
			}
		}
		for _, must := range []string{"receipt:i", "receipt:r", "ended:s", "free-after:s"} {
			if !seen[must] {
				t.Fatalf("%s never came, only %v", must, seen)
			}
		}
		if got := billing.Licenses(lines, feb10); len(got) != 2 || !got[1].EndsAt.Equal(mar31) {
			t.Fatalf("licenses %v, want the handbook's until %v", got, mar31)
		}
	})
}

// Rows: A6.
func TestAPurchaseKeepsTheIdsOfItsPayment(t *testing.T) {
	t.Parallel()
	pending := billing.Purchase{ID: "p", Account: "ada", PriceKey: "monthly", Status: billing.PurchasePending, Checkout: "cs"}
	bought := known(
		sub("s", "monthly", billing.Active, func(s *billing.Subscription) { s.LatestInvoice, s.PaymentMethod = "i", "pm" }),
		invoice("i", "s", "monthly", billing.InvoicePaid, func(i *billing.Invoice) { i.PaymentIntent = "pi" }),
	)
	completed := func(p billing.Purchase) billing.Purchase {
		p.Status, p.Subscription, p.PaymentIntent, p.PaymentMethod = billing.PurchaseCompleted, "s", "pi", "pm"
		p.Amount, p.CompletedAt = eur(1900), feb10
		return p
	}
	expired := pending
	expired.Status = billing.PurchaseExpired
	change := pending
	change.Checkout = ""
	page := func(status string) []billing.CheckoutState {
		return []billing.CheckoutState{{ID: "other", Status: "complete"}, {ID: "cs", Status: status, Subscription: "s"}}
	}
	for _, c := range []struct {
		name     string
		purchase billing.Purchase
		pages    []billing.CheckoutState
		state    billing.State
		want     billing.Purchase
	}{
		{"the page is open", pending, page("open"), known(), pending},
		{"the page was completed", pending, page("complete"), bought, completed(pending)},
		{"the page was completed, and the subscription is not in sight yet", pending, page("complete"), known(), pending},
		{"the page was completed, and the invoice is not in sight yet", pending, page("complete"), known(bought.Subscriptions[0]), pending},
		{"the page expired", pending, page("expired"), known(), expired},
		{"no news of the page", pending, nil, bought, pending},
		{"an expired purchase stays so", expired, page("complete"), bought, expired},
		{"a change with the saved method", change, nil, bought, completed(change)},
		{"a change that did not happen", change, nil, known(sub("f", "starter", billing.Active)), change},
	} {
		if got := c.purchase.Settle(shop, c.pages, c.state, feb10); got != c.want {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, got, c.want)
		}
	}
}

func TestErrorsKeepTheirCauseOutOfTheMessage(t *testing.T) {
	t.Parallel()
	err := billing.Errorf(billing.Invalid, "amount %d is negative", -1).In("amount")
	if billing.CodeOf(err) != billing.Invalid || err.Field != "amount" || err.Error() != "amount -1 is negative" {
		t.Errorf("got %+v", err)
	}
}
