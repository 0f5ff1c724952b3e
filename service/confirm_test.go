package service_test

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

// Features: 36 37.
func TestARenewalThatTheBankAsksToConfirmIsConfirmedOnItsPage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		account := w.premium(s)
		end := w.status(s).PeriodEnd
		w.saveCard(account.Customer, "pm_card_authenticationRequired")
		w.move(end.Add(2 * time.Hour))
		w.settle(s)
		w.expect(s, "premium past_due full confirm_payment")
		w.expectMails("confirm")
		page := w.status(s).ActionURL
		if mails := w.mails.all(); page == "" || !strings.Contains(mails[len(mails)-1].Text, page) {
			t.Fatalf("the mail does not lead to %q:\n%s", page, mails[len(mails)-1].Text)
		}

		card := url.Values{"cardNumber": {"4000002760003184"}, "cardExpiry": {"12/34"}, "cardCvc": {"123"}, "billingName": {"Ada"}}
		challenge, status := w.post(page, card)
		if !strings.Contains(challenge, "/3ds/") {
			t.Fatalf("paying on the page leads to %q (%d), want a challenge", challenge, status)
		}
		if !strings.HasPrefix(challenge, "http") {
			challenge = w.stripe.URL + challenge
		}
		w.post(challenge, url.Values{"outcome": {"succeed"}})
		w.settle(s)
		w.expect(s, "premium active full")
		w.expectMails("receipt")
		if licensed := w.license(s); !licensed.After(end) {
			t.Errorf("the license runs until %v, want it extended beyond %v", licensed, end)
		}
	})
}
