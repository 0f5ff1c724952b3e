package engine

import (
	"fmt"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestDecimalsAreWrittenAsTheyAreRead(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"0": "0", "20": "20", "0.05": "0.05", ".5": "0.5", "1.50": "1.5", "-1.5": "-1.5", "-0.000000000001": "-0.000000000001",
		"123456789.123456789012": "123456789.123456789012", "-2": "-2", "-0": "0",
	} {
		d, err := ParseDecimal(in)
		if err != nil || d.String() != want {
			t.Errorf("%q: got %q, %v; want %q", in, d, err, want)
		}
	}
	for _, in := range []string{"", ".", "1.", "-", "1e3", "+1", "0.0000000000001", "1,5", "1234567890123456789", "NaN"} {
		if d, err := ParseDecimal(in); err == nil {
			t.Errorf("%q was taken for %q", in, d)
		}
	}
}

func TestDecimalTimesQuantityRoundsOnceHalfAwayFromZero(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		unit string
		n    int64
		want int64
	}{
		{"0.05", 30, 2}, {"0.05", 29, 1}, {"0.05", -30, -2}, {"0.5", 1, 1}, {"0.4999", 1, 0}, {"1500", 3, 4500}, {"0.000000000001", 500_000_000_000, 1},
	} {
		d, err := ParseDecimal(c.unit)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.times(c.n); got != c.want {
			t.Errorf("%s × %d: got %d, want %d", c.unit, c.n, got, c.want)
		}
	}
}

func TestDecimalTextRoundTripsAndRoundingAgreesWithRationals(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := Decimal{rapid.Int64Range(-1e9, 1e9).Draw(t, "whole"), rapid.Int64Range(0, picosPerUnit-1).Draw(t, "pico")}
		if back, err := ParseDecimal(d.String()); err != nil || back != d {
			t.Fatalf("%v was read back as %v, %v", d, back, err)
		}
		n := rapid.Int64Range(-1000, 1000).Draw(t, "n")
		exact, ok := new(big.Rat).SetString(d.String())
		if !ok {
			t.Fatalf("big.Rat does not read %v", d)
		}
		exact.Mul(exact, new(big.Rat).SetInt64(n))
		if got, want := fmt.Sprint(d.times(n)), exact.FloatString(0); got != want && "-"+got != want {
			t.Fatalf("%v × %d: got %s, rationals say %s", d, n, got, want)
		}
	})
}
