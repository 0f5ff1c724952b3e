package emulator_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"
)

// granted gives the shop's customer money for usage.
func (s *shop) granted(t *testing.T, cents int64, change ...func(*stripe.BillingCreditGrantCreateParams)) *stripe.BillingCreditGrant {
	t.Helper()
	params := &stripe.BillingCreditGrantCreateParams{
		Customer: stripe.String(s.customer.ID), Category: stripe.String("promotional"), Name: stripe.String("Welcome"),
		Amount: &stripe.BillingCreditGrantCreateAmountParams{
			Type: stripe.String("monetary"), Monetary: &stripe.BillingCreditGrantCreateAmountMonetaryParams{Currency: stripe.String("usd"), Value: stripe.Int64(cents)},
		},
		ApplicabilityConfig: &stripe.BillingCreditGrantCreateApplicabilityConfigParams{
			Scope: &stripe.BillingCreditGrantCreateApplicabilityConfigScopeParams{PriceType: stripe.String("metered")},
		},
	}
	for _, f := range change {
		f(params)
	}
	grant, err := s.sc.V1BillingCreditGrants.Create(t.Context(), params)
	if err != nil {
		t.Fatal(err)
	}
	return grant
}

// left is what the shop's customer has left, and of how much the last movements were.
func (s *shop) left(t *testing.T, grant string) (left int64, moves string) {
	t.Helper()
	summary, err := s.sc.V1BillingCreditBalanceSummary.Retrieve(t.Context(), &stripe.BillingCreditBalanceSummaryRetrieveParams{
		Customer: stripe.String(s.customer.ID),
		Filter:   &stripe.BillingCreditBalanceSummaryRetrieveFilterParams{Type: stripe.String("credit_grant"), CreditGrant: stripe.String(grant)},
	})
	if err != nil || len(summary.Balances) != 1 {
		t.Fatalf("got %+v, %v", summary, err)
	}
	params := &stripe.BillingCreditBalanceTransactionListParams{Customer: stripe.String(s.customer.ID), CreditGrant: stripe.String(grant)}
	for move, err := range s.sc.V1BillingCreditBalanceTransactions.List(t.Context(), params).All(t.Context()) {
		switch {
		case err != nil:
			t.Fatal(err)
		case move.Credit != nil:
			moves += fmt.Sprint(" +", move.Credit.Amount.Monetary.Value, " ", move.Credit.Type)
		default:
			moves += fmt.Sprint(" -", move.Debit.Amount.Monetary.Value, " ", move.Debit.Type)
		}
	}
	return summary.Balances[0].AvailableBalance.Monetary.Value, moves
}

func TestCreditGrantsPayUsageOnATestClock(t *testing.T) {
	t.Parallel()
	shop := openClockShop(t, time.March, 1)
	ctx, meter := t.Context(), shop.meter(t, "calls", "sum")
	metered := shop.priced(t, func(p *stripe.PriceCreateParams) { byUse(p, meter.ID); p.UnitAmount = stripe.Int64(10) })
	sub := shop.subscribed(t, shop.price.ID, metered)
	grant := shop.granted(t, 1000)
	if grant.Priority != 50 || grant.Amount.Monetary.Value != 1000 || grant.ApplicabilityConfig.Scope.PriceType != "metered" || grant.TestClock.ID != shop.clock {
		t.Errorf("granted %+v", grant)
	}
	shop.wait(t, time.Hour)
	shop.use(t, "calls", "70", 0)
	shop.wait(t, 31*24*time.Hour+time.Hour)
	inv := shop.newest(t, sub.ID)
	line := inv.Lines.Data[0]
	if inv.Subtotal != 2700 || inv.Total != 2000 || inv.AmountPaid != 2000 || len(inv.TotalPretaxCreditAmounts) != 1 || len(line.PretaxCreditAmounts) != 1 {
		t.Fatalf("subtotal %d, total %d, credits %d and %d", inv.Subtotal, inv.Total, len(inv.TotalPretaxCreditAmounts), len(line.PretaxCreditAmounts))
	}
	credit := line.PretaxCreditAmounts[0]
	if credit.Amount != 700 || credit.Type != stripe.InvoiceLineItemPretaxCreditAmountTypeCreditBalanceTransaction {
		t.Errorf("credit %+v", credit)
	}
	move, err := shop.sc.V1BillingCreditBalanceTransactions.Retrieve(ctx, credit.CreditBalanceTransaction.ID, nil)
	if err != nil || move.Debit.CreditsApplied.Invoice.ID != inv.ID || move.Debit.CreditsApplied.InvoiceLineItem != line.ID || move.CreditGrant.ID != grant.ID {
		t.Errorf("moved %+v, %v", move, err)
	}
	if left, moves := shop.left(t, grant.ID); left != 300 || moves != " -700 credits_applied +1000 credits_granted" {
		t.Errorf("%d left after%s", left, moves)
	}
}

func TestCreditGrantsAreChangedAndEnded(t *testing.T) {
	t.Parallel()
	shop := openShop(t, start(t), "")
	sc, ctx := shop.sc, t.Context()
	first, second := shop.granted(t, 500), shop.granted(t, 700)
	ends := shop.Now().Unix() + 86400
	update := &stripe.BillingCreditGrantUpdateParams{ExpiresAt: stripe.Int64(ends)}
	update.AddMetadata("why", "launch")
	if g, err := sc.V1BillingCreditGrants.Update(ctx, first.ID, update); err != nil || g.ExpiresAt != ends || g.Metadata["why"] != "launch" {
		t.Errorf("updated %+v, %v", g, err)
	}
	if g, err := sc.V1BillingCreditGrants.Expire(ctx, first.ID, nil); err != nil || g.ExpiresAt >= ends {
		t.Errorf("expired %+v, %v", g, err)
	}
	if g, err := sc.V1BillingCreditGrants.VoidGrant(ctx, second.ID, nil); err != nil || g.VoidedAt == 0 {
		t.Errorf("voided %+v, %v", g, err)
	}
	if g, err := sc.V1BillingCreditGrants.Retrieve(ctx, second.ID, nil); err != nil || g.VoidedAt == 0 {
		t.Errorf("read %+v, %v", g, err)
	}
	if left, moves := shop.left(t, first.ID); left != 0 || moves != " -500 credits_expired +500 credits_granted" {
		t.Errorf("%d left after%s", left, moves)
	}
	listed := 0
	for g, err := range sc.V1BillingCreditGrants.List(ctx, &stripe.BillingCreditGrantListParams{Customer: stripe.String(shop.customer.ID)}).All(ctx) {
		if err != nil || g.Customer.ID != shop.customer.ID {
			t.Fatalf("listed %+v, %v", g, err)
		}
		listed++
	}
	if listed != 2 {
		t.Errorf("listed %d grants, want 2", listed)
	}
	for kind, want := range map[string]int{"billing.credit_grant.created": 2, "billing.credit_grant.updated": 3, "billing.credit_balance_transaction.created": 4} {
		got := 0
		for _, err := range sc.V1Events.List(ctx, &stripe.EventListParams{Type: stripe.String(kind)}).All(ctx) {
			if err != nil {
				t.Fatal(err)
			}
			got++
		}
		if got != want {
			t.Errorf("%d events %s, want %d", got, kind, want)
		}
	}
}

func TestAlertsTriggerByUsage(t *testing.T) {
	t.Parallel()
	shop := openShop(t, start(t), "")
	sc, ctx := shop.sc, t.Context()
	meter := shop.meter(t, "calls", "sum")
	alert, err := sc.V1BillingAlerts.Create(ctx, &stripe.BillingAlertCreateParams{
		AlertType: stripe.String("usage_threshold"), Title: stripe.String("A hundred calls"),
		UsageThreshold: &stripe.BillingAlertCreateUsageThresholdParams{
			GTE: stripe.Int64(100), Meter: stripe.String(meter.ID), Recurrence: stripe.String("one_time"),
			Filters: []*stripe.BillingAlertCreateUsageThresholdFilterParams{{Type: stripe.String("customer"), Customer: stripe.String(shop.customer.ID)}},
		},
	})
	if err != nil || alert.Status != stripe.BillingAlertStatusActive || alert.UsageThreshold.Meter.ID != meter.ID || alert.UsageThreshold.Filters[0].Customer.ID != shop.customer.ID {
		t.Fatalf("made %+v, %v", alert, err)
	}
	shop.use(t, "calls", "60", 0)
	shop.use(t, "calls", "60.5", 0)
	shop.use(t, "calls", "60", 0)
	triggered := 0
	for event, err := range sc.V1Events.List(ctx, &stripe.EventListParams{Type: stripe.String("billing.alert.triggered")}).All(ctx) {
		if err != nil || event.Data.Object["customer"] != shop.customer.ID || event.Data.Object["value"] != 120.0 {
			t.Fatalf("event %+v, %v", event, err)
		}
		triggered++
	}
	if triggered != 1 {
		t.Errorf("triggered %d times, want once", triggered)
	}
	if a, err := sc.V1BillingAlerts.Deactivate(ctx, alert.ID, nil); err != nil || a.Status != stripe.BillingAlertStatusInactive {
		t.Errorf("off %+v, %v", a, err)
	}
	if a, err := sc.V1BillingAlerts.Activate(ctx, alert.ID, nil); err != nil || a.Status != stripe.BillingAlertStatusActive {
		t.Errorf("on %+v, %v", a, err)
	}
	if a, err := sc.V1BillingAlerts.Retrieve(ctx, alert.ID, nil); err != nil || a.Title != "A hundred calls" {
		t.Errorf("read %+v, %v", a, err)
	}
	for a, err := range sc.V1BillingAlerts.List(ctx, &stripe.BillingAlertListParams{Meter: stripe.String(meter.ID)}).All(ctx) {
		if err != nil || a.ID != alert.ID {
			t.Errorf("listed %+v, %v", a, err)
		}
	}
	if a, err := sc.V1BillingAlerts.Archive(ctx, alert.ID, nil); err != nil || a.Status != stripe.BillingAlertStatusArchived {
		t.Errorf("archived %+v, %v", a, err)
	}
	if _, err := sc.V1BillingAlerts.Retrieve(ctx, alert.ID, nil); err == nil {
		t.Error("an archived alert is still read")
	}
}
