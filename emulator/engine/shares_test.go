package engine

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// A share is the same whether it is worked out in small numbers or in big ones.
func TestSharesOfAnySizeRoundAlike(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		whole := rapid.OneOf(rapid.Int64Range(1, 100), rapid.Int64Range(1, 1<<31)).Draw(t, "whole")
		part := rapid.OneOf(rapid.Int64Range(0, 100), rapid.Int64Range(0, 1<<31)).Draw(t, "part")
		amount := rapid.OneOf(rapid.Int64Range(-1000, 1000), rapid.Int64Range(-1<<31, 1<<31)).Draw(t, "amount")
		want := roundRatio(new(big.Int).Mul(big.NewInt(amount), big.NewInt(part)), big.NewInt(whole))
		if part == whole {
			want = amount
		}
		if got := share(amount, part, whole); got != want {
			t.Fatalf("%d × %d / %d = %d, want %d", amount, part, whole, got, want)
		}
	})
}
