package emulator_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86"

	"github.com/dues-billing/dues/emulator"
	"github.com/dues-billing/dues/emulator/engine"
)

// mailed are the mails to the shop's customer: kind and time.
func (s *shop) mailed(t *testing.T) string {
	t.Helper()
	var out []string
	for _, m := range s.Mails(s.customer.ID) {
		if m.To != "ada@example.com" || m.Object == "" {
			t.Errorf("a %s to %q about %q", m.Kind, m.To, m.Object)
		}
		out = append(out, m.Kind+" "+time.Unix(m.Created, 0).UTC().Format("2 Jan 15:04"))
	}
	return strings.Join(out, ", ")
}

// count says how many events of a type there are, and when the first was.
func (s *shop) count(t *testing.T, kind string) (n int, first time.Time) {
	t.Helper()
	for event, err := range s.sc.V1Events.List(t.Context(), &stripe.EventListParams{Type: stripe.String(kind)}).All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		n, first = n+1, time.Unix(event.Created, 0).UTC()
	}
	return n, first
}

// paysWith makes a card the default of the shop's customer.
func (s *shop) paysWith(t *testing.T, card string) {
	t.Helper()
	pm, err := s.sc.V1PaymentMethods.Attach(t.Context(), card, &stripe.PaymentMethodAttachParams{Customer: stripe.String(s.customer.ID)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.sc.V1Customers.Update(t.Context(), s.customer.ID, &stripe.CustomerUpdateParams{
		InvoiceSettings: &stripe.CustomerUpdateInvoiceSettingsParams{DefaultPaymentMethod: stripe.String(pm.ID)},
	}); err != nil {
		t.Fatal(err)
	}
}

func (s *shop) status(t *testing.T, sub string) string {
	t.Helper()
	got, err := s.sc.V1Subscriptions.Retrieve(t.Context(), sub, nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(got.Status)
}

// chosen opens a shop on a clock at 1 April whose account has chosen its settings over the control API.
func chosen(t *testing.T, settings string) *clockShop {
	t.Helper()
	s := openClockShop(t, time.April, 1)
	form, err := url.ParseQuery(settings)
	if err != nil {
		t.Fatal(err)
	}
	plain{t, s.Server, ""}.must("POST", "/_emulator/api/settings", form)
	return s
}

// Every clause of the row, each as the account chose it in its settings.
//
// Rows: C29.
func TestTheAccountsSettingsDecideHowBillingGoesOn(t *testing.T) {
	t.Parallel()
	for name, story := range map[string]func(t *testing.T){
		"upcoming comes seven days ahead, or as chosen": func(t *testing.T) {
			for lead, want := range map[string]string{"": "24 Apr", "upcoming_lead_days=3": "28 Apr"} {
				s := chosen(t, lead)
				s.subscribe(t)
				s.wait(t, 30*aDay)
				if n, at := s.count(t, "invoice.upcoming"); n != 1 || at.Format("2 Jan") != want {
					t.Errorf("%q: %d, the first at %s", lead, n, at)
				}
			}
		},
		"renewals are mailed where the account mails them": func(t *testing.T) {
			for chosenMails, want := range map[string]string{
				"emails=": "", "emails[]=renewal": "renewal 24 Apr 12:00",
				"emails[]=renewal&emails[]=receipt": "receipt 1 Apr 12:00, renewal 24 Apr 12:00, receipt 1 May 13:00",
			} {
				s := chosen(t, chosenMails)
				s.subscribe(t)
				s.wait(t, 31*aDay)
				if got := s.mailed(t); got != want {
					t.Errorf("%q: mailed %q, want %q", chosenMails, got, want)
				}
			}
		},
		"expiring cards are mailed in their last month": func(t *testing.T) {
			s := chosen(t, "emails[]=card_expiring")
			s.subscribe(t)
			if _, err := s.sc.V1PaymentMethods.Update(t.Context(), s.card.ID, &stripe.PaymentMethodUpdateParams{
				Card: &stripe.PaymentMethodUpdateCardParams{ExpMonth: stripe.Int64(6), ExpYear: stripe.Int64(2026)},
			}); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				s.wait(t, 30*aDay)
			}
			if got := s.mailed(t); got != "card_expiring 1 Jun 00:00" {
				t.Errorf("mailed %q", got)
			}
		},
		"four retries in three weeks, then canceled": func(t *testing.T) { dunned(t, "", "4 May, 9 May, 16 May, 22 May", "canceled") },
		"a schedule of its own, then unpaid": func(t *testing.T) {
			dunned(t, "retry_days[]=1&retry_days[]=2&end_of_dunning=unpaid", "2 May, 4 May", "unpaid")
		},
		"left past due": func(t *testing.T) { dunned(t, "retry_days[]=1&end_of_dunning=past_due", "2 May", "past_due") },
		"3-D Secure that is unfinished for fifteen days cancels": func(t *testing.T) {
			s := chosen(t, "emails[]=action_required&emails[]=payment_failed")
			sub := s.subscribe(t)
			s.paysWith(t, "pm_card_authenticationRequired")
			s.wait(t, 30*aDay+time.Hour)
			if got := s.status(t, sub.ID); got != "past_due" {
				t.Errorf("asked: %s", got)
			}
			s.wait(t, 15*aDay-time.Second)
			if got := s.status(t, sub.ID); got != "past_due" {
				t.Errorf("a second before: %s", got)
			}
			s.wait(t, time.Second)
			if got := s.status(t, sub.ID); got != "canceled" || s.mailed(t) != "action_required 1 May 13:00" {
				t.Errorf("fifteen days later: %s, mailed %q", got, s.mailed(t))
			}
		},
		"mailed invoices, reminders, past due: canceled": func(t *testing.T) { overdue(t, "end_of_past_due=cancel", "canceled") },
		"mailed invoices, reminders, past due: unpaid":   func(t *testing.T) { overdue(t, "end_of_past_due=unpaid", "unpaid") },
		"mailed invoices, reminders, past due: left":     func(t *testing.T) { overdue(t, "", "past_due") },
	} {
		t.Run(name, func(t *testing.T) { t.Parallel(); story(t) })
	}
}

// dunned is a renewal whose card is declined until the account gives up.
func dunned(t *testing.T, settings, retries, end string) {
	t.Helper()
	s := chosen(t, settings+"&emails[]=payment_failed")
	sub := s.subscribe(t)
	s.paysWith(t, "pm_card_chargeCustomerFail")
	s.wait(t, 31*aDay)
	var planned []string
	for inv := s.newest(t, sub.ID); inv.NextPaymentAttempt != 0; inv = s.newest(t, sub.ID) {
		if got := s.status(t, sub.ID); got != "past_due" {
			t.Errorf("while retries go on: %s", got)
		}
		at := time.Unix(inv.NextPaymentAttempt, 0).UTC()
		planned = append(planned, at.Format("2 Jan"))
		s.wait(t, at.Sub(s.at))
	}
	if got := strings.Join(planned, ", "); got != retries || s.status(t, sub.ID) != end {
		t.Errorf("retried on %s, then %s; want %s, then %s", got, s.status(t, sub.ID), retries, end)
	}
	if n := strings.Count(s.mailed(t), "payment_failed"); n != len(planned)+1 {
		t.Errorf("%d mails for %d attempts", n, len(planned)+1)
	}
}

// overdue is an invoice by mail that nobody pays: due on 15 April, past due for sixty days on 14 June.
func overdue(t *testing.T, settings, end string) {
	t.Helper()
	s := chosen(t, settings+"&reminder_days[]=-3&reminder_days[]=0&reminder_days[]=7")
	sub, err := s.sc.V1Subscriptions.Create(t.Context(), &stripe.SubscriptionCreateParams{
		Customer: stripe.String(s.customer.ID), CollectionMethod: stripe.String("send_invoice"), DaysUntilDue: stripe.Int64(14),
		Items: []*stripe.SubscriptionCreateItemParams{{
			Price: stripe.String(s.priced(t, func(p *stripe.PriceCreateParams) {
				p.UnitAmount, p.Recurring.Interval = stripe.Int64(9000), stripe.String("year")
			})),
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.wait(t, time.Hour)
	inv := s.newest(t, sub.ID)
	if inv.Status != stripe.InvoiceStatusOpen || inv.Attempted {
		t.Fatalf("mailed: %s, attempted %v", inv.Status, inv.Attempted)
	}
	due := time.Unix(inv.DueDate, 0).UTC()
	s.wait(t, due.Sub(s.at)-time.Second)
	if got := s.status(t, sub.ID); got != "active" {
		t.Errorf("before it is due: %s", got)
	}
	s.wait(t, 60*aDay)
	if got := s.status(t, sub.ID); got != "past_due" {
		t.Errorf("a second before sixty days: %s", got)
	}
	s.wait(t, time.Second)
	if got := s.status(t, sub.ID); got != end {
		t.Errorf("sixty days past due: %s, want %s", got, end)
	}
	hour := due.Format("15:04")
	want := "invoice 1 Apr 13:00"
	for _, days := range []int{-3, 0, 7} {
		want += ", reminder " + due.AddDate(0, 0, days).Format("2 Jan ") + hour
	}
	if got := s.mailed(t); got != want {
		t.Errorf("mailed %s, want %s", got, want)
	}
}

func TestMailsAreReadByControlAPIAndOnTheDashboard(t *testing.T) {
	t.Parallel()
	s := openShop(t, start(t, func(o *emulator.Options) {
		o.Settings.Emails = []string{engine.MailReceipt, engine.MailRefund, engine.MailCreditNote}
	}), "")
	p := plain{t, s.Server, ""}
	sub := s.subscribe(t)
	intent := sub.LatestInvoice.Payments.Data[0].Payment.PaymentIntent.ID
	p.must("POST", "/v1/refunds", url.Values{"payment_intent": {intent}, "amount": {"500"}})
	p.must("POST", "/v1/credit_notes", url.Values{"invoice": {sub.LatestInvoice.ID}, "amount": {"100"}, "credit_amount": {"100"}})
	p.must("POST", "/v1/credit_notes", url.Values{"invoice": {sub.LatestInvoice.ID}, "amount": {"100"}, "credit_amount": {"100"}, "email_type": {"none"}})
	kinds := func(query string) string {
		var out []string
		for _, m := range p.must("GET", "/_emulator/api/mails"+query, nil)["mails"].([]any) {
			m := m.(map[string]any)
			if m["to"] != "ada@example.com" || m["customer"] != s.customer.ID || m["created"] == nil {
				t.Errorf("a mail reads %v", m)
			}
			out = append(out, fmt.Sprint(m["kind"]))
		}
		return strings.Join(out, " ")
	}
	for query, want := range map[string]string{
		"": "credit_note refund receipt", "?limit=1": "credit_note", "?kind=refund": "refund", "?customer=cus_other": "", "?customer=" + s.customer.ID: "credit_note refund receipt",
	} {
		if got := kinds(query); got != want {
			t.Errorf("%q: got %q, want %q", query, got, want)
		}
	}
	if status, body := p.do("GET", "/_emulator/api/mails?limit=0", nil); status != 400 || body["param"] != "limit" {
		t.Errorf("limit=0 answered %d %v", status, body)
	}
	var kept []string
	for _, m := range s.Mails("") {
		kept = append(kept, m.Kind)
	}
	if !slices.Equal(kept, []string{"receipt", "refund", "credit_note"}) {
		t.Errorf("the Go method tells %v", kept)
	}
	var account string
	s.World(s.Key).Read(func(w *engine.World, _ int64) { account = w.AccountID() })
	_, _, page := p.send("GET", "/_emulator/accounts/"+account, nil, nil)
	if !strings.Contains(string(page), "Newest mails") || !strings.Contains(string(page), "credit_note") {
		t.Error("the dashboard does not show the mails")
	}
}

func TestOnlyCardsOfTheOldKindHaveAnEventOfTheirLastMonth(t *testing.T) {
	t.Parallel()
	s := openClockShop(t, time.April, 1)
	if _, err := s.sc.V1Customers.Update(t.Context(), s.customer.ID, &stripe.CustomerUpdateParams{Source: stripe.String("tok_visa")}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		s.wait(t, 2*365*aDay/3)
	}
	n, at := s.count(t, "customer.source.expiring")
	if want := time.Date(2027, time.April, 1, 0, 0, 0, 0, time.UTC); n != 1 || !at.Equal(want) {
		t.Errorf("%d events, the first at %s, want one at %s", n, at, want)
	}
	if mails := s.Mails(""); len(mails) != 0 {
		t.Errorf("mailed %v", mails)
	}
}
