package engine

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// UpTo is the upper bound of a tier: a number, or infinity.
type UpTo struct {
	Infinite bool
	Units    int64
}

// UnmarshalText reads a number or "inf".
func (u *UpTo) UnmarshalText(text []byte) error {
	if string(text) == "inf" {
		*u = UpTo{Infinite: true}
		return nil
	}
	units, err := strconv.ParseInt(string(text), 10, 64)
	*u = UpTo{Units: units}
	return err
}

// MarshalText writes what UnmarshalText reads.
func (u UpTo) MarshalText() ([]byte, error) {
	if u.Infinite {
		return []byte("inf"), nil
	}
	return strconv.AppendInt(nil, u.Units, 10), nil
}

// supportedCurrencies are those that Stripe can charge cards in.
const supportedCurrencies = " usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd cad cdf chf clp cny cop " +
	"crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl htg huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd " +
	"kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron " +
	"rsd rub rwf sar sbd scr sek sgd shp sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf xcd xof xpf yer zar zmw "

// currencyParam checks a required currency; Stripe takes any case and answers lower case.
func currencyParam(p Opt[string], param string) (string, error) {
	code, ok := p.Get()
	if !ok {
		return "", required(param)
	}
	code = strings.ToLower(code)
	if len(code) != 3 || !strings.Contains(supportedCurrencies, " "+code+" ") {
		return "", invalid(param, "", "Invalid currency: %s. Stripe currently supports these currencies: %s", code,
			strings.Join(strings.Fields(supportedCurrencies), ", "))
	}
	return code, nil
}

// amountParam reads an amount that may be sent as an integer or as a decimal, but not as both.
func amountParam(whole Opt[int64], exact Opt[Decimal], prefix, name string) (Decimal, bool, error) {
	n, isWhole := whole.Get()
	d, isExact := exact.Get()
	if isWhole && isExact {
		return Decimal{}, false, invalid("", "parameters_exclusive", "You may only specify one of these parameters: %s, %s_decimal.", name, name)
	}
	if isWhole {
		d = DecimalOf(n)
	}
	if d.Negative() {
		return Decimal{}, false, invalid(nested(prefix, name), "parameter_invalid_integer", "This value must be greater than or equal to 0.")
	}
	return d, isWhole || isExact, checkUnitAmount(d, nested(prefix, name))
}

// Limits of a price.
const (
	tiersMax     = 100
	trialDaysMax = 730
)

// intervalMax is the longest rhythm: three years.
var intervalMax = map[string]int64{IntervalDay: 1095, IntervalWeek: 156, IntervalMonth: 36, IntervalYear: 3}

// recurring checks the rhythm of a price; absent is a one-time price.
func recurring(p Opt[RecurringParam], param string) (*Recurring, error) {
	r, ok := p.Get()
	if !ok {
		return nil, nil
	}
	interval, ok := r.Interval.Get()
	if !ok {
		return nil, required(nested(param, "interval"))
	}
	most, known := intervalMax[interval]
	if !known {
		return nil, invalid(nested(param, "interval"), "", "Invalid %s: must be one of day, month, week, or year", nested(param, "interval"))
	}
	count := r.IntervalCount.Or(1)
	if count < 1 {
		return nil, invalid(nested(param, "interval_count"), "parameter_invalid_integer", "This value must be greater than or equal to 1.")
	}
	if count > most {
		return nil, invalid(nested(param, "interval_count"), "", "The maximum billing interval is three years.")
	}
	days := r.TrialPeriodDays.Or(0)
	if days < 0 || days > trialDaysMax {
		return nil, invalid(nested(param, "trial_period_days"), "parameter_invalid_integer", "This value must be between 0 and %d.", trialDaysMax)
	}
	usage := r.UsageType.Or(Licensed)
	if err := oneOf(nested(param, "usage_type"), usage, Licensed, Metered); err != nil {
		return nil, err
	}
	return &Recurring{
		Interval: interval, IntervalCount: count, UsageType: usage, Meter: r.Meter.Or(""), AggregateUsage: r.AggregateUsage.Or(""), TrialPeriodDays: days,
	}, nil
}

// tierList checks the tiers of a price: ascending, and the last without an end.
func tierList(params []TierParam, param string) ([]Tier, error) {
	if len(params) == 0 || len(params) > tiersMax {
		return nil, invalid(param, "", "A tiered price has between 1 and %d tiers.", tiersMax)
	}
	var tiers []Tier
	last := int64(0)
	for i, p := range params {
		at := fmt.Sprintf("%s[%d]", param, i)
		upTo, ok := p.UpTo.Get()
		if !ok {
			return nil, required(at + "[up_to]")
		}
		if upTo.Infinite != (i == len(params)-1) {
			return nil, invalid(at+"[up_to]", "", "The last tier, and only that one, must have `up_to` set to `inf`.")
		}
		if !upTo.Infinite && upTo.Units <= last {
			return nil, invalid(at+"[up_to]", "", "Tiers must be in ascending order of `up_to`.")
		}
		unit, hasUnit, err := amountParam(p.UnitAmount, p.UnitAmountDecimal, at, "unit_amount")
		if err != nil {
			return nil, err
		}
		flat, hasFlat, err := amountParam(p.FlatAmount, p.FlatAmountDecimal, at, "flat_amount")
		if err != nil {
			return nil, err
		}
		if !hasUnit && !hasFlat {
			return nil, invalid(at, "", "Each tier needs a `unit_amount` or a `flat_amount`.")
		}
		tier := Tier{}
		if !upTo.Infinite {
			last = upTo.Units
			tier.UpTo = &upTo.Units
		}
		if hasUnit {
			tier.UnitAmount = &unit
		}
		if hasFlat {
			tier.FlatAmount = &flat
		}
		tiers = append(tiers, tier)
	}
	return tiers, nil
}

// currencyOptions merges further currencies into those that a price has.
func currencyOptions(p Opt[map[string]CurrencyOptionParam], price *Price, param string) (map[string]CurrencyOption, error) {
	given, ok := p.Get()
	if !ok {
		return price.CurrencyOptions, nil
	}
	merged := map[string]CurrencyOption{}
	for code, option := range price.CurrencyOptions {
		merged[code] = option
	}
	for _, code := range slices.Sorted(maps.Keys(given)) {
		o := given[code]
		at := nested(param, code)
		if _, err := currencyParam(Some(code), at); err != nil {
			return nil, err
		}
		unit, hasUnit, err := amountParam(o.UnitAmount, o.UnitAmountDecimal, at, "unit_amount")
		if err != nil {
			return nil, err
		}
		option := CurrencyOption{TaxBehavior: o.TaxBehavior.Or("unspecified")}
		if hasUnit {
			option.UnitAmount = &unit
		}
		if tiers, ok := o.Tiers.Get(); ok {
			if option.Tiers, err = tierList(tiers, nested(at, "tiers")); err != nil {
				return nil, err
			}
		}
		if custom, ok := o.CustomUnitAmount.Get(); ok {
			option.CustomUnitAmount = custom.amounts()
		}
		merged[code] = option
	}
	return merged, nil
}

// pointer is an optional number as the objects hold it.
func pointer[T any](o Opt[T]) *T {
	if v, ok := o.Get(); ok {
		return &v
	}
	return nil
}
