package money

import (
	"fmt"
	"math"
)

// Split divides a in proportion to weights. The parts sum to a exactly, each differs from its exact share by less than one
// minor unit, and none has the opposite sign. All weights 0 splits evenly. It panics without weights, on a negative weight
// and when the weights' sum does not fit: only a bug can cause that.
func (a Amount) Split(weights ...int64) []Amount {
	total := sum(weights)
	if total == 0 {
		return a.SplitEven(len(weights))
	}
	parts := make([]Amount, len(weights))
	var upTo, given int64
	for i, w := range weights {
		// Each part is the step of the rounded running total, so rounding never accumulates.
		upTo += w
		reached := a.Part(upTo, total).Minor
		parts[i] = Amount{Minor: reached - given, Currency: a.Currency}
		given = reached
	}
	return parts
}

// SplitEven divides a into n parts that differ by at most one minor unit and sum to a. It panics when n is not positive.
func (a Amount) SplitEven(n int) []Amount {
	if n <= 0 {
		panic(fmt.Sprintf("money: split into %d parts", n))
	}
	weights := make([]int64, n)
	for i := range weights {
		weights[i] = 1
	}
	return a.Split(weights...)
}

func sum(weights []int64) int64 {
	if len(weights) == 0 {
		panic("money: split into no parts")
	}
	var total int64
	for _, w := range weights {
		if w < 0 || w > math.MaxInt64-total {
			panic(fmt.Sprintf("money: split by weights %v", weights))
		}
		total += w
	}
	return total
}
