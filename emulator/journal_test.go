package emulator_test

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/emulator/engine"
	"github.com/dues-billing/dues/emulator/wire/schematest"
)

// reopen opens an emulator on a copy of a journal.
func reopen(t *testing.T, journal []byte) *emulator.Emulator {
	t.Helper()
	path := filepath.Join(t.TempDir(), "journal")
	if err := os.WriteFile(path, journal, 0o600); err != nil {
		t.Fatal(err)
	}
	e, err := emulator.New(emulator.Options{Now: func() time.Time { return time.Unix(1_800_000_000, 0) }, Journal: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// digest names the state of a world without letting its time pass.
func digest(e *emulator.Emulator, key string) string {
	var sum string
	e.World(key).Read(func(w *engine.World, _ int64) { sum = w.Digest() })
	return sum
}

func TestTheJournalBringsBackTheSameWorldAfterAKillAtAnyPoint(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	frozen := time.Unix(1_800_000_000, 0)
	server := start(t, func(o *emulator.Options) {
		o.Journal, o.Now = path, func() time.Time { return frozen }
	})
	var digests []string // after each line of the journal
	var lengths []int
	note := func() {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		lengths, digests = append(lengths, len(text)), append(digests, digest(server.Emulator, server.Key))
	}
	note()
	shop := openShop(t, server, "")
	note()
	sub := shop.subscribe(t)
	note()
	if _, err := shop.sc.V1Subscriptions.Update(t.Context(), sub.ID, &stripe.SubscriptionUpdateParams{CancelAtPeriodEnd: stripe.Bool(true)}); err != nil {
		t.Fatal(err)
	}
	note()
	shop.MoveTime(40 * 24 * time.Hour)
	note()
	journal, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i, length := range lengths {
		if got := digest(reopen(t, journal[:length]), server.Key); got != digests[i] {
			t.Errorf("after %d bytes the world is another one", length)
		}
	}
	// A kill in the middle of a write leaves a torn line: it was never answered, and is gone.
	for _, torn := range []int{lengths[2] + 1, lengths[2] + 40, lengths[3] - 1} {
		if got := digest(reopen(t, journal[:torn]), server.Key); got != digests[2] {
			t.Errorf("a line torn after %d bytes changed the world", torn)
		}
	}
}

func TestAnAdvanceThatAKillCutOffGoesOn(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	server := start(t, func(o *emulator.Options) {
		o.Journal, o.Now = path, func() time.Time { return time.Unix(1_800_000_000, 0) }
	})
	clock, err := server.Client().V1TestHelpersTestClocks.Create(t.Context(), &stripe.TestHelpersTestClockCreateParams{FrozenTime: stripe.Int64(1_800_000_000)})
	if err != nil {
		t.Fatal(err)
	}
	openShop(t, server, clock.ID).subscribe(t)
	server.AdvanceClock(clock.ID, time.Unix(1_804_000_000, 0))
	journal, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	finish := bytes.LastIndex(journal, []byte("FinishAdvance")) // a Tick may have come after it
	if finish < 0 {
		t.Fatalf("no FinishAdvance in %s", journal)
	}
	last := bytes.LastIndexByte(journal[:finish], '\n') + 1
	again := reopen(t, journal[:last])
	want := digest(server.Emulator, server.Key)
	for range 1000 {
		if digest(again, server.Key) == want {
			return
		}
	}
	t.Error("after the restart the clock did not arrive where it was going")
}

func TestADamagedJournalIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	server := start(t, func(o *emulator.Options) { o.Journal = path })
	for range 3 {
		if _, err := server.Client().V1Customers.Create(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damaged := bytes.Replace(text, []byte("CreateCustomer"), []byte("CreateCuckoos!"), 1)
	other := filepath.Join(t.TempDir(), "journal")
	if err := os.WriteFile(other, damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = emulator.New(emulator.Options{Now: time.Now, Journal: other})
	if err == nil || !strings.Contains(err.Error(), "line 2 is damaged") {
		t.Errorf("got %v, want it to name line 2", err)
	}
}

func TestAReplayedJournalStillKnowsItsIdempotencyKeys(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	server := start(t, func(o *emulator.Options) {
		o.Journal, o.Now = path, func() time.Time { return time.Unix(1_800_000_000, 0) }
	})
	params := &stripe.CustomerCreateParams{Name: stripe.String("Ada")}
	params.SetIdempotencyKey("once")
	first, err := server.Client().V1Customers.Create(t.Context(), params)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	again := startOn(t, reopen(t, text))
	params = &stripe.CustomerCreateParams{Name: stripe.String("Ada")}
	params.SetIdempotencyKey("once")
	second, err := again.V1Customers.Create(t.Context(), params)
	if err != nil {
		t.Fatal(err)
	}
	if first.ID != second.ID || second.LastResponse.Header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("got %s after %s, replayed %q", second.ID, first.ID, second.LastResponse.Header.Get("Idempotent-Replayed"))
	}
}

func TestWebhooksThatWereNotTakenAreSentAfterARestart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	r := newReceiver(t)
	r.mu.Lock()
	r.refuse = 1 << 30
	r.mu.Unlock()
	open := func() *emulator.Emulator {
		e, err := emulator.New(emulator.Options{Now: time.Now, Journal: path, BackOff: []time.Duration{time.Hour}})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	first := open()
	sc := startOn(t, first)
	endpoint, err := sc.V1WebhookEndpoints.Create(t.Context(), &stripe.WebhookEndpointCreateParams{
		URL: stripe.String(r.URL), EnabledEvents: stripe.StringSlice([]string{"customer.created"}), APIVersion: stripe.String(stripe.APIVersion),
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if _, err := sc.V1Customers.Create(t.Context(), &stripe.CustomerCreateParams{Name: stripe.String(fmt.Sprint(i))}); err != nil {
			t.Fatal(err)
		}
	}
	// The first was tried and refused before the process ends: a try that is still on its way could be taken by the
	// receiver when it no longer refuses, and sent again after the restart, as nobody was there to hear its answer.
	for tried := false; !tried; {
		for _, d := range first.World("sk_test_dues").Deliveries(10) {
			tried = tried || d.Tries > 0
		}
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	r.mu.Lock()
	r.refuse, r.secret = 0, endpoint.Secret
	r.mu.Unlock()
	second := open()
	r.wait(t, 3)
	for i, event := range r.events {
		if got := event.Data.Object["name"]; got != fmt.Sprint(i) {
			t.Errorf("delivery %d is customer %v: out of order", i, got)
		}
	}
	// The third time nothing is left to send: what was taken stands in the journal.
	for waiting := true; waiting; {
		waiting = false
		for _, d := range second.World("sk_test_dues").Deliveries(10) {
			waiting = waiting || d.State == "pending"
		}
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	third := open()
	if left := third.World("sk_test_dues").Deliveries(10); len(left) != 0 {
		t.Errorf("after a second restart still %v", left)
	}
	if err := third.Close(); err != nil {
		t.Fatal(err)
	}
}

// A real card's number may be typed by mistake: it is declined, and must not stay on the disk.
func TestACardNumberThatIsNoTestCardNeverReachesTheJournal(t *testing.T) {
	t.Parallel()
	const number, grouped, cvc = "4111111111111111", "4111 1111 1111 1111", "739"
	path := filepath.Join(t.TempDir(), "journal")
	server := start(t, func(o *emulator.Options) {
		o.Journal, o.Now = path, func() time.Time { return time.Unix(1_800_000_000, 0) }
	})
	shop := openShop(t, server, "")
	session, err := shop.sc.V1CheckoutSessions.Create(t.Context(), &stripe.CheckoutSessionCreateParams{
		Mode: stripe.String("subscription"), SuccessURL: stripe.String("https://app.example/done"), Customer: stripe.String(shop.customer.ID),
		LineItems: []*stripe.CheckoutSessionCreateLineItemParams{{Price: stripe.String(shop.price.ID), Quantity: stripe.Int64(1)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = shop.sc.V1PaymentMethods.Create(t.Context(), &stripe.PaymentMethodCreateParams{
		Type: stripe.String("card"), Card: &stripe.PaymentMethodCreateCardParams{
			Number: stripe.String(number), ExpMonth: stripe.Int64(12), ExpYear: stripe.Int64(2034), CVC: stripe.String(cvc),
		},
	})
	if err == nil {
		t.Error("a card that is no test card was taken")
	}
	world := server.World(server.Key)
	typed := engine.CardEntry{Number: grouped, ExpMonth: 12, ExpYear: 2034, CVC: cvc}
	if _, err := world.Apply(&engine.SubmitCheckout{Session: session.ID, Email: "ada@example.com", Card: typed}); err == nil {
		t.Error("Checkout took a card that is no test card")
	}
	// Beside a saved card the number is not even read, and the command is done.
	paid := &engine.SubmitCheckout{Session: session.ID, Email: "ada@example.com", Card: typed, PaymentMethod: shop.card.ID}
	if _, err := world.Apply(paid); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{number, grouped, `"` + cvc + `"`} {
		if bytes.Contains(text, []byte(secret)) {
			t.Errorf("the journal holds %s", secret)
		}
	}
	if n := bytes.Count(text, []byte("SubmitCheckout")); n != 1 {
		t.Error("want one Checkout in the journal, the one that was done; got", n)
	}
	if digest(reopen(t, text), server.Key) != digest(server.Emulator, server.Key) {
		t.Error("the journal gives another world")
	}
}

// startOn serves an emulator and returns the SDK that talks to it.
func startOn(t *testing.T, e *emulator.Emulator) *stripe.Client {
	t.Helper()
	web := httptest.NewServer(schematest.Handler(t, e))
	t.Cleanup(web.Close)
	return emulator.Client(web.URL, "sk_test_dues")
}

// A real card that somebody types by mistake is refused; its number stood in the journal all the same.
func TestTheNumberOfARefusedCardIsNotWrittenDown(t *testing.T) {
	t.Parallel()
	const realCard = "4111111111111111"
	path := filepath.Join(t.TempDir(), "journal")
	server := start(t, func(o *emulator.Options) {
		o.Journal, o.Now = path, func() time.Time { return time.Unix(1_800_000_000, 0) }
	})
	client, ctx := server.Client(), t.Context()
	_, err := client.V1PaymentMethods.Create(ctx, &stripe.PaymentMethodCreateParams{
		Type: stripe.String("card"),
		Card: &stripe.PaymentMethodCreateCardParams{Number: stripe.String(realCard), ExpMonth: stripe.Int64(1), ExpYear: stripe.Int64(2040)},
	})
	if err == nil {
		t.Error("a card that is no test card was taken")
	}
	session, err := client.V1CheckoutSessions.Create(ctx, &stripe.CheckoutSessionCreateParams{
		Mode: stripe.String("setup"), Currency: stripe.String("eur"), SuccessURL: stripe.String("http://127.0.0.1/done"),
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = server.World(server.Key).Apply(&engine.SubmitCheckout{Session: session.ID, Email: "ada@example.com", Card: engine.CardEntry{
		Number: realCard, ExpMonth: 1, ExpYear: 2040, CVC: "123", Name: "Ada", PostalCode: "1",
	}})
	if err == nil {
		t.Error("Checkout took a card that is no test card")
	}
	before := digest(server.Emulator, server.Key)
	journal, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(journal, []byte(realCard)) {
		t.Error("the journal holds the number")
	}
	if after := digest(reopen(t, journal), server.Key); after != before {
		t.Error("the journal brings back another world")
	}
}
