package engine

import (
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// Decimal is an exact decimal number of up to 12 places, such as unit_amount_decimal. Stripe never sends more places,
// and a float would lose cents on the way. The zero value is 0; two equal numbers are equal with ==.
type Decimal struct {
	whole int64 // rounded towards minus infinity, so that the places are never negative
	pico  int64 // 0 … 10^12-1, what is above whole
}

const (
	decimalPlaces = 12
	picosPerUnit  = 1_000_000_000_000
)

// placesOf are the parameters that take fewer places, and Stripe's word for how many.
var placesOf = map[string]struct {
	most int
	word string
}{"percent_off": {2, "two"}, "percentage": {4, "four"}}

// CheckDecimal says what is wrong with the text of a number, the parameter's name ending in key. A number of more places than we keep is
// refused for them too, and not for being no number: 100/3 is what people send.
func CheckDecimal(param, key, text string) *Error {
	most, word := decimalPlaces, strconv.Itoa(decimalPlaces)
	if own, fewer := placesOf[key]; fewer {
		most, word = own.most, own.word
	}
	d, err := ParseDecimal(text)
	if whole, places, _ := strings.Cut(text, "."); err != nil && len(places) > decimalPlaces {
		if _, rest := digits(places[decimalPlaces:]); rest {
			_, err = ParseDecimal(whole + "." + places[:decimalPlaces])
			most = -1
		}
	}
	switch {
	case err != nil:
		return invalid(param, "", "Invalid decimal: %.50s", text)
	case d.places() > most:
		return invalid(param, "", "Invalid decimal: %.50s; must contain at maximum %s decimal places.", text, word)
	}
	return nil
}

var errNotDecimal = errors.New("not a decimal number of at most 12 places")

// DecimalOf returns n as a decimal.
func DecimalOf(n int64) Decimal { return Decimal{whole: n} }

// ParseDecimal reads a decimal as Stripe writes it: an optional sign, digits, and at most 12 places.
func ParseDecimal(s string) (Decimal, error) {
	body, negative := strings.CutPrefix(s, "-")
	whole, places, dotted := strings.Cut(body, ".")
	if whole == "" && places == "" || dotted && places == "" || len(places) > decimalPlaces || len(whole) > 18 {
		return Decimal{}, fmt.Errorf("%q: %w", s, errNotDecimal)
	}
	units, ok := digits(whole)
	picos, ok2 := digits(places + strings.Repeat("0", decimalPlaces-len(places)))
	if !ok || !ok2 {
		return Decimal{}, fmt.Errorf("%q: %w", s, errNotDecimal)
	}
	if negative {
		units, picos = -units, -picos
		if picos < 0 {
			units, picos = units-1, picos+picosPerUnit
		}
	}
	return Decimal{units, picos}, nil
}

func digits(s string) (n int64, ok bool) {
	for _, r := range s {
		if r < '0' || r > '9' {
			return 0, false
		}
		n = n*10 + int64(r-'0')
	}
	return n, true
}

// Int returns the number as an integer, and whether it is one.
func (d Decimal) Int() (int64, bool) { return d.whole, d.pico == 0 }

// places is how many decimal places the number needs.
func (d Decimal) places() int {
	n := decimalPlaces
	for pico := d.pico; n > 0 && pico%10 == 0; pico /= 10 {
		n--
	}
	return n
}

// IsZero reports whether the number is 0; encoding/json's omitzero uses it too.
func (d Decimal) IsZero() bool { return d == Decimal{} }

// Negative reports whether the number is below 0.
func (d Decimal) Negative() bool { return d.whole < 0 }

// above reports whether the number is greater than e.
func (d Decimal) above(e Decimal) bool {
	return d.whole > e.whole || d.whole == e.whole && d.pico > e.pico
}

// String writes the number in its shortest form: "20", "0.05", "-1.5".
func (d Decimal) String() string {
	whole, pico, sign := d.whole, d.pico, ""
	if whole < 0 {
		sign = "-"
		if whole = -whole; pico > 0 {
			whole, pico = whole-1, picosPerUnit-pico
		}
	}
	if pico == 0 {
		return sign + strconv.FormatInt(whole, 10)
	}
	return fmt.Sprintf("%s%d.%s", sign, whole, strings.TrimRight(fmt.Sprintf("%012d", pico), "0"))
}

// dotted writes the number with at least one place: "30.0", "12.5".
func (d Decimal) dotted() string {
	if d.pico == 0 {
		return d.String() + ".0"
	}
	return d.String()
}

// MarshalText writes the number as String does.
func (d Decimal) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what ParseDecimal reads.
func (d *Decimal) UnmarshalText(text []byte) error {
	parsed, err := ParseDecimal(string(text))
	if err == nil {
		*d = parsed
	}
	return err
}

// times returns the number multiplied by n, rounded once to a whole minor unit.
func (d Decimal) times(n int64) int64 {
	if d.pico == 0 && smallFactors(d.whole, n) {
		return d.whole * n
	}
	return roundRatio(new(big.Int).Mul(d.picos(), big.NewInt(n)), big.NewInt(picosPerUnit))
}

// by returns what a quantity costs at d each with a flat amount beside it, rounded once. Nothing here is negative, and usage has no bound,
// so the cost has one.
func (d Decimal) by(quantity, flat Decimal) int64 {
	if d.pico == 0 && flat.pico == 0 && quantity.pico == 0 && smallFactors(d.whole, quantity.whole) {
		return d.whole*quantity.whole + flat.whole
	}
	unit := big.NewInt(picosPerUnit)
	exact := new(big.Int).Mul(d.picos(), quantity.picos())
	exact.Add(exact, new(big.Int).Mul(flat.picos(), unit))
	unit.Mul(unit, unit)
	if exact.Cmp(new(big.Int).Mul(unit, big.NewInt(usageCostMost))) > 0 {
		return usageCostMost
	}
	return roundRatio(exact, unit)
}

// smallFactors reports whether a × b surely fits 63 bits, so that the common case needs no big numbers.
func smallFactors(a, b int64) bool {
	const limit = 1 << 30
	return -limit < a && a < limit && -limit < b && b < limit
}

func (d Decimal) picos() *big.Int {
	p := new(big.Int).Mul(big.NewInt(d.whole), big.NewInt(picosPerUnit))
	return p.Add(p, big.NewInt(d.pico))
}

// roundRatio returns num/den as a whole number, ties away from zero: the one rounding of the engine (den > 0).
func roundRatio(num, den *big.Int) int64 {
	twice := new(big.Int).Abs(num)
	twice.Add(twice.Lsh(twice, 1), den)
	q := twice.Quo(twice, new(big.Int).Lsh(den, 1))
	if num.Sign() < 0 {
		q.Neg(q)
	}
	if !q.IsInt64() {
		panic("engine: an amount beyond 64 bits passed validation")
	}
	return q.Int64()
}

// share returns amount × part / whole, rounded once (whole > 0).
func share(amount, part, whole int64) int64 {
	if part == whole {
		return amount
	}
	if amount >= 0 && smallFactors(amount, part) && smallFactors(whole, 0) && part >= 0 {
		return (2*amount*part + whole) / (2 * whole)
	}
	return roundRatio(new(big.Int).Mul(big.NewInt(amount), big.NewInt(part)), big.NewInt(whole))
}

// share returns d × part / whole, rounded once (whole > 0); ties says where an exact half goes.
func (d Decimal) share(part, whole int64, ties string) int64 {
	if d.pico == 0 && ties != TiesEven {
		return share(d.whole, part, whole)
	}
	num := new(big.Int).Mul(d.picos(), big.NewInt(part))
	den := new(big.Int).Mul(big.NewInt(whole), big.NewInt(picosPerUnit))
	rounded := roundRatio(num, den)
	twice := new(big.Int).Lsh(num, 1)
	if ties == TiesEven && rounded%2 != 0 && new(big.Int).Rem(twice, den).Sign() == 0 && new(big.Int).Rem(num, den).Sign() != 0 {
		return rounded - int64(num.Sign()) // it was a half, and went up to an odd unit
	}
	return rounded
}

// percentOf returns d % of an amount, rounded once.
func (d Decimal) percentOf(amount int64) int64 {
	return roundRatio(new(big.Int).Mul(d.picos(), big.NewInt(amount)), big.NewInt(100*picosPerUnit))
}

// without returns the number less a percentage of it, exact to 12 places.
func (d Decimal) without(percent Decimal) Decimal {
	left := new(big.Int).Sub(big.NewInt(100*picosPerUnit), percent.picos())
	left.Mul(left, d.picos())
	return decimalOfPicos(left.Quo(left, big.NewInt(100*picosPerUnit)))
}

// plus returns the sum of two numbers.
func (d Decimal) plus(e Decimal) Decimal {
	sum := Decimal{d.whole + e.whole, d.pico + e.pico}
	if sum.pico >= picosPerUnit {
		sum = Decimal{sum.whole + 1, sum.pico - picosPerUnit}
	}
	return sum
}

func decimalOfPicos(p *big.Int) Decimal {
	whole, pico := new(big.Int).DivMod(p, big.NewInt(picosPerUnit), new(big.Int))
	return Decimal{whole.Int64(), pico.Int64()}
}

func (d Decimal) negated() Decimal {
	if d.pico == 0 {
		return Decimal{whole: -d.whole}
	}
	return Decimal{whole: -d.whole - 1, pico: picosPerUnit - d.pico}
}

// shifted writes a number that is not negative with its point moved left, keeping at least that many places: 2000 by 2 is
// "20.00", 0.05 by 2 is "0.0005". Thousands are parted by commas.
func (d Decimal) shifted(places int) string {
	digits := strconv.FormatInt(d.whole, 10)
	if missing := places + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	whole, fraction := digits[:len(digits)-places], digits[len(digits)-places:]
	if d.pico > 0 {
		fraction += strings.TrimRight(fmt.Sprintf("%012d", d.pico), "0")
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction == "" {
		return whole
	}
	return whole + "." + fraction
}

// floorShare returns amount × part / whole, rounded down (whole > 0, nothing negative).
func floorShare(amount, part, whole int64) int64 {
	num := new(big.Int).Mul(big.NewInt(amount), big.NewInt(part))
	return num.Quo(num, big.NewInt(whole)).Int64()
}
