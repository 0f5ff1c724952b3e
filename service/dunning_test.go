package service_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/service"
)

// dunned adds to yearly that customers are reminded of what they owe, and leave after ten days.
const dunned = yearly + `dunning:
  steps: [{after: 1d}, {after: 3d}, {after: 7d, mail: last_reminder}]
  finally: {after: 10d, do: cancel}
`

// overdue is a service that sells a catalogue by the month, to ada, whose card has just failed for the second one. It returns when that was.
func (w *world) overdue(text string, change ...func(*service.Config)) (*service.Service, time.Time) {
	w.t.Helper()
	s := w.offering(text, change...)
	w.buys(s, "pro-month")
	status := w.status(s)
	w.saveCard(status.Account.Customer, "pm_card_chargeCustomerFail")
	w.settle(s)
	w.move(status.PeriodEnd.Add(2 * time.Hour))
	w.settle(s)
	w.expectMails("failed")
	for _, charge := range w.charges(s) {
		if charge.Status == "failed" {
			return s, charge.CreatedAt
		}
	}
	w.t.Fatal("no charge has failed")
	return nil, time.Time{}
}

// charges are what the mirror has of them.
func (w *world) charges(s *service.Service) []billing.Charge {
	w.t.Helper()
	record, err := w.store().Record(w.t.Context(), w.status(s).Account.Customer)
	if err != nil {
		w.t.Fatal(err)
	}
	return record.Charges
}

// list is who owes what, as the operator sees it.
func (w *world) list(s *service.Service) []service.Dunned {
	w.t.Helper()
	all, next, err := s.Dunning(w.t.Context(), service.Page{Limit: 10})
	if err != nil || next != "" {
		w.t.Fatalf("%v, cursor %q", err, next)
	}
	return all
}

// daysAfter is so many days after a time.
func daysAfter(t time.Time, days int) time.Time { return t.AddDate(0, 0, days) }

// Features: 81.
func TestWhoDoesNotPayIsRemindedInStepsAndLeavesInTheEnd(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s, since := w.overdue(dunned)
		for _, step := range []struct {
			day   int
			mails []string
			next  string
			at    int
		}{
			{0, nil, "payment_reminder", 1},
			{1, []string{"dunning"}, "payment_reminder", 3},
			{2, nil, "payment_reminder", 3},
			{3, []string{"dunning"}, "last_reminder", 7},
			{7, []string{"dunning"}, "cancel", 10},
			{9, nil, "cancel", 10},
		} {
			w.move(daysAfter(since, step.day).Add(time.Minute))
			w.settle(s)
			w.settle(s)
			w.expectMails(step.mails...)
			w.expect(s, "pro past_due full update_payment_method")
			list := w.list(s)
			if len(list) != 1 {
				t.Fatalf("day %d: the operator sees %+v", step.day, list)
			}
			d := list[0]
			late := d.NextAt.Sub(daysAfter(since, step.at))
			if d.Account != "ada" || d.Next != step.next || !d.Since.Equal(since) || late < 0 || late > time.Hour || d.Invoice.AmountDue.Minor != 1900 {
				t.Errorf("day %d: the operator sees %+v, want %s on day %d since %v", step.day, d, step.next, step.at, since)
			}
		}
		if mail := w.mailOf("dunning:"); !strings.Contains(mail.Text, "ends on "+daysAfter(since, 10).Format("2 Jan 2006")) || !strings.Contains(mail.Subject, "€19.00") {
			t.Errorf("the last reminder does not say what is owed and when it ends:\n%s\n%s", mail.Subject, mail.Text)
		}
		w.move(daysAfter(since, 10).Add(time.Hour))
		w.settle(s)
		w.settle(s)
		w.expect(s, "starter active full")
		w.expectMails("ended")
		w.expectPaid(1, 0)
		if list := w.list(s); len(list) != 0 {
			t.Errorf("the operator sees %+v, although nothing runs", list)
		}
	})
}

func TestDunningStopsOnceItIsPaid(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s, since := w.overdue(dunned)
		w.move(daysAfter(since, 1).Add(time.Minute))
		w.settle(s)
		w.expectMails("dunning")
		w.saveCard(w.status(s).Account.Customer, "pm_card_visa")
		invoice := w.list(s)[0].Invoice.ID
		if _, err := s.PayInvoice(t.Context(), "ada", invoice, ""); err != nil {
			t.Fatal(err)
		}
		w.settle(s)
		w.expectMails("receipt")
		for day := 2; day < 20; day++ {
			w.move(daysAfter(since, day))
			w.settle(s)
		}
		w.expectMails()
		w.expect(s, "pro active full")
		if list := w.list(s); len(list) != 0 {
			t.Errorf("the operator still sees %+v", list)
		}
	})
}

// The mail server took none for a day; meanwhile it was paid.
func TestAReminderThatWaitedIsNotSentToWhoHasPaidMeanwhile(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s, since := w.overdue(dunned)
		w.mails.refuse(errors.New("no mail server"))
		w.move(daysAfter(since, 1).Add(time.Minute))
		w.drain(s)
		invoice := w.list(s)[0].Invoice.ID
		w.saveCard(w.status(s).Account.Customer, "pm_card_visa")
		// Paid at the provider; no webhook has told of it yet.
		if _, err := w.stripe.Client().V1Invoices.Pay(t.Context(), string(invoice), nil); err != nil {
			t.Fatal(err)
		}
		w.mails.refuse(nil)
		w.move(daysAfter(since, 1).Add(time.Hour))
		w.drain(s)
		w.settle(s)
		w.expectMails("receipt")
	})
}

func TestAfterAnOutageTheNewestReminderAloneIsSentAndTheEndWaitsForIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s, since := w.overdue(dunned)
		w.move(daysAfter(since, 9)) // steps 1, 3 and 7 have passed
		w.settle(s)
		w.expectMails("dunning")
		if list := w.list(s); list[0].Next != "cancel" || !list[0].NextAt.Equal(daysAfter(since, 12)) {
			t.Errorf("the end comes %v (%s), want three days after the last reminder", list[0].NextAt, list[0].Next)
		}
		w.move(daysAfter(since, 11))
		w.settle(s)
		w.expect(s, "pro past_due full update_payment_method")
		w.move(daysAfter(since, 12).Add(time.Hour))
		w.settle(s)
		w.settle(s)
		w.expect(s, "starter active full")
	})
}

// Replicas see the same step at the same time.
func TestEachStepIsSentOnceHoweverManyReplicasSeeIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s, since := w.overdue(dunned)
		other := w.offering(dunned)
		w.move(daysAfter(since, 3))
		var all sync.WaitGroup
		for range 12 {
			for _, one := range []*service.Service{s, other} {
				all.Go(func() { w.drain(one) })
			}
		}
		all.Wait()
		w.settle(s)
		w.expectMails("dunning")
	})
}

// Somebody owed before dunning was asked for: told at once, by the newest step, and never cut off without that.
func TestDunningThatIsTurnedOnTellsBeforeItEndsAnything(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, since := w.overdue(yearly)
		w.move(daysAfter(since, 11))
		s := w.offering(dunned)
		w.drain(s)
		w.expectMails("dunning")
		w.expect(s, "pro past_due full update_payment_method")
	})
}

func TestTheEndCanBeThatItCountsAsUnpaid(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s, since := w.overdue(strings.Replace(dunned, "do: cancel", "do: unpaid", 1))
		w.move(daysAfter(since, 10).Add(-time.Minute))
		w.expect(s, "pro past_due full update_payment_method")
		w.move(daysAfter(since, 10))
		w.expect(s, "pro past_due free update_payment_method")
	})
}

// A payment between the order to end a subscription and its end keeps it.
func TestNobodyIsCutOffWhoPaysInTheLastMoment(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s, since := w.overdue(dunned)
		w.move(daysAfter(since, 7).Add(time.Minute))
		w.settle(s)
		w.move(daysAfter(since, 10).Add(time.Hour))
		// The call that ends it fails at first.
		w.trouble.when(false, func(r *http.Request) bool { return r.Method == http.MethodDelete })
		w.settle(s)
		w.trouble.over()
		w.saveCard(w.status(s).Account.Customer, "pm_card_visa")
		if _, err := w.stripe.Client().V1Invoices.Pay(t.Context(), string(w.list(s)[0].Invoice.ID), nil); err != nil {
			t.Fatal(err)
		}
		w.move(daysAfter(since, 10).Add(3 * time.Hour))
		w.settle(s)
		w.settle(s)
		w.expect(s, "pro active full")
	})
}

// linkIn returns the query of the link in a reminder.
func linkIn(t *testing.T, mail service.Mail) url.Values {
	t.Helper()
	_, rest, found := strings.Cut(mail.Text, "https://billing.example.com/card?")
	link, _, _ := strings.Cut(rest, "\n")
	values, err := url.ParseQuery(link)
	if !found || err != nil {
		t.Fatalf("no link in the mail (%v):\n%s", err, mail.Text)
	}
	return values
}

func TestTheLinkOfAReminderOpensThePageForAnotherCardAndNothingElse(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s, since := w.overdue(dunned)
		w.move(daysAfter(since, 1).Add(time.Minute))
		w.settle(s)
		link := linkIn(t, w.mailOf("dunning:"))
		const account = "https://app.example.com/account"
		leads := func(s *service.Service, link url.Values) string {
			to, err := s.OpenCardLink(t.Context(), link)
			if err != nil {
				t.Fatal(err)
			}
			return to
		}
		other := w.offering(dunned) // a replica, and every click has a page of its own
		first, second := leads(s, link), leads(other, link)
		if !strings.HasPrefix(first, w.stripe.URL+"/p/session/") || first == second {
			t.Errorf("the link leads to %s and %s, want two pages of the portal", first, second)
		}
		for name, change := range map[string]func(url.Values){
			"another account":   func(v url.Values) { v.Set("of", "ZXZl") },
			"a later end":       func(v url.Values) { v.Set("until", "zzzzzz") },
			"an end in capital": func(v url.Values) { v.Set("until", strings.ToUpper(v.Get("until"))) },
			"no signature":      func(v url.Values) { v.Del("mac") },
			"a wrong one":       func(v url.Values) { v.Set("mac", "AAAA") },
			"nothing":           func(v url.Values) { clear(v) },
		} {
			forged := url.Values{}
			for k, v := range link {
				forged[k] = append([]string(nil), v...)
			}
			change(forged)
			if to := leads(s, forged); to != account {
				t.Errorf("%s: leads to %s, want the account page", name, to)
			}
		}
		w.move(daysAfter(since, 8).Add(2 * time.Minute))
		if to := leads(s, link); to != account {
			t.Errorf("after a week it leads to %s", to)
		}
		w.settle(s)
		link = linkIn(t, w.mailOf("dunning:")) // of the newest reminder
		w.saveCard(w.status(s).Account.Customer, "pm_card_visa")
		if _, err := s.PayInvoice(t.Context(), "ada", w.list(s)[0].Invoice.ID, ""); err != nil {
			t.Fatal(err)
		}
		if to := leads(s, link); to != account {
			t.Errorf("once it is paid it leads to %s", to)
		}
	})
}

func TestTheListOfWhoOwesIsPagedByAccount(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s, _ := w.overdue(dunned)
		all, next, err := s.Dunning(t.Context(), service.Page{Limit: 1})
		if err != nil || len(all) != 1 || next != "" {
			t.Fatalf("got %+v, %q, %v", all, next, err)
		}
		_, _, err = s.Dunning(t.Context(), service.Page{Cursor: "of another list"})
		refusal(t, err, billing.Invalid, "cursor")
	})
}
