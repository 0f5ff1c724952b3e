package design

import (
	"testing"
	"time"

	"github.com/dues-billing/dues/money"
)

func TestMoneyIsWrittenWithStripesMinorUnits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		minor    int64
		currency money.Currency
		want     string
	}{
		{1200, "eur", "€12.00"},
		{5, "usd", "$0.05"},
		{0, "usd", "$0.00"},
		{-412, "eur", "-€4.12"},
		{123456789, "usd", "$1,234,567.89"},
		{1200, "jpy", "¥1,200"},
		{12345, "kwd", "KWD\u00a012.345"},
		{500, "mga", "MGA\u00a0500"},         // no minor unit in Stripe, two places in CLDR
		{120000, "isk", "ISK\u00a01,200"},    // two places in Stripe, none in CLDR
		{120050, "isk", "ISK\u00a01,200.50"}, // not lost, should it ever come
		{120000, "ugx", "UGX\u00a01,200"},
		{100, "zzz", "1.00 ZZZ"},
	} {
		if got := FormatMoney(money.New(c.minor, c.currency)); got != c.want {
			t.Errorf("%d %s: got %q, want %q", c.minor, c.currency, got, c.want)
		}
	}
}

func TestUnitPricesBelowTheMinorUnitAreWrittenOut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		minor    string
		currency money.Currency
		want     string
	}{
		{"1200", "eur", "€12.00"},
		{"0.05", "usd", "$0.0005"},
		{"12.5", "usd", "$0.125"},
		{"-0.5", "jpy", "-¥0.5"},
	} {
		if got := FormatUnit(c.minor, c.currency); got != c.want {
			t.Errorf("%s %s: got %q, want %q", c.minor, c.currency, got, c.want)
		}
	}
}

func TestDaysAreUTC(t *testing.T) {
	t.Parallel()
	late := time.Date(2026, time.December, 1, 23, 30, 0, 0, time.FixedZone("west", -5*3600))
	if got, want := FormatDate(late), "2 Dec 2026"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := FormatTime(late), "2 Dec 2026, 04:30:00 UTC"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
