package engine

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// consistent compares every index of a table with what its rows say.
func consistent[T any](tb *table[T]) error {
	if live := tb.all("", ""); len(live) != tb.len() {
		return fmt.Errorf("%s: %d rows in order, %d by id", tb.kind, len(live), tb.len())
	}
	for slot, obj := range tb.objects {
		if at, ok := int32(-1), obj == nil; !ok {
			if at, ok = tb.slot(tb.key(obj)); !ok || at != int32(slot) {
				return fmt.Errorf("%s: %s is in slot %d, its id leads to %d", tb.kind, tb.key(obj), slot, at)
			}
		}
	}
	for _, ix := range tb.indexes {
		want := map[string][]int32{}
		for slot, obj := range tb.objects {
			if obj != nil && ix.value(obj) != noIndex {
				want[ix.value(obj)] = append(want[ix.value(obj)], int32(slot))
			}
		}
		ix.catchUp()
		if ix.values.used != len(want) {
			return fmt.Errorf("%s by %s: %d values in the index, %d in the rows", tb.kind, ix.name, ix.values.used, len(want))
		}
		for value, slots := range want {
			if got := ix.refs(value); !slices.Equal(got, slots) {
				return fmt.Errorf("%s by %s %q: index %v, rows %v", tb.kind, ix.name, value, got, slots)
			}
		}
	}
	return nil
}

func (tb *table[T]) verify() error { return consistent(tb) }

// checkTables looks at all tables of a world.
func checkTables(t testing.TB, w *World) {
	t.Helper()
	for _, tb := range w.tables.list {
		if err := tb.(interface{ verify() error }).verify(); err != nil {
			t.Fatal(err)
		}
	}
}

// life draws random commands that mostly make sense in the world as it is.
type life struct {
	*rapid.T
	w *World
}

// pick draws one of the ids of a table, the newest most often, and now and then a made-up one.
func pick[T any](l life, id func(*T) string) string {
	var ids []string
	for _, o := range tableOf[T](l.w).all("", "") {
		ids = append(ids, id(o))
	}
	slices.Reverse(ids)
	return rapid.SampledFrom(append(ids, "unknown")).Draw(l.T, "id")
}

func (l life) customer() string { return pick(l, func(o *Customer) string { return o.ID }) }
func (l life) method() string {
	if rapid.Bool().Draw(l.T, "fresh card") {
		return rapid.SampledFrom([]string{
			"pm_card_visa", "pm_card_chargeCustomerFail", "pm_card_authenticationRequired", "pm_card_authenticationRequiredOnSetup",
			"pm_card_visa_chargeDeclined", "pm_card_nothing", "pm_card_createDispute", "pm_card_createDisputeInquiry",
		}).Draw(l.T, "card")
	}
	return pick(l, func(o *PaymentMethod) string { return o.ID })
}
func (l life) rate() string         { return pick(l, func(o *TaxRate) string { return o.ID }) }
func (l life) price() string        { return pick(l, func(o *Price) string { return o.ID }) }
func (l life) subscription() string { return pick(l, func(o *Subscription) string { return o.ID }) }
func (l life) payment() string      { return pick(l, func(o *PaymentIntent) string { return o.ID }) }
func (l life) setup() string        { return pick(l, func(o *SetupIntent) string { return o.ID }) }
func (l life) invoice() string      { return pick(l, func(o *Invoice) string { return o.ID }) }

// line draws a line of the newest invoice that has one.
func (l life) line() string {
	all := l.w.tables.invoices.all("", "")
	for i := len(all) - 1; i >= 0; i-- {
		if n := len(all[i].Lines); n > 0 {
			return all[i].Lines[rapid.IntRange(0, n-1).Draw(l.T, "line")].ID
		}
	}
	return "unknown"
}
func (l life) schedule() string {
	return pick(l, func(o *SubscriptionSchedule) string { return o.ID })
}
func (l life) session() string { return pick(l, func(o *CheckoutSession) string { return o.ID }) }
func (l life) clock() string   { return pick(l, func(o *TestClock) string { return o.ID }) }
func (l life) portal() string  { return pick(l, func(o *PortalSession) string { return o.ID }) }
func (l life) charge() string  { return pick(l, func(o *Charge) string { return o.ID }) }
func (l life) token() string {
	if rapid.Bool().Draw(l.T, "public token") {
		return rapid.SampledFrom([]string{"tok_visa", "tok_chargeDeclined", "tok_chargeCustomerFail", "btok_us"}).Draw(l.T, "token")
	}
	return pick(l, func(o *Token) string { return o.ID })
}
func (l life) dispute() string { return pick(l, func(o *Dispute) string { return o.ID }) }
func (l life) outcome() string {
	return rapid.SampledFrom([]string{"succeed", "fail"}).Draw(l.T, "outcome")
}

func (l life) card() CardEntry {
	return CardEntry{
		Number:   rapid.SampledFrom([]string{"4242424242424242", "4000000000000341", "4000002500003155", "4000000000000002", "4242"}).Draw(l.T, "number"),
		ExpMonth: 12, ExpYear: 2034, CVC: "123", Name: "Ada",
	}
}

// advance moves a clock by some days, finish lives through them.
func (l life) advance() Command {
	cmd := AdvanceTestClock{ID: l.clock(), FrozenTime: Some[int64](1)}
	if c, ok := Get[TestClock](l.w, cmd.ID); ok {
		cmd.FrozenTime = Some(c.FrozenTime + rapid.Int64Range(-1, 70*secondsPerDay).Draw(l.T, "by"))
	}
	return cmd
}

func (l life) finish() Command {
	for _, id := range l.w.AdvancingClocks() {
		return FinishAdvance{Clock: id}
	}
	return FinishAdvance{Clock: "unknown"}
}

// measured are the commands about usage.
func (l life) measured() []Command {
	event := used("calls", l.customer(), rapid.SampledFrom([]string{"1", "2.5", "-1", "x"}).Draw(l.T, "value"), l.w.now)
	event.Timestamp, event.Identifier = Opt[int64]{}, Some(rapid.SampledFrom([]string{"a", "b", "c"}).Draw(l.T, "identifier"))
	meter := pick(l, func(o *Meter) string { return o.ID })
	return []Command{
		CreateMeter{DisplayName: Some("Calls"), EventName: Some("calls"), DefaultAggregation: Some(AggregationParams{Formula: Some(FormulaSum)})},
		event, event, event,
		CreatePrice{Currency: Some("usd"), ProductData: Some(ProductData{Name: Some("Calls")}), UnitAmountDecimal: Some(DecimalOf(7)),
			Recurring: Some(RecurringParam{Interval: Some("month"), UsageType: Some(Metered), Meter: Some(meter)})},
		CreateMeterEventAdjustment{EventName: Some("calls"), Type: Some("cancel"), Cancel: Some(CancelEventParams{Identifier: Some("a")})},
		UpdateMeter{ID: meter, DisplayName: Some("API")},
		CreateCreditGrant{
			Customer: Some(l.customer()), Applicability: Some(ApplicabilityParams{Scope: Some(ScopeParams{PriceType: Some(Metered)})}),
			Amount:    Some(CreditAmountParams{Type: Some("monetary"), Monetary: Some(MonetaryParams{Currency: Some("usd"), Value: Some[int64](300)})}),
			ExpiresAt: Some(l.w.now + rapid.Int64Range(-1, 40*secondsPerDay).Draw(l.T, "expiry")),
		},
		ExpireCreditGrant{ID: pick(l, func(o *CreditGrant) string { return o.ID })},
		VoidCreditGrant{ID: pick(l, func(o *CreditGrant) string { return o.ID })},
		CreateAlert{AlertType: Some("usage_threshold"), Title: Some("Much"), UsageThreshold: Some(UsageThresholdParams{
			GTE: Some[int64](3), Meter: Some(meter), Recurrence: Some("one_time")})},
		ActivateAlert{ID: pick(l, func(o *Alert) string { return o.ID })},
		DeactivateAlert{ID: pick(l, func(o *Alert) string { return o.ID })},
		DeactivateMeter{ID: meter},
		ReactivateMeter{ID: meter},
		CreateMeterEventSession{},
		StreamMeterEvents{Token: pick(l, func(o *MeterEventSession) string { return o.Token }), Events: []CreateMeterEvent{
			event, used("calls", l.customer(), "2", l.w.now), used("cals", l.customer(), "1", l.w.now), event}},
	}
}

// money are the commands that sell and charge; things are the others.
func (l life) money() []Command {
	return []Command{
		CreateSubscription{Customer: Some(l.customer()), Items: items(l.price()), PaymentBehavior: Some(rapid.SampledFrom([]string{
			AllowIncomplete, DefaultIncomplete, ErrorIfIncomplete}).Draw(l.T, "behavior"))},
		UpdateSubscription{ID: l.subscription(), SubscriptionChange: SubscriptionChange{CancelAtPeriodEnd: Some(true)}},
		UpdateSubscription{ID: l.subscription(), SubscriptionChange: SubscriptionChange{DefaultTaxRates: Some([]string{l.rate()})}},
		CancelSubscription{ID: l.subscription()},
		CreateSubscriptionSchedule{FromSubscription: Some(l.subscription())},
		CreateSubscriptionSchedule{Customer: Some(l.customer()), EndBehavior: Some(rapid.SampledFrom([]string{"release", "cancel"}).Draw(l.T, "end")),
			Phases: Some([]PhaseParams{phaseOf(l.price(), lasting("week", 1)), phaseOf(l.price(), lasting("month", 2))})},
		UpdateSubscriptionSchedule{ID: l.schedule(), Phases: Some([]PhaseParams{phaseOf(l.price(), from(Now), lasting("month", 1))})},
		ReleaseSubscriptionSchedule{ID: l.schedule()},
		UpdateSubscription{ID: l.subscription(), PaymentBehavior: Some(PendingIfIncomplete), SubscriptionChange: SubscriptionChange{
			Items: Some([]ItemChange{{SubscriptionItemParams: SubscriptionItemParams{Price: Some(l.price())}}}), ProrationBehavior: Some(AlwaysInvoice)}},
		ResumeSubscription{ID: l.subscription()},
		PauseSubscription{ID: l.subscription()},
		ResumeSubscription{ID: l.subscription(), PaymentBehavior: Some(resumeOnSuccess)},
		CreateQuote{QuoteParams: QuoteParams{Customer: Some(l.customer()), LineItems: Some([]QuoteLineParams{{Price: Some(l.price())}})}},
		FinalizeQuote{ID: pick(l, func(o *Quote) string { return o.ID })},
		AcceptQuote{ID: pick(l, func(o *Quote) string { return o.ID })},
		MigrateSubscription{ID: l.subscription(), BillingMode: Some(BillingModeParams{Type: Some(ModeFlexible)})},
		CancelSubscriptionSchedule{ID: l.schedule()},
		CreateCheckoutSession{Mode: Some(ModeSubscription), SuccessURL: Some("https://example.com"), Customer: Some(l.customer()),
			LineItems: Some([]CheckoutLineParams{{Price: Some(l.price()), Quantity: Some[int64](2)}})},
		CreateCheckoutSession{Mode: Some(ModeSubscription), SuccessURL: Some("https://example.com"), AllowPromotionCodes: Some(true),
			LineItems:     Some([]CheckoutLineParams{{Price: Some(l.price()), Quantity: Some[int64](2), Adjustable: Some(AdjustableParams{Enabled: true})}}),
			OptionalItems: Some([]CheckoutOptionalItem{{Price: l.price(), Quantity: 1}}), CheckoutAskParams: asksAll(),
			AfterExpiration: Some(CheckoutAfterExpiration{Some(CheckoutRecoveryParams{Enabled: true})})},
		ChangeCheckout{Session: l.session(), Item: l.checkoutLine(), Quantity: rapid.Int64Range(0, 120).Draw(l.T, "quantity")},
		ChangeCheckout{Session: l.session(), Item: l.price()},
		CreatePaymentLink{LineItems: Some([]CheckoutLineParams{{Price: Some(l.price()), Quantity: Some[int64](1)}}),
			PaymentLinkParams: PaymentLinkParams{Restrictions: Some(PaymentLinkRestrictions{PaymentLinkLimit{1}})}},
		OpenPaymentLink{Link: pick(l, func(o *PaymentLink) string { return o.ID }), Code: "welcome"},
		ChangeCheckout{Session: l.session(), Code: Some(rapid.SampledFrom([]string{"welcome", "nothing"}).Draw(l.T, "code"))},
		SubmitCheckout{Session: l.session(), Email: "ada@example.com", Card: l.card(), CheckoutAnswers: answersAll()},
		CreateCheckoutSession{Mode: Some(ModeSetup), SuccessURL: Some("https://example.com"), Customer: Some(l.customer())},
		SubmitCheckout{Session: l.session(), Email: "ada@example.com", Card: l.card()},
		SubmitCheckout{Session: l.session(), Email: "bob@example.com", Card: l.card()},
		ExpireCheckoutSession{ID: l.session()},
		RecoverCheckout{Session: l.session()},
		ResolveChallenge{Intent: l.payment(), Outcome: l.outcome()},
		ResolveChallenge{Intent: l.setup(), Outcome: l.outcome()},
		pay(l.method(), l.customer(), ""),
		ConfirmPaymentIntent{ID: l.payment(), PaymentIntentParams: PaymentIntentParams{PaymentMethod: Some(l.method())}, ReturnURL: Some("https://e.x")},
		CancelPaymentIntent{ID: l.payment()},
		CreateRefund{PaymentIntent: Some(l.payment()), Amount: Some[int64](300)},
		UpdateDispute{ID: l.dispute(), DisputeChange: answer(rapid.SampledFrom([]string{
			winningEvidence, losingEvidence, escalateEvidence, "other"}).Draw(l.T, "evidence"))},
		CloseDispute{ID: l.dispute()},
		CreateCharge{Amount: Some[int64](900), Currency: Some("usd"), Source: Some(l.token()), Capture: Some(rapid.Bool().Draw(l.T, "capture"))},
		CreateCharge{Amount: Some[int64](800), Currency: Some("usd"), Customer: Some(l.customer())},
		CaptureCharge{ID: l.charge(), Amount: Some[int64](500)},
		RefundCharge{ID: l.charge()},
		PayInvoice{ID: l.invoice()},
		VoidInvoice{ID: l.invoice()},
		CreateCreditNote{CreditNoteParams{Invoice: Some(l.invoice()), Amount: Some[int64](300)}},
		CreateCreditNote{CreditNoteParams{Invoice: Some(l.invoice()), Amount: Some[int64](300), RefundAmount: Some[int64](200), CreditAmount: Some[int64](100)}},
		PreviewCreditNote{CreditNoteParams{Invoice: Some(l.invoice()), Amount: Some[int64](1500)}},
		VoidCreditNote{ID: pick(l, func(o *CreditNote) string { return o.ID })},
		CreateInvoice{Customer: Some(l.customer()), PendingInvoiceItemsBehavior: Some("include")},
		CreateInvoiceItem{Customer: Some(l.customer()), Amount: Some(rapid.Int64Range(-2000, 4000).Draw(l.T, "amount")), Currency: Some("usd")},
		AddInvoiceLines{Invoice: l.invoice(), Lines: []AddLineParams{{ItemParams: ItemParams{Amount: Some[int64](1200)}}, {InvoiceItem: Some(pick(l, func(o *InvoiceItem) string { return o.ID }))}}},
		UpdateInvoiceLine{Invoice: l.invoice(), Line: l.line(), ItemParams: ItemParams{Amount: Some[int64](900)}},
		RemoveInvoiceLines{Invoice: l.invoice(), Lines: []RemoveLineParams{{ID: l.line(), Behavior: rapid.SampledFrom([]string{"delete", "unassign"}).Draw(l.T, "removal")}}},
		FinalizeInvoice{ID: l.invoice()},
		PayHostedInvoice{Invoice: l.invoice(), Card: l.card()},
	}
}

// feature is the newest feature, or an id that nobody has.
func (l life) feature() string {
	if all := l.w.tables.features.all("", ""); len(all) > 0 {
		return all[len(all)-1].ID
	}
	return "feat_none"
}

// checkoutLine is a line of the newest session, or one that nobody has.
func (l life) checkoutLine() string {
	if s, ok := Get[CheckoutSession](l.w, l.session()); ok && len(s.Lines) > 0 {
		return s.Lines[len(s.Lines)-1].ID
	}
	return "li_none"
}

func (l life) things() []Command {
	return []Command{
		CreateCustomer{CustomerParams: CustomerParams{Email: Some("ada@example.com"), Metadata: Some(map[string]string{"a": "1", "b": "2"})}},
		CreateCustomer{TestClock: Some(l.clock())},
		CreateCustomer{PaymentMethod: Some(l.method())},
		UpdateCustomer{ID: l.customer(), CustomerParams: CustomerParams{Balance: Some[int64](-500), Email: Clear[string]()}},
		DeleteCustomer{ID: l.customer()},
		AttachPaymentMethod{ID: l.method(), Customer: Some(l.customer())},
		DetachPaymentMethod{ID: l.method()},
		CreateSetupIntent{Customer: Some(l.customer()), PaymentMethod: Some(l.method()), Confirm: Some(true), Types: Some([]string{"card"})},
		CreatePrice{Currency: Some("usd"), ProductData: Some(ProductData{Name: Some("Pro")}), UnitAmount: Some[int64](2000),
			Recurring: Some(RecurringParam{Interval: Some(rapid.SampledFrom([]string{"month", "year", "eon"}).Draw(l.T, "interval"))})},
		UpdatePrice{ID: l.price(), Active: Some(false)},
		CreateFeature{Name: Some("Export"), LookupKey: Some(rapid.SampledFrom([]string{"export", "sso"}).Draw(l.T, "key"))},
		AttachFeature{Product: newest(l.w.tables.products).ID, Feature: Some(l.feature())},
		UpdateFeature{ID: l.feature(), Active: Some(rapid.Bool().Draw(l.T, "active"))},
		CreateToken{Card: Some(LegacyCard{Number: Some("4242424242424242"), ExpMonth: Some[int64](12), ExpYear: Some[int64](2034)})},
		CreateSource{Customer: l.customer(), SourceParams: SourceParams{Source: Some(l.token())}},
		UpdateCustomer{ID: l.customer(), CustomerParams: CustomerParams{Source: Some(l.token())}},
		DeleteSource{Customer: l.customer(), ID: l.method()},
		CreateTaxRate{TaxRateParams: TaxRateParams{DisplayName: Some("VAT")}, Percentage: Some(DecimalOf(19)), Inclusive: Some(true)},
		CreateCustomerTaxID{Customer: l.customer(), Type: Some("eu_vat"), Value: Some(rapid.SampledFrom([]string{"000000000", "111111111", "x"}).Draw(l.T, "tax id"))},
		DeleteTaxID{ID: pick(l, func(o *TaxID) string { return o.ID })},
		UpdateTaxRate{ID: l.rate(), TaxRateParams: TaxRateParams{Active: Some(rapid.Bool().Draw(l.T, "active"))}},
		DeletePlan{ID: l.price()},
		CreatePromotionCode{Code: Some("WELCOME"), Promotion: Some(PromotionParams{Type: Some("coupon"), Coupon: Some("welcome")})},
		CreateTestClock{FrozenTime: Some[int64](1_800_000_000)},
		l.advance(), l.advance(), l.finish(), l.finish(), l.finish(),
		DeleteTestClock{ID: l.clock()},
		CreatePortalSession{Customer: Some(l.customer())},
		PortalAddCard{Session: l.portal(), Card: l.card()},
		PortalPreview{Session: l.portal(), Subscription: l.subscription(), Price: l.price(), Quantity: 2},
		PortalUpdate{Session: l.portal(), Subscription: l.subscription(), Price: l.price(), Quantity: rapid.Int64Range(0, 3).Draw(l.T, "quantity")},
		PortalCancel{Session: l.portal(), Subscription: l.subscription()},
		PortalResume{Session: l.portal(), Subscription: l.subscription()},
		MoveTime{By: rapid.Int64Range(-1, 40*secondsPerDay).Draw(l.T, "by")},
	}
}

// step is one journalled command.
type step struct {
	Name string
	Data json.RawMessage
	At   int64
}

func newest[T any](tb *table[T]) *T {
	all := tb.all("", "")
	return all[len(all)-1]
}

// seeded gives a random life something to work with.
func seeded() []Command {
	price := func(interval string, amount int64) Command {
		return CreatePrice{Currency: Some("usd"), ProductData: Some(ProductData{Name: Some("Plan")}), UnitAmount: Some(amount),
			Recurring: Some(RecurringParam{Interval: Some(interval)})}
	}
	return []Command{
		CreateMeter{DisplayName: Some("Calls"), EventName: Some("calls"), DefaultAggregation: Some(AggregationParams{Formula: Some(FormulaSum)})},
		CreateCoupon{ID: Some("welcome"), PercentOff: Some(DecimalOf(20)), Duration: Some("once")},
		price("month", 1500), price("month", 0), price("year", 12000), CreateTestClock{FrozenTime: Some[int64](1_799_500_000)},
		CreateCustomer{CustomerParams: CustomerParams{
			InvoiceSettings: Some(CustomerInvoiceSettingsParams{DefaultPaymentMethod: Some("pm_card_authenticationRequired")})},
			PaymentMethod: Some("pm_card_authenticationRequired")},
	}
}

// imprint tells worlds apart without writing them out: objects are immutable once stored, so which of them stand where is what they say.
type imprint struct {
	objects []any // pointers
	timers  []Timer
	events  int64
}

func (tb *table[T]) pointers(out []any) []any {
	tb.each("", "", func(obj *T) bool { out = append(out, obj); return true })
	return out
}

func imprintOf(w *World) imprint {
	print := imprint{timers: w.timers.sorted(), events: w.LastEventSeq()}
	for _, tb := range w.tables.list {
		print.objects = tb.(interface{ pointers([]any) []any }).pointers(print.objects)
	}
	return print
}

func (i imprint) equals(o imprint) bool {
	return slices.Equal(i.objects, o.objects) && slices.Equal(i.timers, o.timers) && i.events == o.events
}

// 10,000 lives. A refusal that does not say that it keeps something leaves the world as it was; the tables and their indexes agree at all times;
// and the commands that were not refused, written as JSON and read back, lead a second world to the same state, ids and events, byte for byte.
// So nothing that was refused has left even a drawn id, or a change inside an object.
func TestRefusedCommandsChangeNothingAndTheJournalReplays(t *testing.T) {
	t.Parallel()
	tenThousand(t, func(t testing.TB, rt *rapid.T) {
		w, now := New("life", DefaultSettings()), int64(1_790_000_000)
		l := life{rt, w}
		var journal []step
		write := func(cmd Command) {
			data, err := json.Marshal(cmd)
			if err != nil {
				t.Fatal(err)
			}
			journal = append(journal, step{NameOf(cmd), data, now})
		}
		commands := append(seeded(), nil)
		for range rapid.IntRange(3, 15).Draw(rt, "length") {
			commands = append(commands, nil)
		}
		for _, cmd := range commands {
			if cmd == nil {
				cmd = l.command()
			}
			now += rapid.Int64Range(0, 100_000).Draw(rt, "seconds")
			if _, err := w.Apply(Tick{}, Request{ID: "req_1"}, now); err != nil {
				t.Fatal(err)
			}
			write(Tick{})
			before := imprintOf(w)
			_, err := w.Apply(cmd, Request{ID: "req_1"}, now)
			if Undone(err) {
				if !imprintOf(w).equals(before) {
					t.Fatalf("%T was refused (%v) and left something behind", cmd, err)
				}
			} else {
				write(cmd)
			}
			if err := moneyAdds(w); err != nil {
				t.Fatalf("after %T: %v", cmd, err)
			}
			checkTables(t, w)
		}
		if difference := differ(w, replay(rt, "life", journal)); difference != "" {
			t.Fatalf("the replay differs: %s", difference)
		}
	})
}

// command draws what happens next: a subscription first.
func (l life) command() Command {
	if tableOf[Subscription](l.w).len() == 0 {
		return CreateSubscription{Customer: Some(newest(l.w.tables.customers).ID), Items: items(newest(l.w.tables.prices).ID)}
	}
	var drawn []Command
	switch kind := rapid.IntRange(0, 9).Draw(l.T, "kind"); {
	case kind < 2:
		drawn = l.things()
	case kind < 3:
		drawn = l.measured()
	default:
		drawn = l.money()
	}
	return drawn[rapid.IntRange(0, len(drawn)-1).Draw(l.T, "command")]
}

// Rows: D1.
func TestEveryCommandSurvivesTheJournal(t *testing.T) {
	t.Parallel()
	for _, name := range CommandNames() {
		cmd, _ := CommandByName(name)
		data, err := json.Marshal(cmd)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		again, _ := CommandByName(name)
		if err := json.Unmarshal(data, again); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if second, _ := json.Marshal(again); string(second) != string(data) {
			t.Errorf("%s: wrote %s, then %s", name, data, second)
		}
		if NameOf(cmd) != name {
			t.Errorf("%s is named %s", name, NameOf(cmd))
		}
	}
}

func TestSameSeedSameIDsAndAnotherSeedOthers(t *testing.T) {
	t.Parallel()
	open := func(seed string) *World {
		w := New(seed, DefaultSettings())
		for i, cmd := range seeded() {
			if _, err := w.Apply(cmd, Request{}, 1_790_000_000+int64(i)); err != nil {
				t.Fatal(err)
			}
		}
		return w
	}
	a, b, c := open("a"), open("a"), open("c")
	if a.Digest() != b.Digest() {
		t.Error("the same seed gave two worlds")
	}
	if a.Digest() == c.Digest() || a.AccountID() == c.AccountID() {
		t.Error("another seed gave the same world")
	}
	checkTables(t, a)
}

func TestIDsHaveStripesShape(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("pm_card_visa")
	sub := s.subscribe(customer, s.price("Pro", 2000))
	inv := s.latest(sub.ID)
	intent := get[PaymentIntent](s, inv.PaymentIntent)
	for id, length := range map[string]int{
		customer: 14, get[Price](s, sub.Items[0].Price).Product: 14, sub.Items[0].ID: 14, sub.ID: 24, inv.ID: 24, inv.Lines[0].ID: 24,
		intent.ID: 24, intent.LatestCharge: 24, s.EventsSince(0)[0].ID: 24, intent.ClientSecret: 24 + len("_secret_") + 25,
		intent.PaymentMethod: 24,
	} {
		if i := slices.Index([]byte(id), '_'); len(id)-i-1 != length {
			t.Errorf("%s has %d characters after its prefix, want %d", id, len(id)-i-1, length)
		}
	}
	charge := get[Charge](s, intent.LatestCharge)
	if intent.ID[3:19] != charge.ID[3:19] || charge.ID[3:19] != charge.BalanceTransaction[4:20] {
		t.Errorf("a payment's ids share no stem: %s %s %s", intent.ID, charge.ID, charge.BalanceTransaction)
	}
	if prefix := get[Customer](s, customer).InvoicePrefix; len(prefix) != 8 {
		t.Errorf("invoice prefix %q", prefix)
	}
}
