package money_test

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/dues-billing/dues/money"
)

func minors() *rapid.Generator[int64] {
	return rapid.OneOf(rapid.Int64Range(-1_000_000, 1_000_000), rapid.Int64Range(-999_999_999_999, 999_999_999_999))
}

func TestASumKeepsTheCurrencyAndRefusesAnother(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		a, b money.Amount
		want money.Amount
		err  error
	}{
		{"same currency", money.New(1000, "eur"), money.New(-1, "eur"), money.New(999, "eur"), nil},
		{"nothing takes the other's currency", money.Amount{}, money.New(5, "jpy"), money.New(5, "jpy"), nil},
		{"two currencies", money.New(1, "eur"), money.New(1, "usd"), money.Amount{}, money.ErrCurrency},
		{"too much", money.New(math.MaxInt64, "eur"), money.New(1, "eur"), money.Amount{}, money.ErrOverflow},
		{"too little", money.New(math.MinInt64, "eur"), money.New(-1, "eur"), money.Amount{}, money.ErrOverflow},
	} {
		got, err := c.a.Add(c.b)
		if got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: %v + %v = %v, %v; want %v, %v", c.name, c.a, c.b, got, err, c.want, c.err)
		}
	}
}

func TestSubUndoesAdd(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := money.New(minors().Draw(t, "a"), "eur"), money.New(minors().Draw(t, "b"), "eur")
		sum, err := a.Add(b)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := sum.Sub(b); err != nil || back != a {
			t.Fatalf("%v + %v - %v = %v, %v", a, b, b, back, err)
		}
	})
}

// Rows: C21.
func TestAPartIsTheExactShareRoundedHalfAwayFromZero(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		minor := minors().Draw(t, "minor")
		den := rapid.Int64Range(1, 40_000_000).Draw(t, "den")
		num := rapid.Int64Range(0, den).Draw(t, "num")
		got := money.New(minor, "eur").Part(num, den).Minor
		if want := roundedShare(minor, num, den); got != want {
			t.Fatalf("%d × %d/%d = %d, want %d", minor, num, den, got, want)
		}
	})
}

// roundedShare is the slow oracle: whole fractions, no shifts.
func roundedShare(minor, num, den int64) int64 {
	twice := new(big.Int).Mul(big.NewInt(2*minor), big.NewInt(num))
	if twice.Sign() < 0 {
		twice.Sub(twice, big.NewInt(den))
	} else {
		twice.Add(twice, big.NewInt(den))
	}
	return new(big.Int).Quo(twice, big.NewInt(2*den)).Int64()
}

func TestAPartThatCannotBeIsABug(t *testing.T) {
	t.Parallel()
	for name, part := range map[string]func(){
		"of nothing":     func() { money.New(1, "eur").Part(1, 0) },
		"negative":       func() { money.New(1, "eur").Part(-1, 2) },
		"over 64 bits":   func() { money.New(math.MaxInt64, "eur").Part(3, 1) },
		"just over":      func() { money.New(math.MaxInt64, "eur").Part(math.MaxInt64, math.MaxInt64-1) },
		"no opposite":    func() { money.New(math.MinInt64, "eur").Neg() },
		"into none":      func() { money.New(1, "eur").Split() },
		"minus a weight": func() { money.New(1, "eur").Split(1, -1) },
		"weights over":   func() { money.New(1, "eur").Split(math.MaxInt64, 1) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("a part %s did not panic", name)
				}
			}()
			part()
		}()
	}
}

func TestPartsSumToTheWhole(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		whole := money.New(minors().Draw(t, "whole"), "eur")
		weights := rapid.SliceOfN(rapid.Int64Range(0, 1_000_000), 1, 20).Draw(t, "weights")
		total := int64(0)
		for _, w := range weights {
			total += w
		}
		var sum int64
		for i, part := range whole.Split(weights...) {
			sum += part.Minor
			if part.Minor != 0 && (part.Minor < 0) != (whole.Minor < 0) {
				t.Fatalf("part %v of %v has the opposite sign", part, whole)
			}
			if total > 0 {
				checkShare(t, whole.Minor, part.Minor, weights[i], total)
			}
		}
		if sum != whole.Minor {
			t.Fatalf("parts of %v sum to %d", whole, sum)
		}
	})
}

// checkShare fails when part is one minor unit or more away from whole × weight/total.
func checkShare(t *rapid.T, whole, part, weight, total int64) {
	exact := new(big.Int).Mul(big.NewInt(whole), big.NewInt(weight))
	off := new(big.Int).Mul(big.NewInt(part), big.NewInt(total))
	if off.Sub(off, exact).CmpAbs(big.NewInt(total)) >= 0 {
		t.Fatalf("%d is a unit or more away from %d × %d/%d", part, whole, weight, total)
	}
}

func TestAnEvenSplitDiffersByOneMinorUnitAtMost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		whole := money.New(minors().Draw(t, "whole"), "eur")
		parts := whole.SplitEven(rapid.IntRange(1, 50).Draw(t, "n"))
		low, high := parts[0].Minor, parts[0].Minor
		for _, p := range parts {
			low, high = min(low, p.Minor), max(high, p.Minor)
		}
		if high-low > 1 {
			t.Fatalf("%v split into parts from %d to %d", whole, low, high)
		}
	})
}
