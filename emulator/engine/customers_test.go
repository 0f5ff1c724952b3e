package engine

import (
	"encoding/json"
	"testing"
)

// Rows: B1 C18.
func TestCustomerIsMadeWithItsCardAndDefault(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	c := s.do(CreateCustomer{PaymentMethod: Some("pm_card_visa"), CustomerParams: CustomerParams{
		Email: Some("ada@example.com"), Balance: Some[int64](-500),
		InvoiceSettings: Some(CustomerInvoiceSettingsParams{DefaultPaymentMethod: Some("pm_card_visa")}),
	}}).(*Customer)
	s.wantEvents("create", "customer.created payment_method.attached customer.updated")
	pm := get[PaymentMethod](s, c.InvoiceSettings.DefaultPaymentMethod)
	if pm.Customer != c.ID || c.Balance != -500 || c.Currency != "usd" || c.NextInvoiceSequence != 1 || c.TaxExempt != "none" {
		t.Errorf("made %+v with %+v", c, pm)
	}
	moves, err := s.Query(ListCustomerBalanceTransactions{Customer: c.ID})
	if err != nil || len(moves.Data) != 1 || moves.Data[0].(*CustomerBalanceTransaction).Type != "initial" {
		t.Errorf("its balance: %v, %v", moves, err)
	}
	before := s.Digest()
	if e := s.refuse(CreateCustomer{PaymentMethod: Some("pm_card_visa_chargeDeclined")}); e.Status != 402 || s.Digest() != before {
		t.Errorf("with a card that the bank refuses: %v", e)
	}
}

func TestCustomerUpdateMergesAndUnsets(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	c := s.do(CreateCustomer{CustomerParams: CustomerParams{
		Name: Some("Ada"), Email: Some("ada@example.com"), Address: Some(Address{City: "London"}), Metadata: Some(map[string]string{"a": "1", "b": "2"}),
	}}).(*Customer)
	s.events()
	up := s.do(UpdateCustomer{ID: c.ID, CustomerParams: CustomerParams{
		Name: Clear[string](), Address: Clear[Address](), Metadata: Some(map[string]string{"a": "", "c": "3"}), Phone: Some("+44"),
	}}).(*Customer)
	s.wantEvents("update", "customer.updated")
	if up.Name != "" || up.Email != "ada@example.com" || up.Address != nil || up.Phone != "+44" || len(up.Metadata) != 2 || up.Metadata["c"] != "3" {
		t.Errorf("updated: %+v", up)
	}
	if c.Name != "Ada" || c.Metadata["a"] != "1" {
		t.Errorf("the state before changed: %+v", c)
	}
	if e, _ := s.Event(s.EventsSince(s.LastEventSeq() - 1)[0].ID); e.Before != any(c) || e.Object != any(up) {
		t.Error("the event does not carry both states")
	}
	if up = s.do(UpdateCustomer{ID: c.ID, CustomerParams: CustomerParams{Metadata: Clear[map[string]string]()}}).(*Customer); up.Metadata != nil {
		t.Errorf("metadata: %v", up.Metadata)
	}
	for param, p := range map[string]CustomerParams{
		"email": {Email: Some("nobody")}, "invoice_prefix": {InvoicePrefix: Some("ab")}, "next_invoice_sequence": {NextInvoiceSequence: Some[int64](0)},
		"invoice_settings[default_payment_method]": {InvoiceSettings: Some(CustomerInvoiceSettingsParams{DefaultPaymentMethod: Some("pm_x")})},
	} {
		if e := s.refuse(UpdateCustomer{ID: c.ID, CustomerParams: p}); e.Param != param {
			t.Errorf("%s: %v names %q", param, e, e.Param)
		}
	}
}

func TestCreditIsKeptInOneCurrency(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	id := s.customer("")
	s.events()
	move := s.do(CreateCustomerBalanceTransaction{Customer: id, Amount: Some[int64](-700), Currency: Some("eur"), Description: Some("sorry")}).(*CustomerBalanceTransaction)
	s.wantEvents("credit", "customer.updated")
	if c := get[Customer](s, id); c.Balance != -700 || c.Currency != "eur" || move.EndingBalance != -700 || move.Type != "adjustment" {
		t.Errorf("%+v, %+v", c, move)
	}
	if e := s.refuse(CreateCustomerBalanceTransaction{Customer: id, Amount: Some[int64](-700), Currency: Some("usd")}); e.Status != 400 {
		t.Errorf("another currency: %v", e)
	}
	s.refuse(CreateCustomerBalanceTransaction{Customer: id, Currency: Some("eur")})
	s.do(UpdateCustomer{ID: id, CustomerParams: CustomerParams{Balance: Some[int64](0)}})
	moves, _ := s.Query(ListCustomerBalanceTransactions{Customer: id})
	if len(moves.Data) != 2 || moves.Data[0].(*CustomerBalanceTransaction).Amount != 700 {
		t.Errorf("moves: %+v", moves.Data)
	}
}

// Rows: C20.
func TestDeletedCustomerLeavesNothingLive(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	id := s.customer("pm_card_visa")
	sub := s.subscribe(id, s.price("Pro", 2000))
	card := get[Customer](s, id).InvoiceSettings.DefaultPaymentMethod
	s.events()
	if gone := s.do(DeleteCustomer{ID: id}).(*Deleted); *gone != (Deleted{id, "customer"}) {
		t.Errorf("answered %+v", gone)
	}
	s.wantEvents("delete", "customer.subscription.deleted payment_method.detached customer.deleted")
	if e := s.EventsSince(s.LastEventSeq() - 1)[0].Object.(*Customer); e.Deleted || e.Email == "" {
		t.Errorf("the event shows %+v", e)
	}
	if !get[Customer](s, id).Deleted || s.sub(sub.ID).Status != SubCanceled || get[PaymentMethod](s, card).Customer != "" {
		t.Error("something lives on")
	}
	for _, cmd := range []Command{DeleteCustomer{ID: id}, UpdateCustomer{ID: id}} {
		if e := s.refuse(cmd); e.Status != 404 || e.Param != "id" {
			t.Errorf("%s: %v", NameOf(cmd), e)
		}
	}
	if e := s.refuse(CreateSubscription{Customer: Some(id), Items: items(sub.Items[0].Price)}); e.Status != 400 || e.Param != "customer" {
		t.Errorf("subscribe: %v", e)
	}
	s.wait(90 * secondsPerDay)
	if n := len(s.World.tables.charges.all("customer", id)); n != 1 {
		t.Errorf("%d charges", n)
	}
}

// Rows: C23.
func TestWebhookEndpoints(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	ok := CreateWebhookEndpoint{URL: Some("https://app.example.com/hook"), EnabledEvents: Some([]string{"invoice.paid"}), APIVersion: Some("2026-06-24.dahlia")}
	e := s.do(ok).(*WebhookEndpoint)
	if len(e.Secret) != len("whsec_")+32 || !e.Wants("invoice.paid") || e.Wants("invoice.created") {
		t.Errorf("made %+v", e)
	}
	for param, change := range map[string]func(*CreateWebhookEndpoint){
		"url":            func(c *CreateWebhookEndpoint) { c.URL = Some("app.example.com") },
		"enabled_events": func(c *CreateWebhookEndpoint) { c.EnabledEvents = Opt[[]string]{} },
	} {
		bad := ok
		change(&bad)
		if got := s.refuse(bad); got.Param != param {
			t.Errorf("%s: %v", param, got)
		}
	}
	up := s.do(UpdateWebhookEndpoint{ID: e.ID, EnabledEvents: Some([]string{"*"}), Disabled: Some(true)}).(*WebhookEndpoint)
	if up.Wants("invoice.paid") || len(s.Endpoints()) != 0 || up.Secret != e.Secret {
		t.Errorf("disabled: %+v", up)
	}
	if up = s.do(UpdateWebhookEndpoint{ID: e.ID, Disabled: Some(false)}).(*WebhookEndpoint); !up.Wants("anything.happens") {
		t.Errorf("enabled: %+v", up)
	}
	for range endpointsMax - 1 {
		s.do(ok)
	}
	s.refuse(ok)
	s.do(DeleteWebhookEndpoint{ID: e.ID})
	if got := s.refuse(DeleteWebhookEndpoint{ID: e.ID}); got.Status != 404 {
		t.Errorf("gone: %v", got)
	}
}

func TestEventsAreListedByTypeAndTime(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.subscribe(s.customer("pm_card_visa"), s.price("Pro", 2000))
	count := func(q ListEvents) int {
		q.Limit = Some[int64](100)
		got, err := s.Query(q)
		if err != nil {
			t.Fatal(err)
		}
		return len(got.Data)
	}
	all := int(s.LastEventSeq())
	if got := count(ListEvents{}); got != all {
		t.Errorf("all: %d of %d", got, all)
	}
	if got := count(ListEvents{Type: Some("invoice.paid")}); got != 1 {
		t.Errorf("one type: %d", got)
	}
	if a, b := count(ListEvents{Type: Some("invoice.*")}), count(ListEvents{Types: Some([]string{
		"invoice.created", "invoice.finalized", "invoice.updated", "invoice.paid", "invoice.payment_succeeded"})}); a != b || a < 5 {
		t.Errorf("a group %d, its types %d", a, b)
	}
	if got := count(ListEvents{Created: Range{GT: Some(s.now)}}); got != 0 {
		t.Errorf("later than now: %d", got)
	}
	if _, err := s.Query(ListEvents{Type: Some("a"), Types: Some([]string{"b"})}); err == nil {
		t.Error("type and types together")
	}
	first := s.EventsSince(0)[0]
	if e, ok := s.Event(first.ID); !ok || *e != *first || first.Request.ID != "req_test" {
		t.Errorf("by id: %+v", e)
	}
}

func TestOptionalParametersSurviveJSON(t *testing.T) {
	t.Parallel()
	type params struct {
		A Opt[string]
		B Opt[int64]
		C Opt[[]string]
		D Opt[map[string]string]
		E Opt[Instant]
		F Opt[bool]
	}
	for _, p := range []params{
		{}, {A: Some(""), B: Some[int64](0), F: Some(false)},
		{A: Clear[string](), C: Clear[[]string](), D: Clear[map[string]string](), E: Clear[Instant]()},
		{C: Some([]string{"x"}), D: Some(map[string]string{"k": ""}), E: Some(Now)}, {E: Some(At(5))},
	} {
		data, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		var q params
		if err := json.Unmarshal(data, &q); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		again, _ := json.Marshal(q)
		if string(again) != string(data) || q.A.Given() != p.A.Given() || q.A.Cleared() != p.A.Cleared() || q.F.Given() != p.F.Given() {
			t.Errorf("%s became %s", data, again)
		}
	}
}
