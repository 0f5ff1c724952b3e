package engine

import "testing"

func TestAmountsAreWrittenAsInLineTexts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ currency, amount, want string }{
		{"usd", "2000", "$20.00"}, {"usd", "0", "$0.00"}, {"usd", "5", "$0.05"}, {"usd", "0.05", "$0.0005"}, {"eur", "6000", "€60.00"}, {"pln", "22000", "220.00 zł"}, {"ugx", "100", "1.00 USh"},
		{"jpy", "500", "¥500"}, {"kwd", "1230", "KWD 1.230"}, {"chf", "-250", "-CHF 2.50"}, {"usd", "123456789", "$1,234,567.89"}, {"usd", "-0.5", "-$0.005"},
	} {
		if got := money(c.currency, dec(t, c.amount)); got != c.want {
			t.Errorf("%s %s: got %q, want %q", c.amount, c.currency, got, c.want)
		}
	}
}
