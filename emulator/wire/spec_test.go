package wire

import (
	"testing"
	"time"
)

func TestEveryLineOfTheTableParses(t *testing.T) {
	t.Parallel()
	s := readSpec(specText)
	if len(s.ops) < 500 || len(s.schemas) < 500 {
		t.Fatalf("got %d operations and %d schemas, want hundreds", len(s.ops), len(s.schemas))
	}
	for name, op := range s.ops {
		if p := op.params(); p.kind != kindObject {
			t.Errorf("%s: the parameters are no object", name)
		}
	}
	for name, fields := range s.schemas {
		for fieldName, f := range fields() {
			for _, target := range f.targets {
				if target == "" {
					t.Errorf("%s.%s: empty target", name, fieldName)
				}
			}
		}
	}
}

func TestTableKnowsWhatStripeTakes(t *testing.T) {
	t.Parallel()
	s := readSpec(specText)
	p := s.ops["POST /v1/subscriptions"].params()
	price := p.fields["items"].element.fields["price"]
	if price == nil || price.kind != kindString || price.maxLength != 5000 {
		t.Errorf("items[price]: got %+v", price)
	}
	if end := p.fields["trial_end"]; end.kind != kindEither || len(end.either) != 2 {
		t.Errorf("trial_end: got %+v", end)
	}
	if mode := p.fields["billing_mode"]; len(mode.required) != 1 || mode.required[0] != "type" {
		t.Errorf("billing_mode: got %+v", mode)
	}
	if f := s.schemas["subscription"]()["customer"]; !f.byID {
		t.Errorf("subscription.customer: got %+v, want a field that holds an id", f)
	}
	if s.resource["invoice"] != "invoice" || s.resource["checkout.session"] != "checkout.session" {
		t.Errorf("resources: got %q and %q", s.resource["invoice"], s.resource["checkout.session"])
	}
}

func BenchmarkReadSpec(b *testing.B) {
	for b.Loop() {
		if s := readSpec(specText); len(s.ops) == 0 {
			b.Fatal("empty")
		}
	}
	if per := b.Elapsed() / time.Duration(b.N); per > 20*time.Millisecond {
		b.Errorf("the table takes %v to load, want under 20 ms", per)
	}
}
