package billing_test

import (
	"strings"
	"testing"

	"github.com/dues-billing/dues/billing"
	"github.com/dues-billing/dues/money"
)

func TestACreditIsGivenOnceAndNoMoreTakenThanThereIs(t *testing.T) {
	has := billing.Credit{Balance: eur(500), Moves: []billing.CreditMove{{Key: "before", Amount: eur(500)}}}
	owes := billing.Credit{Balance: eur(-100)}
	for _, c := range []struct {
		name   string
		credit billing.Credit
		amount money.Amount
		key    string
		needed bool
		code   billing.Code
	}{
		{"the first", billing.Credit{}, eur(1), "k", true, ""},
		{"more", has, eur(1), "k", true, ""},
		{"asked again", has, eur(500), "before", false, ""},
		{"the same key for more", has, eur(501), "before", false, billing.Conflict},
		{"the same key in another currency", has, money.New(500, "usd"), "before", false, billing.Conflict},
		{"all taken", has, eur(-500), "k", true, ""},
		{"more taken than there is", has, eur(-501), "k", false, billing.Conflict},
		{"taken of nothing", billing.Credit{}, eur(-1), "k", false, billing.Conflict},
		{"given to who owes", owes, eur(50), "k", true, ""},
		{"another currency", has, money.New(1, "usd"), "k", false, billing.Conflict},
		{"nothing", has, eur(0), "k", false, billing.Invalid},
		{"too much", has, eur(billing.MaxCredit + 1), "k", false, billing.Invalid},
		{"the least number", has, eur(-1 << 63), "k", false, billing.Invalid},
		{"no currency", has, money.New(1, ""), "k", false, billing.Invalid},
		{"no such currency", has, money.New(1, "euros"), "k", false, billing.Invalid},
		{"a currency in upper case", has, money.New(1, "EUR"), "k", false, billing.Invalid},
		{"no key", has, eur(1), "", false, billing.Invalid},
		{"a long key", has, eur(1), strings.Repeat("k", billing.MaxCreditKey+1), false, billing.Invalid},
		{"a key that no header takes", has, eur(1), "a\nb", false, billing.Invalid},
		{"a key with an accent", has, eur(1), "clé", false, billing.Invalid},
	} {
		if needed, err := c.credit.Give(billing.CreditWish{Amount: c.amount, Key: c.key}); needed != c.needed || billing.CodeOf(err) != c.code {
			t.Errorf("%s: needed %v, %v", c.name, needed, err)
		}
	}
}
