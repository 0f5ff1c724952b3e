package service_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/mailer"
	"github.com/dues-billing/dues/service"
)

// localeAtStripe is the language in which Stripe writes to an account.
func (w *world) localeAtStripe(account billing.Account) string {
	w.t.Helper()
	customer, err := w.stripe.Client().V1Customers.Retrieve(w.t.Context(), string(account.Customer), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.Join(customer.PreferredLocales, " ")
}

// subjects are those of all mails to an address, in order.
func (w *world) subjects(to string) (all []string) {
	for _, mail := range w.mails.all() {
		if mail.To == to {
			all = append(all, mail.Subject)
		}
	}
	return all
}

func TestMailsAreInTheAccountsLanguageAndOtherwiseInTheInstallations(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.serviceWith(func(c *service.Config) { c.Render = mailer.NewRenderer("Test").In("es") })
		for id, locale := range map[string]string{"ada": "de-AT", "bob": "", "eve": "ja"} {
			account, _, err := s.CreateAccount(t.Context(), service.NewAccount{ID: billing.AccountID(id), Email: id + "@example.com", Locale: locale})
			if err != nil || account.Locale != locale || w.localeAtStripe(account) != locale {
				t.Fatalf("%s: %+v, %v", id, account, err)
			}
		}
		w.settle(s)
		for to, want := range map[string]string{"ada": "Willkommen bei Test", "bob": "Te damos la bienvenida a Test", "eve": "Te damos la bienvenida a Test"} {
			if got := w.subjects(to + "@example.com"); !slices.Equal(got, []string{want}) {
				t.Errorf("%s got %q, want %q", to, got, want)
			}
		}

		again := service.NewAccount{ID: "ada", Email: "ada@example.com", Name: "Ada"}
		if account, _, err := s.CreateAccount(t.Context(), again); err != nil || account.Locale != "de-AT" || account.Name != "Ada" || w.localeAtStripe(account) != "de-AT" {
			t.Errorf("without a word of the language: %+v, %v", account, err)
		}
		again.Locale = "fr"
		account, _, err := s.CreateAccount(t.Context(), again)
		if err != nil || account.Locale != "fr" || w.localeAtStripe(account) != "fr" {
			t.Errorf("with another language: %+v, %v", account, err)
		}
		w.saveCard(account.Customer, "pm_card_visa")
		w.upgrade(s, "premium-monthly")
		w.settle(s)
		if got := w.subjects("ada@example.com"); !slices.Contains(got, "Votre reçu de Test\u00a0: 19,00\u00a0€") {
			t.Errorf("after the change the mails are %q", got)
		}
	})
}

func TestWhatNamesNoLanguageIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		for _, locale := range []string{"german", "DE", "de_AT", "!", "de-" + strings.Repeat("x-abcdefgh-", 5) + "a"} {
			_, _, err := s.CreateAccount(t.Context(), service.NewAccount{ID: "ada", Email: "ada@example.com", Locale: locale})
			refusal(t, err, billing.Invalid, "locale")
		}
	})
}

func TestASignUpInOneLanguageThatIsSentAgainInAnotherMakesOneCustomer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.service()
		w.trouble.when(true, func(r *http.Request) bool { return r.Method == http.MethodPost && r.URL.Path == "/v1/customers" })
		asked := service.NewAccount{ID: "ada", Email: "ada@example.com", Locale: "de"}
		if _, _, err := s.CreateAccount(t.Context(), asked); err == nil {
			t.Fatal("the answer was lost, and nobody has noticed")
		}
		w.trouble.over()
		asked.Locale = "fr"
		account, _, err := s.CreateAccount(t.Context(), asked)
		if err != nil || account.Locale != "fr" || w.localeAtStripe(account) != "fr" {
			t.Errorf("%+v, %v", account, err)
		}
		if customers, subscriptions := w.customersAtStripe(); customers != 1 || subscriptions != 1 {
			t.Errorf("%d customers and %d subscriptions, want 1 and 1", customers, subscriptions)
		}
	})
}
