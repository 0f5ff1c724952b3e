package wire

// cloverSources moved the coupon of a discount and of a promotion code into an object of its own. Before, the whole coupon stood in its place.
var cloverSources = &change{
	version: "2025-09-30.clover", what: "the coupon of a discount stands in its source, that of a promotion code in its promotion",
	params: []paramChange{{
		op: createPromotionCode, came: []string{"promotion"}, went: map[string]string{"coupon!": "s5000"},
		rewrite: func(form *Node) {
			form.nest("coupon", "promotion", "coupon")
			form.setText("coupon", "promotion", "type")
		},
	}},
	before: map[string]func(*view, object){
		"discount":       func(v *view, o object) { v.wholeCoupon(o, "source") },
		"promotion_code": func(v *view, o object) { v.wholeCoupon(o, "promotion") },
	},
	fields: map[string]map[string]field{
		"discount":       {"coupon": {targets: []string{"coupon"}}},
		"promotion_code": {"coupon": {targets: []string{"coupon"}}},
	},
	came: map[string][]string{"discount": {"source"}, "promotion_code": {"promotion"}},
}

func (v *view) wholeCoupon(o object, holder string) {
	if held, ok := o[holder].(object); ok {
		o["coupon"] = v.inPlace(held["coupon"], "coupon")
	}
}

// inPlace is the object that an id names as it stands inside another: native, for adapt comes to it with what surrounds it. An unknown id
// stays what it is.
func (v *view) inPlace(id any, schema string) any {
	name, ok := id.(string)
	if !ok {
		return id
	}
	if found, ok := loaders[schema](v.world, name); ok {
		return v.native(found)
	}
	return id
}
