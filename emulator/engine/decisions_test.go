package engine

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// otherWay is a decision with what our working choice shows, and what the other answer shows.
type otherWay struct {
	decision string
	flip     func(*Decisions)
	show     func(*shop) string
	ours     string
	other    string
}

func TestEachDecisionOfTheEngineCanGoTheOtherWay(t *testing.T) {
	t.Parallel()
	for _, c := range slices.Concat(decidedStates, decidedAmounts, decidedPayments, decidedClocks) {
		t.Run(c.decision, func(t *testing.T) {
			t.Parallel()
			if got := c.show(openShop(t)); got != c.ours {
				t.Errorf("by default: got %q, want %q", got, c.ours)
			}
			s := openShop(t)
			other := s.settings
			c.flip(&other.Decisions)
			if err := other.Check(); err != nil {
				t.Fatal(err)
			}
			change := Difference(s.settings, other)
			if _, changed := reflect.TypeFor[Decisions]().FieldByName(onlyChange(t, change)); !changed {
				t.Error("the change names no decision")
			}
			s.do(change)
			if got := c.show(s); got != c.other {
				t.Errorf("the other way: got %q, want %q", got, c.other)
			}
			s.do(ChangeSettings{Decisions: Clear[DecisionChanges]()})
			if s.settings.Decisions != DefaultDecisions() {
				t.Errorf("decisions= leaves %+v", s.settings.Decisions)
			}
		})
	}
}

// onlyChange is the name of the one field that a change of decisions has.
func onlyChange(t *testing.T, c ChangeSettings) (name string) {
	t.Helper()
	given := reflect.ValueOf(c.Decisions.Or(DecisionChanges{}))
	for i := range given.NumField() {
		if !given.Field(i).IsZero() && name != "" {
			t.Errorf("%s changes beside %s", given.Type().Field(i).Name, name)
		} else if !given.Field(i).IsZero() {
			name = given.Type().Field(i).Name
		}
	}
	return name
}

var decidedStates = []otherWay{
	{"canceled_twice", func(d *Decisions) { d.CanceledTwice = TwiceCanceled }, func(s *shop) string {
		sub := s.subscribe(s.customer("pm_card_visa"), s.price("Pro", 2000))
		s.do(CancelSubscription{ID: sub.ID})
		e := s.refuse(CancelSubscription{ID: sub.ID})
		return strconv.Itoa(e.Status) + " " + strings.ReplaceAll(e.Message, sub.ID, "sub")
	}, "404 No such subscription: 'sub'", "400 " + canceledMessage},
	{"swap_quantity", func(d *Decisions) { d.SwapQuantity = SwapKeeps }, func(s *shop) string {
		sub := s.subscribe(s.customer("pm_card_visa"), s.price("Pro", 2000), func(c *CreateSubscription) { c.Items = seats(*c, 3) })
		s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: s.swap(sub.ID, s.price("Max", 3000))})
		return fmt.Sprint(*s.sub(sub.ID).Items[0].Quantity)
	}, "1", "3"},
	{"incomplete_deleted", func(d *Decisions) { d.IncompleteDeleted = SubIncompleteExpired }, func(s *shop) string {
		sub := s.subscribe(s.customer("pm_card_visa"), s.price("Pro", 2000), behavior(DefaultIncomplete))
		s.events()
		return s.do(CancelSubscription{ID: sub.ID}).(*Subscription).Status + ": " + strings.Join(s.events(), " ")
	}, "canceled: customer.subscription.deleted invoice.updated", "incomplete_expired: customer.subscription.updated invoice.updated"},
	{"expired_deleted", func(d *Decisions) { d.ExpiredDeleted = true }, func(s *shop) string {
		s.subscribe(s.customer("pm_card_visa"), s.price("Pro", 2000), behavior(DefaultIncomplete))
		s.events()
		s.wait(incompleteSeconds)
		return strings.Join(s.events(), " ")
	}, "invoice.voided payment_intent.canceled customer.subscription.updated",
		"invoice.voided payment_intent.canceled customer.subscription.updated customer.subscription.deleted"},
	{"entitled_past_due", func(d *Decisions) { d.EntitledPastDue = false }, func(s *shop) string { return s.entitledIn(SubPastDue) }, "sso", ""},
	{"entitled_unpaid", func(d *Decisions) { d.EntitledUnpaid = true }, func(s *shop) string { return s.entitledIn(SubUnpaid) }, "", "sso"},
	{"trial_setup_intent", func(d *Decisions) { d.TrialSetupIntent = true }, func(s *shop) string {
		customer := s.customer("")
		sub := s.subscribe(customer, s.price("Pro", 2000), func(c *CreateSubscription) { c.TrialPeriodDays = Some[int64](7) })
		if sub.PendingSetupIntent == "" {
			return "none"
		}
		s.do(ConfirmSetupIntent{ID: sub.PendingSetupIntent, PaymentMethod: Some("pm_card_visa"), ReturnURL: Some("https://app.example.com")})
		after := s.sub(sub.ID)
		return fmt.Sprint("collected ", after.PendingSetupIntent, after.DefaultPaymentMethod == get[SetupIntent](s, sub.PendingSetupIntent).PaymentMethod)
	}, "none", "collected true"},
}

// seats are the items of a create with a quantity.
func seats(c CreateSubscription, quantity int64) Opt[[]SubscriptionItemParams] {
	first := c.Items.Or(nil)[0]
	first.Quantity = Some(quantity)
	return Some([]SubscriptionItemParams{first})
}

// entitledIn is what a customer may use whose subscription has come to a status of dunning.
func (s *shop) entitledIn(status string) string {
	s.do(ChangeSettings{RetryDays: Some([]int64{1}), EndOfDunning: Some(EndUnpaid)})
	price, customer := s.price("Pro", 2000), s.customer("pm_card_visa")
	feature := s.do(CreateFeature{Name: Some("SSO"), LookupKey: Some("sso")}).(*Feature)
	s.do(AttachFeature{Product: get[Price](s, price).Product, Feature: Some(feature.ID)})
	sub := s.subscribe(customer, price)
	s.useCard(customer, "pm_card_chargeCustomerFail")
	s.wait(sub.periodEnd() - s.now + 3600)
	if status == SubUnpaid {
		s.wait(secondsPerDay)
	}
	if got := s.sub(sub.ID).Status; got != status {
		s.Fatalf("the subscription is %s, want %s", got, status)
	}
	keys := ""
	for _, e := range s.tables.entitlements.all("customer", customer) {
		keys += e.LookupKey
	}
	return keys
}

var decidedAmounts = []otherWay{
	{"proration_zone", func(d *Decisions) { d.ProrationZone = zoneMinutesMost }, func(s *shop) string {
		sub := s.subscribe(s.customer("pm_card_visa"), s.price("Pro", 2000))
		s.wait(secondsPerDay) // noon in Greenwich, two in the morning at the other end of the world
		s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: s.swap(sub.ID, s.price("Max", 3000))})
		return s.pending(sub.Customer)
	}, "-1929 Unused time on Pro after 01 Feb 2026 | 2893 Remaining time on Max after 01 Feb 2026 | ",
		"-1929 Unused time on Pro after 02 Feb 2026 | 2893 Remaining time on Max after 02 Feb 2026 | "},
	{"proration_ties", func(d *Decisions) { d.ProrationTies = TiesEven }, func(s *shop) string {
		sub := s.subscribe(s.customer("pm_card_visa"), s.price("Pro", 1001))
		s.wait((sub.periodEnd() - s.now) / 2)
		s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: s.swap(sub.ID, s.price("Max", 2003))})
		return s.pending(sub.Customer)
	}, "-501 Unused time on Pro after 14 Feb 2026 | 1002 Remaining time on Max after 14 Feb 2026 | ",
		"-500 Unused time on Pro after 14 Feb 2026 | 1002 Remaining time on Max after 14 Feb 2026 | "}, // -500.5 and 1001.5
	{"free_trial_uses_once", func(d *Decisions) { d.FreeTrialUsesOnce = false }, func(s *shop) string {
		sub := s.subscribe(s.customer("pm_card_visa"), s.price("Pro", 2000), func(c *CreateSubscription) {
			c.TrialPeriodDays, c.Discounts = Some[int64](7), Some([]DiscountParams{{Coupon: Some(s.coupon("20", DurationOnce))}})
		})
		s.wait(7*secondsPerDay + 3600)
		return fmt.Sprint(s.latest(sub.ID).AmountPaid)
	}, "2000", "1600"},
	{"meter_duplicate", func(d *Decisions) { d.MeterDuplicate = DuplicateDropped }, func(s *shop) string {
		customer := s.customer("pm_card_visa")
		meter := s.meter("calls", FormulaSum)
		event := used("calls", customer, "5", s.now)
		event.Identifier = Some("once")
		s.do(event)
		answer := "taken"
		if _, err := s.Apply(event, Request{}, s.now); err != nil {
			answer = err.Error()
		}
		return fmt.Sprint(answer, " ", len(s.tables.meterEvents.all("identifier", "once")), meter.EventName)
	}, "400 duplicate_meter_event: An event already exists with identifier once. 1calls", "taken 1calls"},
	{"usage_grace", func(d *Decisions) { d.UsageGrace = 0 }, func(s *shop) string {
		sub := s.subscribe(s.customer("pm_card_visa"), s.recordedPrice("Calls", ""))
		end := sub.periodEnd()
		s.wait(end + 60 - s.now)
		if _, err := s.Apply(record(sub.Items[0].ID, 4, end-1, ""), Request{Version: "2024-06-20"}, s.now); err != nil {
			return "too late"
		}
		return "taken"
	}, "taken", "too late"},
	{"mixed_intervals", func(d *Decisions) { d.MixedIntervals = MixedAny }, func(s *shop) string {
		week := s.price("Week", 500, func(p *CreatePrice) { p.Recurring = Some(RecurringParam{Interval: Some("week")}) })
		cmd := CreateSubscription{Customer: Some(s.customer("pm_card_visa")), Items: items(s.price("Month", 2000), week)}
		made, err := s.Apply(cmd, Request{}, s.now)
		if err != nil {
			return err.Error()
		}
		sub := made.(*Subscription).ID
		paid := fmt.Sprint(s.latest(sub).Total)
		for _, at := range []string{"2026-02-07 13:00:00", "2026-02-28 13:00:00", "2026-03-01 13:00:00"} {
			s.waitUntil(at)
			paid += fmt.Sprint(" ", s.latest(sub).Total)
		}
		return paid
	}, "400 invalid_request_error: All prices on a subscription must have intervals that are multiples of the shortest one.", "2500 500 2500 2500"},
}

var decidedPayments = []otherWay{
	{"challenge_fails", func(d *Decisions) { d.ChallengeFails = FailsAlways }, func(s *shop) string {
		s.subscribe(s.customer("pm_card_authenticationRequired"), s.price("Pro", 2000))
		return heardOf(s, "invoice.payment_")
	}, "invoice.payment_action_required", "invoice.payment_failed invoice.payment_action_required"},
	{"challenge_fails", func(d *Decisions) { d.ChallengeFails = FailsNever }, challengedRenewal,
		"past_due requires_action: invoice.payment_failed invoice.payment_action_required", "past_due requires_action: invoice.payment_action_required"},
	{"renewal_challenge", func(d *Decisions) { d.RenewalChallenge = RequiresPaymentMethod }, challengedRenewal,
		"past_due requires_action: invoice.payment_failed invoice.payment_action_required",
		"past_due requires_payment_method: invoice.payment_failed invoice.payment_action_required"},
	{"first_challenge_code", func(d *Decisions) { d.FirstChallengeCode = "authentication_required" }, func(s *shop) string {
		return s.refuse(CreateSubscription{Customer: Some(s.customer("pm_card_authenticationRequired")), Items: items(s.price("Pro", 2000)),
			PaymentBehavior: Some(ErrorIfIncomplete)}).Code
	}, "subscription_payment_intent_requires_action", "authentication_required"},
	{"declined_first_counts", func(d *Decisions) { d.DeclinedFirstCounts = false }, func(s *shop) string {
		sub := s.subscribe(s.customer("pm_card_chargeCustomerFail"), s.price("Pro", 2000))
		inv := s.latest(sub.ID)
		return fmt.Sprint(inv.AttemptCount, inv.Attempted)
	}, "1 true", "0 true"},
	{"capture_seconds", func(d *Decisions) { d.CaptureSeconds = 3 }, func(s *shop) string {
		clock := s.do(CreateTestClock{FrozenTime: Some(s.now)}).(*TestClock)
		customer := s.do(CreateCustomer{TestClock: Some(clock.ID)}).(*Customer).ID
		paid := s.intent(2000, with("pm_card_visa"), func(c *CreatePaymentIntent) { c.Confirm, c.Customer = Some(true), Some(customer) })
		arrived := func() bool { return get[Charge](s, paid.LatestCharge).BalanceTransaction != "" }
		s.wait(1)
		soon := arrived()
		s.do(AdvanceTestClock{ID: clock.ID, FrozenTime: Some(clock.FrozenTime + 60)}) // and is not there yet when the money comes
		s.wait(2)
		return fmt.Sprint(soon, " ", arrived())
	}, "true true", "false true"},
	{"portal_session_seconds", func(d *Decisions) { d.PortalSessionSeconds = 300 }, func(s *shop) string {
		session := s.do(CreatePortalSession{Customer: Some(s.customer("")), ReturnURL: Some("https://app.example.com")}).(*PortalSession)
		s.wait(300)
		if _, err := s.Apply(PortalAddCard{Session: session.ID, Card: card(goodCard)}, Request{}, s.now); err != nil {
			return "over"
		}
		return "open"
	}, "open", "over"},
}

// heardOf are the events of a kind that the shop has heard of.
func heardOf(s *shop, prefix string) string {
	return strings.Join(slices.DeleteFunc(s.events(), func(e string) bool { return !strings.HasPrefix(e, prefix) }), " ")
}

// challengedRenewal is where a renewal stands whose bank asks for 3-D Secure.
func challengedRenewal(s *shop) string {
	customer := s.customer("pm_card_visa")
	sub := s.subscribe(customer, s.price("Pro", 2000))
	s.useCard(customer, "pm_card_authenticationRequired")
	s.events()
	s.wait(sub.periodEnd() - s.now + 3600)
	return s.sub(sub.ID).Status + " " + get[PaymentIntent](s, s.latest(sub.ID).PaymentIntent).Status + ": " + heardOf(s, "invoice.payment_")
}

var decidedClocks = []otherWay{
	{"clock_days_kept", func(d *Decisions) { d.ClockDaysKept = 7 }, func(s *shop) string {
		clock := s.do(CreateTestClock{FrozenTime: Some(s.now)}).(*TestClock)
		return fmt.Sprint((clock.DeletesAfter - clock.Created) / secondsPerDay)
	}, "30", "7"},
	{"clock_busy_code", func(d *Decisions) { d.ClockBusyCode = "lock_timeout" }, func(s *shop) string {
		clock := s.do(CreateTestClock{FrozenTime: Some(s.now)}).(*TestClock)
		customer := s.do(CreateCustomer{TestClock: Some(clock.ID)}).(*Customer)
		s.do(AdvanceTestClock{ID: clock.ID, FrozenTime: Some(s.now + 60)})
		e := s.refuse(UpdateCustomer{ID: customer.ID, CustomerParams: CustomerParams{Name: Some("Ada")}})
		return fmt.Sprint(e.Status, " ", e.Code)
	}, "429 rate_limit", "429 lock_timeout"},
	{"clock_limit_from", func(d *Decisions) { d.ClockLimitFrom = LimitFromStart }, func(s *shop) string {
		clock := s.do(CreateTestClock{FrozenTime: Some(unix(s.TB, "2030-01-01 00:00:00"))}).(*TestClock)
		s.advance(clock.ID, "2032-01-01 00:00:00")
		if _, err := s.Apply(AdvanceTestClock{ID: clock.ID, FrozenTime: Some(unix(s.TB, "2032-01-01 00:00:01"))}, Request{}, s.now); err != nil {
			return "two years from where it began"
		}
		return "two years more"
	}, "two years more", "two years from where it began"},
}

func TestADecisionThatMakesNoSenseIsRefusedByName(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	text, number := Some("perhaps"), Some[int64](-100_000)
	numbers := reflect.TypeFor[Opt[int64]]()
	for _, f := range reflect.VisibleFields(reflect.TypeFor[DecisionChanges]()) {
		var wrong DecisionChanges
		field, param := reflect.ValueOf(&wrong).Elem().FieldByName(f.Name), nested("decisions", f.Tag.Get("form"))
		switch f.Type {
		case reflect.TypeOf(text):
			field.Set(reflect.ValueOf(text))
		case numbers:
			field.Set(reflect.ValueOf(number))
		default:
			continue // yes and no both make sense
		}
		if e := s.refuse(ChangeSettings{Decisions: Some(wrong)}); e.Param != param || e.Status != 400 {
			t.Errorf("%s: refused with %d of %q: %s", param, e.Status, e.Param, e.Message)
		}
	}
}

func TestATieredPriceIsProratedInOneLine(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	price := s.price("Plan", 2000, func(c *CreatePrice) {
		c.UnitAmount, c.BillingScheme, c.TiersMode = Opt[int64]{}, Some(Tiered), Some(Graduated)
		c.Tiers = Some([]TierParam{
			{UpTo: Some(UpTo{Units: 2}), UnitAmount: Some[int64](500)}, {UpTo: Some(UpTo{Infinite: true}), UnitAmount: Some[int64](300), FlatAmount: Some[int64](100)},
		})
	})
	sub := s.subscribe(s.customer("pm_card_visa"), price, func(c *CreateSubscription) { c.Items = seats(*c, 5) })
	s.wait(half)
	s.do(UpdateSubscription{ID: sub.ID, SubscriptionChange: SubscriptionChange{Items: Some([]ItemChange{{
		ID: Some(sub.Items[0].ID), SubscriptionItemParams: SubscriptionItemParams{Quantity: Some[int64](8)}}})}})
	// 2 × 5.00 + 1.00 + 3 × 3.00 = 20.00 of before, 2 × 5.00 + 1.00 + 6 × 3.00 = 29.00 from now on, half of each
	if got := s.pending(sub.Customer); got != "-1000 Unused time on 5 × Plan after 14 Feb 2026 | 1450 Remaining time on 8 × Plan after 14 Feb 2026 | " {
		t.Errorf("got %s", got)
	}
}

// Every point of chapter 99 has a decision with a name, and a test that shows it or a reason why it cannot be switched.
func TestEveryOpenPointIsDecidedAndShown(t *testing.T) {
	t.Parallel()
	tests, code := sourcesOfTests(t)
	manual := string(read(t, "../../docs/emulator.md"))
	decisions := map[string]bool{}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Decisions]()) {
		decisions[f.Tag.Get("json")] = false
		if p, ok := reflect.TypeFor[DecisionChanges]().FieldByName(f.Name); !ok || p.Tag.Get("form") != f.Tag.Get("json") {
			t.Errorf("Decisions.%s: DecisionChanges has no parameter of that name", f.Name)
		}
	}
	missing := map[int]bool{}
	for point := 1; point <= 32; point++ {
		missing[point] = point != 2 && point != 10 // which recordings have settled
	}
	for line := range strings.Lines(string(read(t, "testdata/decisions.txt"))) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.SplitN(strings.TrimSpace(line), " | ", 4)
		if len(parts) != 4 {
			t.Errorf("%q: want point | decision | test | why there is no switch", line)
			continue
		}
		if point, err := strconv.Atoi(parts[0]); err == nil {
			delete(missing, point)
		}
		name, test, why := parts[1], parts[2], parts[3]
		source, there := tests[test]
		if _, isSwitch := decisions[name]; isSwitch {
			decisions[name] = true
			if !strings.Contains(manual, "`"+name+"`") {
				t.Errorf("%s is not told in docs/emulator.md", name)
			}
			if there && !strings.Contains(source, `"`+name+`"`) {
				t.Errorf("%s names %s and does not show %s", line, test, name)
			}
		} else if why == "-" {
			t.Errorf("%s is no decision of the account: say why there is no switch", name)
		} else if !regexp.MustCompile(`\b` + name + `\b`).MatchString(code) {
			t.Errorf("%s is nowhere in the code", name)
		}
		if !there {
			t.Errorf("%s: there is no %s", name, test)
		}
	}
	for point, open := range missing {
		if open {
			t.Errorf("point %d of chapter 99 has no line", point)
		}
	}
	for name, listed := range decisions {
		if !listed {
			t.Errorf("the decision %s has no line", name)
		}
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

var testDeclared = regexp.MustCompile(`(?m)^func (Test\w+)\(`)

// sourcesOfTests are the files that hold the tests of the emulator, by the tests' names.
// The code is everything else.
func sourcesOfTests(t *testing.T) (found map[string]string, code string) {
	t.Helper()
	found = map[string]string{}
	for _, dir := range []string{".", "..", "../wire", "../wire/schematest", "../pages", "../clitest"} {
		names, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			text := string(read(t, name))
			if !strings.HasSuffix(name, "_test.go") {
				code += text
				continue
			}
			for _, m := range testDeclared.FindAllStringSubmatch(text, -1) {
				found[m[1]] = text
			}
		}
	}
	return found, code
}
