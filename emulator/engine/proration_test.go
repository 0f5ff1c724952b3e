package engine

import (
	"fmt"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// full is a purchase of a whole period.
func full(amount, start, end int64) []Debit {
	return []Debit{{Full: DecimalOf(amount), Period: Period{start, end}}}
}

// Rows: C21. The vectors are those of chapter 4.5, by their numbers.
func TestProrationVectors(t *testing.T) {
	t.Parallel()
	day := int64(secondsPerDay)
	at := func(s string) int64 { return unix(t, s) }
	for _, c := range []struct {
		name         string
		at           int64
		given, taken []Debit
		want         []int64
	}{
		{"1: 1000 to 2000 at half", 500, full(1000, 0, 1000), full(2000, 0, 1000), []int64{-500, 1000}},
		{"2: a million seconds left of 2678400", 1678400, full(1500, 0, 2678400), full(2900, 0, 2678400), []int64{-560, 1083}},
		{"3: 80.00 to 120.00 with 21 of 31 days left", at("2026-03-11"), full(8000, at("2026-03-01"), at("2026-04-01")), full(12000, at("2026-03-01"), at("2026-04-01")), []int64{-5419, 8129}},
		{"4: classic credits the current price", 18 * day, full(1800, 0, 30*day), full(1200, 0, 30*day), []int64{-720, 480}},
		{"5: flexible credits what was billed", 18 * day, full(1200, 0, 30*day), full(1200, 0, 30*day), []int64{-480, 480}},
		{"6: 3 seats to 5 at half", 500, full(3*1000, 0, 1000), full(5*1000, 0, 1000), []int64{-1500, 2500}},
		{"7: a monthly credit with a third used", 10 * day, full(1000, 0, 30*day), nil, []int64{-667}},
		{"8: a leap year cut to 1 October", at("2028-10-01"), full(9000, at("2028-01-01"), at("2029-01-01")), nil, []int64{-(9000 - 6738)}},
		{"9: yen, 10 of 30 days left", 20 * day, full(500, 0, 30*day), full(1000, 0, 30*day), []int64{-167, 333}},
		{"10: an item added with 20 of 30 days left", 10 * day, nil, full(900, 0, 30*day), []int64{600}},
		{"11: amounts after a coupon of 20 %", 500, full(800, 0, 1000), full(1600, 0, 1000), []int64{-400, 800}},
		{"a tie goes away from zero", 1, full(1, 0, 2), full(3, 0, 2), []int64{-1, 2}},
		{"before the span all of it remains", -5, full(900, 0, 100), nil, []int64{-900}},
		{"after the span nothing is left to give back", 200, full(900, 0, 100), nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got []int64
			for _, p := range prorate(c.at, c.given, c.taken, TiesAway) {
				got = append(got, p.Amount)
			}
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// Rows: C21. 10,000 prorations.
func TestProrationIsTheNearestCentOfTheExactFraction(t *testing.T) {
	t.Parallel()
	tenThousand(t, func(_ testing.TB, t *rapid.T) {
		amount := rapid.Int64Range(0, 1e12).Draw(t, "amount")
		length := rapid.Int64Range(1, 4e8).Draw(t, "length")
		left := rapid.Int64Range(1, length).Draw(t, "left")
		got := prorate(length-left, full(amount, 0, length), full(amount, 0, length), TiesAway)
		if got[0].Amount != -got[1].Amount {
			t.Fatalf("giving back and taking the same does not cancel out: %d, %d", got[0].Amount, got[1].Amount)
		}
		exact := big.NewRat(1, 1).Mul(big.NewRat(amount, 1), big.NewRat(left, length))
		off := exact.Sub(exact, big.NewRat(got[1].Amount, 1))
		if off.Abs(off).Cmp(big.NewRat(1, 2)) > 0 {
			t.Fatalf("%d × %d/%d: got %d, off by %s", amount, left, length, got[1].Amount, off)
		}
	})
}

// What discounts take off is shown or inside: what is owed is the same.
func TestItemizingAProrationChangesNothingOfItsNetAmount(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		gross := rapid.Int64Range(0, 1e9).Draw(t, "gross")
		d := Debit{Full: DecimalOf(gross), Gross: DecimalOf(gross), Period: Period{0, rapid.Int64Range(1, 4e8).Draw(t, "length")}}
		for left := gross; len(d.Reductions) < rapid.IntRange(0, 3).Draw(t, "discounts"); {
			off := rapid.Int64Range(0, left).Draw(t, "off")
			left -= off
			d.Full = DecimalOf(left)
			d.Reductions = append(d.Reductions, Reduction{fmt.Sprint("di_", len(d.Reductions)), DecimalOf(off)})
		}
		at := rapid.Int64Range(0, d.Period.End).Draw(t, "at")
		for _, sign := range []int64{1, -1} {
			amount, reduced := d.shown(at, sign, TiesAway)
			for _, r := range reduced {
				amount -= r.Amount
			}
			if want := sign * d.rest(at, TiesAway); amount != want {
				t.Fatalf("%+v at %d: %d without its discounts, want %d", d, at, amount, want)
			}
		}
	})
}
