package money_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/dues-billing/dues/money"
)

func TestAmountsAreWrittenAsPeopleReadThem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		amount money.Amount
		locale string
		want   string
	}{
		{money.New(1900, "eur"), "en", "€19.00"},
		{money.New(123450, "usd"), "en", "$1,234.50"},
		{money.New(-5, "usd"), "en", "-$0.05"},
		{money.New(1900, "eur"), "de", "19,00\u00a0€"},
		{money.New(1200, "jpy"), "en", "¥1,200"},
		{money.New(12345, "kwd"), "en", "KWD\u00a012.345"},
		// Stripe's minor unit is not CLDR's here: no decimals for MGA, hidden zeros for ISK and UGX.
		{money.New(5000, "mga"), "en", "MGA\u00a05,000"},
		{money.New(120000, "isk"), "en", "ISK\u00a01,200"},
		{money.New(120050, "isk"), "en", "ISK\u00a01,200.50"},
		{money.New(500000, "ugx"), "en", "UGX\u00a05,000"},
		{money.New(100, "zzz"), "en", "1.00 ZZZ"},
		{money.New(100, ""), "en", "1.00"},
	} {
		if got := c.amount.Format(c.locale); got != c.want {
			t.Errorf("%d %s for %s: got %q, want %q", c.amount.Minor, c.amount.Currency, c.locale, got, c.want)
		}
	}
}

func TestParseReadsWhatStringWrites(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		currency := rapid.SampledFrom([]money.Currency{"eur", "jpy", "kwd", "mga", "isk"}).Draw(t, "currency")
		want := money.New(minors().Draw(t, "minor"), currency)
		if got, err := money.Parse(want.String()); err != nil || got != want {
			t.Fatalf("%q: got %v, %v", want.String(), got, err)
		}
	})
}

func TestParseTakesOnlyWhatTheCurrencyCanHold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want money.Amount
		ok   bool
	}{
		{"19.00 EUR", money.New(1900, "eur"), true},
		{"19 eur", money.New(1900, "eur"), true},
		{"19.5 EUR", money.New(1950, "eur"), true},
		{"-0.05 USD", money.New(-5, "usd"), true},
		{"1200 JPY", money.New(1200, "jpy"), true},
		{"1.234 KWD", money.New(1234, "kwd"), true},
		{"1200.5 JPY", money.Amount{}, false},
		{"19.001 EUR", money.Amount{}, false},
		{"19.00", money.Amount{}, false},
		{"19. EUR", money.Amount{}, false},
		{".5 EUR", money.Amount{}, false},
		{"1e3 EUR", money.Amount{}, false},
		{"19,00 EUR", money.Amount{}, false},
		{"--1 EUR", money.Amount{}, false},
		{"19.00 EURO", money.Amount{}, false},
		{"", money.Amount{}, false},
		{"92233720368547758.08 EUR", money.Amount{}, false},
	} {
		got, err := money.Parse(c.text)
		if got != c.want || (err == nil) != c.ok {
			t.Errorf("%q: got %v, %v; want %v", c.text, got, err, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"19.00 EUR", "1200 jpy", "-0.05 usd", "1e9 EUR", "\xff EUR"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := money.Parse(text)
		if err != nil {
			return
		}
		if again, err := money.Parse(a.String()); err != nil || again != a {
			t.Fatalf("%q was read as %v, which reads as %v, %v", text, a, again, err)
		}
	})
}
