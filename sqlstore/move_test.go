package sqlstore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/internal/operator"
	"github.com/dues-billing/dues/internal/testenv"
	"github.com/dues-billing/dues/sqlstore"
)

// lived is a store with something in every table.
func lived(t *testing.T, s *sqlstore.Store) {
	t.Helper()
	write(t, s, func(ctx context.Context, tx *sqlstore.Tx) error {
		_, err := tx.AddAccount(ctx, billing.Account{ID: "ada", Email: "ada@example.com", Name: `Ada "the" <Countess> €`, CreatedAt: start})
		_, customer := tx.SetCustomer(ctx, "ada", "cus_ada")
		now := billing.State{
			Customer: "cus_ada", Known: true, SyncedAt: start,
			Subscriptions: []billing.Subscription{{ID: "sub_1", Status: billing.Active, CreatedAt: start}},
			Invoices:      []billing.Invoice{{ID: "in_1", Status: billing.InvoicePaid, CreatedAt: start}},
			Methods:       []billing.PaymentMethod{{ID: "pm_1", Type: "card"}},
		}
		_, line := tx.AddLicenseLine(ctx, billing.LicenseLine{Line: "il_1", Asset: "handbook", Account: "ada", Invoice: "in_1", RecordedAt: start})
		_, effect := tx.AddEffect(ctx, sqlstore.Effect{Key: "receipt:in_1", Kind: "mail", Name: "receipt", Account: "ada", Payload: []byte(`{"a":1}`), CreatedAt: start})
		_, trial := tx.ClaimTrialCard(ctx, "fingerprint", "ada", start)
		_, used := tx.Use(ctx, sqlstore.Use{Account: "ada", Feature: "calls", Quantity: 1, Max: 10, Key: "call-1"})
		_, key := tx.AddKey(ctx, billing.Key{ID: "key_1", Name: "web", Scopes: []billing.Scope{billing.Admin}, Hash: "a", CreatedAt: start}, 1)
		_, oneOff := tx.AddOneOff(ctx, billing.OneOff{ID: "one_1", Account: "ada", Customer: "cus_ada", PriceKey: "map", Status: billing.PurchasePending, CreatedAt: start})
		_, operates := tx.AddOperator(ctx, operator.Operator{ID: "op_1", Email: "op@example.com", Role: operator.Own, CreatedAt: start}, 1)
		session := tx.AddSession(ctx, operator.Session{ID: "a", Operator: "op_1", CreatedAt: start, Until: start})
		return errors.Join(err, customer, line, effect, trial, used, key, oneOff, operates, session, tx.SaveState(ctx, billing.State{}, now),
			tx.SaveRecord(ctx, "cus_ada", fullRecord()), tx.SaveGoods(ctx, "", fullGoods()),
			tx.AddPurchase(ctx, billing.Purchase{ID: "pur_1", Account: "ada", Status: billing.PurchasePending, CreatedAt: start}),
			tx.AddRefundOrder(ctx, billing.RefundOrder{ID: "rfo_1", Account: "ada", Invoice: "in_1", Status: billing.RefundPending, CreatedAt: start}),
			tx.AddPriceMove(ctx, billing.PriceMove{ID: "move_1", Account: "ada", Subscription: "sub_1", From: "old", To: "new", Status: billing.MovePending, CreatedAt: start}),
			tx.AddGrant(ctx, billing.Grant{ID: "grant_1", Account: "ada", Feature: "export", CreatedAt: start}),
			tx.AddSeat(ctx, billing.Seat{Account: "ada", Holder: "bob", AssignedAt: start}),
			tx.SaveConsumption(ctx, billing.Consumption{Account: "ada", Asset: "handbook", Percent: 12, ReportedAt: start}),
			tx.AddVisit(ctx, "vis_1", "ada", "https://app.example.com", start, start),
			tx.SaveFeed(ctx, "", sqlstore.Feed{Event: "evt_2", CreatedAt: start, ReadAt: start}), tx.SetMark(ctx, "backfill", "cus_7"), tx.SetHome(ctx, "cus_9", "test"),
			tx.SaveReminders(ctx, "ada", nil, []billing.Reminder{{Rule: billing.RenewalRule, About: "sub_1", DueAt: start, LastKey: "renewal-coming:sub_1:1", LastAt: start}}),
			tx.SaveTold(ctx, "ada", billing.Told{Plan: "starter", Level: billing.Full, Sequence: 2, LookAt: start}))
	})
	if _, _, _, err := s.ClaimRequest(t.Context(), sqlstore.Request{Credential: "key:1", Key: "k", Hash: "a"}, start, start, start); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddAct(t.Context(), sqlstore.Act{At: start, Kind: "user", Who: "Countess", Action: "cancel", Account: "ada", Object: "in_Countess"}); err != nil {
		t.Fatal(err)
	}
	usage := billing.UsageEvent{Key: "one", Account: "ada", Feature: "calls", Quantity: 3, At: start}
	if _, err := s.AddUsage(t.Context(), []billing.UsageEvent{usage}, start); err != nil {
		t.Fatal(err)
	}
	if _, err := s.CountUsage(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	usage.Key = "two" // and this is in the log
	if _, err := s.AddUsage(t.Context(), []billing.UsageEvent{usage}, start); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		e := event(fmt.Sprint("evt_", i), "cus_ada")
		e.Body = []byte{0, 1, 0xff, byte(i)} // not even text
		if _, err := s.AddEvent(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
}

func export(t *testing.T, s *sqlstore.Store) string {
	t.Helper()
	var text bytes.Buffer
	if _, err := s.Export(t.Context(), &text); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func TestAnExportIsReadIntoAnyKindOfDatabase(t *testing.T) {
	each(t, func(t *testing.T, from *sqlstore.Store, _ func() *sqlstore.Store) {
		lived(t, from)
		text := export(t, from)
		for _, db := range testenv.Databases(t) {
			to := open(t, db.URL(t))
			if err := to.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			n, err := to.Import(t.Context(), strings.NewReader(text))
			if err != nil || n != int64(strings.Count(text, "\n")-2) {
				t.Fatalf("into %s: %d rows, %v", db.Name, n, err)
			}
			if again := export(t, to); again != text {
				t.Errorf("what %s exports again differs:\n%s\nwant\n%s", db.Name, again, text)
			}
			if added, err := to.AddEvent(t.Context(), event("evt_new", "cus_ada")); err != nil || !added {
				t.Errorf("%s takes no new event after the import: %v, %v", db.Name, added, err)
			}
			newest, err := to.Events(t.Context(), sqlstore.EventFilter{}, sqlstore.Page{Limit: 10})
			if err != nil || len(newest) != 4 || newest[0].ID != "evt_new" {
				t.Errorf("the new event is not the newest on %s: %v, %v", db.Name, newest, err)
			}
		}
	})
}

func TestEveryTableIsExportedButLeases(t *testing.T) {
	t.Parallel()
	s := open(t, testenv.SQLiteURL(t))
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	lived(t, s)
	text := export(t, s)
	tables, err := s.Tables(t.Context())
	if err != nil || len(tables) < 12 {
		t.Fatalf("tables %q, %v", tables, err)
	}
	for _, table := range tables {
		if has := strings.Contains(text, `{"table":"`+table+`"`); has == (table == "locks") {
			t.Errorf("an export of everything has rows of %s: %v", table, has)
		}
	}
}

func TestAnImportThatCannotBeLeavesNothingBehind(t *testing.T) {
	each(t, func(t *testing.T, s *sqlstore.Store, again func() *sqlstore.Store) {
		full := open(t, testenv.SQLiteURL(t))
		if err := full.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		lived(t, full)
		text := export(t, full)
		lines := strings.SplitAfter(text, "\n")
		for name, c := range map[string]struct {
			text string
			code billing.Code
		}{
			"nothing":         {"", billing.Invalid},
			"no export":       {`{"accounts": 7}`, billing.Invalid},
			"another schema":  {strings.Replace(text, `"schema":`, `"schema":9`, 1), billing.Conflict},
			"cut off":         {strings.Join(lines[:5], ""), billing.Invalid},
			"cut in a line":   {text[:len(text)-20], billing.Invalid},
			"a row too few":   {strings.Join(append(lines[:1:1], lines[2:]...), ""), billing.Invalid},
			"unknown table":   {strings.Replace(text, `"table":"accounts"`, `"table":"users"`, 1), billing.Invalid},
			"column as SQL":   {strings.Replace(text, `"email":`, `"email) VALUES (1); --":`, 1), billing.Invalid},
			"value of a kind": {strings.Replace(text, `"ada@example.com"`, `[1]`, 1), billing.Invalid},
		} {
			if _, err := s.Import(t.Context(), strings.NewReader(c.text)); billing.CodeOf(err) != c.code {
				t.Errorf("%s: %v, want code %s", name, err, c.code)
			}
		}
		if left := export(t, s); strings.Count(left, "\n") != 2 {
			t.Errorf("the failed imports left\n%s", left)
		}
		if _, err := s.Import(t.Context(), strings.NewReader(text)); err != nil {
			t.Errorf("and now the good one: %v", err)
		}
		if _, err := again().Import(t.Context(), strings.NewReader(text)); billing.CodeOf(err) != billing.Conflict {
			t.Errorf("into a database that is not empty: %v", err)
		}
	})
}
