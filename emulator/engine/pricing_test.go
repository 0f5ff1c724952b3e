package engine

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func dec(t testing.TB, s string) Decimal {
	t.Helper()
	d, err := ParseDecimal(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Rows: C3 C6 C10 C11.
func TestPricesCostWhatStripeBills(t *testing.T) {
	t.Parallel()
	d := func(s string) Decimal { return dec(t, s) }
	seats := []tier{{UpTo: 8, Unit: d("450")}, {Unit: d("310"), Flat: d("900")}}
	mission := []tier{{UpTo: 5, Unit: d("500")}, {UpTo: 10, Unit: d("400")}, {Unit: d("300")}}
	for _, c := range []struct {
		name     string
		price    tariff
		quantity int64
		want     []int64
	}{
		{"three seats at 15.00", tariff{Unit: d("1500")}, 3, []int64{4500}},
		{"a decimal amount is rounded once per line", tariff{Unit: d("0.05")}, 30, []int64{2}},
		{"packages round up", tariff{Unit: d("700"), DivideBy: 100, RoundUp: true}, 101, []int64{1400}},
		{"a full package is one", tariff{Unit: d("700"), DivideBy: 100, RoundUp: true}, 100, []int64{700}},
		{"packages round down", tariff{Unit: d("700"), DivideBy: 100}, 199, []int64{700}},
		{"volume puts every unit into the tier reached", tariff{Tiers: seats}, 11, []int64{4310}},
		{"the upper bound is inside its tier", tariff{Tiers: seats}, 8, []int64{3600}},
		{"graduated fills tier by tier", tariff{Tiers: seats, Graduated: true}, 11, []int64{3600, 1830}},
		{"graduated stops at the bound", tariff{Tiers: seats, Graduated: true}, 8, []int64{3600}},
		{"eleven units in volume tiers are 33.00", tariff{Tiers: mission}, 11, []int64{3300}},
		{"eleven units in graduated tiers are 48.00", tariff{Tiers: mission, Graduated: true}, 11, []int64{2500, 2000, 300}},
		{"the first ten users for 2.00, then 1.00 each", tariff{Tiers: []tier{{UpTo: 10, Flat: d("200")}, {Unit: d("100")}}, Graduated: true}, 13, []int64{200, 300}},
		{"the first gigabyte for 30, then 50 each", tariff{Tiers: []tier{{UpTo: 1, Unit: d("3000")}, {Unit: d("5000")}}, Graduated: true}, 3, []int64{3000, 10000}},
		{"none used still owes the first flat amount, graduated", tariff{Tiers: []tier{{UpTo: 5, Unit: d("10"), Flat: d("700")}, {Unit: d("5")}}, Graduated: true}, 0, []int64{700}},
		{"none used still owes the first flat amount, volume", tariff{Tiers: []tier{{UpTo: 5, Unit: d("10"), Flat: d("700")}, {Unit: d("5")}}}, 0, []int64{700}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got []int64
			for _, line := range c.price.lines(c.quantity) {
				got = append(got, line.Amount)
			}
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// 10,000 prices.
func TestGraduatedTiersSplitTheQuantityAndSumToTheTotal(t *testing.T) {
	t.Parallel()
	tenThousand(t, func(_ testing.TB, t *rapid.T) {
		price := tariff{Graduated: true}
		bounds := rapid.SliceOfNDistinct(rapid.Int64Range(1, 500), 0, 4, rapid.ID[int64]).Draw(t, "bounds")
		slices.Sort(bounds)
		for _, upTo := range append(bounds, 0) {
			price.Tiers = append(price.Tiers, tier{
				UpTo: upTo,
				Unit: Decimal{rapid.Int64Range(0, 5000).Draw(t, "unit"), rapid.Int64Range(0, picosPerUnit-1).Draw(t, "pico")},
				Flat: DecimalOf(rapid.Int64Range(0, 5000).Draw(t, "flat")),
			})
		}
		quantity := rapid.Int64Range(0, 1000).Draw(t, "quantity")
		units, sum := Decimal{}, int64(0)
		for _, line := range price.lines(quantity) {
			units, sum = units.plus(line.Quantity), sum+line.Amount
		}
		if units != DecimalOf(quantity) || sum != price.total(quantity) {
			t.Fatalf("%d units became %s; lines sum to %d, total is %d", quantity, units, sum, price.total(quantity))
		}
	})
}
