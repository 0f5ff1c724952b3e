// Package money holds exact amounts: int64 minor units and a currency, never a float.
package money

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
)

// ErrCurrency is returned when two amounts of different currencies meet.
var ErrCurrency = errors.New("money: currencies differ")

// ErrOverflow is returned when a result does not fit into int64 minor units.
var ErrOverflow = errors.New("money: amount does not fit into 64 bits")

// Amount is a sum of money in the minor unit of its currency, such as cents. The zero Amount has no currency.
type Amount struct {
	Minor    int64    `json:"amount"`
	Currency Currency `json:"currency"`
}

// New returns an Amount of minor units of currency.
func New(minor int64, currency Currency) Amount { return Amount{Minor: minor, Currency: currency} }

// IsZero reports whether the amount is nought, whatever its currency.
func (a Amount) IsZero() bool { return a.Minor == 0 }

// Add returns a+b, or ErrCurrency, or ErrOverflow. An Amount without currency takes the other's.
func (a Amount) Add(b Amount) (Amount, error) {
	switch {
	case a.Currency == "":
		a.Currency = b.Currency
	case b.Currency == "":
		b.Currency = a.Currency
	}
	if a.Currency != b.Currency {
		return Amount{}, fmt.Errorf("%w: %s and %s", ErrCurrency, a.Currency, b.Currency)
	}
	sum := a.Minor + b.Minor
	if (sum > a.Minor) != (b.Minor > 0) {
		return Amount{}, ErrOverflow
	}
	return Amount{Minor: sum, Currency: a.Currency}, nil
}

// Sub returns a-b, or ErrCurrency, or ErrOverflow. An Amount without currency takes the other's.
func (a Amount) Sub(b Amount) (Amount, error) {
	if b.Minor == math.MinInt64 {
		return Amount{}, ErrOverflow
	}
	return a.Add(b.Neg())
}

// Neg returns -a. It panics on the smallest int64, which has no opposite and which no provider can bill.
func (a Amount) Neg() Amount {
	if a.Minor == math.MinInt64 {
		panic("money: amount has no opposite")
	}
	return Amount{Minor: -a.Minor, Currency: a.Currency}
}

// Part returns the share num/den of a, rounded to the nearest minor unit, halves away from zero.
// It panics when den is not positive, num is negative or the share does not fit: only a bug can cause that.
func (a Amount) Part(num, den int64) Amount {
	if den <= 0 || num < 0 {
		panic(fmt.Sprintf("money: part %d/%d", num, den))
	}
	abs := uint64(a.Minor)
	if a.Minor < 0 {
		abs = -abs
	}
	hi, lo := bits.Mul64(abs, uint64(num))
	// den/2 rounded down is enough: an odd den has no tie.
	lo, carry := bits.Add64(lo, uint64(den)/2, 0)
	hi += carry
	if hi >= uint64(den) {
		panic("money: part overflows")
	}
	q, _ := bits.Div64(hi, lo, uint64(den))
	if q > math.MaxInt64 {
		panic("money: part overflows")
	}
	if a.Minor < 0 {
		return Amount{Minor: -int64(q), Currency: a.Currency}
	}
	return Amount{Minor: int64(q), Currency: a.Currency}
}
