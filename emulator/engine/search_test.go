package engine

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSearchFindsWhatStripeWould(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	add := func(name, email string, metadata map[string]string) {
		c := s.do(CreateCustomer{CustomerParams: CustomerParams{Name: Some(name), Email: Some(email), Metadata: Some(metadata)}}).(*Customer)
		s.names[c.ID] = name
		s.wait(10)
	}
	add("Ada Lovelace", "ada@example.com", map[string]string{"plan": "Pro", "donation-id": "asdf"})
	add("Grace Brewster Hopper", "grace@navy.example", map[string]string{"plan": "free"})
	add(`The "Countess"`, "", nil)
	start := unix(t, opening)
	for _, tc := range []struct{ query, want string }{
		{`email:"ada@example.com"`, "Ada Lovelace"},
		{`email:'ADA@EXAMPLE.COM'`, "Ada Lovelace"},
		{`email~"navy"`, "Grace Brewster Hopper"},
		{`name:"grace brewster"`, "Grace Brewster Hopper"},
		{`name:"grace hopper"`, ""},
		{`name:"\"countess\""`, `The "Countess"`},
		{`email:null`, `The "Countess"`},
		{`-email:null`, "Grace Brewster Hopper, Ada Lovelace"},
		{`metadata["plan"]:"pro"`, "Ada Lovelace"},
		{`-metadata['donation-id']:NULL`, "Ada Lovelace"},
		{`-metadata["plan"]:"free"`, `The "Countess", Ada Lovelace`},
		{`metadata["plan"]:"free" OR email~"ADA@"`, "Grace Brewster Hopper, Ada Lovelace"},
		{`metadata["plan"]:"free" email~"ada"`, ""},
		{fmt.Sprintf(`created>%d and created<="%d"`, start, start+20), `The "Countess", Grace Brewster Hopper`},
		{fmt.Sprintf(`  created:%d  `, start), "Ada Lovelace"},
		{`-name~"the" AND -email:null`, "Grace Brewster Hopper, Ada Lovelace"},
	} {
		var got []string
		page, err := s.Query(SearchCustomers{SearchParams{Query: tc.query}})
		if err != nil {
			t.Errorf("%s: %v", tc.query, err)
			continue
		}
		for _, o := range page.Data {
			got = append(got, s.names[o.(*Customer).ID])
		}
		if strings.Join(got, ", ") != tc.want || page.Search.Total != int64(len(got)) {
			t.Errorf("%s: got %v of %d, want %s", tc.query, got, page.Search.Total, tc.want)
		}
	}
}

func TestEveryKindIsSearchedByItsFields(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	customer := s.customer("pm_card_visa")
	price := s.price("Pro", 2000)
	sub := s.subscribe(customer, price)
	inv := s.latest(sub.ID)
	intent := get[PaymentIntent](s, inv.PaymentIntent)
	s.do(UpdateSubscription{ID: sub.ID, Metadata: Some(map[string]string{"seat": "1"})})
	s.do(CreateRefund{PaymentIntent: Some(intent.ID), Amount: Some[int64](500)})
	product := get[Price](s, price).Product
	for _, tc := range []struct {
		query func(SearchParams) Query
		yes   []string
		no    []string
	}{
		{func(p SearchParams) Query { return SearchCharges{p} },
			[]string{`amount:2000`, `payment_method_details.card.last4:4242`, `payment_method_details.card.brand:"VISA"`, `refunded:"false"`, `disputed:"false"`, `status:"succeeded"`,
				`currency:"usd"`, `customer:"` + customer + `"`, `billing_details.address.postal_code:null`, `created>0`},
			[]string{`refunded:null`, `refunded:"true"`, `payment_method_details.card_present.last4:4242`, `amount<2000`}},
		{func(p SearchParams) Query { return SearchInvoices{p} },
			[]string{`total>1000`, `number:"` + inv.Number + `"`, `subscription:"` + sub.ID + `"`, `status:"paid"`, `last_finalization_error_code:null`, `receipt_number:null`, `currency:"usd"`},
			[]string{`total>2000`, `status:"open"`, `last_finalization_error_type:"invalid_request_error"`}},
		{func(p SearchParams) Query { return SearchPaymentIntents{p} }, []string{`amount>=2000`, `status:"succeeded"`, `customer:"` + customer + `"`, `created>=0`}, []string{`-currency:"usd"`}},
		{func(p SearchParams) Query { return SearchPrices{p} },
			[]string{`active:"true"`, `type:"recurring"`, `product:"` + product + `"`, `lookup_key:null`, `currency:"USD"`}, []string{`type:"one_time"`, `active:"false"`}},
		{func(p SearchParams) Query { return SearchProducts{p} }, []string{`active:"true"`, `name~"pro"`, `url:null`, `shippable:null`, `description:null`}, []string{`name~"xyz"`}},
		{func(p SearchParams) Query { return SearchSubscriptions{p} }, []string{`status:"active"`, `metadata["seat"]:"1"`, `canceled_at:null`, `created>0`}, []string{`canceled_at>0`}},
	} {
		for i, query := range append(slices.Clone(tc.yes), tc.no...) {
			page, err := s.Query(tc.query(SearchParams{Query: query}))
			if err != nil {
				t.Errorf("%s: %v", query, err)
				continue
			}
			if found := len(page.Data) == 1; found != (i < len(tc.yes)) {
				t.Errorf("%s found %d", query, len(page.Data))
			}
		}
	}
}

func TestBadSearchesAreRefused(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	for query, want := range map[string]string{
		"":                                     "Missing required param: query.",
		"asdf":                                 "unable to parse",
		`email:ada@example.com`:                "unable to parse",
		`email:"ada`:                           "unable to parse",
		`metadata["a":"b"`:                     "unable to parse",
		`email:"a"name:"b"`:                    "unable to parse",
		`created>null`:                         "unable to parse",
		`email:"a" AND`:                        "unable to parse",
		`(email:"a")`:                          "unable to parse",
		`foo:"bar"`:                            "Field `foo` is an unsupported search field for resource `customers`.",
		`created~"123"`:                        "does not support the operator `~`",
		`email>"a"`:                            "does not support the operator `>`",
		`metadata["a"]~"abc"`:                  "does not support the operator `~`",
		`created:"soon"`:                       "is numeric",
		`email~"ab"`:                           "at least 3",
		`email:"a" AND -name:"b" OR email:"c"`: "cannot combine AND and OR",
		`email:"a" email:"b" OR email:"c"`:     "cannot combine AND and OR",
		strings.Repeat(`email:"a" `, 11):       "at most 10 clauses",
	} {
		_, err := s.Query(SearchCustomers{SearchParams{Query: query}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", query, err, want)
		}
	}
	for _, page := range []string{"?", "nope", searchPage(`created>0`, "cus_nope"), searchPage(`created>1`, "cus_nope")} {
		if _, err := s.Query(SearchCustomers{SearchParams{Query: `created>0`, Page: Some(page)}}); err == nil || err.(*Error).Param != "page" {
			t.Errorf("page %s: got %v", page, err)
		}
	}
}

// searched is an object for the oracle: its texts by field, and its metadata.
type searched struct {
	id       string
	fields   map[string]string
	metadata map[string]string
}

var recordFields = searchable[searched]{
	resource: "records",
	fields: map[string]searchField[searched]{
		"token":  {searchToken, func(o *searched) string { return o.fields["token"] }},
		"text.x": {searchString, func(o *searched) string { return o.fields["text.x"] }},
		"number": {searchNumber, func(o *searched) string { return o.fields["number"] }},
	},
	metadata: func(o *searched) map[string]string { return o.metadata },
}

// truth decides a clause the slow way, from the wording of Stripe's page.
func truth(c searchClause, o searched) bool {
	text, there := o.fields[c.field], o.fields[c.field] != ""
	if c.field == "metadata" {
		text, there = o.metadata[c.key], o.metadata[c.key] != ""
	}
	lower, value := strings.ToLower(text), strings.ToLower(c.value)
	var yes bool
	switch {
	case c.null:
		yes = !there
	case !there:
		yes = false
	case c.field == "number":
		var a, b int
		fmt.Sscan(text, &a)
		fmt.Sscan(c.value, &b)
		yes = map[string]bool{":": a == b, ">": a > b, "<": a < b, ">=": a >= b, "<=": a <= b}[c.operator]
	case c.operator == "~":
		yes = strings.Contains(lower, value)
	case c.field == "text.x":
		words := func(s string) string { return " " + strings.Join(strings.Fields(s), " ") + " " }
		yes = strings.Contains(words(lower), words(value)) || strings.TrimSpace(value) == ""
	default:
		yes = lower == value
	}
	return yes != c.not
}

// written is a clause as a query, in one of the ways it can be written.
func written(r *rapid.T, c searchClause) string {
	quote := rapid.SampledFrom([]string{`"`, `'`}).Draw(r, "quote")
	quoted := func(s string) string {
		return quote + strings.NewReplacer(`\`, `\\`, quote, `\`+quote).Replace(s) + quote
	}
	out := c.field
	if c.not {
		out = "-" + out
	}
	if c.field == "metadata" {
		out += "[" + quoted(c.key) + "]"
	}
	out += c.operator
	switch {
	case c.null:
		return out + rapid.SampledFrom([]string{"null", "NULL", "Null"}).Draw(r, "null")
	case c.field == "number" && rapid.Bool().Draw(r, "bare"):
		return out + c.value
	}
	return out + quoted(c.value)
}

func drawClause(r *rapid.T) searchClause {
	words := rapid.SampledFrom([]string{"one", "one two", "two three", "One Two Three", `a "b" c`, `it's`, `back\slash`, "ünï", "eno", " one  two ", "AND", "x OR y"})
	c := searchClause{not: rapid.Bool().Draw(r, "not"), field: rapid.SampledFrom([]string{"token", "text.x", "number", "metadata"}).Draw(r, "field"), operator: ":"}
	if c.field == "metadata" {
		c.key = rapid.SampledFrom([]string{"k", "donation-id", `q"t`, "a b"}).Draw(r, "key")
	}
	if c.null = rapid.IntRange(0, 5).Draw(r, "null") == 0; c.null {
		return c
	}
	c.value = words.Draw(r, "value")
	switch c.field {
	case "number":
		c.operator = rapid.SampledFrom([]string{":", "<", ">", "<=", ">="}).Draw(r, "operator")
		c.value = fmt.Sprint(rapid.IntRange(-3, 3).Draw(r, "number"))
	case "text.x":
		if c.operator = rapid.SampledFrom([]string{":", "~"}).Draw(r, "operator"); c.operator == "~" && len([]rune(c.value)) < searchSubstringLeast {
			c.operator = ":"
		}
	}
	return c
}

// 10,000 random queries (100 checks of 100), written in random ways, are read back as what they were and decide as the slow oracle does.
func TestSearchAgreesWithASlowOracle(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		texts := rapid.SampledFrom([]string{"", "one", "ONE", "one two three", "two", `a "b" c d`, "it's", `back\slash`, "Ünï", "phenomenon", "and", "x or y"})
		for range 100 {
			o := searched{id: "r", fields: map[string]string{"token": texts.Draw(r, "token"), "text.x": texts.Draw(r, "text")}, metadata: map[string]string{"k": texts.Draw(r, "k"), `q"t`: texts.Draw(r, "qt")}}
			if rapid.Bool().Draw(r, "numbered") {
				o.fields["number"] = fmt.Sprint(rapid.IntRange(-3, 3).Draw(r, "n"))
			}
			want := searchQuery{any: rapid.Bool().Draw(r, "any")}
			joint := rapid.SampledFrom([]string{" ", "  ", " AND ", " and "}).Draw(r, "joint")
			if want.any {
				joint = rapid.SampledFrom([]string{" OR ", " or ", "\tOr "}).Draw(r, "joint")
			}
			var parts []string
			some, all := false, true
			for range rapid.IntRange(1, 4).Draw(r, "clauses") {
				c := drawClause(r)
				want.clauses, parts = append(want.clauses, c), append(parts, written(r, c))
				yes := truth(c, o)
				some, all = some || yes, all && yes
			}
			want.any = want.any && len(parts) > 1
			text := strings.Join(parts, joint)
			got, err := parseSearch(text)
			if err != nil || got.any != want.any || !slices.Equal(got.clauses, want.clauses) {
				r.Fatalf("%s: read %+v, %v, want %+v", text, got, err, want)
			}
			holds := got.holds(func(i int) bool {
				match, err := recordFields.matcher(got.clauses[i])
				if err != nil {
					r.Fatalf("%s: %v", text, err)
				}
				return match(&o)
			})
			if expected := some && want.any || all; holds != expected {
				r.Fatalf("%s of %+v: got %v, want %v", text, o, holds, expected)
			}
		}
	})
}

func FuzzSearchQuery(f *testing.F) {
	for _, seed := range []string{`email:"a" AND -metadata["k"]:null`, `created>=10 OR created<-5`, `name~'a\'b'`, "-", `x:"\`, "a.b:1 or", "é:\"ü\""} {
		f.Add(seed)
	}
	s := openShop(f)
	s.customer("")
	f.Fuzz(func(t *testing.T, text string) {
		q, err := parseSearch(text)
		if err != nil {
			return
		}
		if len(q.clauses) == 0 || len(q.clauses) > searchClausesMost {
			t.Fatalf("%q has %d clauses", text, len(q.clauses))
		}
		if page, err := s.Query(SearchCustomers{SearchParams{Query: text}}); err == nil && len(page.Data) > 1 {
			t.Fatalf("%q found %d of one customer", text, len(page.Data))
		}
	})
}

func TestSearchPagesMeetEveryObjectOnce(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	var want []string
	for range 23 {
		want = append(want, s.customer(""))
	}
	slices.Reverse(want)
	var got []string
	params := SearchParams{Query: `created>0`, Limit: Some[int64](5)}
	for {
		page, err := s.Query(SearchCustomers{params})
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range page.Data {
			got = append(got, o.(*Customer).ID)
		}
		if page.Search.Total != 23 || page.HasMore != (page.Search.NextPage != "") {
			t.Fatalf("got %+v", page.Search)
		}
		if !page.HasMore {
			break
		}
		params.Page = Some(page.Search.NextPage)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
